/** The results of ready examples that ship with the studio: a results file of one run each, compressed. */
import { withScales } from '../findings/scales.ts'
import type { TaskInfo } from '../shapes/catalog.ts'
import type { CellResult, Run, SeriesResult } from '../shapes/run.ts'
import { bestOf, type RunRecord } from './results-file.ts'

/** Bytes of one, compressed. */
export const largestReference = 300_000

/** The origin of a run that ships with the studio: no name of a file that a user brings has a slash in it. */
const readyOrigin = 'resources/reference/'

/** @param file of the ready experiment */
export const originOfReady = (file: string): string => `${readyOrigin}${file}`

/** Whether a run is the shipped reference of a ready experiment: it can be looked at and compared, and not be changed. */
export const isReady = ({ origin }: { origin?: string | undefined }): boolean =>
  origin?.startsWith(readyOrigin) ?? false

export interface RunResults {
  run: Run
  cells: CellResult[]
  series: SeriesResult[]
}

/** A run of a results file as pages and reports read runs: its trials by cell, with the scales that its task declares. */
export function resultsOfRecord(record: RunRecord, task: TaskInfo | undefined): RunResults {
  const { models, best, cells, results, series, tuning, ...rest } = record
  void [best, tuning]
  const run: Run = { ...rest, labels: models, best: bestOf(record) }
  const byCell = Map.groupBy(results, ({ cell }) => cell)
  const seeds = [...new Set(results.map(({ seed }) => seed))].sort((a, b) => a - b)
  const found = cells.map(({ label, kind, params, point }, i): CellResult => {
    const own = new Map(byCell.get(i)?.map((trial) => [trial.seed, trial]))
    const names = [...new Set([...own.values()].flatMap(({ metrics }) => Object.keys(metrics)))]
    const of = <T>(read: (trial: (typeof results)[number]) => T): (T | null)[] =>
      seeds.map((seed) => {
        const trial = own.get(seed)
        return trial ? read(trial) : null
      })
    return {
      runId: run.id,
      label,
      model: kind,
      params,
      point,
      seeds,
      statuses: seeds.map((seed) => own.get(seed)?.status ?? 'missing'),
      metrics: Object.fromEntries(names.map((name) => [name, of(({ metrics }) => metrics[name] ?? null)])),
      elapsedMs: of(({ elapsedMs }) => elapsedMs)
    }
  })
  return {
    run,
    cells: withScales(found, task, run.experiment.task.params),
    series: series.map(({ cell, ...curve }) => {
      const { label, kind, point } = cells[cell]
      return { runId: run.id, label, model: kind, point, ...curve }
    })
  }
}

/** What `engram run` prints: every trial and, over its seeds, the mean of every metric with its 95 % interval. */
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import type { Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { Point } from '../../../src-shared/shapes/point.ts'
import type { TuningTable } from '../../../src-shared/shapes/tuning.ts'
import { tuningText } from '../../../src-shared/documents/tuning.ts'
import { intervalMethod } from '../../../src-shared/findings/results.ts'
import { summarise } from '../../../src-shared/findings/summary.ts'
import { intervalText } from '../../../src-shared/text/interval-text.ts'
import { valueText } from '../../../src-shared/text/numbers.ts'
import { table } from './text.ts'

export interface RunResult {
  run: string
  experiment: Experiment
  trials: {
    model: string
    params: CellResult['params']
    point: Point
    seed: number
    status: CellResult['statuses'][number]
    metrics: Record<string, number>
  }[]
  /** Over the trials that are done: diverged and failed ones are never averaged in. */
  summary: {
    model: string
    point: Point
    metric: string
    mean: number
    /** null for a single trial. */
    low: number | null
    high: number | null
    n: number
    method: string
    /** Trials that got nowhere within so many steps. */
    beyond?: { limit: number; count: number }
  }[]
  /** What every model tried before, and what won; left out where nothing is tuned. */
  tuning?: TuningTable
}

export function runResult(
  run: string,
  experiment: Experiment,
  cells: readonly CellResult[],
  tuning: TuningTable | null = null
): RunResult {
  return {
    run,
    experiment,
    trials: cells.flatMap(({ label, params, point, seeds, statuses, metrics }) =>
      seeds.map((seed, i) => ({
        model: label,
        params,
        point,
        seed,
        status: statuses[i],
        metrics: Object.fromEntries(
          Object.entries(metrics).flatMap(([name, values]) => (values[i] === null ? [] : [[name, values[i]]]))
        )
      }))
    ),
    summary: summarise(cells).flatMap(({ label, point, metric, mean, low, high, n, method, beyond }) =>
      mean === null ? [] : [{ model: label, point, metric, mean, low, high, n, method, ...(beyond && { beyond }) }]
    ),
    ...(tuning && { tuning })
  }
}

/** One row per model and point: `mean ± half of the interval` for every metric. */
export function summaryTable({ trials, summary, tuning }: RunResult): string {
  const axes = unique(trials.flatMap((trial) => Object.keys(trial.point)))
  const metrics = unique(summary.map((line) => line.metric))
  const key = (row: { model: string; point: Point }): string => JSON.stringify([row.model, row.point])
  const places = new Map(trials.map((trial) => [key(trial), trial]))
  const found = new Map(summary.map((line) => [`${key(line)} ${line.metric}`, line]))
  const rows = [...places.values()].map((place) => {
    const own = metrics.map((metric) => found.get(`${key(place)} ${metric}`))
    return [
      place.model,
      ...axes.map((axis) => (axis in place.point ? valueText(place.point[axis]) : '')),
      ...own.map((line) => (line ? intervalText(line) : '-')),
      String(Math.max(0, ...own.map((line) => line?.n ?? 0)))
    ]
  })
  const bad = trials.filter((trial) => trial.status !== 'done').length
  const tuned = tuning && tuningText(tuning)
  return [
    ...(tuned
      ? [
          table(
            tuned.columns.map(({ head }) => head),
            tuned.rows.map(({ cells }) => cells)
          ),
          tuned.caption,
          ''
        ]
      : []),
    table(['model', ...axes, ...metrics, 'n'], rows),
    `Mean over n seeds ± half of its 95 % interval, or [its ends]: ${intervalMethod(summary) ?? 'no interval'}.`,
    ...(bad ? [`${bad} of ${trials.length} trials have no result and are left out.`] : [])
  ].join('\n')
}

const unique = (names: readonly string[]): string[] => [...new Set(names)]

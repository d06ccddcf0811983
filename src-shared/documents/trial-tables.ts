/** Results as tables of plain cells: tidy (one row per number) and wide (one row per trial). */
import { type Catalog, taskIn, type TaskInfo } from '../shapes/catalog.ts'
import type { Run, TrialRow } from '../shapes/run.ts'
import type { AxisValue } from '../shapes/point.ts'
import { csvTable, type CsvCell } from '../text/csv.ts'
import { sweptAxes } from '../findings/results.ts'
import type { RunTrials } from './report-data.ts'

const cell = (value: AxisValue | undefined): CsvCell => value ?? null
const taskOf = (catalog: Catalog, run: Run): TaskInfo | undefined => taskIn(catalog, run.task)

/**
 * One row per trial and metric, then one per trial, series and step. A trial without numbers (diverged, failed) has one
 * row with its status and no value, so that nobody can overlook it.
 */
export function longCsv(runs: readonly RunTrials[], catalog: Catalog): string {
  const axes = sweptAxes(runs.flatMap((r) => [...r.trials])).map((axis) => axis.name)
  const columns = [
    'run_id',
    'run',
    'task',
    'model',
    'kind',
    ...axes,
    'seed',
    'status',
    'metric',
    'step',
    'value',
    'unit'
  ]
  const rows = function* (): Iterable<CsvCell[]> {
    for (const { run, trials, series } of runs) {
      const task = taskOf(catalog, run)
      const unitOf = new Map([...(task?.metrics ?? []), ...(task?.series ?? [])].map((m) => [m.name, m.unit ?? '']))
      const head = (t: { label: string; model: string; point: TrialRow['point'] }, seed: number): CsvCell[] => [
        run.id,
        run.name,
        run.task,
        t.label,
        t.model,
        ...axes.map((a) => cell(t.point[a])),
        seed
      ]
      for (const trial of trials) {
        const named = Object.entries(trial.metrics)
        if (!named.length) yield [...head(trial, trial.seed), trial.status, null, null, null, null]
        for (const [metric, value] of named)
          yield [...head(trial, trial.seed), trial.status, metric, null, value, unitOf.get(metric) ?? '']
      }
      for (const curve of series)
        for (const [i, seed] of curve.seeds.entries())
          for (const [step, value] of curve.y[i].entries())
            yield [...head(curve, seed), 'done', curve.name, curve.x[step], value, unitOf.get(curve.name) ?? '']
    }
  }
  return csvTable(columns, rows())
}

/** One row per trial: where it lies, how it ended, every metric and every scalar parameter of its model. */
export function wideCsv(runs: readonly RunTrials[]): string {
  const all = runs.flatMap((r) => [...r.trials])
  const axes = sweptAxes(all).map((axis) => axis.name)
  const metrics = [...new Set(all.flatMap((t) => Object.keys(t.metrics)))]
  const params = [...new Set(all.flatMap((t) => Object.keys(t.params)))]
  const columns = [
    'run_id',
    'run',
    'task',
    'model',
    'kind',
    ...axes,
    'seed',
    'status',
    'error',
    'elapsed_ms',
    'backend',
    ...metrics,
    ...params.map((p) => `param.${p}`)
  ]
  const rows = function* (): Iterable<CsvCell[]> {
    for (const { run, trials } of runs)
      for (const t of trials)
        yield [
          run.id,
          run.name,
          run.task,
          t.label,
          t.model,
          ...axes.map((a) => cell(t.point[a])),
          t.seed,
          t.status,
          t.error?.message ?? null,
          t.elapsedMs,
          t.backend,
          ...metrics.map((m) => t.metrics[m]),
          ...params.map((p) => {
            const value = t.params[p]
            return typeof value === 'object' ? JSON.stringify(value) : value
          })
        ]
  }
  return csvTable(columns, rows())
}

/**
 * Results as tables of plain cells: tidy (one row per number) and wide (one row per trial). Rows come one after the
 * other, so that a table needs no memory of its own, whatever its length.
 */
import { type Catalog, taskIn } from '../shapes/catalog.ts'
import type { Run, SeriesResult, TrialRow } from '../shapes/run.ts'
import type { AxisValue, Point } from '../shapes/point.ts'
import type { CsvCell } from '../text/csv.ts'
import { sweptAxes } from '../findings/results.ts'

/** A run whose trials and curves are read as often as they are asked for. */
export interface TableRun {
  run: Run
  /** Where its trials lie. */
  cells: readonly { point: Point }[]
  trials(): Iterable<TrialRow>
  series(): Iterable<SeriesResult>
}

export interface Table {
  columns: { name: string; kind: 'text' | 'number' | 'whole' }[]
  rows: Iterable<readonly CsvCell[]>
}

const cell = (value: AxisValue | undefined): CsvCell => value ?? null
const text = (name: string): Table['columns'][number] => ({ name, kind: 'text' })
const number = (name: string): Table['columns'][number] => ({ name, kind: 'number' })

/** The axes of runs as columns: of numbers where all of an axis are. */
function axesOf(runs: readonly TableRun[]): Table['columns'] {
  const cells = runs.flatMap((run) => [...run.cells])
  return sweptAxes(cells).map(({ name, numeric }) => (numeric ? number(name) : text(name)))
}

/** What every row begins with: which trial it is of. */
const headColumns = (axes: Table['columns']): Table['columns'] => [
  ...['run_id', 'run', 'task', 'model', 'kind'].map(text),
  ...axes,
  { name: 'seed', kind: 'whole' }
]
const headOf =
  (run: TableRun['run'], axes: Table['columns']) =>
  ({ label, model, point }: { label: string; model: string; point: Point }, seed: number): CsvCell[] => [
    ...[run.id, run.name, run.task, label, model],
    ...axes.map(({ name }) => cell(point[name])),
    seed
  ]

/**
 * One row per trial and metric, then one per trial, series and step. A trial without numbers (diverged, failed, damaged)
 * and a damaged curve have one row with its status and no value, so that nobody can overlook it.
 */
export function longTable(runs: readonly TableRun[], catalog: Catalog): Table {
  const axes = axesOf(runs)
  const rows = function* (): Iterable<CsvCell[]> {
    for (const { run, trials, series } of runs) {
      const task = taskIn(catalog, run.task)
      const unitOf = new Map([...(task?.metrics ?? []), ...(task?.series ?? [])].map((m) => [m.name, m.unit ?? '']))
      const head = headOf(run, axes)
      for (const trial of trials()) {
        const named = Object.entries(trial.metrics)
        if (!named.length) yield [...head(trial, trial.seed), trial.status, null, null, null, null]
        for (const [metric, value] of named)
          yield [...head(trial, trial.seed), trial.status, metric, null, value, unitOf.get(metric) ?? '']
      }
      for (const curve of series()) {
        for (const seed of curve.damaged ?? []) yield [...head(curve, seed), 'damaged', curve.name, null, null, null]
        for (const [i, seed] of curve.seeds.entries())
          for (const [step, value] of curve.y[i].entries())
            yield [...head(curve, seed), 'done', curve.name, curve.x[step], value, unitOf.get(curve.name) ?? '']
      }
    }
  }
  return {
    columns: [...headColumns(axes), ...['status', 'metric'].map(text), ...['step', 'value'].map(number), text('unit')],
    rows: rows()
  }
}

/** One row per trial: where it lies, how it ended, every metric and every scalar parameter of its model. */
export function wideTable(runs: readonly TableRun[]): Table {
  const axes = axesOf(runs)
  const [metrics, params] = [new Set<string>(), new Set<string>()]
  for (const { trials } of runs)
    for (const trial of trials()) {
      for (const name of Object.keys(trial.metrics)) metrics.add(name)
      for (const name of Object.keys(trial.params)) params.add(name)
    }
  const rows = function* (): Iterable<CsvCell[]> {
    for (const { run, trials } of runs) {
      const head = headOf(run, axes)
      for (const t of trials())
        yield [
          ...head(t, t.seed),
          t.status,
          t.error?.message ?? null,
          t.elapsedMs,
          t.backend,
          ...[...metrics].map((name) => t.metrics[name]),
          ...[...params].map((name) => {
            const value = t.params[name]
            return typeof value === 'object' ? JSON.stringify(value) : value
          })
        ]
    }
  }
  return {
    columns: [
      ...headColumns(axes),
      ...['status', 'error'].map(text),
      number('elapsed_ms'),
      text('backend'),
      ...[...metrics].map(number),
      ...[...params].map((name) => text(`param.${name}`))
    ],
    rows: rows()
  }
}

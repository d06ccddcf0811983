/**
 * What `engram run` prints: every trial and, over its seeds, the mean of every metric with its 95 % interval; what is read
 * off its curves, and what became of its predictions.
 */
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import type { Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { Point } from '../../../src-shared/shapes/point.ts'
import type { TuningTable } from '../../../src-shared/shapes/tuning.ts'
import { tuningText } from '../../../src-shared/documents/tuning.ts'
import { intervalMethod } from '../../../src-shared/findings/results.ts'
import { summarise } from '../../../src-shared/findings/summary.ts'
import { crossingText, derive, type Crossing } from '../../../src-shared/findings/crossing.ts'
import { rangeText } from '../../../src-shared/documents/parts-text.ts'
import { predictionLines } from '../../../src-shared/documents/predictions.ts'
import { resampling } from '../../../src-shared/documents/resolve-blocks.ts'
import { taskIn, type DerivedInfo } from '../../../src-shared/shapes/catalog.ts'
import type { RegisteredPrediction } from '../../../src-shared/shapes/prediction.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'
import type { Session } from './session.ts'
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
  /** What is read off curves: capacity and its like. */
  derived: {
    name: string
    label: string
    model: string
    /** The rest of the point, without the axis it lies on. */
    point: Point
    axis: string
    value: Crossing
    low: Crossing | null
    high: Crossing | null
    n: number
    method: string
  }[]
  /** What was predicted before the run, and the verdict. */
  predictions: RegisteredPrediction[]
  /** What every model tried before, and what won; left out where nothing is tuned. */
  tuning?: TuningTable
}

/** All that is said of a run that is stored here. */
export async function resultOf(id: string, experiment: Experiment, ask: Session['ask']): Promise<RunResult> {
  const [cells, tuning, predictions, catalog] = await Promise.all([
    ask('runs.results', { ids: [id] }),
    ask('runs.tuning', { id }),
    ask('runs.predictions', { id }),
    ask('catalog.get', {})
  ])
  return runResult(id, experiment, cells, {
    derived: taskIn(catalog, experiment.task.kind)?.derived ?? [],
    predictions,
    ...(tuning && { tuning })
  })
}

export function runResult(
  run: string,
  experiment: Experiment,
  cells: readonly CellResult[],
  {
    derived = [],
    predictions = [],
    tuning
  }: { derived?: readonly DerivedInfo[]; predictions?: RegisteredPrediction[]; tuning?: TuningTable } = {}
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
    derived: derived.flatMap((info) =>
      derive(cells, info, { random: seeded(resampling.seed), draws: resampling.draws }).map(
        ({ label: model, name, point, value, low, high, n, method }) => ({
          name,
          label: info.label,
          model,
          point,
          axis: info.axis,
          value,
          low,
          high,
          n,
          method
        })
      )
    ),
    predictions,
    ...(tuning && { tuning })
  }
}

/** One row per model and point: `mean ± half of the interval` for every metric; then what is read off, and the verdicts. */
export function summaryTable({ trials, summary, derived, predictions, tuning }: RunResult): string {
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
    ...(bad ? [`${bad} of ${trials.length} trials have no result and are left out.`] : []),
    ...[...Map.groupBy(derived, ({ label }) => label)].flatMap(([label, own]) => [
      '',
      derivedTable(label, own),
      `${own[0].method}.`
    ]),
    ...(predictions.length
      ? ['', 'Registered predictions:', ...predictionLines(predictions).map((line, i) => `${i + 1}. ${line}`)]
      : [])
  ].join('\n')
}

function derivedTable(label: string, rows: RunResult['derived']): string {
  const places = unique(rows.flatMap(({ point }) => Object.keys(point)))
  return table(
    ['model', ...places, label, '95 % interval', 'n'],
    rows.map((row) => [
      row.model,
      ...places.map((axis) => (axis in row.point ? valueText(row.point[axis]) : '')),
      crossingText(row.value),
      rangeText(row),
      String(row.n)
    ])
  )
}

const unique = (names: readonly string[]): string[] => [...new Set(names)]

/** Reading results: which axes were swept, what was measured, which trials count, and the interval of a cell. */
import type { MetricInfo, TaskInfo } from '../shapes/catalog.ts'
import type { CellResult, Run } from '../shapes/run.ts'
import type { MetricScale } from '../shapes/scale.ts'
import type { AxisValue, Point } from '../shapes/point.ts'
import { meanInterval, methodName, type Interval } from '../statistics/interval.ts'
import { doneValues } from './summary.ts'
import { defaultsOf, type ParamValues } from '../shapes/params.ts'

export interface SweptAxis {
  name: string
  /** Distinct values: numbers in rising order, other values in the order in which they come. */
  values: AxisValue[]
  numeric: boolean
}

/** Every trial has this one, whatever its task. */
export const computeTime: MetricInfo = {
  name: 'elapsedMs',
  label: 'Compute time per trial',
  unit: 'ms',
  direction: 'lower',
  positive: true,
  tex: 't_{\\text{batch}} / B',
  help: 'Time of the batch the trial ran in, divided by the trials of that batch.'
}

/** How large values of a metric are that has bounds: what is nothing beside them is 0. */
export const sizeOf = ({ range }: Pick<MetricInfo, 'range'>): number | undefined =>
  range && Math.max(...range.map(Math.abs))

/** The axes on which results lie, in the order in which they first come. */
export function sweptAxes(results: readonly { point: Point }[]): SweptAxis[] {
  const axes = new Map<string, Set<AxisValue>>()
  for (const { point } of results)
    for (const [name, value] of Object.entries(point)) {
      const values = axes.get(name) ?? new Set()
      axes.set(name, values.add(value))
    }
  return [...axes].map(([name, set]) => {
    const numeric = [...set].every((value) => typeof value === 'number')
    return { name, numeric, values: numeric ? [...set].sort((a, b) => Number(a) - Number(b)) : [...set] }
  })
}

/** What can be looked at of a task: its metrics, then the compute time. */
export const metricsOf = (task: TaskInfo | undefined): MetricInfo[] => [...(task?.metrics ?? []), computeTime]

/** The task's parameters of a run, defaults filled in. */
export function taskParams(run: Run | undefined, task: TaskInfo | undefined): ParamValues {
  return { ...defaultsOf(task?.params), ...run?.experiment.task.params } as ParamValues
}

export interface SeedValue {
  seed: number
  value: number
}

/** The cell with the compute time of its trials as a metric, where that is what is asked for. */
export const timedCell = (cell: CellResult, metric: string): CellResult =>
  metric === computeTime.name ? { ...cell, metrics: { [metric]: cell.elapsedMs } } : cell

/** The numbers of a cell's finished trials. Failed and diverged ones have none and are never averaged in. */
export function finished(cell: CellResult, metric: string): SeedValue[] {
  const { seeds, values } = doneValues(timedCell(cell, metric), metric)
  return seeds.map((seed, i) => ({ seed, value: values[i] }))
}

/** What is known of a metric's values in a cell. */
export const scaleOf = (cell: CellResult, metric: string): MetricScale | undefined =>
  metric === computeTime.name ? { kind: 'positive' } : cell.scales?.[metric]

const intervals = new WeakMap<CellResult, Map<string, Interval | undefined>>()
/** Mean of a cell's finished trials with the interval that fits its metric; undefined when there is none. A cell is never changed. */
export function cellInterval(cell: CellResult, metric: string): Interval | undefined {
  const known = intervals.get(cell) ?? new Map<string, Interval | undefined>()
  intervals.set(cell, known)
  if (!known.has(metric)) {
    const values = finished(cell, metric).map((v) => v.value)
    known.set(metric, values.length ? meanInterval(values, scaleOf(cell, metric)) : undefined)
  }
  return known.get(metric)
}

/** `95 % Student t interval over seeds, n = 20` or, where cells differ, `n = 18 to 20`. */
export function intervalMethod(shown: readonly Pick<Interval, 'n' | 'method'>[]): string | undefined {
  if (!shown.length) return undefined
  const ns = shown.map(({ n }) => n)
  const [low, high] = [Math.min(...ns), Math.max(...ns)]
  if (high < 2) return 'one trial per point: no interval (n = 1)'
  const names = new Set(shown.flatMap(({ n, method }) => (n > 1 ? (methodName(method) ?? []) : [])))
  const count = `n = ${low === high ? low : `${low} to ${high}`}`
  return names.size
    ? `${[...names].join(' or ')} interval over seeds, ${count}`
    : `reached by no trial: no interval (${count})`
}

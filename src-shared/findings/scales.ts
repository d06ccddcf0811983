/** What a task says of its metrics' values, at the point of a cell. */
import type { Factor, MetricInfo, SeriesInfo, TaskInfo } from '../shapes/catalog.ts'
import { defaultsOf } from '../shapes/params.ts'
import { canonical } from '../grid/identity.ts'
import { mean, sum } from '../statistics/numbers.ts'
import type { CellResult } from '../shapes/run.ts'
import type { MetricScale } from '../shapes/scale.ts'

/** The task's parameters where a cell lies: swept ones there, others as the experiment or the task sets them. */
type Values = Readonly<Record<string, unknown>>

/** Cells with the scale of every metric whose task says it; as they are for a task that is not known. */
export function withScales(
  cells: readonly CellResult[],
  task: Pick<TaskInfo, 'metrics' | 'params'> | undefined,
  taskParams: Values
): CellResult[] {
  if (!task) return [...cells]
  const set = { ...defaultsOf(task.params), ...taskParams }
  return cells.map((cell) => {
    const values = { ...set, ...cell.point }
    const scales = task.metrics.flatMap((metric) => {
      const scale = metricScale(metric, values)
      return scale ? [[metric.name, scale] as const] : []
    })
    return scales.length ? { ...cell, scales: Object.fromEntries(scales) } : cell
  })
}

/** Undefined where nothing is known but numbers. */
export function metricScale(
  { of, positive, most, limit, range }: Pick<MetricInfo, 'of' | 'positive' | 'most' | 'limit' | 'range'>,
  values: Values
): MetricScale | undefined {
  const questions = of?.reduce<number>((product, factor) => product * factorOf(factor, values), 1)
  if (questions !== undefined && questions >= 1 && Number.isFinite(questions)) return { kind: 'share', of: questions }
  if (limit) {
    const end = Number(values[limit.param])
    if (Number.isFinite(end)) return { kind: 'limit', limit: end, never: end + (limit.plus ?? 0) }
  }
  const high = most === undefined ? NaN : factorOf(most, values)
  if (high > 0 && Number.isFinite(high)) return { kind: 'bounded', low: 0, high }
  if (positive) return { kind: 'positive' }
  return range && { kind: 'bounded', low: range[0], high: range[1] }
}

/** Of the values of a series, at a point: with the task's parameters, defaults filled in, and where the point lies. */
export const seriesScale = (
  { of, positive, range }: Pick<SeriesInfo, 'of' | 'positive' | 'range'>,
  values: Values
): MetricScale | undefined =>
  metricScale({ ...(of && { of }), ...(positive && { positive }), ...(range && { range }) }, values)

/** Of the means of several values each: of shares the number of questions that has their variance. */
export function pooledScale(scales: readonly (MetricScale | undefined)[]): MetricScale | undefined {
  const [first] = scales
  if (scales.length < 2 || !first) return first
  const shares = scales.flatMap((scale) => (scale?.kind === 'share' ? [1 / scale.of] : []))
  if (shares.length === scales.length) return { kind: 'share', of: scales.length ** 2 / sum(shares) }
  if (scales.every((scale) => canonical(scale) === canonical(first)) && first.kind !== 'limit') return first
  const bounds = scales.flatMap((scale) => (scale?.kind === 'bounded' ? [scale] : []))
  if (bounds.length === scales.length)
    return { kind: 'bounded', low: mean(bounds.map(({ low }) => low)), high: mean(bounds.map(({ high }) => high)) }
  const steps = scales.every((scale) => scale?.kind === 'limit' || scale?.kind === 'positive')
  return steps ? { kind: 'positive' } : undefined
}

/** How the intervals of these metrics are made, in a sentence of a paper. */
export function intervalsSaid(metrics: readonly Pick<MetricInfo, 'of' | 'positive' | 'limit' | 'range'>[]): string {
  const kinds = [
    metrics.some(({ of }) => of) && 'of shares of right answers Wilson’s score with the spread between seeds',
    metrics.some(({ positive }) => positive) && 'of quantities without an upper bound Student’s t on a log scale',
    metrics.some(({ limit }) => limit) &&
      'of steps until something is reached the restricted mean, who never got there counted at the limit'
  ].filter(Boolean)
  return kinds.length
    ? `95 % intervals over seeds: ${kinds.join(', ')}, of all others Student’s t`
    : '95 % Student t intervals over seeds'
}

function factorOf(factor: Factor, values: Values): number {
  if (typeof factor === 'number') return factor
  if (typeof factor === 'object' && 'least' in factor)
    return Math.min(...factor.least.map((one) => factorOf(one, values)))
  const { param, plus = 0, over = 1 } = typeof factor === 'string' ? { param: factor } : factor
  const value = values[param]
  return Math.ceil(((Array.isArray(value) ? value.length : Number(value)) + plus) / over)
}

/** Where a curve over a swept parameter falls through a threshold: capacity and its like. */
import type { DerivedInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import type { Point } from '../shapes/point.ts'
import { canonical } from '../grid/identity.ts'
import { bootstrap } from '../statistics/bootstrap.ts'
import { compare, mean } from '../statistics/numbers.ts'
import type { Uniform } from '../statistics/random.ts'
import { doneValues } from './summary.ts'
import { significant, valueText } from '../text/numbers.ts'

/** `=` at `at`; `>` or `<`: beyond the grid's end `at`. */
export interface Crossing {
  relation: '=' | '>' | '<'
  at: number
}

const mirrored = { '=': '=', '<': '>', '>': '<' } as const

/**
 * The largest x with y >= threshold, between the last grid point that reaches it and the next one linear in x or log x;
 * of a curve that rises the least such x.
 * @param xs rising
 */
export function crossing(
  xs: readonly number[],
  ys: readonly number[],
  threshold: number,
  scale: 'linear' | 'log',
  rising = false
): Crossing {
  if (rising) {
    const { relation, at } = crossing(xs.toReversed(), ys.toReversed(), threshold, scale)
    return { relation: mirrored[relation], at }
  }
  const last = ys.findLastIndex((y) => compare(y, threshold) >= 0)
  if (last < 0) return { relation: '<', at: xs[0] }
  if (last === xs.length - 1) return { relation: '>', at: xs[last] }
  const share = Math.max(0, ys[last] - threshold) / (ys[last] - ys[last + 1])
  const [from, to] = [xs[last], xs[last + 1]]
  return { relation: '=', at: scale === 'log' ? from * (to / from) ** share : from + share * (to - from) }
}

/** `37.2`, `> 80` or `< 5`. */
export function crossingText({ relation, at }: Crossing, digits = 3): string {
  return relation === '=' ? significant(at, digits) : `${relation} ${valueText(at)}`
}

export interface DerivedRow {
  runId: string
  label: string
  /** The rest of the point, without the axis. */
  point: Point
  name: string
  value: Crossing
  /** Bootstrap over seeds, each grid point resampled within itself; null with fewer than two seeds somewhere. */
  low: Crossing | null
  high: Crossing | null
  /** Least number of done trials at a grid point. */
  n: number
  method: string
}

/** The crossings of every model, from results by seed: one row per model and remaining point, where two grid points have values. */
export function derive(
  cells: readonly CellResult[],
  info: DerivedInfo,
  options: { random: Uniform; draws?: number; level?: number }
): DerivedRow[] {
  const withAxis = cells.filter((cell) => typeof cell.point[info.axis] === 'number')
  const groups = Map.groupBy(withAxis, (cell) => canonical([cell.runId, cell.label, without(cell.point, info.axis)]))
  const rows: DerivedRow[] = []
  for (const group of groups.values()) {
    const curve = group
      .map((cell) => ({ x: cell.point[info.axis] as number, values: bySeed(cell, info.metric) }))
      .filter(({ values }) => values.length > 0)
      .sort((a, b) => a.x - b.x)
    if (curve.length < 2) continue
    const xs = curve.map(({ x }) => x)
    const samples = curve.map(({ values }) => values)
    const at = (lists: readonly (readonly number[])[]): Crossing =>
      crossing(xs, lists.map(mean), info.threshold, info.scale, info.rising)
    const n = Math.min(...samples.map((sample) => sample.length))
    const interval =
      n < 2 ? undefined : bootstrap(samples, (lists) => asNumber(at(lists)), { ...options, method: 'percentile' })
    const asCrossing = (x: number): Crossing =>
      Number.isFinite(x)
        ? { relation: '=', at: x }
        : x > 0
          ? { relation: '>', at: xs.at(-1)! }
          : { relation: '<', at: xs[0] }
    rows.push({
      runId: group[0].runId,
      label: group[0].label,
      point: without(group[0].point, info.axis),
      name: info.name,
      value: at(samples),
      low: interval ? asCrossing(interval.low) : null,
      high: interval ? asCrossing(interval.high) : null,
      n,
      method: interval?.method ?? 'no interval (n = 1)'
    })
  }
  return rows
}

/** In the order of the seeds, so that the draws of the bootstrap do not depend on how an experiment lists them. */
function bySeed(cell: CellResult, metric: string): number[] {
  const { seeds, values } = doneValues(cell, metric)
  return seeds
    .map((seed, i) => ({ seed, value: values[i] }))
    .sort((a, b) => a.seed - b.seed)
    .map(({ value }) => value)
}

const asNumber = ({ relation, at }: Crossing): number =>
  relation === '=' ? at : relation === '>' ? Infinity : -Infinity

function without(point: Point, axis: string): Point {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== axis))
}

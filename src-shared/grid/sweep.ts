/** From axes to points: every combination, or points drawn at random; conditions leave an axis out where it means nothing. */
import type { AxisValue, Point } from '../shapes/point.ts'
import { seeded } from '../statistics/random.ts'

export interface PointAxis {
  /** The parameter's bare name. */
  param: string
  values: readonly AxisValue[]
  /** How likely random search draws each value, up to a factor; equally if there are none. */
  probabilities?: readonly number[]
  /** The ends of a range, of which random search draws any value between. */
  range?: { from: number; to: number; scale: 'linear' | 'log'; integer: boolean }
  /** The axis is there only where this parameter has one of these values. */
  when?: { param: string; in: readonly AxisValue[] }
  /** Names its stream of random numbers. */
  stream: string
}

export interface Search {
  method: 'random'
  count: number
  seed: number
}

/** What a parameter that is not on an axis is set to. */
export type Fixed = (param: string) => unknown

/** Every combination of the axes' values, in rising order of the last axis. */
export function gridPoints(axes: readonly PointAxis[], fixed: Fixed): Point[] {
  const all = axes.reduce<Point[]>(
    (list, axis) => list.flatMap((point) => axis.values.map((value) => ({ ...point, [axis.param]: value }))),
    [{}]
  )
  return axes.some(({ when }) => when) ? distinct(all.map((point) => conditioned(point, axes, fixed))) : all
}

/** The i-th value of an axis in a random search: the same whatever other axes there are. */
export function drawnValues(axis: PointAxis, { count, seed }: Search): AxisValue[] {
  const random = seeded(hash(axis.stream) ^ seed)
  return Array.from({ length: count }, () => {
    const u = random()
    if (axis.probabilities) return axis.values[placeOf(u, axis.probabilities)]
    if (!axis.range) return axis.values[Math.floor(u * axis.values.length)]
    const { from, to, scale, integer } = axis.range
    // Every whole number is as likely as the next, the ends too.
    if (integer && scale === 'linear' && Number.isInteger(from) && Number.isInteger(to))
      return Math.min(from, to) + Math.floor((Math.abs(to - from) + 1) * u)
    const value = scale === 'log' ? from * (to / from) ** u : from + (to - from) * u
    return integer ? Math.round(value) : Number(value.toPrecision(6))
  })
}

/** Where a share of the whole falls among parts of these sizes. */
function placeOf(share: number, sizes: readonly number[]): number {
  let left = share * sizes.reduce((sum, size) => sum + size, 0)
  const found = sizes.findIndex((size) => (left -= size) < 0)
  return found < 0 ? sizes.length - 1 : found
}

/** The points of a random search on some axes, one for each draw, repeats included. */
export function drawnPoints(axes: readonly PointAxis[], search: Search): Point[] {
  const columns = axes.map((axis) => drawnValues(axis, search))
  return Array.from({ length: search.count }, (_, i) =>
    Object.fromEntries(axes.map((axis, k) => [axis.param, columns[k][i]]))
  )
}

/** A point without the axes whose condition it does not meet; conditions on an axis that is gone are not met. */
export function conditioned(point: Point, axes: readonly PointAxis[], fixed: Fixed): Point {
  let kept = point
  for (;;) {
    const out = axes.filter(
      ({ param, when }) =>
        when &&
        param in kept &&
        !when.in.includes((when.param in point ? kept[when.param] : fixed(when.param)) as AxisValue)
    )
    if (!out.length) return kept
    kept = Object.fromEntries(Object.entries(kept).filter(([name]) => !out.some(({ param }) => param === name)))
  }
}

export function distinct(points: readonly Point[]): Point[] {
  return [...new Map(points.map((point) => [JSON.stringify(point), point])).values()]
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 2166136261
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619)
  return h >>> 0
}

/** Where the ticks of an axis stand and what they say. */
import { bytes, siNumber, significant } from '../text/numbers.ts'
import type { FigureAxis, FigureSpec } from './spec.ts'

export interface Scale {
  /** Data value to the unit interval. */
  at(value: number): number
  ticks: { value: number; label: string }[]
  /** The data values at 0 and 1. */
  ends: readonly [number, number]
}

/** Ends that enclose all values: nice steps for a linear axis, whole factors of the data for a log axis. */
export function makeScale(axis: FigureAxis, values: readonly number[], most = 7): Scale {
  if (axis.scale === 'category') {
    const names = axis.categories ?? []
    return {
      at: (value) => (value + 0.5) / Math.max(names.length, 1),
      ticks: names.map((label, value) => ({ value, label })),
      ends: [-0.5, Math.max(names.length, 1) - 0.5]
    }
  }
  const base = axis.unit === 'B' ? 2 : 10
  const said = (value: number): string => axisTick(axis, value)
  const usable = values.filter((v) => Number.isFinite(v) && (axis.scale === 'linear' || v > 0))
  let [low, high] = axis.range ?? [Math.min(...usable), Math.max(...usable)]
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = axis.scale === 'log' ? [1, 10] : [0, 1]
  return axis.scale === 'log'
    ? logScale(low, high, most, base, said)
    : linearScale(
        low,
        high,
        most,
        base,
        said,
        axis.range !== undefined,
        axis.integer ?? usable.every(Number.isInteger),
        axis.within
      )
}

/** @param whole only whole values (positions, lags, counts): ticks are whole, and the ends hug the data */
function linearScale(
  low: number,
  high: number,
  most: number,
  base: number,
  said: (value: number) => string,
  fixed: boolean,
  whole: boolean,
  [least, greatest]: readonly [number, number] = [-Infinity, Infinity]
): Scale {
  if (low === high) {
    const pad = Math.abs(low) * 0.1 || 0.5
    // At the end of what there is, an axis has room on the other side.
    const [below, above] = [low - pad < least ? 0 : pad, high + pad > greatest ? 0 : pad]
    low -= below || above === 0 ? pad : 0
    high += above || below === 0 ? pad : 0
  }
  const rough = (high - low) / ((whole ? most + 2 : most) - 1)
  const power = 10 ** Math.floor(Math.log10(rough))
  const stepped =
    base === 2
      ? 2 ** Math.ceil(Math.log2(rough) - 1e-12)
      : power * ((whole ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).find((f) => f * power >= rough - 1e-12 * power) ?? 10)
  const step = whole ? Math.max(1, stepped) : stepped
  const air = (high - low) * 0.03
  const [first, last] = [
    fixed ? low : whole ? low - air : Math.floor(low / step + 1e-9) * step,
    fixed ? high : whole ? high + air : Math.ceil(high / step - 1e-9) * step
  ]
  // Of values that lie beyond for all that, none is cut off.
  const [start, end] = [Math.max(first, Math.min(least, low)), Math.min(last, Math.max(greatest, high))]
  const ticks: Scale['ticks'] = []
  for (let i = Math.ceil(start / step - 1e-9); i * step <= end + step * 1e-9; i++) {
    const value = Number((i * step).toPrecision(12))
    ticks.push({ value, label: said(value) })
  }
  return { at: (value) => (value - start) / (end - start), ticks, ends: [start, end] }
}

/** @param base ticks stand at its powers, and between those of ten where there is room */
function logScale(low: number, high: number, most: number, base: number, said: (value: number) => string): Scale {
  if (low === high) {
    low /= 2
    high *= 2
  }
  // A little air at both ends, in ratio.
  const pad = (high / low) ** 0.03
  const [start, end] = [Math.log10(low / pad), Math.log10(high * pad)]
  const decades = Math.log10(high / low) / Math.log10(base)
  const mantissas = base === 2 ? [1] : decades <= 1.01 ? [1, 2, 3, 5, 7] : decades <= most / 2 ? [1, 2, 5] : [1]
  const stride = Math.max(1, Math.ceil((decades + 1) / most))
  const [first, last] = [start, end].map((at) => at / Math.log10(base))
  const ticks: Scale['ticks'] = []
  for (let d = Math.floor(first / stride) * stride; d <= Math.ceil(last); d += stride)
    for (const m of mantissas) {
      const value = Number((m * base ** d).toPrecision(12))
      const at = Math.log10(value)
      if (at >= start - 1e-9 && at <= end + 1e-9) ticks.push({ value, label: said(value) })
    }
  return { at: (value) => (Math.log10(value) - start) / (end - start), ticks, ends: [low / pad, high * pad] }
}

/** A number as a tick shows it: no trailing zeros, powers of ten beyond six digits. */
export const tickLabel = (value: number): string => significant(value, 6)

/** What a tick of this axis says: bytes and operations in the units in which the rest of the studio writes them. */
export function axisTick(axis: Pick<FigureAxis, 'unit'>, value: number): string {
  if (axis.unit === 'B') return bytes(value)
  return isOperations(axis.unit) ? siNumber(value) : tickLabel(value)
}

const isOperations = (unit: string | undefined): boolean => unit === 'FLOP' || unit === 'FLOP/s'

/** Ticks of this axis carry a prefix or a unit: they are words to a typesetter. */
export const inUnits = ({ unit }: Pick<FigureAxis, 'unit'>): boolean => unit === 'B' || isOperations(unit)

export interface FigureScales {
  x: Scale
  y: Scale
  /** The ticks of x: the swept values themselves where they are few and stand apart. */
  xTicks: Scale['ticks']
}

/** Plots of about this many px: ticks that stand apart in one do so in all. */
export const usualWidth = 560

/**
 * The scales of a figure, wide enough for all that is drawn in it: the SVG, pgfplots and the chart on the screen have
 * the same ends and ticks.
 */
export function figureScales(
  spec: FigureSpec,
  { width = usualWidth, members = false }: { width?: number; members?: boolean } = {}
): FigureScales {
  const all = spec.series.flatMap((s) => s.points)
  const shown = members ? spec.series.flatMap((s) => s.members ?? []).flatMap((m) => m.points) : []
  const references = spec.references ?? []
  const x = makeScale(spec.x, [...all.map((p) => p.x), ...references.flatMap((r) => (r.x === undefined ? [] : [r.x]))])
  const y = makeScale(spec.y, [
    ...[...all, ...shown].flatMap((p) => [p.y, p.low, p.high]).filter((v): v is number => typeof v === 'number'),
    ...references.flatMap((r) => [...(r.y === undefined ? [] : [r.y]), ...(r.points ?? []).map((p) => p.y)]),
    ...(spec.bands ?? []).flatMap((band) => [band.low, band.high])
  ])
  // Few swept values: their own ticks say more than round numbers, where they do not collide.
  const swept = [...new Set(all.map((p) => p.x))].sort((a, b) => a - b)
  const apart = swept.every((v, i) => i === 0 || (x.at(v) - x.at(swept[i - 1])) * width > 30)
  const own = spec.interval === 'bars' && spec.x.scale !== 'category' && swept.length > 1 && swept.length <= 10 && apart
  return { x, y, xTicks: own ? swept.map((value) => ({ value, label: axisTick(spec.x, value) })) : x.ticks }
}

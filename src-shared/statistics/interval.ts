/** The mean of a sample and its Student-t interval. */
import { StudioError } from '../shapes/errors.ts'
import { tQuantile } from './special.ts'

export interface Interval {
  mean: number
  /** null when the sample gives no interval (n = 1). */
  low: number | null
  high: number | null
  n: number
  /** Standard deviation with n - 1; null for n = 1. */
  sd: number | null
  /** How it was made, as a researcher would write it. */
  method: string
}

/** @throws StudioError bad-input for an empty sample or one that holds NaN or Infinity: these are never averaged. */
export function checkSample(values: readonly number[], what = 'A sample'): void {
  if (values.length === 0) throw new StudioError('bad-input', `${what} needs at least one value.`)
  if (!values.every(Number.isFinite))
    throw new StudioError(
      'bad-input',
      `${what} holds a value that is not finite; leave diverged trials out and say so.`
    )
}

export function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Sum of squared deviations over n - 1; NaN for n = 1. */
export function variance(values: readonly number[]): number {
  const centre = mean(values)
  let sum = 0
  for (const value of values) sum += (value - centre) ** 2
  return sum / (values.length - 1)
}

const quantiles = new Map<string, number>()
/** t with (1 + level) / 2 of the distribution below it; tables ask for the same few again and again. */
export function tCritical(degrees: number, level: number): number {
  const key = `${degrees} ${level}`
  let value = quantiles.get(key)
  if (value === undefined) quantiles.set(key, (value = tQuantile((1 + level) / 2, degrees)))
  return value
}

/**
 *   mean ± t(n-1, (1+level)/2) sd / sqrt(n)
 *
 * @throws StudioError bad-input for an empty or non-finite sample, or a level outside (0, 1)
 */
export function tInterval(values: readonly number[], level = 0.95): Interval {
  checkSample(values)
  if (!(level > 0 && level < 1))
    throw new StudioError('bad-input', `The level of an interval lies between 0 and 1, not at ${level}.`)
  const n = values.length
  const centre = mean(values)
  if (n === 1) return { mean: centre, low: null, high: null, n, sd: null, method: 'no interval (n = 1)' }
  const sd = Math.sqrt(variance(values))
  const half = (tCritical(n - 1, level) * sd) / Math.sqrt(n)
  const percent = Number((level * 100).toPrecision(10))
  return { mean: centre, low: centre - half, high: centre + half, n, sd, method: `${percent} % Student t, n = ${n}` }
}

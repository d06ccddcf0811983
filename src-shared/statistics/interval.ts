/**
 * The mean of a sample and its interval: Student's t, or one that knows that the values are shares, or above zero, or
 * within bounds. How often each of them covers is in resources/guide/intervals.md, by `npm run bench -- intervals`.
 */
import { StudioError } from '../shapes/errors.ts'
import type { MetricScale } from '../shapes/scale.ts'
import { compare, deviation, mean } from './numbers.ts'
import { normalQuantile, tQuantile } from './special.ts'

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
  /** Trials that never got there within so many steps: their part of the mean is a limit. Absent where all did. */
  beyond?: { limit: number; count: number }
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
  const { n, centre, sd } = summed(values, level)
  if (sd === null) return alone(centre)
  const half = halfOf(sd, n, level)
  const [low, high] = [centre - half, centre + half]
  return { mean: centre, low, high, n, sd, method: `${percent(level)} Student t, n = ${n}` }
}

/**
 * A share of right answers: Wilson's score interval over as many questions as the answers are worth. With n seeds of m
 * questions each, z and t the quantiles of the normal and of Student's t with n - 1 degrees of freedom,
 *
 *   v = p~ (1 - p~) / (n m),   p~ = (p n m + 1) / (n m + 2)          variance of the mean by the questions alone
 *   N = n m / max(1, t² sd² / n / (z² v))                            questions, fewer where seeds differ by more
 *   (p + z²/2N ± z sqrt(p (1-p) / N + z²/4N²)) / (1 + z²/N)
 *
 * It stays within 0 and 1, contains the mean, and has a width also where every seed has the same share.
 * Source: Wilson (1927); Korn & Graubard (1998) for the effective number of questions.
 * @param of questions of each seed
 */
export function shareInterval(values: readonly number[], of: number, level = 0.95): Interval {
  const { n, centre, sd } = summed(values, level)
  if (sd === null) return alone(centre)
  const [z, t] = [normalQuantile((1 + level) / 2), tCritical(n - 1, level)]
  const questions = n * of
  const p = (centre * questions + 1) / (questions + 2)
  const worth = questions / Math.max(1, (t * sd) ** 2 / n / ((z * z * p * (1 - p)) / questions))
  const method = `${percent(level)} Wilson score, n = ${n} of ${Number(of.toPrecision(6))} question${of === 1 ? '' : 's'}, spread between seeds included`
  return { mean: centre, ...scoreEnds(centre, worth, z), n, sd, method }
}

/** The ends of Wilson's score interval of a share p of so many questions, with the quantile q; they lie within 0 and 1. */
export function scoreEnds(p: number, questions: number, q: number): { low: number; high: number } {
  const middle = p + (q * q) / (2 * questions)
  const half = q * Math.sqrt((p * (1 - p)) / questions + (q / (2 * questions)) ** 2)
  const [low, high] = [middle - half, middle + half].map((end) => end / (1 + (q * q) / questions))
  // Rounding leaves the ends of the range at 0 and 1, and the mean within.
  return { low: Math.max(0, Math.min(low, p)), high: Math.min(1, Math.max(high, p)) }
}

/**
 * Numbers above zero without a bound: Student's t on the scale of the logarithm of the mean,
 *
 *   mean exp(± t(n-1, (1+level)/2) sd / (sqrt(n) mean))
 */
export function logInterval(values: readonly number[], level = 0.95): Interval {
  const { n, centre, sd } = summed(values, level)
  if (sd === null) return alone(centre)
  const half = centre === 0 ? 0 : halfOf(sd, n, level) / centre
  const [low, high] = [centre * Math.exp(-half), centre * Math.exp(half)]
  return { mean: centre, low, high, n, sd, method: `${percent(level)} Student t on a log scale, n = ${n}` }
}

/**
 * Numbers within bounds a and b: Student's t, and where that leaves the bounds the score interval with its quantile, of
 * p = (mean - a) / (b - a) over as many questions as have the variance between seeds,
 *
 *   N = p (1 - p) n (b - a)² / sd²
 *
 * which stays within: the spread shrinks towards a bound as that of a share does.
 */
function boundedInterval(values: readonly number[], least: number, most: number, level: number): Interval {
  const whole = tInterval(values, level)
  const { n, sd, low, high } = whole
  if (low === null || high === null || sd === null || (low >= least && high <= most)) return whole
  const size = most - least
  const p = (whole.mean - least) / size
  const worth = (p * (1 - p) * n * size ** 2) / sd ** 2
  const ends = scoreEnds(p, worth, tCritical(n - 1, level))
  const method = `${percent(level)} score with Student t within ${least} to ${most}, n = ${n}`
  return {
    ...whole,
    low: Math.max(least, Math.min(whole.mean, least + ends.low * size)),
    high: Math.min(most, Math.max(whole.mean, least + ends.high * size)),
    method
  }
}

/** Steps until something was reached, at most `never`: a mean that counts who never got there at that limit, and says so. */
function limitedInterval(values: readonly number[], limit: number, never: number, level: number): Interval {
  const count = values.filter((value) => compare(value, never) >= 0).length
  const whole = logInterval(values, level)
  if (count === 0) return whole
  const method = `restricted mean, ${count} of ${values.length} beyond ${limit} counted as ${never}`
  // All beyond: a limit, and nothing to measure a spread by.
  if (count === values.length || whole.low === null || whole.high === null)
    return { ...whole, low: null, high: null, method, beyond: { limit, count } }
  return { ...whole, high: Math.min(never, whole.high), method: `${method}; ${whole.method}`, beyond: { limit, count } }
}

/** The interval that fits what is known of the values; Student's t where that is nothing, or where they lie elsewhere. */
export function meanInterval(values: readonly number[], scale?: MetricScale, level = 0.95): Interval {
  const within = (low: number, high: number): boolean => values.every((value) => value >= low && value <= high)
  if (scale?.kind === 'share' && within(0, 1)) return shareInterval(values, scale.of, level)
  if (scale?.kind === 'positive' && within(0, Infinity)) return logInterval(values, level)
  if (scale?.kind === 'limit' && within(0, Infinity)) return limitedInterval(values, scale.limit, scale.never, level)
  if (scale?.kind === 'bounded' && within(scale.low, scale.high))
    return boundedInterval(values, scale.low, scale.high, level)
  return tInterval(values, level)
}

/** What the intervals of several samples have in common: the method without its counts; undefined of one that is none. */
export function methodName(method: string): string | undefined {
  if (!method.startsWith('restricted mean')) return method.replace(/,? n = .*$/, '').replace(/ within .*$/, '')
  const own = method.split('; ')[1]
  return own && `restricted mean, ${methodName(own)}`
}

const alone = (value: number): Interval => ({
  mean: value,
  low: null,
  high: null,
  n: 1,
  sd: null,
  method: 'no interval (n = 1)'
})

function summed(values: readonly number[], level: number): { n: number; centre: number; sd: number | null } {
  checkSample(values)
  if (!(level > 0 && level < 1))
    throw new StudioError('bad-input', `The level of an interval lies between 0 and 1, not at ${level}.`)
  return { n: values.length, centre: mean(values), sd: values.length > 1 ? deviation(values) : null }
}

const halfOf = (sd: number, n: number, level: number): number => (tCritical(n - 1, level) * sd) / Math.sqrt(n)

const percent = (level: number): string => `${Number((level * 100).toPrecision(10))} %`

/**
 * How large a difference is, with a 95 % interval. Standardised differences are multiples of a t statistic: their intervals
 * are those of its noncentrality. Sources: Hedges & Olkin (1985); Steiger & Fouladi (1997);
 * Kerby (2014) for the rank-biserial correlation.
 */
import { StudioError } from '../shapes/errors.ts'
import { checkSample, scoreEnds } from './interval.ts'
import { compare, deviation, mean, tolerance, unitOf } from './numbers.ts'
import { noncentralInterval } from './noncentral.ts'
import { differences, midRanks } from './significance.ts'
import { lgamma, normalQuantile } from './special.ts'

export interface Effect {
  name: 'Cohen d' | 'Hedges g' | 'paired dz' | 'rank-biserial r'
  value: number
  low: number
  high: number
}

/** Cohen's d: difference of the means over the pooled standard deviation; d = t sqrt(1/n + 1/m) with n + m - 2 degrees of freedom. */
export function cohenD(a: readonly number[], b: readonly number[], level = 0.95): Effect {
  const [n, m] = sizes(a, b)
  const unit = unitOf(a, b)
  const [x, y] = [a, b].map((sample) => sample.map((value) => value * unit))
  const pooled = Math.hypot(Math.sqrt(n - 1) * deviation(x), Math.sqrt(m - 1) * deviation(y)) / Math.sqrt(n + m - 2)
  const [u, v] = [mean(x), mean(y)]
  const value = ratio(compare(u, v, tolerance(x, y)) === 0 ? 0 : u - v, pooled)
  return around('Cohen d', value, Math.sqrt(1 / n + 1 / m), n + m - 2, level)
}

/** Hedges' g: Cohen's d without its small-sample bias, J = Gamma(v/2) / (sqrt(v/2) Gamma((v-1)/2)), v = n + m - 2. */
export function hedgesG(a: readonly number[], b: readonly number[], level = 0.95): Effect {
  const d = cohenD(a, b, level)
  const v = a.length + b.length - 2
  const j = Math.exp(lgamma(v / 2) - lgamma((v - 1) / 2)) / Math.sqrt(v / 2)
  return { name: 'Hedges g', value: j * d.value, low: j * d.low, high: j * d.high }
}

/** dz of pairs: mean difference over the standard deviation of the differences; dz = t / sqrt(n) with n - 1 degrees of freedom. */
export function pairedDz(a: readonly number[], b: readonly number[], level = 0.95): Effect {
  const { d, centre } = differences(a, b)
  const [n] = sizes(a, b)
  const value = ratio(centre, deviation(d))
  return around('paired dz', value, 1 / Math.sqrt(n), n - 1, level)
}

/**
 * Rank-biserial correlation of pairs: r = (W+ - W-) / (W+ + W-), W the sums of the signed ranks of the differences that are
 * none of zero. With N such differences as many even questions as have the variance of r without any difference,
 *   N = ((n² + n) / 2)² / ((2n³ + 3n² + n) / 6)
 * the interval is the score interval of (r + 1) / 2: it stays within -1 and 1, and has a width where all signs agree.
 */
export function rankBiserial(a: readonly number[], b: readonly number[], level = 0.95): Effect {
  sizes(a, b)
  const name = 'rank-biserial r'
  const d = differences(a, b).d.filter((x) => x !== 0)
  const n = d.length
  if (n === 0) return { name, value: 0, low: -1, high: 1 }
  const total = (n * (n + 1)) / 2
  const ranks = midRanks(d.map(Math.abs))
  const value = ranks.reduce((sum, rank, i) => sum + Math.sign(d[i]) * rank, 0) / total
  const { low, high } = scoreEnds(
    (value + 1) / 2,
    total ** 2 / ((n * (n + 1) * (2 * n + 1)) / 6),
    normalQuantile((1 + level) / 2)
  )
  return { name, value, low: Math.min(value, 2 * low - 1), high: Math.max(value, 2 * high - 1) }
}

function sizes(a: readonly number[], b: readonly number[]): [number, number] {
  for (const sample of [a, b]) {
    checkSample(sample)
    if (sample.length < 2)
      throw new StudioError('bad-input', 'An effect size needs at least two values on each side; run more seeds.')
  }
  return [a.length, b.length]
}

/** No spread at all: no difference, or an infinite one. */
const ratio = (difference: number, sd: number): number => (difference === 0 ? 0 : difference / sd)

/** @param step by which a t statistic is multiplied */
function around(name: Effect['name'], value: number, step: number, df: number, level: number): Effect {
  // Beyond that the spread is rounding.
  if (!(Math.abs(value / step) < 1e12)) return { name, value, low: value, high: value }
  const { low, high } = noncentralInterval(value / step, df, level)
  return { name, value, low: step * low, high: step * high }
}

/** How large a difference is, with a 95 % interval. Sources: Hedges & Olkin (1985); Cliff (1993), Feng & Cliff (2004). */
import { StudioError } from '../shapes/errors.ts'
import { checkSample } from './interval.ts'
import { compare, deviation, mean, tolerance, unitOf } from './numbers.ts'
import { differences } from './significance.ts'
import { lgamma, normalQuantile } from './special.ts'

export interface Effect {
  name: 'Cohen d' | 'Hedges g' | 'paired dz' | 'Cliff delta'
  value: number
  low: number
  high: number
}

/** Cohen's d: difference of the means over the pooled standard deviation; large-sample interval. */
export function cohenD(a: readonly number[], b: readonly number[], level = 0.95): Effect {
  const [n, m] = sizes(a, b)
  const unit = unitOf(a, b)
  const [x, y] = [a, b].map((sample) => sample.map((value) => value * unit))
  const pooled = Math.hypot(Math.sqrt(n - 1) * deviation(x), Math.sqrt(m - 1) * deviation(y)) / Math.sqrt(n + m - 2)
  const [u, v] = [mean(x), mean(y)]
  const value = ratio(compare(u, v, tolerance(x, y)) === 0 ? 0 : u - v, pooled)
  return around('Cohen d', value, Math.sqrt((n + m) / (n * m) + value ** 2 / (2 * (n + m))), level)
}

/** Hedges' g: Cohen's d without its small-sample bias, J = Gamma(v/2) / (sqrt(v/2) Gamma((v-1)/2)), v = n + m - 2. */
export function hedgesG(a: readonly number[], b: readonly number[], level = 0.95): Effect {
  const d = cohenD(a, b, level)
  const v = a.length + b.length - 2
  const j = Math.exp(lgamma(v / 2) - lgamma((v - 1) / 2)) / Math.sqrt(v / 2)
  return { name: 'Hedges g', value: j * d.value, low: j * d.low, high: j * d.high }
}

/** dz of pairs: mean difference over the standard deviation of the differences; large-sample interval. */
export function pairedDz(a: readonly number[], b: readonly number[], level = 0.95): Effect {
  const { d, centre } = differences(a, b)
  const [n] = sizes(a, b)
  const value = ratio(centre, deviation(d))
  return around('paired dz', value, Math.sqrt(1 / n + value ** 2 / (2 * n)), level)
}

/**
 * Cliff's delta: P(a > b) - P(a < b). The interval is Feng and Cliff's asymmetric one, from the consistent estimate of
 * delta's variance; it stays inside [-1, 1] and shrinks to a point when the samples do not overlap at all.
 */
export function cliffDelta(a: readonly number[], b: readonly number[], level = 0.95): Effect {
  const [n, m] = sizes(a, b)
  const within = tolerance(a, b)
  const rows = a.map((x) => b.reduce<number>((sum, y) => sum + compare(x, y, within), 0) / m)
  const columns = b.map((y) => a.reduce<number>((sum, x) => sum + compare(x, y, within), 0) / n)
  const delta = mean(rows)
  const square = (values: readonly number[]): number => values.reduce((sum, x) => sum + (x - delta) ** 2, 0)
  const cells = a.reduce((sum, x) => sum + square(b.map((y) => compare(x, y, within))), 0)
  const s2 = Math.max(0, (m * m * square(rows) + n * n * square(columns) - cells) / (n * m * (n - 1) * (m - 1)))
  const z = normalQuantile((1 + level) / 2)
  const middle = delta - delta ** 3
  const half = z * Math.sqrt(s2) * Math.sqrt((1 - delta ** 2) ** 2 + z * z * s2)
  const below = 1 - delta ** 2 + z * z * s2
  const at = (x: number): number => (below === 0 ? delta : Math.max(-1, Math.min(1, x / below)))
  return { name: 'Cliff delta', value: delta, low: at(middle - half), high: at(middle + half) }
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

function around(name: Effect['name'], value: number, error: number, level: number): Effect {
  if (!Number.isFinite(value)) return { name, value, low: value, high: value }
  const half = normalQuantile((1 + level) / 2) * error
  return { name, value, low: value - half, high: value + half }
}

/**
 * How many seeds it takes: for an interval of a wished width, and to tell two models apart; and how large a difference so
 * many seeds can tell. Effects are in standard deviations: of the differences by seed for tests that pair, of the values of
 * either model for Welch's. Sources: Cohen (1988); Johnson, Kotz & Balakrishnan (1995) for the noncentral t.
 */
import { StudioError } from '../shapes/errors.ts'
import { tCritical } from './interval.ts'
import { deviation, mean, significant } from './numbers.ts'
import { noncentralCdf } from './noncentral.ts'
import { seeded, type Uniform } from './random.ts'
import { waysToSum } from './significance.ts'

/**
 * The smallest n for which 2 t(n-1, (1+level)/2) sd / sqrt(n) <= width, with the spread seen so far.
 * @returns null if even a million seeds are too few
 * @throws StudioError bad-input for a width that is not above zero
 */
export function requiredSeeds(sd: number, width: number, level = 0.95): number | null {
  if (!(width > 0) || !(sd >= 0))
    throw new StudioError('bad-input', 'The width of an interval must be above zero, and its spread known.')
  const wide = (n: number): boolean => (2 * tCritical(n - 1, level) * sd) / Math.sqrt(n) > width
  return firstWithout(wide)
}

const mostSeeds = 1_000_000

/** The smallest n from 2 on at which a condition that ends once no longer holds; null beyond a million. */
function firstWithout(holds: (n: number) => boolean): number | null {
  let [low, high] = [1, 2]
  while (holds(high)) {
    if (high >= mostSeeds) return null
    ;[low, high] = [high, high * 2]
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (holds(middle)) low = middle
    else high = middle
  }
  return high
}

/** The chance that a two-sided t test with so many degrees of freedom refuses the noncentrality 0 when it is delta. */
function tPower(delta: number, df: number, level: number): number {
  const critical = tCritical(df, 1 - level)
  return 1 - noncentralCdf(critical, df, delta) + noncentralCdf(-critical, df, delta)
}

/** The chance that a two-sided paired t test over n pairs finds a difference of `dz` standard deviations of the differences. */
export const pairedPower = (dz: number, n: number, level = 0.05): number => tPower(dz * Math.sqrt(n), n - 1, level)

/** The tests whose power is known. */
export type PoweredTest = 'paired-t' | 'wilcoxon' | 'permutation' | 'welch'

/** How the power of each was found, as a researcher would write it. */
export const powerMethods: Record<PoweredTest, string> = {
  'paired-t': 'noncentral t',
  welch: 'noncentral t, equal spread and as many seeds of either model',
  wilcoxon: 'simulated with normal differences; beyond 40 seeds that of a t test with 3/π of them',
  permutation: 'simulated with normal differences; beyond 10 seeds that of the t test, which it approaches'
}

/** Samples of each simulated power: its standard error is at most .011. */
const simulated = 2000
/** Up to this many pairs the permutation test is simulated. */
const mostFlipped = 10
/** Beyond this many pairs the signed-rank test needs pi / 3 times as many as the t test with normal differences. */
const mostRanked = 40

interface Thresholds {
  /** Of each sample of normal differences: what added to them makes the test find that they lie above zero. */
  above: Float64Array
  /** And below zero. */
  below: Float64Array
}
const thresholds = new Map<string, Thresholds | undefined>()
/**
 * Both tests count averages: the signed-rank test those of pairs, the permutation test those of subsets. Both refuse zero
 * when fewer than `most` of them lie on the other side of it.
 * @returns undefined where so few pairs can never be significant
 */
function thresholdsOf(test: 'wilcoxon' | 'permutation', n: number, level: number): Thresholds | undefined {
  const key = `${test} ${n} ${level}`
  if (!thresholds.has(key)) thresholds.set(key, simulate(test, n, level))
  return thresholds.get(key)
}

function simulate(test: 'wilcoxon' | 'permutation', n: number, level: number): Thresholds | undefined {
  const averagesOf = test === 'wilcoxon' ? pairAverages : subsetAverages
  const most = mostOtherwise(test, n, level)
  if (most < 1) return undefined
  // Fixed: power rises with the effect, and can be repeated.
  const random = seeded(n)
  const [above, below] = [new Float64Array(simulated), new Float64Array(simulated)]
  for (let i = 0; i < simulated; i++) {
    const sample = Float64Array.from({ length: n }, () => normal(random))
    const averages = averagesOf(sample).sort()
    above[i] = -averages[most - 1]
    below[i] = -averages[averages.length - most]
  }
  return { above: above.sort(), below: below.sort() }
}

/** Box and Muller's. */
const normal = (random: Uniform): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** The most averages (with that of nothing) on the other side at which the test is still significant. */
function mostOtherwise(test: 'wilcoxon' | 'permutation', n: number, level: number): number {
  const signs = 2 ** n
  let [sum, k] = [0, 0]
  // Ways to reach each rank sum, and one way for each subset.
  const ways = test === 'wilcoxon' ? waysToSum(Array.from({ length: n }, (_, i) => i + 1)) : undefined
  while (significant((2 * (sum += ways ? ways[2 * k] : 1)) / signs, level)) k++
  return k
}

function pairAverages(d: Float64Array): Float64Array {
  const averages = new Float64Array((d.length * (d.length + 1)) / 2)
  let count = 0
  for (let i = 0; i < d.length; i++) for (let j = i; j < d.length; j++) averages[count++] = (d[i] + d[j]) / 2
  return averages
}

/** Of every subset but the empty one. */
function subsetAverages(d: Float64Array): Float64Array {
  const sums = new Float64Array(2 ** d.length)
  const sizes = new Uint8Array(sums.length)
  for (let i = 1; i < sums.length; i++) {
    const bit = 31 - Math.clz32(i)
    sums[i] = sums[i - (1 << bit)] + d[bit]
    sizes[i] = sizes[i - (1 << bit)] + 1
  }
  return sums.subarray(1).map((sum, i) => sum / sizes[i + 1])
}

/** How many of a rising list lie below. */
function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The chance that a two-sided test of n seeds (of each model) finds an effect.
 * @param effect in standard deviations; its sign does not matter
 * @param level of the test; a family of m tests is safe at level / m
 */
export function powerOf(test: PoweredTest, effect: number, n: number, level = 0.05): number {
  if (!Number.isInteger(n) || n < 2 || !(effect >= 0 || effect < 0))
    throw new StudioError('bad-input', 'Power is that of two seeds or more, and of an effect that is a number.')
  const size = Math.abs(effect)
  if (test === 'welch') return tPower(size * Math.sqrt(n / 2), 2 * n - 2, level)
  if (test === 'wilcoxon' && n > mostRanked) return tPower(size * Math.sqrt((n * 3) / Math.PI), n - 1, level)
  if (test === 'paired-t' || (test === 'permutation' && n > mostFlipped)) return pairedPower(size, n, level)
  const found = thresholdsOf(test, n, level)
  if (!found) return 0
  const { above, below } = found
  return (countBelow(above, size) + below.length - countBelow(below, size)) / simulated
}

/**
 * The smallest effect that a test of n seeds finds with the wished power.
 * @returns null where none is large enough: so few seeds can never be significant
 */
export function smallestEffect(test: PoweredTest, n: number, { level = 0.05, power = 0.8 } = {}): number | null {
  let [low, high] = [0, 1]
  while (powerOf(test, high, n, level) < power) {
    if (high > 1e6) return null
    ;[low, high] = [high, 2 * high]
  }
  const close = test === 'paired-t' || test === 'welch' ? 1e-9 : 1e-3
  while (high - low > close * high) {
    const middle = (low + high) / 2
    if (powerOf(test, middle, n, level) < power) low = middle
    else high = middle
  }
  return high
}

/**
 * The smallest number of seeds at which a paired t test finds the difference seen so far with the wished power, should
 * mean and spread of the differences stay what they are.
 * @param differences by seed, two or more
 * @param level of the test; a family of m tests is safe at level / m
 * @returns null without any difference, and where even a million seeds are too few
 */
export function seedsToTell(differences: readonly number[], { level = 0.05, power = 0.8 } = {}): number | null {
  if (differences.length < 2)
    throw new StudioError('bad-input', 'Two common seeds are needed to see how much the difference varies.')
  const [centre, sd] = [Math.abs(mean(differences)), deviation(differences)]
  if (centre === 0) return null
  if (sd === 0) return 2
  return firstWithout((n) => pairedPower(centre / sd, n, level) < power)
}

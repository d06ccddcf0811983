/**
 * Tests of whether two models differ: two-sided, or of whether the first exceeds the second by more than a margin.
 */
import { StudioError } from '../shapes/errors.ts'
import { checkSample, tCritical } from './interval.ts'
import { compare, deviation, lessBy, mean, snapped, sum, tolerance, unitOf } from './numbers.ts'
import { quantile } from './quantile.ts'
import type { Uniform } from './random.ts'
import { normalCdf, normalQuantile, tCdf } from './special.ts'

export interface TestResult {
  /** As a researcher would write it: `paired t, df = 9`. */
  method: string
  statistic: number
  p: number
  /** Pairs, or values of both samples together. */
  n: number
  /**
   * a - b, beyond the margin where there is one: the difference of the means, for the signed-rank test the Hodges-Lehmann
   * estimate; and its interval where the test gives one.
   */
  difference: number
  low: number | null
  high: number | null
}

export interface TestOptions {
  /** Of the interval. */
  level?: number
  /** Taken from the differences first. */
  margin?: number
  /** Whether a and b differ by anything but the margin, or a exceeds b by more than it. */
  side?: Side
}
export type Side = 'both' | 'above'

/**
 * Paired t test: t = (mean(a - b) - margin) / (sd(a - b) / sqrt(n)), n - 1 degrees of freedom. The difference and its
 * interval are those beyond the margin.
 * @throws StudioError bad-input for unequal lengths, fewer than two pairs, non-finite values, or a difference beyond the range of numbers
 */
export function pairedT(
  a: readonly number[],
  b: readonly number[],
  { level = 0.95, margin = 0, side = 'both' }: TestOptions = {}
): TestResult {
  const { d, centre, unit } = differences(a, b, margin)
  needTwo(d, 'A paired t test', 'pairs')
  const df = d.length - 1
  const method = `paired t, df = ${df}`
  return studentT(centre, deviation(d) / Math.sqrt(d.length), { df, n: d.length, method, level, unit, side })
}

/** Welch's t test of two independent samples; degrees of freedom after Welch and Satterthwaite. */
export function welch(
  a: readonly number[],
  b: readonly number[],
  { level = 0.95, margin = 0, side = 'both' }: TestOptions = {}
): TestResult {
  for (const sample of [a, b]) {
    checkSample(sample)
    needTwo(sample, 'A Welch test', 'values on each side')
  }
  const unit = unitOf(a, b, [margin])
  const scaled = [a, b].map((sample) => sample.map((value) => value * unit))
  const least = scaled.flat().reduce((low, value) => Math.min(low, value))
  const [x, y] = scaled.map((sample) => lessBy(sample, least))
  const [u, v] = [x, y].map((sample) => deviation(sample) / Math.sqrt(sample.length))
  const error = Math.hypot(u, v)
  // Of shares, not of squares: the squares of very small errors are zero.
  const share = error === 0 ? 0 : (u / error) ** 2
  const df =
    error === 0 ? a.length + b.length - 2 : 1 / (share ** 2 / (a.length - 1) + (1 - share) ** 2 / (b.length - 1))
  const method = `Welch t, df = ${Number(df.toPrecision(5))}`
  const [m, n] = [mean(x), mean(y)]
  const beyond = sum([m, -n, -margin * unit])
  const difference = compare(beyond, 0, tolerance(...scaled, [margin * unit])) === 0 ? 0 : beyond
  return studentT(difference, error, { df, n: a.length + b.length, method, level, unit, side })
}

interface StudentT {
  df: number
  n: number
  method: string
  level: number
  /** By which the difference and its error were multiplied. */
  unit: number
  side: Side
}
function studentT(difference: number, error: number, { df, n, method, level, unit, side }: StudentT): TestResult {
  const statistic = error === 0 ? Math.sign(difference) * (difference === 0 ? 0 : Infinity) : difference / error
  const half = error === 0 ? 0 : tCritical(df, level) * error
  const p = side === 'above' ? tCdf(-statistic, df) : 2 * tCdf(-Math.abs(statistic), df)
  const [centre, low, high] = [difference, difference - half, difference + half].map((value) => value / unit)
  if (![centre, low, high].every(Number.isFinite))
    throw new StudioError('bad-input', 'The values lie too far apart: their difference is beyond the range of numbers.')
  return { method, statistic, p, n, difference: centre, low, high }
}

/** Beyond this many pairs the signed-rank distribution is taken as normal. */
const exactPairs = 50

/**
 * Wilcoxon's signed-rank test. Zero differences are dropped, ties share their mean rank. Up to 50 pairs the
 * distribution of the smaller rank sum is counted exactly, ties included; beyond, normal with tie and continuity
 * correction. The difference is the Hodges-Lehmann estimate with its interval.
 */
export function wilcoxon(
  a: readonly number[],
  b: readonly number[],
  { level = 0.95, margin = 0, side = 'both' }: TestOptions = {}
): TestResult {
  const { d: all, unit } = differences(a, b, margin)
  const d = all.filter((x) => x !== 0)
  const estimate = hodgesLehmann(all, level)
  const rest = {
    n: all.length,
    difference: estimate.difference / unit,
    low: estimate.low === null ? null : estimate.low / unit,
    high: estimate.high === null ? null : estimate.high / unit
  }
  if (d.length === 0) return { method: 'Wilcoxon signed-rank, no differences', statistic: 0, p: 1, ...rest }
  const ranks = ranksOf(d.map(Math.abs), 0)
  const plus = ranks.reduce((total, rank, i) => total + (d[i] > 0 ? rank : 0), 0)
  const total = (d.length * (d.length + 1)) / 2
  // One-sided: the negative ranks, of which there are few where a exceeds b.
  const statistic = side === 'above' ? total - plus : Math.min(plus, total - plus)
  const sides = side === 'above' ? 1 : 2
  if (d.length <= exactPairs) {
    const below = waysToSum(ranks).slice(0, Math.round(2 * statistic) + 1)
    const p = Math.min(1, (sides * below.reduce((count, way) => count + way, 0)) / 2 ** d.length)
    return { method: `Wilcoxon signed-rank, exact, n = ${d.length}`, statistic, p, ...rest }
  }
  const spread = Math.sqrt(ranks.reduce((squares, rank) => squares + rank * rank, 0) / 4)
  const z = (statistic - total / 2 + 0.5) / spread
  const p = side === 'above' ? normalCdf(z) : 2 * normalCdf(Math.min(0, z))
  return { method: `Wilcoxon signed-rank, normal, n = ${d.length}`, statistic, p, ...rest }
}

/** In how many ways a part of the ranks has each sum; by twice the sum, so that mid-ranks are whole. */
export function waysToSum(ranks: readonly number[]): number[] {
  let ways = [1]
  for (const rank of ranks) {
    const step = Math.round(2 * rank)
    const next = new Array<number>(ways.length + step).fill(0)
    ways.forEach((count, at) => {
      next[at] += count
      next[at + step] += count
    })
    ways = next
  }
  return ways
}

/** Beyond this many pairs there are too many averages to sort. */
const mostAveraged = 1000

/**
 * Hodges and Lehmann's estimate of the centre of differences: the median of the averages (d_i + d_j) / 2 of all pairs
 * i <= j. Its interval holds what the signed-rank test of that level does not refuse: from the (k+1)-th smallest average
 * to the (k+1)-th largest, k the most with P(W <= k) <= (1 - level) / 2; exact up to 50 differences, then normal.
 * Source: Hodges & Lehmann (1963); Hollander, Wolfe & Chicken (2014), 3.2 and 3.3.
 * @returns no interval where so few differences refuse nothing; beyond 1000 the mean
 */
function hodgesLehmann(
  d: readonly number[],
  level: number
): { difference: number; low: number | null; high: number | null } {
  const n = d.length
  if (n > mostAveraged) return { difference: mean(d), low: null, high: null }
  const averages = new Float64Array((n * (n + 1)) / 2)
  let count = 0
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) averages[count++] = d[i] === -d[j] ? 0 : d[i] / 2 + d[j] / 2
  averages.sort()
  const difference = quantile(averages, 0.5)
  const k = mostRefused(n, (1 - level) / 2)
  if (k < 0) return { difference, low: null, high: null }
  return { difference, low: averages[k], high: averages[count - 1 - k] }
}

/** The greatest k with P(W <= k) <= tail of the signed-rank sum of n without ties; -1 where there is none. */
function mostRefused(n: number, tail: number): number {
  if (n > exactPairs) {
    const spread = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24)
    return Math.max(-1, Math.floor((n * (n + 1)) / 4 + normalQuantile(tail) * spread - 0.5))
  }
  const ways = waysToSum(Array.from({ length: n }, (_, i) => i + 1))
  let [sum, k] = [0, -1]
  while (compare((sum += ways[2 * (k + 1)]) / 2 ** n, tail) <= 0) k++
  return k
}

/** Ranks from 1; equal values share the mean of their ranks. */
export const midRanks = (values: readonly number[]): number[] => ranksOf(values, tolerance(values))

function ranksOf(values: readonly number[], within: number): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j])
  const ranks = new Array<number>(values.length)
  for (let from = 0; from < order.length;) {
    let to = from + 1
    while (to < order.length && values[order[to]] - values[order[to - 1]] <= within) to++
    for (let i = from; i < to; i++) ranks[order[i]] = (from + 1 + to) / 2
    from = to
  }
  return ranks
}

export interface Resampling {
  random: Uniform
  /** Random rearrangements when there are too many to count. */
  draws?: number
}

/** Up to this many arrangements are counted one by one. */
const exactArrangements = 100_000

/**
 * Permutation test of the mean difference: paired (signs of a - b less a margin flipped) or of two samples (labels exchanged). Exact
 * when the arrangements can be counted, else (1 + as extreme) / (1 + draws) of random ones.
 */
export function permutation(
  a: readonly number[],
  b: readonly number[],
  paired: boolean,
  { random, draws = 20_000, margin = 0, side = 'both' }: Resampling & Omit<TestOptions, 'level'>
): TestResult {
  const { count, observed, arrangement, exact, within, difference } = paired
    ? signFlips(a, b, random, margin)
    : relabellings(margin === 0 ? a : lessBy(a, margin), b, random)
  let extreme = 0
  const tries = exact ? count : draws
  const size = side === 'above' ? (x: number): number => x : Math.abs
  for (let i = 0; i < tries; i++) if (compare(size(arrangement(i)), size(observed), within) >= 0) extreme++
  const p = exact ? extreme / count : (extreme + 1) / (draws + 1)
  return {
    method: `${paired ? 'paired ' : ''}permutation, ${exact ? `exact (${count})` : `${draws} draws`}`,
    statistic: difference,
    p,
    n: paired ? a.length : a.length + b.length,
    difference,
    low: null,
    high: null
  }
}

interface Arrangements {
  /** Of all of them. */
  count: number
  exact: boolean
  /** A sum that grows with the difference of the means, as observed and in the i-th arrangement. */
  observed: number
  arrangement(i: number): number
  /** How far equal sums may lie apart. */
  within: number
  /** Of the means. */
  difference: number
}

function signFlips(a: readonly number[], b: readonly number[], random: Uniform, margin: number): Arrangements {
  const { d, centre, unit, within } = differences(a, b, margin)
  const count = 2 ** d.length
  const exact = count <= exactArrangements
  // By size: random signs then depend neither on the order of the pairs nor on which sample comes first.
  const sizes = Float64Array.from(d, Math.abs).sort()
  const arrangement = (i: number): number => {
    let total = 0
    for (let j = 0; j < sizes.length; j++) total += (exact ? (i >> j) & 1 : random() < 0.5) ? -sizes[j] : sizes[j]
    return total
  }
  return { count, exact, observed: sum(d), arrangement, within: d.length * within, difference: centre / unit }
}

function relabellings(a: readonly number[], b: readonly number[], random: Uniform): Arrangements {
  checkSample(a)
  checkSample(b)
  const unit = unitOf(a, b)
  const all = [...a, ...b].map((value) => value * unit)
  const [n, k] = [all.length, a.length]
  const total = sum(all)
  // n times the sum of a, about its mean: k m times the difference of the means.
  const contrast = (sumA: number): number => n * sumA - k * total
  const observed = contrast(sum(all.slice(0, k)))
  const difference = (mean(all.slice(0, k)) - mean(all.slice(k))) / unit
  let count = 1
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i
  const exact = Math.round(count) <= exactArrangements
  // In an order that is not that of the trials.
  all.sort((x, y) => x - y)
  const chosen = Array.from({ length: k }, (_, i) => i)
  const arrangement = (i: number): number => {
    if (exact && i > 0) nextCombination(chosen, n)
    if (!exact)
      for (let j = 0; j < k; j++) {
        const other = j + Math.floor(random() * (n - j))
        ;[all[j], all[other]] = [all[other], all[j]]
      }
    return contrast(chosen.reduce((sumA, j) => sumA + all[j], 0))
  }
  const within = 2 * n * n * tolerance(all)
  return { count: Math.round(count), exact, observed, arrangement, within, difference }
}

/** The next k-subset of 0..n-1 in lexicographic order, in place. */
function nextCombination(chosen: number[], n: number): void {
  let i = chosen.length - 1
  while (chosen[i] === n - chosen.length + i) i--
  chosen[i]++
  for (let j = i + 1; j < chosen.length; j++) chosen[j] = chosen[j - 1] + 1
}

/**
 * Holm's correction over a family of tests: adjusted p values, in the order given. The k-th smallest of m is multiplied
 * by m - k + 1, never below the one before it, at most 1.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((i, j) => ps[i] - ps[j])
  const adjusted = new Array<number>(ps.length)
  let floor = 0
  order.forEach((index, k) => {
    floor = Math.max(floor, Math.min(1, (ps.length - k) * ps[index]))
    adjusted[index] = floor
  })
  return adjusted
}

interface Differences {
  d: number[]
  /** Their mean; 0 where only rounding parts it from that. */
  centre: number
  /** By which they were multiplied. */
  unit: number
  /** How far equal ones could have lain apart. */
  within: number
}

/**
 * The pairs' differences less a margin, in a unit in which their squares can be taken; equal ones (also of opposite sign)
 * are equal to the last bit, and those that are none are zero.
 */
export function differences(a: readonly number[], b: readonly number[], margin = 0): Differences {
  if (a.length !== b.length)
    throw new StudioError(
      'bad-input',
      `A paired test needs as many values on each side, not ${a.length} and ${b.length}.`
    )
  checkSample(a)
  checkSample(b)
  const unit = unitOf(a, b, [margin])
  const within = tolerance(a, b, [margin]) * unit
  const exact = snapped(
    a.map((x, i) => sum([x * unit, -b[i] * unit, -margin * unit])),
    within
  )
  const centre = compare(mean(exact), 0, within) === 0 ? 0 : mean(exact)
  // What is left of numbers far apart may be far smaller than they.
  const own = unitOf(exact)
  if (own === 1 || unit * own === Infinity) return { d: exact, centre, unit, within }
  return { d: exact.map((x) => x * own), centre: centre * own, unit: unit * own, within: within * own }
}

function needTwo(values: readonly number[], what: string, unit: string): void {
  if (values.length < 2) throw new StudioError('bad-input', `${what} needs at least two ${unit}; run more seeds.`)
}

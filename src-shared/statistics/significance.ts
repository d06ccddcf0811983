/** Tests of whether two models differ. All are two-sided. */
import { StudioError } from '../shapes/errors.ts'
import { checkSample, mean, variance } from './interval.ts'
import type { Uniform } from './random.ts'
import { normalCdf, tCdf, tQuantile } from './special.ts'

export interface TestResult {
  /** As a researcher would write it: `paired t, df = 9`. */
  method: string
  statistic: number
  p: number
  /** Pairs, or values of both samples together. */
  n: number
  /** Difference of the means, a - b, and its interval where the test gives one. */
  difference: number
  low: number | null
  high: number | null
}

/**
 * Paired t test: t = mean(a - b) / (sd(a - b) / sqrt(n)), n - 1 degrees of freedom.
 * @throws StudioError bad-input for unequal lengths, fewer than two pairs or non-finite values
 */
export function pairedT(a: readonly number[], b: readonly number[], level = 0.95): TestResult {
  const d = differences(a, b)
  needTwo(d, 'A paired t test', 'pairs')
  const df = d.length - 1
  return studentT(mean(d), Math.sqrt(variance(d) / d.length), df, d.length, `paired t, df = ${df}`, level)
}

/** Welch's t test of two independent samples; degrees of freedom after Welch and Satterthwaite. */
export function welch(a: readonly number[], b: readonly number[], level = 0.95): TestResult {
  for (const sample of [a, b]) {
    checkSample(sample)
    needTwo(sample, 'A Welch test', 'values on each side')
  }
  const [u, v] = [variance(a) / a.length, variance(b) / b.length]
  // Of shares, not of squares: the squares of very small variances are zero.
  const share = u / (u + v)
  const df =
    u + v === 0 ? a.length + b.length - 2 : 1 / (share ** 2 / (a.length - 1) + (1 - share) ** 2 / (b.length - 1))
  const method = `Welch t, df = ${Number(df.toPrecision(5))}`
  return studentT(mean(a) - mean(b), Math.sqrt(u + v), df, a.length + b.length, method, level)
}

function studentT(difference: number, error: number, df: number, n: number, method: string, level: number): TestResult {
  const statistic = error === 0 ? Math.sign(difference) * (difference === 0 ? 0 : Infinity) : difference / error
  const half = tQuantile((1 + level) / 2, df) * error
  const p = 2 * tCdf(-Math.abs(statistic), df)
  return { method, statistic, p, n, difference, low: difference - half, high: difference + half }
}

/** Beyond this many pairs the signed-rank distribution is taken as normal. */
const exactPairs = 50

/**
 * Wilcoxon's signed-rank test. Zero differences are dropped, ties share their mean rank. Up to 50 pairs the
 * distribution of the smaller rank sum is counted exactly, ties included; beyond, normal with tie and continuity
 * correction.
 */
export function wilcoxon(a: readonly number[], b: readonly number[]): TestResult {
  const all = differences(a, b)
  const d = all.filter((x) => x !== 0)
  const rest = { n: all.length, difference: mean(all), low: null, high: null }
  if (d.length === 0) return { method: 'Wilcoxon signed-rank, no differences', statistic: 0, p: 1, ...rest }
  const ranks = midRanks(d.map(Math.abs))
  const plus = ranks.reduce((sum, rank, i) => sum + (d[i] > 0 ? rank : 0), 0)
  const total = (d.length * (d.length + 1)) / 2
  const statistic = Math.min(plus, total - plus)
  if (d.length <= exactPairs) {
    // Ways to reach each rank sum; ranks are doubled so that mid-ranks are whole.
    let ways = [1]
    for (const rank of ranks) {
      const step = Math.round(2 * rank)
      const next = new Array<number>(ways.length + step).fill(0)
      ways.forEach((count, sum) => {
        next[sum] += count
        next[sum + step] += count
      })
      ways = next
    }
    const below = ways.slice(0, Math.round(2 * statistic) + 1).reduce((sum, count) => sum + count, 0)
    const p = Math.min(1, (2 * below) / 2 ** d.length)
    return { method: `Wilcoxon signed-rank, exact, n = ${d.length}`, statistic, p, ...rest }
  }
  const spread = Math.sqrt(ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4)
  const z = Math.min(0, (statistic - total / 2 + 0.5) / spread)
  return { method: `Wilcoxon signed-rank, normal, n = ${d.length}`, statistic, p: 2 * normalCdf(z), ...rest }
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function midRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j])
  const ranks = new Array<number>(values.length)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && values[order[to]] === values[order[from]]) to++
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
 * Permutation test of the mean difference: paired (signs of a - b flipped) or of two samples (labels exchanged). Exact
 * when the arrangements can be counted, else (1 + as extreme) / (1 + draws) of random ones.
 */
export function permutation(
  a: readonly number[],
  b: readonly number[],
  paired: boolean,
  { random, draws = 20_000 }: Resampling
): TestResult {
  const [count, observed, arrangement, exact] = paired ? signFlips(a, b, random) : relabellings(a, b, random)
  const limit = Math.abs(observed) * (1 - 1e-12)
  let extreme = 0
  const tries = exact ? count : draws
  for (let i = 0; i < tries; i++) if (Math.abs(arrangement(i)) >= limit) extreme++
  const p = exact ? extreme / count : (extreme + 1) / (draws + 1)
  return {
    method: `${paired ? 'paired ' : ''}permutation, ${exact ? `exact (${count})` : `${draws} draws`}`,
    statistic: observed,
    p,
    n: paired ? a.length : a.length + b.length,
    difference: observed,
    low: null,
    high: null
  }
}

type Arrangements = [count: number, observed: number, arrangement: (i: number) => number, exact: boolean]

function signFlips(a: readonly number[], b: readonly number[], random: Uniform): Arrangements {
  const d = differences(a, b)
  const count = 2 ** d.length
  const exact = count <= exactArrangements
  const flipped = (i: number): number =>
    d.reduce((sum, x, j) => sum + ((exact ? (i >> j) & 1 : random() < 0.5) ? -x : x), 0) / d.length
  return [count, mean(d), flipped, exact]
}

function relabellings(a: readonly number[], b: readonly number[], random: Uniform): Arrangements {
  checkSample(a)
  checkSample(b)
  const all = [...a, ...b]
  const [n, m, k] = [all.length, b.length, a.length]
  const total = all.reduce((sum, x) => sum + x, 0)
  const difference = (sumA: number): number => sumA / k - (total - sumA) / m
  let count = 1
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i
  const exact = Math.round(count) <= exactArrangements
  const chosen = Array.from({ length: k }, (_, i) => i)
  const next = (i: number): number => {
    if (exact) {
      if (i > 0) nextCombination(chosen, n)
      return difference(chosen.reduce((sum, j) => sum + all[j], 0))
    }
    for (let j = 0; j < k; j++) {
      const other = j + Math.floor(random() * (n - j))
      ;[all[j], all[other]] = [all[other], all[j]]
    }
    return difference(all.slice(0, k).reduce((sum, x) => sum + x, 0))
  }
  return [Math.round(count), mean(a) - mean(b), next, exact]
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

function differences(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length)
    throw new StudioError(
      'bad-input',
      `A paired test needs as many values on each side, not ${a.length} and ${b.length}.`
    )
  checkSample(a)
  checkSample(b)
  return a.map((x, i) => x - b[i])
}

function needTwo(values: readonly number[], what: string, unit: string): void {
  if (values.length < 2) throw new StudioError('bad-input', `${what} needs at least two ${unit}; run more seeds.`)
}

/**
 * A family of comparisons between models at one point: test, effect size, probability of improvement, practical equivalence,
 * Holm.
 */
import type { CellResult } from '../shapes/run.ts'
import { bootstrap } from '../statistics/bootstrap.ts'
import { hedgesG, pairedDz, rankBiserial, type Effect } from '../statistics/effect.ts'
import {
  beyondBounds,
  equivalence,
  practicalVerdict,
  testBy,
  type Equivalence,
  type PracticalVerdict,
  type TestName
} from '../statistics/equivalence.ts'
import { meanInterval, tInterval } from '../statistics/interval.ts'
import { mean } from '../statistics/numbers.ts'
import { pairBySeed } from './pairs.ts'
import { seeded } from '../statistics/random.ts'
import { iqm, probabilityOfImprovement } from '../statistics/robust.ts'
import { smallestEffect } from '../statistics/power.ts'
import { holm, type TestResult } from '../statistics/significance.ts'
import { scaleOf } from './results.ts'
import { doneValues } from './summary.ts'

export interface Compared {
  a: string
  b: string
  /** Absent where too few seeds are in common. */
  test?: TestResult & { adjusted: number; readonly effect: Effect }
  /** Whether both are practically the same, where it was asked within which bounds. */
  equivalence?: Equivalence & { adjusted: number; verdict: PracticalVerdict }
  /** P(a higher than b), ties half; absent without values. */
  improvement?: number
  /** Seeds that both finished. */
  pairs: number
  /** Seeds that only one of the two finished. */
  unmatched: number
}

export interface Labelled {
  label: string
  cell: CellResult
}

export interface CompareOptions {
  /** The label that every other one is compared with; every pair if left out. */
  against?: string | undefined
  /** Differences below this are practically none. */
  within?: number | undefined
}

/**
 * Every pair of models, or every model against one, tested on a metric. All but Welch pair by seed. The resampling is
 * fixed, so that the same results always give the same p value.
 */
export function compareModels(
  models: readonly Labelled[],
  metric: string,
  test: TestName,
  { against, within }: CompareOptions = {}
): Compared[] {
  const baseline = models.find(({ label }) => label === against)
  const pairs = baseline
    ? models.flatMap((model) => (model === baseline ? [] : [[model, baseline] as const]))
    : models.flatMap((a, i) => models.slice(i + 1).map((b) => [a, b] as const))
  const rows = pairs.map(([a, b]) => compareTwo(a, b, metric, test))
  const tested = rows.filter((row) => row.test)
  holm(tested.map((row) => row.test!.p)).forEach((p, i) => (tested[i].test!.adjusted = p))
  if (within !== undefined) {
    const same = pairs.map(([a, b], i) => (rows[i].test ? samenessOf(a, b, metric, test, within) : undefined))
    const known = same.flatMap((one, i) => (one ? [{ ...one, row: rows[i] }] : []))
    const [closeness, farness] = [holm(known.map(({ found }) => found.p)), holm(known.map(({ beyond }) => beyond))]
    known.forEach(({ found, row }, i) => {
      row.equivalence = { ...found, adjusted: closeness[i], verdict: practicalVerdict(closeness[i], farness[i]) }
    })
  }
  return rows
}

function compareTwo(a: Labelled, b: Labelled, metric: string, name: TestName): Compared {
  const { one, other, pairs } = samplesOf(a, b, metric, name)
  const [all, others] = [doneValues(a.cell, metric).values, doneValues(b.cell, metric).values]
  const unmatched = name === 'welch' ? 0 : pairs.unmatched.length
  const row: Compared = { a: a.label, b: b.label, pairs: pairs.a.length, unmatched }
  if (all.length && others.length) row.improvement = probabilityOfImprovement(all, others)
  if (Math.min(one.length, other.length) < 2) return row
  const result = testBy(name, one, other)
  let effect: Effect | undefined
  return {
    ...row,
    test: {
      ...result,
      adjusted: result.p,
      // Of thousands of pairs few are looked at.
      get effect() {
        return (effect ??= effects[name](one, other))
      }
    }
  }
}

const effects: Record<TestName, (a: readonly number[], b: readonly number[]) => Effect> = {
  'paired-t': pairedDz,
  permutation: pairedDz,
  wilcoxon: rankBiserial,
  welch: hedgesG
}

/** The values that a test takes: all of either for Welch's, else those of common seeds. */
function samplesOf(a: Labelled, b: Labelled, metric: string, name: TestName) {
  const pairs = pairBySeed(a.cell, b.cell, metric)
  if (name !== 'welch') return { one: pairs.a, other: pairs.b, pairs }
  return { one: doneValues(a.cell, metric).values, other: doneValues(b.cell, metric).values, pairs }
}

function samenessOf(a: Labelled, b: Labelled, metric: string, name: TestName, within: number) {
  const { one, other } = samplesOf(a, b, metric, name)
  return { found: equivalence(name, one, other, within), beyond: beyondBounds(name, one, other, within) }
}

/** The unit of each test's detectable effects, in words. */
const effectUnits: Record<TestName, string> = {
  'paired-t': 'standard deviations of the differences by seed',
  wilcoxon: 'standard deviations of the differences by seed',
  permutation: 'standard deviations of the differences by seed',
  welch: 'standard deviations of either model'
}

export interface Detectable {
  /** Seeds of each model, or pairs. */
  n: number
  /** The smallest effect that a test of the family finds with a power of 80 %; null where none is large enough. */
  effect: number | null
  unit: string
}

/**
 * The smallest effect that each test of a family can be expected to find, by the number of seeds of its pairs.
 * @param rows of one family: each is tested at the level over how many there are
 */
export function detectable(rows: readonly Compared[], name: TestName): Detectable[] {
  const tested = rows.filter((row) => row.test)
  const ns = tested.map((row) => (name === 'welch' ? Math.floor(row.test!.n / 2) : row.test!.n))
  return [...new Set(ns)]
    .sort((x, y) => x - y)
    .map((n) => ({
      n,
      effect: smallestEffect(name, n, { level: 0.05 / tested.length }),
      unit: effectUnits[name]
    }))
}

export const estimators = ['mean', 'mean-t', 'mean-bca', 'iqm-bca'] as const
export type Estimator = (typeof estimators)[number]

export interface Estimate {
  label: string
  n: number
  estimate: number | null
  low: number | null
  high: number | null
  /** Standard deviation of the trials. */
  sd: number | null
  method: string
}

/**
 * Centre and 95 % interval of each model: the mean with the interval that fits its metric or with Student t, or BCa
 * bootstrap of the mean or interquartile mean.
 */
export function estimates(models: readonly Labelled[], metric: string, estimator: Estimator): Estimate[] {
  return models.map(({ label, cell }) => {
    const { values } = doneValues(cell, metric)
    if (!values.length)
      return { label, n: 0, estimate: null, low: null, high: null, sd: null, method: 'no done trials' }
    const t = estimator === 'mean' ? meanInterval(values, scaleOf(cell, metric)) : tInterval(values)
    if (estimator === 'mean' || estimator === 'mean-t' || values.length === 1)
      return { label, n: t.n, estimate: t.mean, low: t.low, high: t.high, sd: t.sd, method: t.method }
    const statistic = estimator === 'iqm-bca' ? iqm : mean
    const { estimate, low, high, method } = bootstrap([values], ([sample]) => statistic(sample), { random: seeded(1) })
    const named = `${estimator === 'iqm-bca' ? 'interquartile mean' : 'mean'}, ${method}, n = ${t.n}`
    return { label, n: t.n, estimate, low, high, sd: t.sd, method: named }
  })
}

/** A family of comparisons between models at one point: test, effect size, probability of improvement, Holm. */
import type { CellResult } from '../shapes/run.ts'
import { bootstrap } from '../statistics/bootstrap.ts'
import { hedgesG, pairedDz, type Effect } from '../statistics/effect.ts'
import { meanInterval, tInterval } from '../statistics/interval.ts'
import { mean } from '../statistics/numbers.ts'
import { pairBySeed } from './pairs.ts'
import { seeded } from '../statistics/random.ts'
import { iqm, probabilityOfImprovement } from '../statistics/robust.ts'
import { holm, pairedT, permutation, welch, wilcoxon, type TestResult } from '../statistics/significance.ts'
import { scaleOf } from './results.ts'
import { doneValues } from './summary.ts'

export const testNames = ['paired-t', 'wilcoxon', 'permutation', 'welch'] as const
export type TestName = (typeof testNames)[number]

export interface Compared {
  a: string
  b: string
  /** Absent where too few seeds are in common. */
  test?: TestResult & { adjusted: number; effect: Effect }
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

/**
 * Every pair of models, or every model against one, tested on a metric. All but Welch pair by seed. The resampling is
 * fixed, so that the same results always give the same p value.
 */
export function compareModels(
  models: readonly Labelled[],
  metric: string,
  test: TestName,
  against?: string
): Compared[] {
  const baseline = models.find(({ label }) => label === against)
  const pairs = baseline
    ? models.flatMap((model) => (model === baseline ? [] : [[model, baseline] as const]))
    : models.flatMap((a, i) => models.slice(i + 1).map((b) => [a, b] as const))
  const rows = pairs.map(([a, b]) => compareTwo(a, b, metric, test))
  const tested = rows.filter((row) => row.test)
  holm(tested.map((row) => row.test!.p)).forEach((p, i) => (tested[i].test!.adjusted = p))
  return rows
}

function compareTwo(a: Labelled, b: Labelled, metric: string, name: TestName): Compared {
  const pairs = pairBySeed(a.cell, b.cell, metric)
  const [all, others] = [doneValues(a.cell, metric).values, doneValues(b.cell, metric).values]
  const unmatched = name === 'welch' ? 0 : pairs.unmatched.length
  const row: Compared = { a: a.label, b: b.label, pairs: pairs.a.length, unmatched }
  if (all.length && others.length) row.improvement = probabilityOfImprovement(all, others)
  const enough = name === 'welch' ? Math.min(all.length, others.length) > 1 : pairs.a.length > 1
  if (!enough) return row
  const effect = name === 'welch' ? hedgesG(all, others) : pairedDz(pairs.a, pairs.b)
  const results = {
    'paired-t': () => pairedT(pairs.a, pairs.b),
    wilcoxon: () => wilcoxon(pairs.a, pairs.b),
    permutation: () => permutation(pairs.a, pairs.b, true, { random: seeded(1) }),
    welch: () => welch(all, others)
  }
  const result = results[name]()
  return { ...row, test: { ...result, adjusted: result.p, effect } }
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

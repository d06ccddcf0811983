/** A benchmark over tasks in tables that the page, HTML and LaTeX share, with what each column means. */
import type { Benchmark } from '../findings/benchmark.ts'
import type { MetricInfo } from '../shapes/catalog.ts'
import type { Estimated } from '../statistics/aggregate.ts'
import { fixed, numberText, plural, pValue } from '../text/numbers.ts'

export interface BenchmarkColumn {
  head: string
  number?: boolean
  /** Its definition, formula and source. */
  about?: MetricInfo
}
export interface BenchmarkTable {
  title: string
  columns: BenchmarkColumn[]
  rows: string[][]
  note: string
}

const agarwal = 'Agarwal et al. (2021), Deep RL at the edge of the statistical precipice.'
const about = (
  name: string,
  label: string,
  direction: MetricInfo['direction'],
  tex: string,
  help: string
): MetricInfo => ({ name, label, direction, tex, help })

const columns = {
  median: about(
    'median',
    'Median',
    'higher',
    '\\operatorname*{median}_t\\,\\tfrac1n\\sum_s x_{ts}',
    `Median over tasks of the mean over seeds. ${agarwal}`
  ),
  iqm: about(
    'iqm',
    'IQM',
    'higher',
    '\\tfrac2n\\sum_{n/4<i\\le 3n/4} x_{(i)}',
    `Interquartile mean: mean of the middle half of the scores of all tasks and seeds. ${agarwal}`
  ),
  mean: about(
    'mean',
    'Mean',
    'higher',
    '\\tfrac1T\\sum_t\\tfrac1n\\sum_s x_{ts}',
    `Mean over tasks of the mean over seeds. ${agarwal}`
  ),
  optimalityGap: about(
    'optimalityGap',
    'Optimality gap',
    'lower',
    '1-\\overline{\\min(x_{ts},1)}',
    `By how much scores fall short of 1 in the mean; what lies above counts as 1. ${agarwal}`
  ),
  rank: about(
    'rank',
    'Mean rank',
    'lower',
    'R_j=\\tfrac1N\\sum_i r_{ij}',
    'Mean over the blocks of the rank in each, 1 the best; equals share theirs. Friedman (1937); Demšar (2006).'
  ),
  improvement: about(
    'improvement',
    'P(first better)',
    'none',
    '\\tfrac1T\\sum_t P(X_t>Y_t)+\\tfrac12P(X_t=Y_t)',
    `How often a seed of the first beats one of the second, mean over tasks. ${agarwal}`
  ),
  nemenyi: about(
    'nemenyi',
    'p, Nemenyi',
    'none',
    'P\\Bigl(q_{k,\\infty}>\\sqrt2\\,|R_i-R_j|\\big/\\sqrt{k(k+1)/6N}\\Bigr)',
    'Whether mean ranks differ, adjusted for all pairs. Nemenyi (1963); Demšar (2006).'
  ),
  posterior: about(
    'posterior',
    'Worse / same / better',
    'none',
    'P\\Bigl(\\textstyle\\sum_{ij}w_iw_j[z_i+z_j>2\\rho]\\text{ largest}\\Bigr)',
    'Probabilities that the first is worse than the second on a further task, within the region of practical equivalence, or better: Bayesian signed-rank test. Benavoli et al. (2014, 2017).'
  )
}

const text = ({ estimate, low, high }: Estimated): string =>
  low === null || high === null ? fixed(estimate, 3) : `${fixed(estimate, 3)} [${fixed(low, 3)}, ${fixed(high, 3)}]`
const number = (info: MetricInfo): BenchmarkColumn => ({ head: info.label, number: true, about: info })

export function benchmarkTables({ tasks, rows, pairs, ranks, method, rope, remarks }: Benchmark): BenchmarkTable[] {
  const place = new Map(ranks?.models.map(({ model, rank }) => [model, rank]))
  const scales = tasks.map(
    ({ name, metric, scale, seeds: [least, most] }) =>
      `${name} (${metric}, n = ${least === most ? least : `${least} to ${most}`}): ${scale}`
  )
  const own: BenchmarkTable = {
    title: tasks.length === 1 ? 'Aggregates of one task' : `Aggregates over ${plural(tasks.length, 'task')}`,
    columns: [
      { head: 'Model' },
      ...[columns.median, columns.iqm, columns.mean, columns.optimalityGap].map(number),
      ...(ranks ? [number(columns.rank)] : [])
    ],
    rows: rows.map((row) => [
      row.model,
      ...[row.median, row.iqm, row.mean, row.optimalityGap].map(text),
      ...(ranks ? [fixed(place.get(row.model)!, 2)] : [])
    ]),
    note: [`${method}.`, `${scales.join('; ')}.`, ...(remarks.length ? [`${remarks.join('; ')}.`] : [])].join(' ')
  }
  if (!pairs.length) return [own]
  const of = ranks && `${plural(ranks.blocks, ranks.of === 'tasks' ? 'task' : 'seed')}`
  return [
    own,
    {
      title: 'Pairs of models',
      columns: [{ head: 'Models' }, number(columns.improvement), number(columns.nemenyi), number(columns.posterior)],
      rows: pairs.map(({ a, b, improvement, pNemenyi, posterior }) => [
        `${a} − ${b}`,
        text(improvement),
        pNemenyi === null ? '–' : pValue(pNemenyi),
        posterior ? [posterior.below, posterior.within, posterior.above].map((x) => fixed(x, 2)).join(' / ') : '–'
      ]),
      note: [
        `P(first better) with its ${method}.`,
        ranks
          ? `Friedman over ${of}: χ² = ${numberText(ranks.statistic)}, p = ${pValue(ranks.p)}; Iman-Davenport F = ${Number.isFinite(ranks.f) ? numberText(ranks.f) : '∞'}, p = ${pValue(ranks.pF)}. Mean ranks that lie ${numberText(ranks.criticalDifference)} or more apart differ at 5 % (Nemenyi, over all pairs).`
          : '',
        pairs[0].posterior
          ? `${pairs[0].posterior.method}: differences of scores below ${numberText(rope)} are practically none.`
          : ''
      ]
        .filter(Boolean)
        .join(' ')
    }
  ]
}

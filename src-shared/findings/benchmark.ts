/**
 * Models over several tasks: aggregate scores, how probable it is that one beats another, and their ranks. Of one task the
 * blocks of the ranks are its seeds, each of which drew data of its own.
 */
import type { CellResult } from '../shapes/run.ts'
import { aggregates, improvementOver, type Aggregates, type Estimated } from '../statistics/aggregate.ts'
import { bayesianSignedRank, type SignedRankPosterior } from '../statistics/bayes.ts'
import { friedman, rankBars, type Friedman } from '../statistics/friedman.ts'
import { mean } from '../statistics/numbers.ts'
import { seeded } from '../statistics/random.ts'
import { commonStrata, type Stratum, type StratumScores } from './strata.ts'

export interface BenchmarkRow extends Aggregates {
  model: string
}

export interface BenchmarkPair {
  a: string
  b: string
  /** P(a better than b) on a task. */
  improvement: Estimated
  /** Nemenyi's p, adjusted for all pairs; null where there are no ranks. */
  pNemenyi: number | null
  /** From the differences a - b of the blocks; null where there are none. */
  posterior: SignedRankPosterior | null
}

export interface BenchmarkRanks extends Omit<Friedman, 'meanRanks' | 'nemenyi'> {
  /** What is ranked: scores of tasks, or of the seeds of one. */
  of: 'tasks' | 'seeds'
  /** Best first. */
  models: { model: string; rank: number }[]
  /** Groups of models that are not told apart: first and last index in `models`. */
  bars: [first: number, last: number][]
}

export interface Benchmark {
  /** With what 0 and 1 mean in each. */
  tasks: { name: string; metric: string; scale: string; seeds: [fewest: number, most: number] }[]
  rows: BenchmarkRow[]
  pairs: BenchmarkPair[]
  /** null for one model, and for fewer than two blocks. */
  ranks: BenchmarkRanks | null
  /** How the intervals were made. */
  method: string
  /** The region of practical equivalence of the posteriors, on the common scale. */
  rope: number
  /** What was left out, and why. */
  remarks: string[]
}

const draws = 2000

/**
 * Scores are put on the scale from chance or the least possible (0) to the best possible (1); a seed counts by its mean over
 * the points of a sweep. The resampling is fixed, so that the same results always give the same numbers.
 * @param rope differences of scores below this are practically none
 * @returns undefined where no model has a finished trial in a task that has a better direction
 */
export function benchmark(
  strata: readonly Stratum[],
  labelOf: (cell: CellResult) => string,
  { rope = 0.01 } = {}
): Benchmark | undefined {
  const found = commonStrata(strata, labelOf, true)
  if (!found) return undefined
  const { labels, common, remarks } = found
  const scores = new Map(labels.map((label) => [label, common.map((stratum) => seedMeans(stratum, label))]))
  const of = (label: string): number[][] => scores.get(label)!
  const rows = labels.map((model): BenchmarkRow => ({ model, ...aggregates(of(model), { random: seeded(1), draws }) }))
  const blocks = blocksOf(common, labels, of)
  const ranks = labels.length > 1 && blocks.values.length > 1 ? friedman(blocks.values, true) : null
  const pairs = labels.flatMap((a, i) =>
    labels.slice(i + 1).map((b, k): BenchmarkPair => {
      const j = i + 1 + k
      const differences = blocks.values.map((block) => block[i] - block[j])
      return {
        a,
        b,
        improvement: improvementOver(of(a), of(b), { random: seeded(1), draws }),
        pNemenyi: ranks && ranks.nemenyi[i][j],
        posterior: differences.length > 1 ? bayesianSignedRank(differences, rope, { random: seeded(1) }) : null
      }
    })
  )
  return {
    tasks: common.map((stratum) => {
      const counts = labels.map((label) => stratum.models.get(label)!.scores.length)
      return {
        name: stratum.stratum.name,
        metric: stratum.stratum.metric.label,
        scale: stratum.scale,
        seeds: [Math.min(...counts), Math.max(...counts)]
      }
    }),
    rows,
    pairs,
    ranks: ranks && ranked(ranks, labels, blocks.of),
    method: `95 % ${common.length > 1 ? 'stratified ' : ''}percentile bootstrap over seeds, ${draws} draws`,
    rope,
    remarks
  }
}

/** A seed's mean over points. */
const seedMeans = ({ models }: StratumScores, label: string): number[] => models.get(label)!.scores.map(mean)

/** The means of several tasks, or of one task the scores of the seeds that every model finished. */
function blocksOf(
  common: readonly StratumScores[],
  labels: readonly string[],
  of: (label: string) => number[][]
): { of: 'tasks' | 'seeds'; values: number[][] } {
  if (common.length > 1) return { of: 'tasks', values: common.map((_, t) => labels.map((label) => mean(of(label)[t]))) }
  const [{ models }] = common
  const bySeed = labels.map((label) => {
    const { seeds } = models.get(label)!
    return new Map(seeds.map((seed, i) => [seed, of(label)[0][i]]))
  })
  const shared = [...bySeed[0].keys()].filter((seed) => bySeed.every((own) => own.has(seed))).sort((a, b) => a - b)
  return { of: 'seeds', values: shared.map((seed) => bySeed.map((own) => own.get(seed)!)) }
}

function ranked(found: Friedman, labels: readonly string[], of: 'tasks' | 'seeds'): BenchmarkRanks {
  const { meanRanks, blocks, statistic, p, f, pF, criticalDifference } = found
  const models = labels
    .map((model, i) => ({ model, rank: meanRanks[i] }))
    .sort((x, y) => x.rank - y.rank || x.model.localeCompare(y.model, 'en'))
  const bars = rankBars(
    models.map(({ rank }) => rank),
    criticalDifference
  )
  return { of, models, bars, blocks, statistic, p, f, pF, criticalDifference }
}

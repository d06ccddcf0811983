/**
 * Several models over several blocks (tasks, or seeds), by their ranks. Sources: Friedman (1937); Iman & Davenport (1980);
 * Nemenyi (1963); Demšar (2006), Statistical comparisons of classifiers over multiple data sets.
 */
import { StudioError } from '../shapes/errors.ts'
import { checkSample } from './interval.ts'
import { compare, mean } from './numbers.ts'
import { midRanks } from './significance.ts'
import { chiSquareTail, fCdf, rangeQuantile, rangeTail } from './special.ts'

export interface Friedman {
  /** Of each model, 1 the best; equals share their mean rank. */
  meanRanks: number[]
  blocks: number
  /** chi² with k - 1 degrees of freedom, corrected for ties. */
  statistic: number
  p: number
  /** Iman and Davenport's F with k - 1 and (k - 1)(N - 1) degrees of freedom; less conservative. */
  f: number
  pF: number
  /** Mean ranks that lie at least this far apart differ at the level. */
  criticalDifference: number
  /** Nemenyi's p of each pair, adjusted for all of them: `nemenyi[i][j]`, 1 on the diagonal. */
  nemenyi: number[][]
}

/**
 * With R_j the mean rank of model j of k over N blocks, and T the sum of t³ - t over groups of t equal values of a block,
 *
 *   chi² = (12 N / (k (k + 1)) sum R_j² - 3 N (k + 1)) / (1 - T / (N (k³ - k))),   F = (N - 1) chi² / (N (k - 1) - chi²)
 *   CD = q(level; k) sqrt(k (k + 1) / (6 N)),   q the studentized range with infinitely many degrees of freedom / sqrt 2
 *
 * @param values [block][model]
 * @param higherIsBetter whether rank 1 goes to the greatest
 * @throws StudioError bad-input for fewer than two blocks or models, blocks of unequal size, or values that are not finite
 */
export function friedman(values: readonly (readonly number[])[], higherIsBetter: boolean, level = 0.05): Friedman {
  const [N, k] = [values.length, values[0]?.length ?? 0]
  if (N < 2 || k < 2) throw new StudioError('bad-input', 'Ranks need at least two models over two tasks or seeds.')
  for (const block of values) {
    checkSample(block, 'A block')
    if (block.length !== k) throw new StudioError('bad-input', 'Every block needs a value of every model.')
  }
  const ranks = values.map((block) => midRanks(higherIsBetter ? block.map((value) => -value) : block))
  const meanRanks = Array.from({ length: k }, (_, j) => mean(ranks.map((block) => block[j])))
  let [squares, ties] = [0, 0]
  // About the middle rank: where all ranks are equal the sum is zero to the last bit.
  for (const rank of meanRanks) squares += (rank - (k + 1) / 2) ** 2
  for (const block of ranks)
    for (const group of Map.groupBy(block, (rank) => rank).values()) ties += group.length ** 3 - group.length
  const untied = 1 - ties / (N * (k ** 3 - k))
  const statistic = untied === 0 || squares === 0 ? 0 : (12 * N * squares) / (k * (k + 1)) / untied
  const rest = N * (k - 1) - statistic
  // All blocks rank alike: nothing is left to divide by.
  const f = statistic === 0 ? 0 : compare(rest, 0, 1e-12 * N * k) <= 0 ? Infinity : ((N - 1) * statistic) / rest
  const step = Math.sqrt((k * (k + 1)) / (6 * N))
  return {
    meanRanks,
    blocks: N,
    statistic,
    p: chiSquareTail(statistic, k - 1),
    f,
    pF: 1 - fCdf(f, k - 1, (k - 1) * (N - 1)),
    criticalDifference: (rangeQuantile(1 - level, k) / Math.SQRT2) * step,
    nemenyi: meanRanks.map((one, i) =>
      meanRanks.map((other, j) => (i === j ? 1 : rangeTail((Math.abs(one - other) / step) * Math.SQRT2, k)))
    )
  }
}

/**
 * The bars of a critical-difference diagram: every longest run of models, by rising mean rank, whose ends lie less than the
 * critical difference apart.
 * @param meanRanks rising
 * @returns pairs of first and last index, of runs of two models or more
 */
export function rankBars(meanRanks: readonly number[], criticalDifference: number): [first: number, last: number][] {
  const bars: [number, number][] = []
  meanRanks.forEach((rank, first) => {
    let last = first
    while (last + 1 < meanRanks.length && compare(meanRanks[last + 1] - rank, criticalDifference) < 0) last++
    // One that lies within the one before it says nothing new.
    if (last > first && last > (bars.at(-1)?.[1] ?? -1)) bars.push([first, last])
  })
  return bars
}

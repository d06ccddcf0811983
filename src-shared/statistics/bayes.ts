/**
 * How probable it is that one model is better, practically the same, or worse on a further task. Source: Benavoli et al.
 * (2014), A Bayesian Wilcoxon signed-rank test based on the Dirichlet process; (2017), Time for a change.
 */
import { StudioError } from '../shapes/errors.ts'
import { compare, snapped, sum, tolerance } from './numbers.ts'
import type { Uniform } from './random.ts'
import { checkSample } from './interval.ts'

export interface SignedRankPosterior {
  /** Probabilities that a falls short of b by more than the region, lies within it, exceeds it: their sum is 1. */
  below: number
  within: number
  above: number
  method: string
}

/**
 * The Bayesian signed-rank test. The differences z_1..z_n and a pseudo-difference z_0 = 0 of weight s have weights from a
 * Dirichlet distribution (s, 1, ..., 1); under each draw of the weights w
 *
 *   below = sum_ij w_i w_j [z_i + z_j < -2 rope],   above = sum_ij w_i w_j [z_i + z_j > 2 rope],   within = the rest
 *
 * (half a count at equality), and the largest of the three wins the draw. The probabilities are the shares of draws won.
 * @param rope the region of practical equivalence reaches from -rope to rope; 0: there is none
 * @param prior s, the weight of the pseudo-difference
 * @throws StudioError bad-input for no or non-finite differences, or a region that is negative
 */
export function bayesianSignedRank(
  differences: readonly number[],
  rope: number,
  { random, draws = 10_000, prior = 0.5 }: { random: Uniform; draws?: number; prior?: number }
): SignedRankPosterior {
  checkSample(differences)
  // Turned round, so that a pair of models and its reverse have the same draws.
  if (sum(differences) < 0) {
    const { below, above, ...rest } = bayesianSignedRank(
      differences.map((x) => -x),
      rope,
      { random, draws, prior }
    )
    return { ...rest, below: above, above: below }
  }
  if (!(rope >= 0 && rope < Infinity))
    throw new StudioError('bad-input', 'A region of practical equivalence has a width of zero or more.', {
      field: 'rope'
    })
  const near = tolerance(differences, [rope])
  // In an order that is not that of the tasks.
  const z = [0, ...snapped(differences, near)]
    .map((value, i) => ({ value, pseudo: i === 0 }))
    .sort((a, b) => a.value - b.value)
  const n = z.length
  /** For each difference: how many of the rising ones are surely, and at most, within a bound when added to it. */
  const upTo = (bound: number, orEqual: boolean): number[] =>
    z.map(({ value }) => {
      let count = 0
      while (count < n && compare(value + z[count].value, bound, 2 * near) < (orEqual ? 1 : 0)) count++
      return count
    })
  const [belowLow, atLow] = [upTo(-2 * rope, false), upTo(-2 * rope, true)]
  const [belowHigh, atHigh] = [upTo(2 * rope, false), upTo(2 * rope, true)]
  const won = [0, 0, 0]
  const weights = new Float64Array(n)
  /** Weight of the first ones together. */
  const sums = new Float64Array(n + 1)
  for (let draw = 0; draw < draws; draw++) {
    for (let i = 0; i < n; i++) {
      weights[i] = z[i].pseudo ? gamma(prior, random) : -Math.log(1 - random())
      sums[i + 1] = sums[i] + weights[i]
    }
    const total = sums[n]
    let [below, above] = [0, 0]
    for (let i = 0; i < n; i++) {
      below += weights[i] * (sums[belowLow[i]] + sums[atLow[i]])
      above += weights[i] * (2 * total - sums[belowHigh[i]] - sums[atHigh[i]])
    }
    below /= 2 * total * total
    above /= 2 * total * total
    const within = 1 - below - above
    if (rope > 0 && within > below && within > above) won[1]++
    else if (below === above) {
      won[0] += 0.5
      won[2] += 0.5
    } else won[below > above ? 0 : 2]++
  }
  return {
    below: won[0] / draws,
    within: won[1] / draws,
    above: won[2] / draws,
    method: `Bayesian signed-rank, prior ${prior} at 0, ${draws} draws${rope > 0 ? `, region of practical equivalence ±${Number(rope.toPrecision(12))}` : ''}`
  }
}

/** From the gamma distribution of any shape, by Marsaglia and Tsang (2000). */
function gamma(shape: number, random: Uniform): number {
  if (shape <= 0) return 0
  if (shape < 1) return gamma(shape + 1, random) * (1 - random()) ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d * (1 - v + Math.log(v))) return d * v
  }
}

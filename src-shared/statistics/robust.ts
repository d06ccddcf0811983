/** Statistics that a few odd trials do not carry away. Source: Agarwal et al. (2021), Deep RL at the edge of the statistical precipice. */
import { checkSample } from './interval.ts'
import { compare, mean, sum, tolerance } from './numbers.ts'
import { quantile } from './quantile.ts'
import type { Uniform } from './random.ts'

/** Interquartile mean: the mean of the middle half; values at the quartiles count in part when 4 does not divide n. */
export function iqm(values: readonly number[]): number {
  checkSample(values)
  const sorted = [...values].sort((a, b) => a - b)
  const cut = sorted.length / 4
  const shares = sorted.map((_, i) => Math.max(0, Math.min(i + 1, sorted.length - cut) - Math.max(i, cut)))
  const middle = sorted.filter((_, i) => shares[i] > 0)
  // Equal values have that value for a mean, whatever the shares.
  if (compare(middle[0], middle.at(-1)!) === 0) return middle[0]
  return sum(sorted.map((value, i) => shares[i] * value)) / sum(shares)
}

/** P(a > b) + P(a = b) / 2 over all pairs of one task: the Mann-Whitney U over nm. */
export function probabilityOfImprovement(a: readonly number[], b: readonly number[]): number {
  checkSample(a)
  checkSample(b)
  const within = tolerance(a, b)
  const wins = a.reduce((all, x) => all + b.reduce((own, y) => own + (1 + compare(x, y, within)) / 2, 0), 0)
  return wins / (a.length * b.length)
}

/**
 * Performance profile: for each threshold the share of trials that score above it, averaged over tasks.
 * @param tasks scores of one model, one list of trials per task
 */
export function performanceProfile(tasks: readonly (readonly number[])[], thresholds: readonly number[]): number[] {
  for (const task of tasks) checkSample(task)
  return thresholds.map((threshold) => mean(tasks.map((task) => shareAbove(task, threshold))))
}

const shareAbove = (scores: readonly number[], threshold: number): number =>
  scores.filter((x) => compare(x, threshold) > 0).length / scores.length

/**
 * The pointwise band of a performance profile: percentile bootstrap over seeds, stratified over tasks. A seed is drawn
 * with all its scores, so that what it has in common at several points of a task stays together.
 * @param tasks [task][seed][point] scores of one model
 */
export function profileBand(
  tasks: readonly (readonly (readonly number[])[])[],
  thresholds: readonly number[],
  { random, draws = 1000, level = 0.95 }: { random: Uniform; draws?: number; level?: number }
): { low: number; high: number }[] {
  for (const task of tasks) for (const seed of task) checkSample(seed)
  /** [task][seed][threshold], so that a draw only adds up seeds. */
  const shares = tasks.map((task) =>
    task.map((scores) => Float64Array.from(thresholds, (threshold) => shareAbove(scores, threshold)))
  )
  const drawn = Array.from({ length: draws }, () => {
    const total = new Float64Array(thresholds.length)
    for (const seeds of shares)
      for (let i = 0; i < seeds.length; i++) {
        const own = seeds[Math.floor(random() * seeds.length)]
        for (let t = 0; t < total.length; t++) total[t] += own[t] / (seeds.length * shares.length)
      }
    return total
  })
  return thresholds.map((_, t) => {
    const sorted = Float64Array.from(drawn, (sample) => sample[t]).sort()
    const [low, high] = [(1 - level) / 2, (1 + level) / 2].map((p) => share(quantile(sorted, p)))
    return { low, high }
  })
}

/** Sums of 1/n miss 0 and 1 by a rounding. */
const share = (value: number): number => Math.min(1, Math.max(0, Number(value.toFixed(12))))

/** Statistics that a few odd trials do not carry away. Source: Agarwal et al. (2021), Deep RL at the edge of the statistical precipice. */
import { checkSample } from './interval.ts'

/** Interquartile mean: the mean of the middle half; values at the quartiles count in part when 4 does not divide n. */
export function iqm(values: readonly number[]): number {
  checkSample(values)
  const sorted = [...values].sort((a, b) => a - b)
  const cut = sorted.length / 4
  let [sum, weight] = [0, 0]
  sorted.forEach((value, i) => {
    const share = Math.max(0, Math.min(i + 1, sorted.length - cut) - Math.max(i, cut))
    sum += share * value
    weight += share
  })
  return sum / weight
}

/** P(a > b) + P(a = b) / 2 over all pairs of one task: the Mann-Whitney U over nm. */
export function probabilityOfImprovement(a: readonly number[], b: readonly number[]): number {
  checkSample(a)
  checkSample(b)
  const wins = a.reduce((sum, x) => sum + b.reduce((s, y) => s + (x > y ? 1 : x === y ? 0.5 : 0), 0), 0)
  return wins / (a.length * b.length)
}

/**
 * Performance profile: for each threshold the share of trials that score above it, averaged over tasks.
 * @param tasks scores of one model, one list of trials per task
 */
export function performanceProfile(tasks: readonly (readonly number[])[], thresholds: readonly number[]): number[] {
  for (const task of tasks) checkSample(task)
  return thresholds.map(
    (threshold) =>
      tasks.reduce((sum, task) => sum + task.filter((x) => x > threshold).length / task.length, 0) / tasks.length
  )
}

/** Statistics that a few odd trials do not carry away. Source: Agarwal et al. (2021), Deep RL at the edge of the statistical precipice. */
import { sortedQuantile } from './bootstrap.ts'
import { checkSample } from './interval.ts'
import type { Uniform } from './random.ts'

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
 *
 *   F(t) = 1/M sum_m 1/N_m sum_n [x_mn > t]
 *
 * @param tasks scores x of one model, one list of trials per task; higher is better
 * @param thresholds t, rising
 */
export function performanceProfile(tasks: readonly (readonly number[])[], thresholds: readonly number[]): number[] {
  return profileOf(passed(tasks, thresholds), thresholds.length)
}

export interface ProfileBand {
  low: number[]
  high: number[]
}

/**
 * The 95 % band of a performance profile: percentiles, threshold by threshold, of profiles of resampled trials. Trials
 * are resampled within their task, so that the design stays.
 * @param tasks as for `performanceProfile`
 */
export function profileBand(
  tasks: readonly (readonly number[])[],
  thresholds: readonly number[],
  { random, draws = 1000 }: { random: Uniform; draws?: number }
): ProfileBand {
  const all = passed(tasks, thresholds)
  const columns = thresholds.map(() => new Float64Array(draws))
  for (let d = 0; d < draws; d++) {
    const drawn = all.map((own) => own.map(() => own[Math.floor(random() * own.length)]))
    profileOf(drawn, thresholds.length).forEach((share, t) => (columns[t][d] = share))
  }
  for (const column of columns) column.sort()
  return {
    low: columns.map((column) => sortedQuantile(column, 0.025)),
    high: columns.map((column) => sortedQuantile(column, 0.975))
  }
}

/** For every trial how many of the rising thresholds it is above. */
function passed(tasks: readonly (readonly number[])[], thresholds: readonly number[]): number[][] {
  for (const task of tasks) checkSample(task)
  return tasks.map((task) => task.map((x) => thresholds.filter((t) => x > t).length))
}

function profileOf(passed: readonly (readonly number[])[], thresholds: number): number[] {
  const profile = new Array<number>(thresholds).fill(0)
  for (const task of passed) {
    // Whole trials are counted, so that a share of all is exactly 1.
    const ends = new Int32Array(thresholds + 1)
    for (const count of task) ends[count]++
    for (let t = thresholds - 1, above = 0; t >= 0; t--) {
      above += ends[t + 1]
      profile[t] += above / task.length
    }
  }
  return profile.map((sum) => sum / passed.length)
}

/**
 * One number for a model over several tasks, with its interval, and how probable it is that one model beats another on a
 * task. Source: Agarwal et al. (2021), Deep RL at the edge of the statistical precipice.
 */
import { StudioError } from '../shapes/errors.ts'
import { checkSample } from './interval.ts'
import { compare, mean, tolerance } from './numbers.ts'
import { quantile } from './quantile.ts'
import type { Uniform } from './random.ts'
import { probabilityOfImprovement } from './robust.ts'

const aggregateNames = ['median', 'iqm', 'mean', 'optimalityGap'] as const
type AggregateName = (typeof aggregateNames)[number]

export interface Estimated {
  estimate: number
  /** null where every task has one seed. */
  low: number | null
  high: number | null
}
export type Aggregates = Record<AggregateName, Estimated>

export interface Draws {
  random: Uniform
  draws?: number
  level?: number
}

/**
 * Median over tasks of the mean over seeds; mean over the middle half of all scores (IQM); mean over tasks; and by how much
 * scores fall short of 1 in the mean (optimality gap), scores above 1 counting as 1. Tasks weigh alike, whatever their seeds.
 * @param tasks [task][seed] normalised scores of one model
 * @returns each with its percentile interval of a bootstrap that resamples seeds within each task
 * @throws StudioError bad-input for no task, and for an empty or non-finite one
 */
export function aggregates(
  tasks: readonly (readonly number[])[],
  { random, draws = 2000, level = 0.95 }: Draws
): Aggregates {
  if (tasks.length === 0) throw new StudioError('bad-input', 'An aggregate needs at least one task.')
  for (const task of tasks) checkSample(task, 'A task')
  const own = tasks.map((task) => [...task].sort((x, y) => x - y))
  const estimate = of(own)
  const alone = own.every((task) => task.length < 2)
  const found = Array.from({ length: alone ? 0 : draws }, () =>
    of(own.map((task) => task.map(() => task[Math.floor(random() * task.length)])))
  )
  const ends = tails(level)
  return Object.fromEntries(
    aggregateNames.map((name) => {
      const sorted = Float64Array.from(found, (one) => one[name]).sort()
      const [low, high] = alone ? [null, null] : ends.map((p) => quantile(sorted, p))
      return [name, { estimate: estimate[name], low, high }]
    })
  ) as unknown as Aggregates
}

function of(tasks: readonly (readonly number[])[]): Record<AggregateName, number> {
  const means = tasks.map(plainMean)
  const sorted = [...means].sort((x, y) => x - y)
  return {
    median: quantile(sorted, 0.5),
    iqm: weightedIqm(tasks),
    mean: plainMean(means),
    optimalityGap: plainMean(tasks.map((task) => plainMean(task.map((score) => 1 - Math.min(1, score)))))
  }
}

const plainMean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length

/**
 * The interquartile mean of the scores of all tasks, tasks weighing alike: the mean of what lies between a quarter and three
 * quarters of the weight, scores at these ends counting in part.
 */
export function weightedIqm(tasks: readonly (readonly number[])[]): number {
  const scores = tasks.flatMap((task) => task.map((score) => ({ score, weight: 1 / (task.length * tasks.length) })))
  scores.sort((x, y) => x.score - y.score)
  let [before, sum] = [0, 0]
  for (const { score, weight } of scores) {
    const after = before + weight
    sum += score * Math.max(0, Math.min(after, 0.75) - Math.max(before, 0.25))
    before = after
  }
  return sum / 0.5
}

/**
 * The probability that a model X beats Y on a task: P(X > Y) + P(X = Y) / 2 over all pairs of seeds, mean over tasks; with the
 * percentile interval of a bootstrap that resamples the seeds of either within each task.
 * @param x [task][seed]; y as many tasks, higher better
 */
export function improvementOver(
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
  { random, draws = 2000, level = 0.95 }: Draws
): Estimated {
  if (x.length !== y.length || x.length === 0)
    throw new StudioError('bad-input', 'The probability of improvement needs the same tasks of both models.')
  const estimate = mean(x.map((task, t) => probabilityOfImprovement(task, y[t])))
  if (x.every((task, t) => task.length < 2 && y[t].length < 2)) return { estimate, low: null, high: null }
  // Turned round, so that a pair of models and its reverse have the same draws.
  if (estimate < 0.5) {
    const { low, high } = improvementOver(y, x, { random, draws, level })
    return { estimate, low: 1 - high!, high: 1 - low! }
  }
  const levels = x.map((task, t) => leveled(task, y[t]))
  const found = Float64Array.from({ length: draws }, () => {
    let sum = 0
    for (const task of levels) sum += drawn(task, random)
    return sum / levels.length
  }).sort()
  const [low, high] = tails(level).map((p) => quantile(found, p))
  return { estimate, low, high }
}

interface Leveled {
  /** Of each seed the number of its value among the different ones of both models, rising. */
  x: readonly number[]
  y: readonly number[]
  countX: Int32Array
  countY: Int32Array
}

function leveled(x: readonly number[], y: readonly number[]): Leveled {
  const within = tolerance(x, y)
  const rising: number[] = []
  for (const value of [...x, ...y].sort((a, b) => a - b))
    if (!rising.length || compare(value, rising.at(-1)!, within) > 0) rising.push(value)
  const level = (value: number): number => rising.findLastIndex((known) => compare(known, value, within) <= 0)
  // Rising: the draws do not depend on the order of the trials.
  const [own, other] = [x, y].map((sample) => sample.map(level).sort((a, b) => a - b))
  return { x: own, y: other, countX: new Int32Array(rising.length), countY: new Int32Array(rising.length) }
}

function drawn({ x, y, countX, countY }: Leveled, random: Uniform): number {
  countX.fill(0)
  countY.fill(0)
  for (let i = 0; i < x.length; i++) countX[x[Math.floor(random() * x.length)]]++
  for (let i = 0; i < y.length; i++) countY[y[Math.floor(random() * y.length)]]++
  let [wins, below] = [0, 0]
  for (let level = 0; level < countX.length; level++) {
    wins += countX[level] * (below + countY[level] / 2)
    below += countY[level]
  }
  return wins / (x.length * y.length)
}

/**
 * How good a model is after so much training: at every step the interquartile mean over tasks and seeds, with the pointwise
 * percentile band of a bootstrap that draws a seed with its whole curve, within each task.
 * @param tasks [task][seed][step] normalised scores
 */
export function efficiencyCurve(
  tasks: readonly (readonly (readonly number[])[])[],
  { random, draws = 500, level = 0.95 }: Draws
): Estimated[] {
  const steps = tasks[0]?.[0]?.length ?? 0
  for (const task of tasks) for (const curve of task) checkSample(curve, 'A curve')
  if (steps === 0 || tasks.some((task) => !task.length || task.some((curve) => curve.length !== steps)))
    throw new StudioError('bad-input', 'Curves of sample efficiency need the same steps in every task.')
  const at = (curves: readonly (readonly (readonly number[])[])[], step: number): number =>
    weightedIqm(curves.map((task) => task.map((curve) => curve[step])))
  const alone = tasks.every((task) => task.length < 2)
  const found = Array.from({ length: alone ? 0 : draws }, () => {
    const curves = tasks.map((task) => task.map(() => task[Math.floor(random() * task.length)]))
    return Float64Array.from({ length: steps }, (_, step) => at(curves, step))
  })
  return Array.from({ length: steps }, (_, step) => {
    const sorted = Float64Array.from(found, (curve) => curve[step]).sort()
    const [low, high] = alone ? [null, null] : tails(level).map((p) => quantile(sorted, p))
    return { estimate: at(tasks, step), low, high }
  })
}

const tails = (level: number): [number, number] => [(1 - level) / 2, (1 + level) / 2]

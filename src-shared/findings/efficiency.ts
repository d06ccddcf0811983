/** How good models are after so much training, over several tasks. Source: Agarwal et al. (2021), sample-efficiency curves. */
import type { SeriesInfo, TaskInfo } from '../shapes/catalog.ts'
import type { Run, SeriesResult } from '../shapes/run.ts'
import { efficiencyCurve, type Estimated } from '../statistics/aggregate.ts'
import { mean } from '../statistics/numbers.ts'
import { seeded } from '../statistics/random.ts'

/** The curve that says how good a model is while it trains: within 0 and 1, higher better, over steps. */
export const learningSeries = (task: Pick<TaskInfo, 'series'> | undefined): SeriesInfo | undefined =>
  task?.series.find(({ x, direction, range }) => x.label === 'Step' && direction === 'higher' && range?.[1] === 1)

export interface LearningStratum {
  name: string
  runId: string
  /** Of the series that `learningSeries` names. */
  curves: readonly SeriesResult[]
}

export interface Efficiency {
  steps: number[]
  models: { model: string; points: Estimated[]; seeds: number }[]
  tasks: string[]
  method: string
  remarks: string[]
}

/** Runs of tasks that train, each with its learning curves. */
export function learningStrata(
  runs: readonly Pick<Run, 'id' | 'name' | 'task'>[],
  series: readonly SeriesResult[],
  tasks: readonly TaskInfo[]
): LearningStratum[] {
  return runs.flatMap((run) => {
    const task = tasks.find(({ id }) => id === run.task)
    const info = learningSeries(task)
    const curves = series.filter(({ runId, name }) => runId === run.id && name === info?.name)
    return task && info && curves.length ? [{ name: `${task.title} (${run.name})`, runId: run.id, curves }] : []
  })
}

/** At most so many steps are drawn. */
const mostSteps = 60
const draws = 500

/**
 * At every step the interquartile mean over tasks and seeds, tasks weighing alike; a seed counts by its mean over the points of
 * a sweep. Steps reach as far as every task trained; between measured steps curves are lines, and a training that stopped
 * early keeps its last value. Models that not every task has are left out.
 * @returns undefined where no model has a curve in every task
 */
export function efficiency(
  strata: readonly LearningStratum[],
  labelOf: (curve: SeriesResult) => string
): Efficiency | undefined {
  const every = [...new Set(strata.flatMap(({ curves }) => curves.map(labelOf)))]
  const ends = strata.map(({ curves }) => Math.max(...curves.map(({ x }) => x.at(-1) ?? 0)))
  const end = Math.min(...ends)
  const measured = [...new Set(strata.flatMap(({ curves }) => curves.flatMap(({ x }) => x)))]
    .filter((step) => step <= end)
    .sort((a, b) => a - b)
  const stride = Math.ceil(measured.length / mostSteps)
  const steps = measured.filter((_, i) => i % stride === 0 || i === measured.length - 1)
  if (!steps.length) return undefined
  const models = every.flatMap((model) => {
    const tasks = strata.map(({ curves }) =>
      bySeed(
        curves.filter((curve) => labelOf(curve) === model),
        steps
      )
    )
    if (tasks.some((task) => !task.length)) return []
    return [
      {
        model,
        points: efficiencyCurve(tasks, { random: seeded(1), draws }),
        seeds: Math.min(...tasks.map((task) => task.length))
      }
    ]
  })
  if (!models.length) return undefined
  const partial = every.filter((label) => !models.some(({ model }) => model === label))
  return {
    steps,
    models,
    tasks: strata.map(({ name }) => name),
    method: `interquartile mean with 95 % ${strata.length > 1 ? 'stratified ' : ''}percentile bootstrap band over seeds, ${draws} draws`,
    remarks: partial.length ? [`models without a curve in every experiment are left out: ${partial.join(', ')}`] : []
  }
}

/** [seed][step], of the seeds that have a whole curve at every point. */
function bySeed(curves: readonly SeriesResult[], steps: readonly number[]): number[][] {
  const seeds = curves[0]?.seeds ?? []
  return seeds.flatMap((seed) => {
    const own = curves.map(({ x, y, seeds: all }) => {
      const row = y[all.indexOf(seed)]
      return row && alongSteps(x, row, steps)
    })
    if (own.some((curve) => !curve)) return []
    return [steps.map((_, i) => mean(own.map((curve) => curve![i])))]
  })
}

/** A curve at other steps; undefined where it has a gap before the end of its training. */
function alongSteps(
  x: readonly number[],
  y: readonly (number | null)[],
  steps: readonly number[]
): number[] | undefined {
  const last = y.findLastIndex((value) => typeof value === 'number' && Number.isFinite(value))
  const known = y.slice(0, last + 1)
  if (last < 0 || !known.every((value) => typeof value === 'number' && Number.isFinite(value))) return undefined
  const values = known as number[]
  return steps.map((step) => {
    const next = x.slice(0, last + 1).findIndex((at) => at >= step)
    if (next < 0) return values[last]
    if (next === 0 || x[next] === step) return values[next]
    const share = (step - x[next - 1]) / (x[next] - x[next - 1])
    return values[next - 1] + share * (values[next] - values[next - 1])
  })
}

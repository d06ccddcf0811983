/**
 * Tasks as the strata of a benchmark: the scores of every model in each, on a common scale where several are pooled.
 * Source: Agarwal et al. (2021), Deep RL at the edge of the statistical precipice.
 */
import { canonical } from '../grid/identity.ts'
import type { MetricInfo, TaskInfo } from '../shapes/catalog.ts'
import { defaultsOf } from '../shapes/params.ts'
import type { CellResult } from '../shapes/run.ts'
import { normalise } from './normalise.ts'
import { finished } from './results.ts'

/** One task of a benchmark: a stratum, within which seeds are resampled. */
export interface Stratum {
  name: string
  metric: MetricInfo
  /** The task's parameters, defaults filled in, for a chance level that depends on one. */
  taskParams: Readonly<Record<string, unknown>>
  cells: readonly CellResult[]
}

/** Scores of one model in one stratum: [seed][point], for the seeds that finished every point. */
export type Scores = number[][]

export interface SeedScores {
  /** Those that finished every point, in the order of `scores`. */
  seeds: number[]
  scores: Scores
  /** Seeds that did not. */
  lost: number
}

export interface StratumScores {
  stratum: Stratum
  models: Map<string, SeedScores>
  /** All scores, for the ends of the scale. */
  all: number[]
  points: number
  /** Whether the models were tested at the same points. */
  shared: boolean
  /** What the common scale means here. */
  scale: string
}

export interface CommonStrata {
  /** Models that are compared, in the order in which they come. */
  labels: string[]
  /** By label, of every model: its id. */
  models: Map<string, string>
  /** The strata that all of them have. */
  common: StratumScores[]
  /** What was left out, and why. */
  remarks: string[]
}

/**
 * The strata that all models have or, where no stratum has all models, those that all strata have the models of.
 * @param scaled whether scores are put on the scale from chance (0; without a chance level the least possible) to the best
 *   possible score (1; where a metric has no bounds, from the worst to the best trial of that task), higher better
 * @returns undefined where no model has a finished trial
 */
export function commonStrata(
  strata: readonly Stratum[],
  labelOf: (cell: CellResult) => string,
  scaled: boolean
): CommonStrata | undefined {
  const ranked = scaled ? strata.filter(({ metric }) => metric.direction !== 'none') : strata
  const models = new Map(ranked.flatMap(({ cells }) => cells.map((cell) => [labelOf(cell), cell.model] as const)))
  const read = ranked.map((stratum) => scoresOf(stratum, labelOf, scaled))
  const has = ({ models }: StratumScores, label: string): boolean => (models.get(label)?.scores.length ?? 0) > 0
  const every = [...models.keys()].filter((label) => read.some((one) => has(one, label)))
  const shared = read.filter((one) => every.every((label) => has(one, label)))
  // Where no task has all the models, the models that all tasks have are compared.
  const narrowed =
    strata.length > 1 && shared.length === 0 ? every.filter((label) => read.every((one) => has(one, label))) : []
  const [labels, common] = narrowed.length ? [narrowed, read] : [every, shared]
  if (!labels.length || !common.length) return undefined
  const partial = every.filter((label) => !labels.includes(label))
  const lost = common.reduce((sum, { models }) => sum + labels.reduce((n, l) => n + models.get(l)!.lost, 0), 0)
  const remarks = [
    ...(common.some(({ shared }) => !shared)
      ? ['models were tested at different points, each counts over its own']
      : []),
    ...leftOut(
      strata,
      common.map(({ stratum }) => stratum)
    ),
    ...(partial.length ? [`models that ran on some tasks only are left out: ${partial.join(', ')}`] : []),
    ...(lost ? [`${lost} ${lost === 1 ? 'seed' : 'seeds'} that did not finish every point left out`] : [])
  ]
  return { labels, models, common, remarks }
}

/** The runs of several tasks, each by its main metric. */
export function strataOf(
  runs: readonly { id: string; name: string; task: string; experiment: { task: { params: object } } }[],
  cells: readonly CellResult[],
  tasks: readonly TaskInfo[]
): Stratum[] {
  return runs.flatMap((run) => {
    const task = tasks.find(({ id }) => id === run.task)
    const metric = task?.metrics.find(({ name }) => name === task.mainMetric)
    if (!task || !metric) return []
    const twice = runs.filter((other) => other.task === run.task).length > 1
    return [
      {
        name: twice ? `${task.title} (${run.name})` : task.title,
        metric,
        taskParams: { ...defaultsOf(task.params), ...run.experiment.task.params },
        cells: cells.filter(({ runId }) => runId === run.id)
      }
    ]
  })
}

function scoresOf(stratum: Stratum, labelOf: (cell: CellResult) => string, scaled: boolean): StratumScores {
  const { metric, cells, taskParams } = stratum
  const groups = [...Map.groupBy(cells, labelOf)]
  const places = groups.map(([, own]) => new Set(own.map(({ point }) => canonical(point))))
  const everywhere = [...(places[0] ?? [])].filter((place) => places.every((set) => set.has(place)))
  const shared = everywhere.length > 0
  const used = groups.map(([label, own]) => ({
    label,
    cells: shared ? own.filter(({ point }) => everywhere.includes(canonical(point))) : own
  }))
  const { map, scale } = scaled
    ? normalise(
        metric,
        taskParams,
        used.flatMap((group) => group.cells)
      )
    : { map: (value: number) => value, scale: '' }
  const models = new Map(used.map(({ label, cells: own }) => [label, bySeed(own, metric.name, map)]))
  return {
    stratum,
    models,
    all: [...models.values()].flatMap(({ scores }) => scores.flat()),
    points: Math.max(0, ...used.map((group) => group.cells.length)),
    shared,
    scale
  }
}

function bySeed(
  cells: readonly CellResult[],
  metric: string,
  map: (value: number, cell: CellResult) => number
): SeedScores {
  const seeds = new Map<number, number[]>()
  for (const cell of cells)
    for (const { seed, value } of finished(cell, metric)) {
      const own = seeds.get(seed) ?? []
      own.push(map(value, cell))
      seeds.set(seed, own)
    }
  const asked = new Set(cells.flatMap(({ seeds: all, statuses }) => all.filter((_, i) => statuses[i] !== 'missing')))
  const complete = [...seeds].filter(([, own]) => own.length === cells.length)
  return {
    seeds: complete.map(([seed]) => seed),
    scores: complete.map(([, own]) => own),
    lost: asked.size - complete.length
  }
}

function leftOut(all: readonly Stratum[], used: readonly Stratum[]): string[] {
  const rest = all.filter((stratum) => !used.includes(stratum))
  const names = (list: readonly Stratum[]): string => list.map(({ name }) => name).join(', ')
  const aimless = rest.filter(({ metric }) => metric.direction === 'none')
  const missing = rest.filter((stratum) => !aimless.includes(stratum))
  return [
    ...(missing.length ? [`left out, since not every shown model has it: ${names(missing)}`] : []),
    ...(aimless.length ? [`left out, since neither more nor less is better: ${names(aimless)}`] : [])
  ]
}

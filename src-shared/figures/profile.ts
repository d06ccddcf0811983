/**
 * Performance profiles: for every threshold the share of trials that score beyond it, of one task in its own unit
 * or of several on a common scale. Source: Agarwal et al. (2021), Deep RL at the edge of the statistical precipice.
 */
import type { MetricInfo, TaskInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import { canonical } from '../grid/identity.ts'
import { defaultsOf } from '../shapes/params.ts'
import { seeded } from '../statistics/random.ts'
import { performanceProfile, profileBand } from '../statistics/robust.ts'
import type { FigureAxis, FigurePoint, FigureSeries, FigureSpec, SeriesStyle } from './spec.ts'
import { metricAxis } from './measured.ts'
import { normalise } from '../findings/normalise.ts'
import { finished } from '../findings/results.ts'

/** One task of a profile: a stratum, within which seeds are resampled. */
export interface ProfileStratum {
  name: string
  metric: MetricInfo
  /** The task's parameters, defaults filled in, for a chance level that depends on one. */
  taskParams: Readonly<Record<string, unknown>>
  cells: readonly CellResult[]
}

export interface ProfileNaming {
  labelOf(cell: CellResult): string
  styleOf(label: string, model: string): SeriesStyle
  title: string
}

const thresholds = 61
const draws = 1000

/** Scores of one model in one stratum: [seed][point], for the seeds that finished every point. */
type Scores = number[][]

/**
 * The profile of every model over the strata that all of them have or, where no stratum has all models, of the
 * models that all strata have. One stratum keeps its metric's own scale; several
 * are put on the scale from chance (0; without a chance level the least possible) to the best possible score (1; where a
 * metric has no bounds, from the worst to the best trial of that task), higher better.
 *   P(tau) = mean over strata of mean over points of [score > tau]
 * The band resamples seeds within each stratum, a seed with all its points.
 * @returns undefined where no model has a finished trial
 */
export function profileFigure(strata: readonly ProfileStratum[], naming: ProfileNaming): FigureSpec | undefined {
  const pooled = strata.length > 1
  const ranked = pooled ? strata.filter(({ metric }) => metric.direction !== 'none') : strata
  const models = new Map(
    ranked.flatMap(({ cells }) => cells.map((cell) => [naming.labelOf(cell), cell.model] as const))
  )
  const read = ranked.map((stratum) => ({ stratum, ...scoresOf(stratum, naming.labelOf, pooled) }))
  const has = ({ models }: StratumScores, label: string): boolean => (models.get(label)?.scores.length ?? 0) > 0
  const every = [...models.keys()].filter((label) => read.some((one) => has(one, label)))
  const shared = read.filter((one) => every.every((label) => has(one, label)))
  // Where no task has all the models, the models that all tasks have are compared.
  const narrowed = pooled && shared.length === 0 ? every.filter((label) => read.every((one) => has(one, label))) : []
  const [labels, common] = narrowed.length ? [narrowed, read] : [every, shared]
  const partial = every.filter((label) => !labels.includes(label))
  if (!labels.length || !common.length) return undefined
  const lower = !pooled && ranked[0].metric.direction === 'lower'
  const axis = pooled ? pooledAxis : rawAxis(ranked[0].metric, common[0].all)
  const taus = steps(axis, pooled ? common.flatMap(({ all }) => all) : common[0].all)
  const seedCounts = common.flatMap(({ models }) => labels.map((label) => models.get(label)!.scores.length))
  const series = labels.map((label): FigureSeries => {
    const own = common.map(({ models }) => models.get(label)!.scores)
    return { label, style: naming.styleOf(label, models.get(label)!), points: profile(own, taus, lower) }
  })
  const lost = common.reduce((sum, { models }) => sum + labels.reduce((n, l) => n + models.get(l)!.lost, 0), 0)
  const sides = lower ? 'below' : 'above'
  return {
    title: naming.title,
    x: axis,
    y: { label: `Share of trials ${sides} τ`, scale: 'linear', range: [0, 1], direction: 'higher' },
    series,
    interval: 'band',
    asymmetric: true,
    method: methodOf(seedCounts, common.length),
    remarks: [
      ...(pooled
        ? common.map(({ stratum, scale }) => `${stratum.name} (${lowerFirst(stratum.metric.label)}): ${scale}`)
        : pointsRemark(common[0].points)),
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
  }
}

/** The runs of several tasks, each by its main metric. */
export function profileStrata(
  runs: readonly { id: string; name: string; task: string; experiment: { task: { params: object } } }[],
  cells: readonly CellResult[],
  tasks: readonly TaskInfo[]
): ProfileStratum[] {
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

interface StratumScores {
  models: Map<string, { scores: Scores; lost: number }>
  /** All scores, for the ends of the scale. */
  all: number[]
  points: number
  /** Whether the models were tested at the same points. */
  shared: boolean
  /** What the common scale means here. */
  scale: string
}

function scoresOf(
  { metric, cells, taskParams }: ProfileStratum,
  labelOf: (cell: CellResult) => string,
  pooled: boolean
): StratumScores {
  const groups = [...Map.groupBy(cells, labelOf)]
  const places = groups.map(([, own]) => new Set(own.map(({ point }) => canonical(point))))
  const everywhere = [...(places[0] ?? [])].filter((place) => places.every((set) => set.has(place)))
  const shared = everywhere.length > 0
  const used = groups.map(([label, own]) => ({
    label,
    cells: shared ? own.filter(({ point }) => everywhere.includes(canonical(point))) : own
  }))
  const { map, scale } = pooled
    ? normalise(
        metric,
        taskParams,
        used.flatMap((group) => group.cells)
      )
    : { map: (value: number) => value, scale: '' }
  const models = new Map(used.map(({ label, cells: own }) => [label, bySeed(own, metric.name, map)]))
  return {
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
): { scores: Scores; lost: number } {
  const seeds = new Map<number, number[]>()
  for (const cell of cells)
    for (const { seed, value } of finished(cell, metric)) {
      const own = seeds.get(seed) ?? []
      own.push(map(value, cell))
      seeds.set(seed, own)
    }
  const asked = new Set(cells.flatMap(({ seeds: all, statuses }) => all.filter((_, i) => statuses[i] !== 'missing')))
  const scores = [...seeds.values()].filter((own) => own.length === cells.length)
  return { scores, lost: asked.size - scores.length }
}

/** Shares beyond each threshold with their band; strata count equally, and points within them. */
function profile(strata: readonly Scores[], taus: readonly number[], lower: boolean): FigurePoint[] {
  // Less than tau is more than -tau of what is turned round.
  const sign = lower ? -1 : 1
  const turned = strata.map((seeds) => seeds.map((scores) => scores.map((x) => sign * x)))
  const at = taus.map((tau) => sign * tau)
  const shares = performanceProfile(
    turned.map((seeds) => seeds.flat()),
    at
  )
  const n = Math.min(...strata.map((seeds) => seeds.length))
  const points = taus.map((x, t): FigurePoint => ({ x, y: shares[t], n }))
  if (n < 2) return points
  // Fixed, so that the same results always give the same band.
  const band = profileBand(turned, at, { random: seeded(1), draws })
  return points.map((point, t) => ({ ...point, ...band[t] }))
}

const pooledAxis: FigureAxis = {
  label: 'Threshold τ, score normalised: 0 = chance or worst, 1 = best',
  scale: 'linear'
}

function rawAxis(metric: MetricInfo, scores: readonly number[]): FigureAxis {
  const { range, unit } = metricAxis(metric)
  const flat = Math.min(...scores) === Math.max(...scores)
  return {
    label: `Threshold τ, ${lowerFirst(metric.label)}`,
    ...(unit && { unit }),
    scale: 'linear',
    // All equal: the step needs room on both sides.
    ...(range ? { range } : flat && { range: [scores[0] - 1, scores[0] + 1] as const })
  }
}

/** Evenly from end to end of the axis, and of what was scored. */
function steps(axis: FigureAxis, scores: readonly number[]): number[] {
  const low = Math.min(...scores, axis.range?.[0] ?? (axis === pooledAxis ? 0 : Infinity))
  const high = Math.max(...scores, axis.range?.[1] ?? (axis === pooledAxis ? 1 : -Infinity))
  return Array.from({ length: thresholds }, (_, i) =>
    Number((low + ((high - low) * i) / (thresholds - 1)).toPrecision(9))
  )
}

function methodOf(seeds: readonly number[], strata: number): string {
  const [low, high] = [Math.min(...seeds), Math.max(...seeds)]
  const n = `n = ${low === high ? low : `${low} to ${high}`} ${high === 1 ? 'seed' : 'seeds'}`
  const where = strata > 1 ? ` in each of ${strata} tasks` : ''
  if (high < 2) return `one seed${where}: no band (n = 1)`
  return `95 % ${strata > 1 ? 'stratified ' : ''}percentile bootstrap band over seeds, ${draws} draws, ${n}${where}`
}

const pointsRemark = (points: number): string[] =>
  points > 1 ? [`over ${points} points of the sweep, which count equally`] : []

function leftOut(all: readonly ProfileStratum[], used: readonly ProfileStratum[]): string[] {
  const rest = all.filter((stratum) => !used.includes(stratum))
  const names = (list: readonly ProfileStratum[]): string => list.map(({ name }) => name).join(', ')
  const aimless = rest.filter(({ metric }) => metric.direction === 'none')
  const missing = rest.filter((stratum) => !aimless.includes(stratum))
  return [
    ...(missing.length ? [`left out, since not every shown model has it: ${names(missing)}`] : []),
    ...(aimless.length ? [`left out, since neither more nor less is better: ${names(aimless)}`] : [])
  ]
}

const lowerFirst = (text: string): string => text.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())

/** Performance profiles: how often a model is better than a threshold, over all thresholds at once. */
import type { MetricInfo, TaskInfo } from '../catalog.ts'
import type { CellResult } from '../contract.ts'
import { performanceProfile, profileBand } from '../statistics/robust.ts'
import { seeded } from '../statistics/random.ts'
import { doneValues } from '../statistics/summary.ts'
import type { FigureSpec, SeriesStyle } from './figure-spec.ts'

/** Scores of one model: a list of trials for each stratum (a point of a sweep, or an experiment). */
export interface ProfileScores {
  label: string
  kind: string
  strata: readonly (readonly number[])[]
}

/** Points at which a profile is drawn. */
const steps = 61
const draws = 1000

/** The finished trials of every model by point, where the metric says what is better. */
export function pointScores(
  cells: readonly CellResult[],
  metric: MetricInfo,
  labelOf: (cell: CellResult) => string
): ProfileScores[] {
  if (metric.direction === 'none') return []
  return [...Map.groupBy(cells, labelOf)].flatMap(([label, own]) => {
    const strata = own.map((cell) => doneValues(cell, metric.name).values).filter((values) => values.length > 0)
    return strata.length ? [{ label, kind: own[0].kind, strata }] : []
  })
}

/** One experiment's part in a profile over several. */
export interface ProfiledTask {
  task: TaskInfo
  metric: MetricInfo
  cells: readonly CellResult[]
  /** Its parameters, on which chance may depend. */
  params: Readonly<Record<string, unknown>>
}

export interface NormalisedScores {
  scores: ProfileScores[]
  /** Experiments whose main metric has no such scale. */
  unbounded: string[]
  /** Models that did not run on every experiment: their trials would be others than those of the rest. */
  partial: string[]
}

/**
 * Scores of several experiments on one scale: 0 = chance (or the worst that the metric can be), 1 = the best. An
 * experiment whose main metric has no bounds or no better direction has no such scale.
 */
export function normalisedScores(tasks: readonly ProfiledTask[]): NormalisedScores {
  const bounded = tasks.filter(({ metric }) => metric.range && metric.direction !== 'none')
  const found = new Map<string, { label: string; kind: string; strata: number[][]; tasks: Set<ProfiledTask> }>()
  for (const one of bounded) {
    const { metric, cells, params } = one
    const [worst, best] = metric.direction === 'higher' ? metric.range! : [metric.range![1], metric.range![0]]
    for (const cell of cells) {
      const { values } = doneValues(cell, metric.name)
      if (!values.length) continue
      const zero = chanceOf(metric, { ...params, ...cell.point }) ?? worst
      const own = found.get(cell.model) ?? { label: cell.model, kind: cell.kind, strata: [], tasks: new Set() }
      own.strata.push(values.map((value) => (value - zero) / (best - zero)))
      own.tasks.add(one)
      found.set(cell.model, own)
    }
  }
  const all = [...found.values()]
  return {
    scores: all
      .filter((own) => own.tasks.size === bounded.length)
      .map(({ label, kind, strata }) => ({ label, kind, strata })),
    unbounded: tasks.filter((one) => !bounded.includes(one)).map(({ task }) => task.title),
    partial: all.filter((own) => own.tasks.size < bounded.length).map(({ label }) => label)
  }
}

function chanceOf({ chance }: MetricInfo, params: Readonly<Record<string, unknown>>): number | undefined {
  const level = typeof chance === 'object' ? 1 / Number(params[chance.oneOver]) : chance
  return Number.isFinite(level) ? level : undefined
}

interface ProfileLook {
  /** The score, drawn along x. */
  x: { label: string; unit?: string; direction: MetricInfo['direction']; range?: readonly [number, number] }
  styleOf: (label: string, kind: string) => SeriesStyle
  remarks?: readonly string[]
}

/** The profiles of all models, each with its 95 % band; undefined when no model has a score. */
export function profileFigure(
  scores: readonly ProfileScores[],
  { x, styleOf, remarks }: ProfileLook
): FigureSpec | undefined {
  const all = scores.flatMap(({ strata }) => strata.flat())
  if (all.length === 0) return undefined
  const ends = x.range ?? [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))]
  const [from, to] = ends
  if (!(to > from)) return undefined
  const thresholds = Array.from({ length: steps }, (_, i) => from + ((to - from) * i) / (steps - 1))
  // Better is higher for a profile: where lower is better, both are turned round.
  const sign = x.direction === 'lower' ? -1 : 1
  const rising = sign > 0 ? thresholds : thresholds.map((t) => -t).reverse()
  const along = <T>(values: T[]): T[] => (sign > 0 ? values : values.reverse())
  const trials = scores.map(({ strata }) => strata.reduce((sum, { length }) => sum + length, 0))
  const strata = Math.max(...scores.map((own) => own.strata.length))
  return {
    title: 'Performance profile',
    x: { label: x.label, ...(x.unit && { unit: x.unit }), scale: 'linear', range: [from, to] },
    y: {
      label: `Share of trials ${sign > 0 ? 'above' : 'below'} it`,
      scale: 'linear',
      range: [0, 1],
      direction: 'higher'
    },
    series: scores.map(({ label, kind, strata }, s) => {
      const turned = strata.map((values) => values.map((value) => sign * value))
      const share = along(performanceProfile(turned, rising))
      const band = trials[s] > strata.length ? profileBand(turned, rising, { random: seeded(1), draws }) : undefined
      const [low, high] = [band && along(band.low), band && along(band.high)]
      return {
        label,
        style: styleOf(label, kind),
        points: thresholds.map((t, i) => ({
          x: t,
          y: share[i],
          ...(low && high && { low: low[i], high: high[i] }),
          n: trials[s]
        }))
      }
    }),
    interval: 'band',
    method: `95 % percentile bootstrap over seeds${strata > 1 ? ', within each point' : ''}, at each threshold, ${draws} draws; n = ${range(trials)} trials`,
    ...(remarks?.length && { remarks })
  }
}

const range = (values: readonly number[]): string => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? String(low) : `${low} to ${high}`
}

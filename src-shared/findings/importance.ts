/** Which parameters a metric depends on, over the cells and runs at hand. */
import type { Direction } from '../shapes/catalog.ts'
import { midRanks } from '../statistics/significance.ts'
import { varianceParts } from '../statistics/variance-parts.ts'

export interface Observation {
  params: Readonly<Record<string, unknown>>
  value: number
  /** Of the value, from the spread between seeds: s² / n. */
  variance?: number | null
}

export interface Importance {
  param: string
  /** Share of the metric's variance that the parameter alone explains, 0 to 1. */
  share: number
  /** Spearman's rank correlation with how good the metric is; null for a parameter that is no number. */
  trend: number | null
  /** Distinct values (or, for many numbers, groups of equal size). */
  levels: number
  n: number
}

/** Numbers of more values than this are put into as many groups of equal size. */
const mostLevels = 8

/**
 * First-order importance of every parameter that varies: with SSB and SSW the sums of squares between and within its
 * levels, MSW = SSW / (n - levels),
 *
 *   share = max(0, (SSB - (levels - 1) MSW) / (SSB + SSW))
 *
 * (epsilon squared: what chance alone would explain is taken off). Parameters that vary together share their effect and
 * cannot be told apart here. Source: Kelley (1935); Hutter, Hoos and Leyton-Brown (2014) for main effects of parameters.
 * @returns the most important first; a parameter needs two levels and more observations than levels
 */
export function importance(observations: readonly Observation[], direction: Direction): Importance[] {
  const names = new Set(observations.flatMap(({ params }) => Object.keys(params)))
  return [...names]
    .flatMap((param) => of(param, observations, direction) ?? [])
    .sort((a, b) => b.share - a.share || a.param.localeCompare(b.param, 'en'))
}

function of(param: string, observations: readonly Observation[], direction: Direction): Importance | undefined {
  const own = observations.filter(({ params, value }) => params[param] !== undefined && Number.isFinite(value))
  const values = own.map(({ value }) => value)
  const numeric = own.every(({ params }) => typeof params[param] === 'number')
  const groups = numeric
    ? levelsOf(own.map(({ params }) => params[param] as number))
    : own.map(({ params }) => String(params[param]))
  const levels = Map.groupBy(own.keys(), (i) => groups[i])
  const [n, k] = [own.length, levels.size]
  if (k < 2 || n <= k) return undefined
  const mean = average(values)
  let [between, within] = [0, 0]
  for (const indices of levels.values()) {
    const at = average(indices.map((i) => values[i]))
    between += indices.length * (at - mean) ** 2
    for (const i of indices) within += (values[i] - at) ** 2
  }
  const total = between + within
  const share = total > 0 ? Math.max(0, (between - ((k - 1) * within) / (n - k)) / total) : 0
  // A rank correlation turns its sign with the metric; how good it is does not.
  const goodness = direction === 'lower' ? values.map((value) => -value) : values
  const trend = numeric
    ? correlation(midRanks(own.map(({ params }) => params[param] as number)), midRanks(goodness))
    : null
  return { param, share, trend, levels: k, n }
}

export interface Interaction {
  /** One parameter, two, or none for all higher interactions together. */
  params: readonly string[]
  /** Share of the variance over the grid. */
  share: number
  /** The same without what the spread between seeds explains; null where that is not known. */
  corrected: number | null
}

/**
 * Which parameters and pairs of them the metric depends on over a full grid: functional ANOVA. A parameter that another one
 * settles (of models that each have their own value) is left to that one.
 * @returns the largest first; undefined where fewer than two parameters vary, or combinations of them are missing
 */
export function interactions(observations: readonly Observation[]): Interaction[] | undefined {
  const own = observations.filter(({ value }) => Number.isFinite(value))
  const text = (params: Observation['params'], name: string): string => JSON.stringify(params[name])
  const names = [...new Set(own.flatMap(({ params }) => Object.keys(params)))].sort((a, b) => a.localeCompare(b, 'en'))
  const varying = names.filter(
    (name) => own.every(({ params }) => params[name] !== undefined) && levelsIn(own, [name], text) > 1
  )
  const factors = varying.filter((name, i) => {
    const count = levelsIn(own, [name], text)
    // Settled by another: no more combinations than the other has levels. Of two that settle each other the first stays.
    return !varying.some((other, j) => {
      const both = levelsIn(own, [name, other], text)
      return other !== name && both === levelsIn(own, [other], text) && (both !== count || j < i)
    })
  })
  if (factors.length < 2) return undefined
  const levels = factors.map((name) => [...new Set(own.map(({ params }) => text(params, name)))])
  const points = Map.groupBy(own, ({ params }) =>
    factors.reduce((at, name, i) => at * levels[i].length + levels[i].indexOf(text(params, name)), 0)
  )
  const size = levels.reduce((product, list) => product * list.length, 1)
  if (points.size !== size) return undefined
  const cells = Array.from({ length: size }, (_, at) => points.get(at)!)
  const noise = cells.map((list) => average(list.map(({ variance }) => variance ?? NaN)) / list.length)
  const parts = varianceParts(
    levels.map((list) => list.length),
    cells.map((list) => average(list.map(({ value }) => value))),
    noise.every(Number.isFinite) ? average(noise) : null
  )
  return parts
    .map(({ factors: of, share, corrected }) => ({ params: of.map((i) => factors[i]), share, corrected }))
    .sort((a, b) => b.share - a.share)
}

/** How many combinations of these parameters there are. */
const levelsIn = (
  observations: readonly Observation[],
  names: readonly string[],
  text: (params: Observation['params'], name: string) => string
): number => new Set(observations.map(({ params }) => names.map((name) => text(params, name)).join('\n'))).size

/** Each number's own level, or its group when there are many. Equal numbers are never parted. */
function levelsOf(values: readonly number[]): number[] {
  if (new Set(values).size <= mostLevels) return [...values]
  const ranks = midRanks(values)
  return ranks.map((rank) => Math.min(mostLevels - 1, Math.floor(((rank - 0.5) / values.length) * mostLevels)))
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [average(a), average(b)]
  let [ab, aa, bb] = [0, 0, 0]
  a.forEach((x, i) => {
    ab += (x - ma) * (b[i] - mb)
    aa += (x - ma) ** 2
    bb += (b[i] - mb) ** 2
  })
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}

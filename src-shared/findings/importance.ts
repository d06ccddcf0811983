/** Which parameters a metric depends on, over the cells and runs at hand. */
import type { Direction } from '../shapes/catalog.ts'
import { midRanks } from '../statistics/significance.ts'

export interface Observation {
  params: Readonly<Record<string, unknown>>
  value: number
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

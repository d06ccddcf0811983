/** Models ranked over all points they share, with the groups that cannot be told apart. */
import type { Direction } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import type { MetricScale } from '../shapes/scale.ts'
import { canonical } from '../grid/identity.ts'
import type { Interval } from '../statistics/interval.ts'
import { letterGroups } from '../statistics/letters.ts'
import { compare, descending, mean, significant } from '../statistics/numbers.ts'
import { midRanks } from '../statistics/significance.ts'
import { compareModels } from './compare.ts'
import type { TestName } from '../statistics/equivalence.ts'
import { cellInterval, computeTime, finished, scaleOf } from './results.ts'
import { pooledScale } from './scales.ts'

export interface RankRow {
  label: string
  model: string
  /** Mean over points of the model's rank at the point; 1 is best. */
  rank: number
  /** Mean over points by seed, and its interval over seeds. */
  interval: Interval
  /** Models that share a letter are not significantly different. */
  letters: string
}

export interface RankTable {
  rows: RankRow[]
  points: number
  /** Seeds that every model finished at every point. */
  seeds: number
}

/** The models over the points that all of them have. */
export interface Pooled {
  /** In the order in which they come; a cell holds by seed the model's mean over the points. */
  models: { label: string; cell: CellResult; /** Mean over points of its rank at the point. */ rank: number }[]
  points: number
  /** Seeds that every model finished at every point. */
  seeds: number
}

/**
 * Every model as one cell over the points and seeds that all finished. Welch's test, which pairs nothing, takes every
 * seed that a model itself finished at all of these points.
 * @returns undefined for fewer than two models, no common point, or a metric without direction
 */
export function pooled(
  cells: readonly CellResult[],
  metric: { name: string; direction: Direction },
  labelOf: (cell: CellResult) => string,
  test: TestName = 'paired-t'
): Pooled | undefined {
  if (metric.direction === 'none') return undefined
  const sign = metric.direction === 'higher' ? 1 : -1
  const models = [...Map.groupBy(cells, labelOf)].map(([label, own]) => ({
    label,
    at: new Map(
      own.map((cell) => [canonical(cell.point), new Map(finished(cell, metric.name).map((v) => [v.seed, v.value]))])
    ),
    cells: new Map(own.map((cell) => [canonical(cell.point), cell]))
  }))
  if (models.length < 2) return undefined
  const points = [...models[0].at.keys()].filter((point) => models.every(({ at }) => (at.get(point)?.size ?? 0) > 0))
  if (!points.length) return undefined
  const complete = models.map(({ at }) =>
    [...at.get(points[0])!.keys()].filter((seed) => points.every((point) => at.get(point)!.has(seed)))
  )
  const common = complete[0].filter((seed) => complete.every((own) => own.includes(seed)))
  const seeds = models.map((_, i) => (test === 'welch' ? complete[i] : common))
  if (seeds.some((own) => !own.length)) return undefined
  const value = (i: number, point: string, seed: number): number => models[i].at.get(point)!.get(seed)!
  const bySeed = models.map((_, i) => seeds[i].map((seed) => mean(points.map((point) => value(i, point, seed)))))
  const ranks = points.map((point) =>
    midRanks(models.map((_, i) => -sign * mean(seeds[i].map((seed) => value(i, point, seed)))))
  )
  return {
    models: models.map(({ label, cells: own }, i) => ({
      label,
      rank: mean(ranks.map((at) => at[i])),
      cell: overall(
        own.get(points[0])!,
        metric.name,
        seeds[i],
        bySeed[i],
        pooledScale(points.map((point) => scaleOf(own.get(point)!, metric.name)))
      )
    })),
    points: points.length,
    seeds: common.length
  }
}

/**
 * Over the points and seeds that all models finished: the mean rank, the mean by seed with its interval, and all pairs
 * tested over seeds, Holm-corrected.
 * @returns undefined where the models cannot be pooled
 */
export function rankTable(
  cells: readonly CellResult[],
  metric: { name: string; direction: Direction },
  labelOf: (cell: CellResult) => string,
  { level = 0.05, test = 'paired-t' as TestName } = {}
): RankTable | undefined {
  const found = pooled(cells, metric, labelOf, test)
  if (!found) return undefined
  const sign = metric.direction === 'higher' ? 1 : -1
  const rows = found.models
    .map((model) => ({ ...model, interval: cellInterval(model.cell, metric.name)! }))
    .sort((a, b) => compare(a.rank, b.rank) || sign * descending(a.interval.mean, b.interval.mean))
  const tests = compareModels(rows, metric.name, test).map((row) => row.test)
  const differ = new Set<string>()
  let k = 0
  for (let i = 0; i < rows.length; i++)
    for (let j = i + 1; j < rows.length; j++, k++)
      if (tests[k] && significant(tests[k]!.adjusted, level)) differ.add(`${i} ${j}`)
  const letters = letterGroups(rows.length, (i, j) => differ.has(`${i} ${j}`))
  const tested = tests.some((result) => result !== undefined)
  return {
    rows: rows.map(({ label, cell, rank, interval }, i) => ({
      label,
      model: cell.model,
      rank,
      interval,
      letters: tested ? letters[i] : ''
    })),
    points: found.points,
    seeds: found.seeds
  }
}

/** A model as one cell: by seed its mean over the points. */
const overall = (
  cell: CellResult,
  metric: string,
  seeds: number[],
  values: number[],
  scale: MetricScale | undefined
): CellResult => ({
  ...cell,
  point: {},
  seeds,
  statuses: seeds.map(() => 'done'),
  metrics: { [metric]: values },
  scales: scale ? { [metric]: scale } : {},
  elapsedMs: metric === computeTime.name ? values : seeds.map(() => null)
})

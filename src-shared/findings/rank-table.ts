/** Models ranked over all points they share, with the groups that cannot be told apart. */
import type { Direction } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import { canonical } from '../grid/identity.ts'
import { mean, tInterval, type Interval } from '../statistics/interval.ts'
import { letterGroups } from '../statistics/letters.ts'
import { holm, midRanks, pairedT } from '../statistics/significance.ts'
import { finished } from './results.ts'

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

/**
 * Over the points and seeds that all models finished: the mean rank, the mean by seed with its t interval, and all pairs
 * tested by a paired t test over seeds, Holm-corrected.
 * @returns undefined for fewer than two models, no common point, or a metric without direction
 */
export function rankTable(
  cells: readonly CellResult[],
  metric: { name: string; direction: Direction },
  labelOf: (cell: CellResult) => string,
  level = 0.05
): RankTable | undefined {
  if (metric.direction === 'none') return undefined
  const sign = metric.direction === 'higher' ? 1 : -1
  const models = [...Map.groupBy(cells, labelOf)].map(([label, own]) => ({
    label,
    model: own[0].model,
    at: new Map(
      own.map((cell) => [canonical(cell.point), new Map(finished(cell, metric.name).map((v) => [v.seed, v.value]))])
    )
  }))
  if (models.length < 2) return undefined
  const points = [...models[0].at.keys()].filter((point) => models.every(({ at }) => (at.get(point)?.size ?? 0) > 0))
  const seeds = [...(models[0].at.get(points[0] ?? '')?.keys() ?? [])].filter((seed) =>
    points.every((point) => models.every(({ at }) => at.get(point)!.has(seed)))
  )
  if (!points.length || !seeds.length) return undefined
  const value = (model: (typeof models)[number], point: string, seed: number): number => model.at.get(point)!.get(seed)!
  const bySeed = models.map((model) => seeds.map((seed) => mean(points.map((point) => value(model, point, seed)))))
  const ranks = points.map((point) =>
    midRanks(models.map((model) => -sign * mean(seeds.map((seed) => value(model, point, seed)))))
  )
  const rows = models
    .map(({ label, model }, i) => ({
      label,
      model,
      rank: mean(ranks.map((at) => at[i])),
      interval: tInterval(bySeed[i]),
      values: bySeed[i]
    }))
    .sort((a, b) => a.rank - b.rank || sign * (b.interval.mean - a.interval.mean))
  const pairs = Array.from(rows.keys()).flatMap((i) =>
    Array.from(rows.keys())
      .slice(i + 1)
      .map((j) => [i, j] as const)
  )
  const ps = seeds.length > 1 ? holm(pairs.map(([i, j]) => pairedT(rows[i].values, rows[j].values).p)) : []
  const differ = new Set(pairs.filter((_, k) => ps[k] < level).map(([i, j]) => `${i} ${j}`))
  const letters = letterGroups(rows.length, (i, j) => differ.has(`${i} ${j}`))
  return {
    rows: rows.map(({ label, model, rank, interval }, i) => ({
      label,
      model,
      rank,
      interval,
      letters: seeds.length > 1 ? letters[i] : ''
    })),
    points: points.length,
    seeds: seeds.length
  }
}

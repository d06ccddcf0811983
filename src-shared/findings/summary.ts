/**
 * From results by seed to the numbers that tables, charts, exports and the CLI all show. Only done trials are averaged;
 * diverged, failed and missing ones are counted and said.
 */
import type { MetricInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import type { Point } from '../shapes/point.ts'
import { canonical } from '../grid/identity.ts'
import { meanInterval } from '../statistics/interval.ts'
import { compare } from '../statistics/numbers.ts'

export interface SummaryRow {
  runId: string
  label: string
  model: string
  point: Point
  metric: string
  /** Trials averaged; mean and the rest are null for 0, the interval and sd for 1. */
  n: number
  mean: number | null
  low: number | null
  high: number | null
  sd: number | null
  method: string
  /** Of a metric with a limit: how many trials never got there. */
  beyond?: { limit: number; count: number }
  diverged: number
  failed: number
  /** Not run yet, or done without this metric. */
  missing: number
  /** The best mean of its metric at its point (or one of equals), where a metric has a direction and two or more models a mean. */
  best: boolean
}

/** What a summary needs to know of a metric. */
export type RankedMetric = Pick<MetricInfo, 'name' | 'direction'>

/** The values of a metric over the done trials of a cell, with their seeds. */
export function doneValues(cell: CellResult, metric: string): { seeds: number[]; values: number[] } {
  const [seeds, values]: [number[], number[]] = [[], []]
  const all = cell.metrics[metric] ?? []
  for (const [i, status] of cell.statuses.entries()) {
    const value = all[i]
    if (status !== 'done' || typeof value !== 'number' || !Number.isFinite(value)) continue
    seeds.push(cell.seeds[i])
    values.push(value)
  }
  return { seeds, values }
}

/**
 * One row per cell and metric, cells in their given order.
 * @param metrics the task's metrics, in the order wanted; without them every metric the cells have, and no best
 */
export function summarise(
  cells: readonly CellResult[],
  metrics: readonly RankedMetric[] = metricsOf(cells),
  level = 0.95
): SummaryRow[] {
  const rows = cells.flatMap((cell) => metrics.map(({ name }) => summariseCell(cell, name, level)))
  for (const { name, direction } of metrics) {
    if (direction === 'none') continue
    const sign = direction === 'higher' ? 1 : -1
    const groups = Map.groupBy(
      rows.filter((row) => row.metric === name && row.mean !== null),
      (row) => canonical(row.point)
    )
    for (const group of groups.values()) {
      if (group.length < 2) continue
      const top = Math.max(...group.map((row) => sign * row.mean!))
      for (const row of group) row.best = compare(sign * row.mean!, top) === 0
    }
  }
  return rows
}

function metricsOf(cells: readonly CellResult[]): RankedMetric[] {
  const names = new Set(cells.flatMap((cell) => Object.keys(cell.metrics)))
  return Array.from(names, (name) => ({ name, direction: 'none' }))
}

function summariseCell(cell: CellResult, metric: string, level: number): SummaryRow {
  const { values } = doneValues(cell, metric)
  const count = (status: CellResult['statuses'][number]): number => cell.statuses.filter((s) => s === status).length
  const [diverged, failed] = [count('diverged'), count('failed')]
  const { runId, label, model, point } = cell
  const interval = values.length
    ? meanInterval(values, cell.scales?.[metric], level)
    : { mean: null, low: null, high: null, n: 0, sd: null, method: 'no done trials' }
  // Damaged trials have no numbers: they are missing too.
  const missing = cell.seeds.length - values.length - diverged - failed
  return { runId, label, model, point, metric, ...interval, diverged, failed, missing, best: false }
}

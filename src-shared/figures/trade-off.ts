/** A metric against what it costs: a point per model and place, and the front of those that no other beats. */
import type { MetricInfo } from '../shapes/catalog.ts'
import type { CellCost, CellResult } from '../shapes/run.ts'
import { canonical } from '../grid/identity.ts'
import { paretoFront } from '../statistics/pareto.ts'
import type { FigureSpec, SeriesStyle } from './spec.ts'
import { cellInterval, computeTime } from '../findings/results.ts'

export const tradeCosts = {
  flops: { label: 'FLOPs per trial', unit: 'FLOP' },
  stateBytes: { label: 'State', unit: 'B' },
  time: { label: computeTime.label, unit: 'ms' }
} as const
export type TradeCost = keyof typeof tradeCosts

/** A metric against the bytes of state that the task measured, whatever else the points differ in. */
export function stateFigure(
  cells: readonly CellResult[],
  metric: MetricInfo,
  {
    labelOf,
    styleOf
  }: { labelOf: (cell: CellResult) => string; styleOf: (label: string, model: string) => SeriesStyle }
): FigureSpec {
  return tradeFigure(
    tradePoints(cells, measuredState(cells), metric, 'stateBytes', labelOf),
    metric,
    'stateBytes',
    styleOf
  )
}

export interface TradePoint {
  label: string
  model: string
  /** The rest of its point: `items = 20`. */
  place: string
  cost: number
  mean: number
  low?: number
  high?: number
  n: number
  /** No other point is as good in both and better in one. */
  best: boolean
}

/** Bytes of state where the task measures them, as costs. */
const measuredState = (cells: readonly CellResult[]): Pick<CellCost, 'runId' | 'label' | 'point' | 'stateBytes'>[] =>
  cells.flatMap((cell) => {
    const { runId, label, point } = cell
    const { mean } = cellInterval(cell, 'stateBytes') ?? {}
    return typeof mean === 'number' ? [{ runId, label, point, stateBytes: mean }] : []
  })

/** One point per cell that has both a mean and a cost above zero, in the order of the cells. */
export function tradePoints(
  cells: readonly CellResult[],
  costs: readonly (Pick<CellCost, 'runId' | 'label' | 'point'> & Partial<CellCost>)[],
  metric: MetricInfo,
  by: TradeCost,
  labelOf: (cell: CellResult) => string
): TradePoint[] {
  const key = (at: Pick<CellCost, 'runId' | 'label' | 'point'>): string => canonical([at.runId, at.label, at.point])
  const known = new Map(costs.map((cost) => [key(cost), cost]))
  const costOf = (cell: CellResult): number | null | undefined =>
    by === 'time' ? cellInterval(cell, computeTime.name)?.mean : known.get(key(cell))?.[by]
  const points = cells.flatMap((cell): Omit<TradePoint, 'best'>[] => {
    const interval = cellInterval(cell, metric.name)
    const cost = costOf(cell)
    if (!interval || typeof interval.mean !== 'number' || !cost || !(cost > 0)) return []
    const { mean, low, high, n } = interval
    const place = Object.entries(cell.point)
      .map(([name, value]) => `${name} = ${value}`)
      .join(', ')
    const ends = typeof low === 'number' && typeof high === 'number' ? { low, high } : {}
    return [{ label: labelOf(cell), model: cell.model, place, cost, mean, ...ends, n }]
  })
  // Without a better direction every point would be as good as any other.
  const better = metric.direction === 'lower' ? 'lower' : 'higher'
  const on = paretoFront(
    points.map(({ cost, mean }) => ({ x: cost, y: mean })),
    'lower',
    better
  )
  return points.map((point, i) => ({ ...point, best: metric.direction !== 'none' && on[i] }))
}

/** The points as a scatter with their intervals, the front as a dashed line. */
export function tradeFigure(
  points: readonly TradePoint[],
  metric: MetricInfo,
  by: TradeCost,
  styleOf: (label: string, model: string) => SeriesStyle
): FigureSpec {
  const byLabel = Map.groupBy(points, ({ label }) => label)
  const front = points.filter(({ best }) => best).sort((a, b) => a.cost - b.cost)
  return {
    title: `${metric.label} against ${tradeCosts[by].label.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())}`,
    x: { ...tradeCosts[by], scale: 'log' },
    y: {
      label: metric.label,
      ...(metric.unit && { unit: metric.unit }),
      ...(metric.range && { range: metric.range }),
      scale: 'linear',
      direction: metric.direction
    },
    series: [...byLabel].map(([label, own]) => ({
      label,
      style: styleOf(label, own[0].model),
      points: own
        .map(({ cost, mean, low, high, n }) => ({
          x: cost,
          y: mean,
          ...(low !== undefined && high !== undefined && { low, high }),
          n
        }))
        .sort((a, b) => a.x - b.x)
    })),
    references: front.length
      ? [{ label: 'Pareto front', dash: [6, 4], points: front.map(({ cost, mean }) => ({ x: cost, y: mean })) }]
      : [],
    interval: 'bars',
    scatter: true
  }
}

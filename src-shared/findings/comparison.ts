/** Models compared on every metric, as one document: what the Compare page shows and `engram compare` prints. */
import { canonical } from '../grid/identity.ts'
import type { MetricInfo } from '../shapes/catalog.ts'
import type { Point } from '../shapes/point.ts'
import type { CellResult } from '../shapes/run.ts'
import { meanInterval, tInterval, type Interval } from '../statistics/interval.ts'
import { compareModels } from './compare.ts'
import type { TestName } from '../statistics/equivalence.ts'
import { rankTable } from './rank-table.ts'
import { rank } from './ranking.ts'
import { finished, scaleOf, timedCell } from './results.ts'

export interface ComparedRow {
  model: string
  point: Point
  /** Trials averaged; diverged and failed ones never are. */
  n: number
  mean: number | null
  low: number | null
  high: number | null
  sd: number | null
  method: string
  /** Trials that got nowhere within so many steps. */
  beyond?: Interval['beyond']
  diverged: number
  failed: number
  /** The best mean of its point, or one of equals. */
  best: boolean
}

export interface ComparedPair {
  a: string
  b: string
  point: Point
  /** Pairs, or values of both; what follows is null where there are too few. */
  n: number
  /** a - b. */
  difference: number | null
  low: number | null
  high: number | null
  statistic: number | null
  p: number | null
  /** After Holm over the pairs of its point. */
  pHolm: number | null
  effect: number | null
  effectLow: number | null
  effectHigh: number | null
  method: string
}

export interface MetricComparison {
  metric: string
  direction: MetricInfo['direction']
  rows: ComparedRow[]
  tests: ComparedPair[]
  /** The models of the best mean rank over the points that all have. */
  best: string[]
  /** By model: those that share a letter do not differ over these points. */
  groups: Record<string, string>
}

export interface ComparisonOptions {
  labelOf(cell: CellResult): string
  test?: TestName
  /** `auto`: the interval that fits the metric; `t`: Student's t for all. */
  interval?: 'auto' | 't'
}

export function compareAll(
  cells: readonly CellResult[],
  metrics: readonly Pick<MetricInfo, 'name' | 'direction'>[],
  { labelOf, test = 'paired-t', interval = 'auto' }: ComparisonOptions
): MetricComparison[] {
  const places = [...Map.groupBy(cells, ({ point }) => canonical(point)).values()]
  return metrics.map((metric) => {
    const verdicts = new Map(places.flatMap((here) => rank(here, metric).map(({ cell, verdict }) => [cell, verdict])))
    const rows = cells.map((cell): ComparedRow => {
      const values = finished(cell, metric.name).map(({ value }) => value)
      const count = (status: string): number => cell.statuses.filter((own) => own === status).length
      const found = values.length
        ? interval === 't'
          ? tInterval(values)
          : meanInterval(values, scaleOf(cell, metric.name))
        : { n: 0, mean: null, low: null, high: null, sd: null, method: 'no done trials' }
      const lost = { diverged: count('diverged'), failed: count('failed') }
      const { point } = cell
      return { model: labelOf(cell), point, ...found, ...lost, best: verdicts.get(cell) === 'best' }
    })
    const tests = places.flatMap((here) => pairsAt(here, metric.name, test, labelOf))
    const table = rankTable(cells, metric, labelOf, { test })
    const [first] = table?.rows ?? []
    return {
      metric: metric.name,
      direction: metric.direction,
      rows,
      tests,
      best: table ? table.rows.filter((row) => row.rank === first.rank).map(({ label }) => label) : [],
      groups: Object.fromEntries((table?.rows ?? []).map(({ label, letters }) => [label, letters]))
    }
  })
}

function pairsAt(
  cells: readonly CellResult[],
  metric: string,
  name: TestName,
  labelOf: (cell: CellResult) => string
): ComparedPair[] {
  const models = cells.map((cell) => ({ label: labelOf(cell), cell: timedCell(cell, metric) }))
  const { point } = cells[0]
  return compareModels(models, metric, name).map(({ a, b, test, pairs }) => ({
    a,
    b,
    point,
    n: test?.n ?? pairs,
    difference: test?.difference ?? null,
    low: test?.low ?? null,
    high: test?.high ?? null,
    statistic: test?.statistic ?? null,
    p: test?.p ?? null,
    pHolm: test?.adjusted ?? null,
    effect: test?.effect.value ?? null,
    effectLow: test?.effect.low ?? null,
    effectHigh: test?.effect.high ?? null,
    method: test ? `${test.method}; ${test.effect.name}` : 'too few common seeds: two are needed'
  }))
}

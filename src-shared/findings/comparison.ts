/** Models compared on every metric, as one document: what the Compare page shows and `engram compare` prints. */
import { canonical } from '../grid/identity.ts'
import type { MetricInfo } from '../shapes/catalog.ts'
import type { Point } from '../shapes/point.ts'
import type { CellResult } from '../shapes/run.ts'
import type { PracticalVerdict, TestName } from '../statistics/equivalence.ts'
import { meanInterval, tInterval, type Interval } from '../statistics/interval.ts'
import { deviation, mean } from '../statistics/numbers.ts'
import { powerMethods } from '../statistics/power.ts'
import { compareModels, detectable } from './compare.ts'
import { interactions, type Interaction, type Observation } from './importance.ts'
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
  /** Which effect it is: `paired dz`, `Hedges g`, `rank-biserial r`; null without a test. */
  effectName: string | null
  /** P(a higher than b), ties half; null without values. */
  improvement: number | null
  /** Whether both are practically the same; null where no bounds were given or too few seeds are there. */
  equivalence: ComparedEquivalence | null
  method: string
}

export interface ComparedEquivalence {
  within: number
  p: number
  /** After Holm over the pairs of its point. */
  pHolm: number
  /** Of the 90 % interval of the difference; null where the test gives none. */
  low: number | null
  high: number | null
  verdict: PracticalVerdict
  method: string
}

/** What tests of so many seeds can be expected to find. */
export interface ComparedPower {
  point: Point
  /** Seeds of each model, or pairs. */
  n: number
  /** The smallest effect found with a power of 80 % in a family of this size; null where none is. */
  smallestEffect: number | null
  unit: string
  method: string
}

export interface MetricComparison {
  metric: string
  direction: MetricInfo['direction']
  rows: ComparedRow[]
  tests: ComparedPair[]
  power: ComparedPower[]
  /** Shares of the variance over the grid; null where it is not full. */
  interactions: Interaction[] | null
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
  /** Differences below this are practically none. */
  within?: number | undefined
}

export function compareAll(
  cells: readonly CellResult[],
  metrics: readonly Pick<MetricInfo, 'name' | 'direction'>[],
  { labelOf, test = 'paired-t', interval = 'auto', within }: ComparisonOptions
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
    const families = places.map((here) => pairsAt(here, metric.name, { test, within, labelOf }))
    const table = rankTable(cells, metric, labelOf, { test })
    const [first] = table?.rows ?? []
    return {
      metric: metric.name,
      direction: metric.direction,
      rows,
      tests: families.flatMap(({ pairs }) => pairs),
      power: families.flatMap(({ power }) => power),
      interactions: interactions(observed(cells, metric.name, labelOf)) ?? null,
      best: table ? table.rows.filter((row) => row.rank === first.rank).map(({ label }) => label) : [],
      groups: Object.fromEntries((table?.rows ?? []).map(({ label, letters }) => [label, letters]))
    }
  })
}

/** Every cell's mean, with the model as a parameter beside those of the grid. */
function observed(cells: readonly CellResult[], metric: string, labelOf: (cell: CellResult) => string): Observation[] {
  return cells.flatMap((cell) => {
    const values = finished(cell, metric).map(({ value }) => value)
    if (!values.length) return []
    const variance = values.length > 1 ? deviation(values) ** 2 / values.length : null
    return [{ params: { ...cell.point, model: labelOf(cell) }, value: mean(values), variance }]
  })
}

function pairsAt(
  cells: readonly CellResult[],
  metric: string,
  {
    test: name,
    within,
    labelOf
  }: Required<Pick<ComparisonOptions, 'test' | 'labelOf'>> & Pick<ComparisonOptions, 'within'>
): { pairs: ComparedPair[]; power: ComparedPower[] } {
  const models = cells.map((cell) => ({ label: labelOf(cell), cell: timedCell(cell, metric) }))
  const { point } = cells[0]
  const rows = compareModels(models, metric, name, { within })
  const pairs = rows.map(({ a, b, test, pairs, improvement, equivalence }): ComparedPair => {
    const effect = test?.effect
    return {
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
      effect: effect?.value ?? null,
      effectLow: effect?.low ?? null,
      effectHigh: effect?.high ?? null,
      effectName: effect?.name ?? null,
      improvement: improvement ?? null,
      equivalence: equivalence
        ? {
            within: equivalence.within,
            p: equivalence.p,
            pHolm: equivalence.adjusted,
            low: equivalence.low,
            high: equivalence.high,
            verdict: equivalence.verdict,
            method: equivalence.method
          }
        : null,
      method: test && effect ? `${methodOf(test.method, name)}; ${effect.name}` : 'too few common seeds: two are needed'
    }
  })
  const power = detectable(rows, name).map(({ n, effect, unit }): ComparedPower => ({
    point,
    n,
    smallestEffect: effect,
    unit,
    method: powerMethods[name]
  }))
  return { pairs, power }
}

/** The difference of the signed-rank test is no difference of means. */
export const methodOf = (method: string, name: TestName): string =>
  name === 'wilcoxon' ? `${method}, difference by Hodges-Lehmann` : method

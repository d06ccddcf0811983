/** One number for a run: the mean of its best model over all points, with the interval over seeds. */
import type { MetricInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import { meanInterval, type Interval } from '../statistics/interval.ts'
import { compare } from '../statistics/numbers.ts'
import { bySeed } from './baseline.ts'
import { pooledScale } from './scales.ts'

export interface BestMean extends Interval {
  label: string
}

/**
 * A seed counts with its mean over all points of the model. Without a direction, the first model with a number.
 * @returns undefined where no model has a finished trial at every point
 */
export function bestMean(
  cells: readonly CellResult[],
  { name, direction }: Pick<MetricInfo, 'name' | 'direction'>
): BestMean | undefined {
  const sign = direction === 'lower' ? -1 : direction === 'higher' ? 1 : 0
  let best: BestMean | undefined
  for (const [label, own] of Map.groupBy(cells, ({ label }) => label)) {
    const values = [...bySeed(own, name).values()]
    if (!values.length) continue
    const found = { label, ...meanInterval(values, pooledScale(own.map(({ scales }) => scales?.[name]))) }
    if (!best || compare(sign * found.mean, sign * best.mean) > 0) best = found
  }
  return best
}

/** Which model is best at a point, and which ones cannot be told from it. */
import type { Direction } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import { cellInterval, computeTime } from './results.ts'
import { pairBySeed } from './pairs.ts'
import { compare, significant } from '../statistics/numbers.ts'
import { holm, pairedT } from '../statistics/significance.ts'

export type Verdict = 'best' | 'not different' | 'different' | 'untested'

export interface Ranked {
  cell: CellResult
  verdict: Verdict
  /** Of the paired t test against the best, after Holm. */
  p?: number
  pairs?: number
  /** Seeds that only one of the two finished. */
  unmatched?: number
}

/**
 * The cells of one point ranked on a metric: the best mean or means, and every other one tested against it by a paired t test
 * over common seeds, Holm-corrected over the point. Two pairs are needed for a test.
 */
export function rank(
  cells: readonly CellResult[],
  metric: { name: string; direction: Direction },
  level = 0.05
): Ranked[] {
  const untested = cells.map((cell): Ranked => ({ cell, verdict: 'untested' }))
  if (metric.direction === 'none' || cells.length < 2) return untested
  const sign = metric.direction === 'higher' ? 1 : -1
  const score = (cell: CellResult): number => sign * (cellInterval(cell, metric.name)?.mean ?? NaN)
  let best: CellResult | undefined
  for (const cell of cells)
    if (!Number.isNaN(score(cell)) && (!best || compare(score(cell), score(best)) > 0)) best = cell
  if (!best) return untested
  const ranked = cells.map((cell): Ranked => {
    if (Number.isNaN(score(cell))) return { cell, verdict: 'untested' }
    if (compare(score(cell), score(best)) === 0) return { cell, verdict: 'best' }
    const { a, b, unmatched } = pairBySeed(measured(best, metric.name), measured(cell, metric.name), metric.name)
    const counts = { pairs: a.length, unmatched: unmatched.length }
    if (a.length < 2) return { cell, verdict: 'untested', ...counts }
    return { cell, verdict: 'different', p: pairedT(a, b).p, ...counts }
  })
  const tested = ranked.filter((r) => r.p !== undefined)
  for (const [i, p] of holm(tested.map((r) => r.p!)).entries()) {
    tested[i].p = p
    tested[i].verdict = significant(p, level) ? 'different' : 'not different'
  }
  return ranked
}

/** Ranked among those of one key only: the best of unlike runs is not the best of all. */
export const rankAlike = (
  cells: readonly CellResult[],
  metric: { name: string; direction: Direction },
  keyOf: (runId: string) => string
): Ranked[] => [...Map.groupBy(cells, ({ runId }) => keyOf(runId)).values()].flatMap((own) => rank(own, metric))

const measured = (cell: CellResult, metric: string): CellResult =>
  metric === computeTime.name ? { ...cell, metrics: { [metric]: cell.elapsedMs } } : cell

/** How far a run lies from another one: the difference of their best models, with an interval. */
import type { CellResult } from '../shapes/run.ts'
import { canonical } from '../grid/identity.ts'
import { mean } from '../statistics/numbers.ts'
import { pairedT, welch } from '../statistics/significance.ts'
import { doneValues } from './summary.ts'

export interface Delta {
  /** Run less baseline. */
  difference: number
  /** null where there are too few seeds for an interval. */
  low: number | null
  high: number | null
  /** As a researcher would write it: `paired t over 10 seeds`. */
  method: string
}

/**
 * The mean of a metric by seed, over the points that both have (all points where they have none in common), differenced:
 * paired by seed where two or more seeds are common, otherwise by Welch.
 * @param runCells cells of one model
 * @param baselineCells cells of one model
 * @returns undefined where one of them has no finished trial
 */
export function deltaFrom(
  runCells: readonly CellResult[],
  baselineCells: readonly CellResult[],
  metric: string
): Delta | undefined {
  const [run, baseline] = [runCells, baselineCells].map((cells) =>
    cells.filter((cell) => doneValues(cell, metric).seeds.length > 0)
  )
  const places = new Set(baseline.map(({ point }) => canonical(point)))
  const common = new Set(run.map(({ point }) => canonical(point)).filter((point) => places.has(point)))
  const kept = (cells: readonly CellResult[]): readonly CellResult[] =>
    common.size ? cells.filter(({ point }) => common.has(canonical(point))) : cells
  const [own, other] = [bySeed(kept(run), metric), bySeed(kept(baseline), metric)]
  if (!own.size || !other.size) return undefined
  const seeds = [...own.keys()].filter((seed) => other.has(seed))
  if (seeds.length > 1) {
    const { difference, low, high } = pairedT(
      seeds.map((seed) => own.get(seed)!),
      seeds.map((seed) => other.get(seed)!)
    )
    return { difference, low, high, method: `paired t over ${seeds.length} common seeds` }
  }
  const [a, b] = [[...own.values()], [...other.values()]]
  if (a.length < 2 || b.length < 2)
    return { difference: mean(a) - mean(b), low: null, high: null, method: 'no interval: too few seeds' }
  const { difference, low, high } = welch(a, b)
  return { difference, low, high, method: `Welch t, n = ${a.length} and ${b.length}` }
}

/** A seed counts only with all of its points: otherwise its mean would be over other points than the others'. */
export function bySeed(cells: readonly CellResult[], metric: string): Map<number, number> {
  const values = new Map<number, number[]>()
  for (const cell of cells) {
    const done = doneValues(cell, metric)
    done.seeds.forEach((seed, i) => values.set(seed, [...(values.get(seed) ?? []), done.values[i]]))
  }
  return new Map(
    [...values].filter(([, list]) => list.length === cells.length).map(([seed, list]) => [seed, mean(list)])
  )
}

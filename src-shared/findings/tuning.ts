/** Choosing among what tuning tried, and the table of it. */
import type { TuningCell } from '../grid/cell.ts'
import type { Point } from '../shapes/point.ts'
import type { TuningRow, TuningTable, TuningTrial } from '../shapes/tuning.ts'
import { compare, mean } from '../statistics/numbers.ts'

/** One point and how it did on each tuning seed: null for a trial that diverged or failed. */
export interface Tried {
  values: Point
  scores: readonly (number | null)[]
}

/**
 * Which of the tried points is best: by the mean over the seeds. A point on which a trial diverged or failed is worse than
 * every other; among equals the smaller value wins, by the first parameter in which they differ, and of values that are
 * no numbers the one named first.
 */
export function bestOf(tried: readonly Tried[], direction: 'higher' | 'lower'): number {
  const score = ({ scores }: Tried): number => {
    if (!scores.length || scores.some((value) => value === null)) return -Infinity
    const value = mean(scores as number[])
    return direction === 'higher' ? value : -value
  }
  let best = 0
  for (let i = 1; i < tried.length; i++) {
    const [here, there] = [score(tried[i]), score(tried[best])]
    const order = here === there ? 0 : here === -Infinity ? -1 : there === -Infinity ? 1 : compare(here, there)
    if (order > 0 || (order === 0 && smaller(tried[i].values, tried[best].values))) best = i
  }
  return best
}

function smaller(a: Point, b: Point): boolean {
  for (const [name, value] of Object.entries(a)) {
    const other = b[name]
    if (typeof value === 'number' && typeof other === 'number' && value !== other) return value < other
  }
  return false
}

/** The parameters of which a value is the smallest or the largest of several numbers that were tried. */
export function edgesOf(values: Point, all: readonly Point[]): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const tried = [...new Set(all.map((point) => point[name]))].filter((one) => typeof one === 'number')
    const atEdge = tried.length > 1 && (value === Math.min(...tried) || value === Math.max(...tried))
    return atEdge ? [name] : []
  })
}

export interface TuningResults {
  cells: readonly TuningCell[]
  trials: readonly TuningTrial[]
  /** Index of the first of `cells` among all cells of the run. */
  first: number
  seeds: readonly number[]
  metric: string
  direction: 'higher' | 'lower'
}

/** The cells of each report cell, with their trials in the order of the seeds. */
export function triedFor(
  { cells, trials, first, seeds }: TuningResults,
  report: number
): { cell: TuningCell; trials: (TuningTrial | undefined)[] }[] {
  return cells.flatMap((cell, i) => {
    if (cell.for !== report) return []
    const own = new Map(trials.flatMap((trial) => (trial.cell === first + i ? [[trial.seed, trial]] : [])))
    return [{ cell, trials: seeds.map((seed) => own.get(seed)) }]
  })
}

/** The scores of trials that have all ended. */
export const scoresOf = (trials: readonly (TuningTrial | undefined)[]): (number | null)[] =>
  trials.map((trial) => (trial?.status === 'done' ? trial.value : null))

/** @param steps of the experiment's tuning, where it takes others than the report */
export function tuningTable(results: TuningResults, steps: number | null = null): TuningTable {
  const { metric, direction } = results
  const reports = [...new Set(results.cells.map((cell) => cell.for))]
  const rows = reports.flatMap((report) => {
    const tried = triedFor(results, report)
    const complete = tried.every(({ trials }) => trials.every((trial) => trial !== undefined))
    const best = complete
      ? bestOf(
          tried.map(({ cell, trials }) => ({ values: cell.values, scores: scoresOf(trials) })),
          direction
        )
      : -1
    return tried.map(({ cell, trials }, i): TuningRow => {
      const count = (status: TuningTrial['status'] | undefined): number =>
        trials.filter((trial) => trial?.status === status).length
      const values = scoresOf(trials).filter((value) => value !== null)
      return {
        label: cell.label,
        model: cell.model,
        point: cell.point,
        values: cell.values,
        mean: values.length ? mean(values) : null,
        n: values.length,
        diverged: count('diverged'),
        failed: count('failed'),
        missing: count(undefined),
        chosen: i === best,
        edges:
          i === best
            ? edgesOf(
                cell.values,
                tried.map((one) => one.cell.values)
              )
            : []
      }
    })
  })
  return { metric, seeds: [...results.seeds], steps, rows }
}

/** Choosing among what tuning tried, and the table of it. */
import type { TuningCell } from '../grid/cell.ts'
import type { Tuning } from '../shapes/experiment.ts'
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

/** The part of a range that counts as its edge, at either end. */
const edge = 0.05

/**
 * The parameters of which a value is the smallest or the largest of several numbers that were tried. Where they were proposed
 * from a range, the smallest that was tried says nothing: there a value is at the edge in the outer twentieth of the range,
 * taken by ratios where all of it is above zero.
 * @param ranges the numbers between which values were proposed, by parameter
 */
export function edgesOf(
  values: Point,
  all: readonly Point[],
  ranges: Readonly<Record<string, readonly number[]>> = {}
): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const proposed = Object.hasOwn(ranges, name)
    const tried = proposed
      ? ranges[name]
      : [...new Set(all.map((point) => point[name]))].filter((one) => typeof one === 'number')
    if (typeof value !== 'number' || tried.length < 2) return []
    const [low, high] = [Math.min(...tried), Math.max(...tried)]
    const placed = (x: number): number =>
      low > 0 ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low)
    const within = proposed ? edge : 0
    return placed(value) <= within || placed(value) >= 1 - within ? [name] : []
  })
}

/** Between which numbers an optimiser proposes, by the bare names of the parameters; nothing for a grid. */
function proposedRanges(tuning: Pick<Tuning, 'tuner' | 'params'> | undefined): Record<string, number[]> {
  if (tuning?.tuner !== 'optuna') return {}
  return Object.fromEntries(
    tuning.params.flatMap(({ param, values }) => {
      const numbers = values.filter((value) => typeof value === 'number')
      const whole = numbers.length === values.length && new Set(numbers).size > 1
      return whole ? [[param.slice(param.lastIndexOf('.') + 1), numbers]] : []
    })
  )
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

/** @param tuning of the experiment */
export function tuningTable(results: TuningResults, tuning?: Pick<Tuning, 'steps' | 'tuner' | 'params'>): TuningTable {
  const { metric, direction } = results
  const ranges = proposedRanges(tuning)
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
                tried.map((one) => one.cell.values),
                ranges
              )
            : []
      }
    })
  })
  return { metric, seeds: [...results.seeds], steps: tuning?.steps ?? null, rows }
}

/**
 * Who proposes what a run tries, when that is not a grid that is known from the start: the seam for an optimiser.
 *
 * A tuner keeps nothing between two calls: everything that it may know is what the store holds, so that a run which was
 * killed goes on with the same proposals. Every cell of the report has a search of its own, and as many points as any other.
 */
import { triedFor, scoresOf, type Tried } from '../../src-shared/findings/tuning.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { Experiment } from '../../src-shared/shapes/experiment.ts'
import type { Point } from '../../src-shared/shapes/point.ts'
import type { StoredTuning } from '../store/tuning.ts'

export interface Tuner {
  /** Points that each cell of the report tries in all. */
  readonly points: number
  /**
   * What a cell of the report tries next: nothing when its search is over.
   * @param about the cell, its index, and its points so far with their scores by seed, in the order in which they were asked for
   * @throws StudioError when whoever proposes cannot; the run is then interrupted, and asks again when it is resumed
   */
  ask(about: { cell: Cell; index: number; tried: readonly Tried[]; direction: 'higher' | 'lower' }): Promise<Point[]>
}

/** The tuner of an experiment; undefined where what it tries is a grid. */
export type TunerOf = (experiment: Experiment) => Tuner | undefined

/** A point proposed for a cell of the report. */
export interface Proposal {
  for: number
  values: Point
}

/** What every cell of the report tries next. Every trial of what was proposed before has ended. */
export async function proposals(tuner: Tuner, cells: readonly Cell[], tuning: StoredTuning): Promise<Proposal[]> {
  const next: Proposal[] = []
  for (const [index, cell] of cells.entries()) {
    const tried = triedFor(tuning, index).map(({ cell: { values }, trials }) => ({ values, scores: scoresOf(trials) }))
    const points = await tuner.ask({ cell, index, tried, direction: tuning.direction })
    next.push(...points.slice(0, tuner.points - tried.length).map((values) => ({ for: index, values })))
  }
  return next
}

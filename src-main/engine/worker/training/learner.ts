/** What a trainer needs of a model that learns: its weights as flat numbers, their gradient, and its answers. */
import type { Trace } from '../../../models/model.ts'
import type { Answers, Examples, StackCost } from '../../../tasks/training-plan.ts'
import type { OptimiserState } from './optimiser.ts'

export interface Slot {
  name: string
  shape: readonly number[]
  offset: number
  size: number
  /** It is no weight: a step leaves a new value in the place of its gradient. */
  buffer?: boolean
}

/** Whether a slot's weights decay: those of matrices do. */
export const decays = ({ shape, buffer }: Slot): boolean => shape.length > 1 && !buffer

export interface Learner {
  slots: readonly Slot[]
  cost: StackCost
  /** A trial's weights before its first step. */
  first(trial: number): Float32Array
  /**
   * One pass there and back.
   * @param rows the trials, with their weights; `examples` holds theirs, in this order
   * @returns gradients [rows, weights] and the answers of the pass
   */
  gradient(
    rows: readonly Row[],
    examples: Examples,
    step: number
  ): Promise<{ gradient: Float32Array; answers: Answers }>
  /**
   * Steps of optimisation where the tensors lie, of which nothing is read until it is asked for; nothing where the backend
   * has no ops for that, and the trainer takes the steps.
   */
  course(rows: readonly Row[]): Course | undefined
  answer(rows: readonly Row[], examples: Examples): Promise<Answers>
  traces(rows: readonly Row[], examples: Examples): Promise<Trace[]>
  dispose(): void
}

export interface Row {
  trial: number
  state: OptimiserState
}

/** What a step said of one row: the mean of -ln p, the share of right answers, and the norm of the gradient. */
export interface StepNews {
  loss: number
  accuracy: number
  norm: number
}

export interface Course {
  /** Steps that may be taken before their news is read. */
  ahead: number
  /** Step t (from 1) of all rows, whose examples come in their order. */
  step(examples: Examples, rate: number, t: number): void | Promise<void>
  /** What the steps since the last call said: for each of them, of each row. */
  news(): Promise<StepNews[][]>
  /** Puts weights and moments into the rows' states. */
  settle(): void | Promise<void>
  dispose(): void
}

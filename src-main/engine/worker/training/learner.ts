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
  answer(rows: readonly Row[], examples: Examples): Promise<Answers>
  traces(rows: readonly Row[], examples: Examples): Promise<Trace[]>
  dispose(): void
}

export interface Row {
  trial: number
  state: OptimiserState
}

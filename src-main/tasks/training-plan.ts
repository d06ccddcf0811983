/** What a task asks of training, and what it gets: the words of `TaskContext.train`. */
import type { Trace } from '../models/model.ts'

/** Sequences of every trial with the tokens to be predicted. All arrays have the trials as their leading axis. */
export interface Examples {
  /** Sequences of each trial, and tokens of each sequence. */
  sequences: number
  length: number
  /** [B, sequences, length] token ids. */
  tokens: Int32Array
  /** [B, sequences, length]: what kind of token each is, from 0, for blocks whose gates know it. */
  types?: Int32Array
  /** Predictions asked of each sequence. */
  asked: number
  /** [B, sequences, asked]: after which token the prediction is made, all of a sequence different. */
  positions: Int32Array
  /** [B, sequences, asked]: the right answers. */
  targets: Int32Array
}

export interface TrainingPlan {
  /** Length of the vectors of the stack, from the task's sizes. */
  dim: number
  vocabulary: number
  /** Tokens of the longest sequence: positions that are learned. */
  length: number
  /**
   * Tokens of a turn: every turn of a sequence is one call of the model, whose memory persists between them, and training
   * sees through all of them; positions count within the turn. A sequence is one call if left out.
   */
  turn?: number
  layers: number
  /** Hidden width of each layer's network in units of dim. */
  expansion: number
  steps: number
  learningRate: number
  /** A trial whose accuracy on fresh batches reaches this, over a window, has learned enough; above 1: never. */
  stopAt: number
  /** Steps between two checkpoints. */
  saveEvery: number
  /** Examples of a step. Every step is asked for once, in rising order, and draws from a stream of its own. */
  examples(step: number): Examples
}

/** The answers of a trained model to examples. */
export interface Answers {
  /** [B, sequences, asked]: the most likely token. */
  predicted: Int32Array
  /** [B, sequences, asked]: -ln p of the right token. */
  loss: Float32Array
}

/** What the trained model costs when it reads one sequence, with embedding and head. */
export interface StackCost {
  parameters: number
  /** Bytes of all memories at 4 bytes a number; the KV cache of attention counts. */
  stateBytes: number
  /** The same of what is kept when it has been read. */
  keptBytes: number
  flopsPerToken: number
}

export interface Trained {
  /** Steps that each trial took. */
  steps: Int32Array
  /** Trials whose weights became NaN or infinite. */
  diverged: readonly boolean[]
  cost: StackCost
  /** loss and accuracy by step: means over the window before the step. */
  curves: Record<'loss' | 'accuracy', { x: number[]; y: number[][] }>
  answer(examples: Examples): Promise<Answers>
  /** What the blocks report about themselves while they read the first sequence of each trial. */
  traces(examples: Examples): Promise<Trace[]>
}

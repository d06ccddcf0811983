/**
 * What a model of human free recall is: one simulated subject and one list at a time, in plain double precision. Its
 * control flow differs from list to list (who wins a race, when recall stops), which suits no batched tensor.
 */
import type { Decision } from './decision.ts'

/** What the task fixes before the first list. */
export interface RecallSetup {
  /** Items of the pool: features at right angles, one unit each. */
  pool: number
  /** Fresh context units to reserve for each list: one per distractor and per change of source. */
  distractors: number
  /** Sources (encoding tasks, modalities), one unit each; 0 for none. */
  sources: number
  /** [pool, pool], row after row: cosines of the items; the diagonal is not used. Left out: unrelated items. */
  similarity?: ArrayLike<number>
}

/** A named array of the model's state, row after row. */
export interface StateArray {
  shape: readonly number[]
  data: Float64Array
}

export interface Recaller {
  /** How an item is chosen from the activations. */
  readonly decision: Decision
  /** Before each list: the start context, nothing learned. */
  reset(): void
  /**
   * Study items of the pool in this order, each from its source if there are sources.
   * @param distractors integrated between every two items
   */
  study(items: readonly number[], sources?: readonly number[], distractors?: number): void
  /**
   * Another list of the same session begins: what was learned with those before is kept in part. Only of models that have
   * it so; with others every list is a subject's first.
   */
  nextList?(): void
  /** Integrate a distractor that nothing else shares, with the model's own strength or this one. */
  distract(beta?: number): void
  /** This item was recalled: its retrieved context moves the current one. */
  recalled(item: number): void
  /** [pool]: how strongly the current context cues each item. Valid until the next call. */
  activation(): Float64Array
  /** Contexts and the experimental parts of the associations, by name. */
  state(): Record<string, StateArray>
}

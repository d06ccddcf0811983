/**
 * The vocabulary of costs: what any memory of the catalog costs, predicted from its parameters.
 *
 * How FLOPs are counted, by every model's `cost` and by the test that counts them while a model runs on plain ops
 * (tests/support/count-flops.ts), per trial:
 *   matrix product [m, k] [k, n]                        2 m n k
 *   elementwise (arithmetic, exp, sqrt, tanh, sigma,
 *   relu, compare, select, ...), with broadcasting      1 per entry of the output
 *   reduction (sum, mean, max, argmax, top-k), cumsum   1 per entry of the input
 *   softmax                                             5 per entry
 *   moving data (reshape, transpose, slice, gather,
 *   scatter, concat, pad, tile, one-hot, fill, cast)    0
 * A fused kernel counts as the plain ops it replaces. A step that a mask may switch off counts as taken.
 */
import type { Scope } from '../shapes/scope.ts'

/** What is asked of a key-value memory or block: used to count its operations. */
export interface Workload {
  /** Items stored by one store call. */
  stored: number
  /** Items already in the memory before it. */
  before: number
  /** Queries of one retrieve call after it. */
  queries: number
  /** Whether store and retrieve are given contexts (default: no). */
  contexts?: boolean
  /** Tokens of one forward call (sequence blocks). */
  tokens?: number
  /** Tokens of each call before it; as many as of this one if left out. */
  call?: number
  /** Set for the blocks of a stack, whose costs are asked for in their order: what they have in common counts once. */
  scope?: Scope
}

/** Counted operations (one multiply-add = 2 FLOPs) and bytes at 4 bytes a value unless scaled. */
export interface Cost {
  /** FLOPs of storing `workload.stored` items. */
  storeFlops: number
  /** FLOPs of `workload.queries` retrievals after it. */
  retrieveFlops: number
  /** FLOPs of one forward call over `workload.tokens`. */
  forwardFlops?: number
  /** Numbers held that training could change. */
  parameters: number
  /** Numbers held that the memory itself writes (slots, matrices, buffers, optimiser moments). */
  state: number
  /** Named parts of the FLOPs, for the stacked breakdown. */
  parts?: Readonly<Record<string, number>>
}

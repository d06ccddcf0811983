/** The vocabulary of costs: what any memory of the catalog costs, predicted from its parameters. */

/** What is asked of a key-value memory or block: used to count its operations. */
export interface Workload {
  /** Items stored by one store call. */
  stored: number
  /** Items already in the memory before it. */
  before: number
  /** Queries of one retrieve call after it. */
  queries: number
  /** Tokens of one forward call (sequence blocks). */
  tokens?: number
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

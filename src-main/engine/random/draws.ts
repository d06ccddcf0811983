/**
 * Random numbers of a batch of trials. Each trial has its own stream; a draw returns all trials' numbers stacked,
 * [B * size], row after row. With philox every name is a stream of its own, so the order of draws does not matter;
 * with torch the draws follow one another on the trial's one generator, whatever their names.
 */
export interface Draws {
  /** Standard normal. */
  normal(name: string, size: number): Float32Array
  /** Uniform in [low, high). */
  uniform(name: string, size: number, low?: number, high?: number): Float32Array
  /** For each trial a permutation of 0..n-1. */
  permutation(name: string, n: number): Int32Array
  /** Whole numbers in [low, high). */
  integers(name: string, size: number, low: number, high: number): Int32Array
}

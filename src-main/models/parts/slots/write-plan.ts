/** How many gradient steps a write takes. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/** The same steps for every episode. */
export interface WriteSteps {
  outer: number
  inner: number
}

/** Steps of each episode of a write. */
export interface WritePlan {
  /**
   * [B, N, 3]: inner and outer steps, before they are rounded and held to at least 1, and the error under which an episode takes
   * no step.
   */
  wanted: Tensor
  /** Upper bounds of the first two, known without reading a tensor. */
  maxInner: number
  maxOuter: number
}

/** Steps and threshold of each episode, [B, N] each; the caller's. */
export function stepsOf({ wanted }: WritePlan): { inner: Tensor; outer: Tensor; threshold: Tensor } {
  return tf.tidy(() => {
    const part = (at: number): Tensor => wanted.slice([0, 0, at], [-1, -1, 1]).squeeze([2])
    const steps = (at: number): Tensor => part(at).round().maximum(1)
    return { inner: steps(0), outer: steps(1), threshold: part(2) }
  })
}

/** How many gradient steps a write takes. */
import type { Tensor } from '@tensorflow/tfjs'

/** The same steps for every episode. */
export interface WriteSteps {
  outer: number
  inner: number
}

/** Steps of each episode of a write: [B, N] each. */
export interface WritePlan {
  inner: Tensor
  outer: Tensor
  /** An episode takes no step while its error is under this. */
  threshold: Tensor
  /** Upper bounds of the first two, known without reading a tensor. */
  maxInner: number
  maxOuter: number
}

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/** No vector counts as shorter than this, so that a zero vector has cosine 0 with everything. */
const shortest = 1e-8

/** Rows of unit length: x / max(|x|, 1e-8), over the last axis. */
export function unit(x: Tensor): Tensor {
  return tf.tidy(() => x.div(tf.maximum(tf.sum(tf.square(x), -1, true).sqrt(), shortest)))
}

/** cos(a_i, b_j) of every row of a [B, n, d] with every row of b [B, m, d]: [B, n, m]. */
export function cosines(a: Tensor, b: Tensor): Tensor {
  return tf.tidy(() => tf.matMul(unit(a), unit(b), false, true))
}

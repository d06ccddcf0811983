import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedNorm } from '../../../tensors/fused-ops.ts'
import { scaledDown } from './scaled-down.ts'

/** No vector counts as shorter than this, so that a zero vector has cosine 0 with everything. */
const shortest = 1e-8

/**
 * Rows of unit length: y = x / max(|x|, 1e-8), over the last axis; dx = (dy - y (y . dy)) / |x|.
 *
 * A row shorter than 1e-8 has no direction to be turned: its gradient is zero.
 */
export const unit = (x: Tensor): Tensor => fusedNorm(x, 'length', shortest) ?? plainUnit(x)

const plainUnit: (x: Tensor) => Tensor = tf.customGrad((...given) => {
  const [x, save] = given as unknown as [Tensor, (tensors: Tensor[]) => void]
  const { scaled, scale } = scaledDown(x)
  const length = tf.maximum(tf.sum(tf.square(scaled), -1, true).sqrt(), shortest)
  const y = scaled.div(length)
  save([y, length, scale])
  return {
    value: y,
    gradFunc: (dy, saved) => {
      const [y, length, scale] = saved as Tensor[]
      const d = dy as Tensor
      const turned = d.sub(y.mul(tf.sum(d.mul(y), -1, true)))
      return turned.div(length).div(scale).mul(length.greater(shortest).toFloat())
    }
  }
})

/** FLOPs of `unit`. */
export const unitFlops = (rows: number, dim: number): number => rows * (6 * dim + 4)

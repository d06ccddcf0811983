import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedNorm } from '../../../tensors/fused-ops.ts'
import { scaledDown } from './scaled-down.ts'

const epsilon = 1e-6

/**
 * Root-mean-square norm of each token, without a gain (the linear map that follows has one).
 *
 *   r = 1 / sqrt(mean(x^2) + eps),   y = r x,   dx = r (dy - y mean(dy y))
 *
 * x, y: [B, L, d]. A zero vector stays zero, with the gradient dy / sqrt(eps).
 * Source: Zhang & Sennrich (2019), Root mean square layer normalization.
 */
export const rmsNorm = (x: Tensor): Tensor => fusedNorm(x, 'mean', epsilon) ?? plainNorm(x)

const plainNorm: (x: Tensor) => Tensor = tf.customGrad((...given) => {
  const [x, save] = given as unknown as [Tensor, (tensors: Tensor[]) => void]
  const { scaled, scale } = scaledDown(x)
  // Where the scale is not 1, eps is far below the last digit of the mean.
  const r = tf.mean(scaled.square(), -1, true).add(epsilon).rsqrt()
  const y = scaled.mul(r)
  save([y, r.div(scale)])
  return {
    value: y,
    gradFunc: (dy, saved) => {
      const [y, r] = saved as Tensor[]
      const d = dy as Tensor
      return d.sub(y.mul(tf.mean(d.mul(y), -1, true))).mul(r)
    }
  }
})

/** FLOPs of `rmsNorm` of so many tokens. */
export const rmsNormFlops = (tokens: number, dim: number): number => tokens * (6 * dim + 5)

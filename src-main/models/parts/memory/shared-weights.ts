/**
 * Weights that serve several sequences. While a block is trained, each trial of a batch reads n sequences with one set
 * of weights: inputs have B n rows, weights have B, and row b of a weight serves rows b n .. b n + n - 1 of the inputs.
 * Where both have as many rows (a memory that is used, not trained) everything here is the plain operation.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedAffine, fusedRepeat } from '../../../tensors/fused-ops.ts'

/** x [B n, L, in] with W [B, out, in]: x W^T, [B n, L, out]. */
export function product(x: Tensor, weight: Tensor): Tensor {
  return (
    fusedAffine(x, weight, undefined) ?? overTrials(x, weight.shape[0]!, (rows) => tf.matMul(rows, weight, false, true))
  )
}

/** x [B n, L, in] with W [B, out, in] and b [B, out]: x W^T + b, or the larger of that and 0; [B n, L, out]. */
export function affine(x: Tensor, weight: Tensor, bias: Tensor, activation?: 'relu'): Tensor {
  const fused = fusedAffine(x, weight, bias, activation === 'relu')
  if (fused) return fused
  const y =
    x.shape[0] === weight.shape[0]
      ? tf.matMul(x, weight, false, true).add(bias.expandDims(1))
      : overTrials(x, weight.shape[0]!, (rows) => affineRows(rows, weight, bias))
  return activation ? tf.relu(y) : y
}

/** The same with the outputs in so many equal parts. */
export function affineParts(x: Tensor, weight: Tensor, bias: Tensor, parts: number): Tensor[] {
  const fused = fusedAffine(x, weight, bias)
  if (fused) return tf.split(fused, parts, 2)
  // The weights are cut, not what they project: products of parts cost less than cutting rows of tokens.
  const biases = tf.split(bias, parts, 1)
  return tf.split(weight, parts, 1).map((part, i) => affine(x, part, biases[i]))
}

/** Runs a map of single tokens on [B, n L, ...] instead of [B n, L, ...]. */
export function overTrials(x: Tensor, trials: number, map: (rows: Tensor) => Tensor): Tensor {
  const [all, length, width] = x.shape as [number, number, number]
  if (all === trials) return map(x)
  const y = map(x.reshape([trials, (all / trials) * length, width]))
  return y.reshape([all, length, y.shape[2]!])
}

/**
 * A weight [B, ...] given to each of the `rows` sequences, [rows, ...]: for what a sequence then changes for itself.
 * Its gradient is the sum over a trial's sequences.
 */
export function spread(weight: Tensor, rows: number): Tensor {
  const [trials, ...shape] = weight.shape as number[]
  if (trials === rows) return weight
  const count = rows / trials
  const repeated = fusedRepeat(weight, count)
  if (repeated) return repeated
  const copy = tf.customGrad((w) => ({
    value: (w as Tensor)
      .reshape([trials, 1, -1])
      .tile([1, count, 1])
      .reshape([rows, ...shape]),
    gradFunc: (dy: Tensor) => columnSums(dy.reshape([trials, count, -1])).reshape([trials, ...shape])
  }))
  return copy(weight)
}

/** The affine map with its gradient by hand: dx = dy W, dW = dy^T x, db = the sums of dy's columns. */
const affineRows = tf.customGrad((...given) => {
  const [x, weight, bias, save] = given as unknown as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void]
  save([x, weight])
  return {
    value: tf.matMul(x, weight, false, true).add(bias.expandDims(1)),
    gradFunc: (dy, saved) => {
      const [x, weight] = saved as Tensor[]
      const d = dy as Tensor
      return [tf.matMul(d, weight), tf.matMul(d, x, true, false), columnSums(d)]
    }
  }
})

/** [B, R, w] -> [B, w]: as a product with ones, which is several times faster than a sum down the columns. */
function columnSums(x: Tensor): Tensor {
  const [batch, rows, width] = x.shape as [number, number, number]
  // Four rows of ones: with fewer the product takes a slow path.
  const sums = tf.matMul(tf.ones([batch, 4, rows]), x)
  return sums.slice([0, 0, 0], [batch, 1, width]).reshape([batch, width])
}

/** Every row of x [B, R, w] times m [B, w]; its gradient by hand: dx = dy m, dm = the sums of the columns of dy x. */
export const scaleRows = tf.customGrad((...given) => {
  const [x, m, save] = given as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void]
  save([x, m])
  return {
    value: x.mul(m.expandDims(1)),
    gradFunc: (dy, saved) => {
      const [x, m] = saved as Tensor[]
      const d = dy as Tensor
      return [d.mul(m.expandDims(1)), columnSums(d.mul(x))]
    }
  }
}) as (x: Tensor, m: Tensor) => Tensor

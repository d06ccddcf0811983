import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedProduct } from '../../../tensors/fused-memory-ops.ts'

/**
 * start + scale A B for each trial, or with `left` A^T, with `right` B^T: start [B, n, m]. An A of one row is added to every row
 * of `start`.
 */
export function plusProduct(
  start: Tensor,
  a: Tensor,
  b: Tensor,
  { left = false, right = false, scale = 1 }: { left?: boolean; right?: boolean; scale?: number } = {}
): Tensor {
  const fused = fusedProduct(a, b, { left, right, start, scale })
  if (fused) return fused
  const product = tf.matMul(a, b, left, right)
  return start.add(scale === 1 ? product : product.mul(scale))
}

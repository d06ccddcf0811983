import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../../model.ts'
import { fusedShift } from '../../../tensors/fused-ops.ts'
import { overTrials, scaleRows } from '../memory/shared-weights.ts'

/** Asks for the learned shares m [d], uniform in (0, 1): 1/2 is added to what is drawn in +-1/2. */
export const tokenShiftMix = (weight: WeightSource, name: string, dim: number): Tensor =>
  weight(name, [dim], { kind: 'uniform', bound: 0.5 })

/**
 * shift(x)_t = x_t + (1/2 + m) (x_(t-1) - x_t), the token before the first being zero; x [B n, L, d], m [B, d].
 */
export function tokenShift(x: Tensor, mix: Tensor): Tensor {
  const fused = fusedShift(x, mix)
  if (fused) return fused
  const [rows, length, dim] = x.shape as [number, number, number]
  const before = tf.concat([tf.zeros([rows, 1, dim]), x.slice([0, 0, 0], [rows, length - 1, dim])], 1)
  const difference = before.sub(x)
  return overTrials(difference, mix.shape[0]!, (d) => scaleRows(d, mix.add(0.5))).add(x)
}

/** FLOPs of `tokenShift`. */
export const tokenShiftFlops = (tokens: number, dim: number): number => tokens * 3 * dim + dim

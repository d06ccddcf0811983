import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../model.ts'
import { applyLinear, linear, linearFlops, type Linear } from './linear.ts'
import { overTrials, scaleRows } from './shared-weights.ts'

/**
 * A step size and a decay that each token chooses for each head:
 *
 *   delta_t = softplus(x_t W^T + b),   ln a_t = -exp(A) delta_t
 *
 * W: [H, d], A: [H], zero at the start. Source: Gu & Dao (2023), Mamba.
 */
export interface TokenDecay {
  step: Linear
  rate: Tensor
}

/** Asks for dt.weight, dt.bias and A_log. */
export const tokenDecay = (weight: WeightSource, dim: number, heads: number): TokenDecay => ({
  step: linear(weight, 'dt', dim, heads),
  rate: weight('A_log', [heads], { kind: 'zeros' })
})

/** x [B, L, d] -> delta and ln a, [B, L, H] each. */
export function decaysOf({ step, rate }: TokenDecay, x: Tensor): { delta: Tensor; logDecay: Tensor } {
  const delta = tf.softplus(applyLinear(step, x))
  const logDecay = overTrials(delta, rate.shape[0]!, (d) => scaleRows(d, rate.exp().neg()))
  return { delta, logDecay }
}

export const tokenDecayTensors = ({ step, rate }: TokenDecay): Tensor[] => [step.weight, step.bias, rate]

/** FLOPs of `decaysOf`. */
export const tokenDecayFlops = (tokens: number, dim: number, heads: number): number =>
  linearFlops(tokens, dim, heads) + 2 * tokens * heads + 2 * heads

/** [B, L, H] -> [B, H, L, 1] */
export const perHead = (x: Tensor): Tensor => x.transpose([0, 2, 1]).expandDims(3)

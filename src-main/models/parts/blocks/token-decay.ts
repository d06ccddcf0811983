import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../../model.ts'
import { hidden } from './block-heads.ts'
import { above } from './triangular-solve.ts'
import { applyLinear, linearFlops, type Linear } from '../memory/linear.ts'
import { overTrials, scaleRows } from '../memory/shared-weights.ts'

/**
 * A step size and a decay that each token chooses for each head:
 *
 *   delta_t = softplus(x_t W^T + b),   ln a_t = -exp(A) delta_t
 *
 * W: [H, d]; A: [H], zero at the start. b: [H] is drawn so that softplus(b) lies between 1/1000 and `fastest` (1/10),
 * evenly in its logarithm: at the start a head forgets at most that at each token, some heads far less. A memory that
 * halves at every token, as with b near 0, never learns to recall, since what it should have kept is gone.
 * Source: Gu & Dao (2023), Mamba.
 */
export interface TokenDecay {
  step: Linear
  rate: Tensor
}

/** Between the logarithms of 1/1000 and of the fastest share: softplus(b) is e^b within 5 % there. */
const slowStart = (fastest: number): { centre: number; bound: number } => ({
  centre: (Math.log(fastest) + Math.log(0.001)) / 2,
  bound: (Math.log(fastest) - Math.log(0.001)) / 2
})

/** Asks for dt.weight, dt.bias and A_log. @param fastest share of a head's memory that a token clears at the start, at most */
export const tokenDecay = (weight: WeightSource, dim: number, heads: number, fastest = 0.1): TokenDecay => ({
  step: {
    weight: weight('dt.weight', [heads, dim], { kind: 'uniform', bound: 1 / Math.sqrt(dim) }),
    bias: weight('dt.bias', [heads], { kind: 'uniform', ...slowStart(fastest) })
  },
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

/**
 * Products of what each token keeps, a_(i+1) .. a_t in row i and column t, 1 where i = t and 0 where i > t; from ln a
 * [.., 1, C], finite. The sum of ln a over i+1..t, each by itself: a difference of two sums from the start would lose all
 * digits after a token that keeps nothing.
 */
export function stretches(logs: Tensor): Tensor {
  const count = logs.shape[logs.rank - 1]!
  const covered = new Float32Array(count * count)
  for (let i = 0; i < count; i++) covered.fill(hidden, i * count, i * count + i)
  // Over the last axis: along any other the gradient of tf.cumsum has its axes exchanged (tfjs 4.22).
  return tf
    .cumsum(logs.mul(above(count)), logs.rank - 1)
    .add(tf.tensor2d(covered, [count, count]))
    .exp()
}

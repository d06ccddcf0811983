/**
 * AdamW on plain arrays: the same numbers on every backend, and a state that a checkpoint can hold.
 *
 *   g <- g min(1, c / |g|)
 *   m <- b1 m + (1 - b1) g,   v <- b2 v + (1 - b2) g^2
 *   w <- w - rate (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + decay w)
 *
 * w, g, m, v: the P weights of one trial; t: its steps; |g|: the norm over all of them; c: the largest allowed. The
 * decay acts on matrices only.
 * Source: Loshchilov & Hutter (2019), Decoupled weight decay regularization.
 */
import type { AdamNumbers } from '../../../tensors/fused-ops.ts'

export interface OptimiserState {
  weights: Float32Array
  mean: Float32Array
  square: Float32Array
}

const beta1 = 0.9
const beta2 = 0.98
const epsilon = 1e-8
const largestNorm = 1
const decay = 0.01

/**
 * Step t (from 1) of one trial, in place.
 * @param decayed 1 for the weights that decay
 * @returns the norm of the gradient before it was clipped
 */
export function adamW(
  { weights, mean, square }: OptimiserState,
  gradient: Float32Array,
  decayed: Uint8Array,
  rate: number,
  t: number
): number {
  let squares = 0
  for (const g of gradient) squares += g * g
  const norm = Math.sqrt(squares)
  const clip = norm > largestNorm ? largestNorm / norm : 1
  const scale = rate / (1 - beta1 ** t)
  const root = 1 / Math.sqrt(1 - beta2 ** t)
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] * clip
    const m = (mean[i] = beta1 * mean[i] + (1 - beta1) * g)
    const v = (square[i] = beta2 * square[i] + (1 - beta2) * g * g)
    weights[i] -= (scale * m) / (Math.sqrt(v) * root + epsilon) + rate * decay * decayed[i] * weights[i]
  }
  return norm
}

/** The same step's numbers, for where all weights are changed by one op. */
export const adamNumbers = (rate: number, t: number): AdamNumbers => ({
  ...{ beta1, beta2, epsilon, decay, rate, largest: largestNorm },
  scale: rate / (1 - beta1 ** t),
  root: 1 / Math.sqrt(1 - beta2 ** t)
})

/** Warm-up over the first twentieth of the steps, then half a cosine down to a tenth. Step from 0. */
export function rateAt(step: number, steps: number, rate: number): number {
  const warm = Math.max(1, Math.round(steps / 20))
  if (step < warm) return (rate * (step + 1)) / warm
  const t = (step - warm) / Math.max(1, steps - warm)
  return rate * (0.1 + 0.45 * (1 + Math.cos(Math.PI * t)))
}

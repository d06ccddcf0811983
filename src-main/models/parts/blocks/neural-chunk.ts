import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { gradientNorm, neuralGradient, silu, sparse, type NeuralState } from './neural-memory.ts'

/** Rates that are the same for every token. */
export interface ConstantRates {
  theta: number
  eta: number
  alpha: number
}

/** What a chunk of tokens leaves behind. */
export interface ChunkResult {
  state: NeuralState
  /** The memory's answers [B, C, d], each by the memory that its own token has left. */
  answers: Tensor
  /** |g| of each token [B, C, 1]. */
  surprises: Tensor
}

/**
 * A chunk of C tokens at once. All gradients g_i = e_i^T h_i are taken at the memory M_0 before the chunk, so the
 * recurrences S <- eta S - theta g, M <- kappa M + S with kappa = 1 - alpha solve in closed form:
 *
 *   f(n) = sum_(m=0..n) kappa^(n-m) eta^m
 *   M_t = kappa^t M_0 + eta f(t-1) S_0 - theta sum_(i<=t) f(t-i) g_i
 *   S_t = eta^t S_0 - theta sum_(i<=t) eta^(t-i) g_i
 *
 * No M_t is ever formed: a layer applied to the row u_t is
 *
 *   M_t u_t = kappa^t M_0 u_t + eta f(t-1) S_0 u_t - theta sum_(i<=t) f(t-i) (h_i . u_t) e_i
 *
 * @param keys @param values @param queries [B, C, d]
 */
export function learnChunk(
  { layers, momentum }: NeuralState,
  keys: Tensor,
  values: Tensor,
  queries: Tensor | undefined,
  rates: ConstantRates,
  fraction: number
): ChunkResult {
  const count = keys.shape[1]!
  const { carried, faded, shares, endShares, endMomentum } = coefficients(count, rates)
  const gradient = neuralGradient(layers, keys, values)
  const surprises = gradientNorm(gradient)
  const { inputs } = gradient
  const errors = gradient.errors.map((e) => sparse(e, fraction))
  const batch = keys.shape[0]!
  const column = (data: Float32Array): Tensor => tf.tensor3d(data, [1, count, 1])
  const [fade, carry, past] = [column(faded), column(carried), tf.tensor3d(shares, [1, count, count])]
  const read = (u: Tensor, l: number): Tensor => {
    const old = tf.matMul(u, layers[l], false, true).mul(fade)
    const moving = tf.matMul(u, momentum[l], false, true).mul(carry)
    const written = tf.matMul(tf.matMul(u, inputs[l], false, true).mul(past), errors[l])
    return old.add(moving).sub(written)
  }
  const answers = queries && layers.reduce((u, _, l) => read(l === 0 ? u : silu(u), l), queries)
  const sum = (weights: Float32Array, l: number): Tensor =>
    tf.matMul(errors[l].mul(column(weights)), inputs[l], true, false)
  const state = {
    layers: layers.map((w, l) =>
      w
        .mul(faded[count - 1])
        .add(momentum[l].mul(carried[count - 1]))
        .sub(sum(endShares, l))
    ),
    momentum: momentum.map((s, l) => s.mul(rates.eta ** count).sub(sum(endMomentum, l)))
  }
  return { state, answers: answers ?? tf.zeros([batch, 0, keys.shape[2]!]), surprises }
}

/** kappa^t and eta f(t-1) for t = 1..C; theta f(t-i), row t, column i; its last row; theta eta^(C-i). */
function coefficients(count: number, { theta, eta, alpha }: ConstantRates): Record<string, Float32Array> {
  const kappa = 1 - alpha
  const f = new Float64Array(count)
  for (let n = 0; n < count; n++) f[n] = n === 0 ? 1 : kappa * f[n - 1] + eta ** n
  const shares = new Float32Array(count * count)
  for (let t = 0; t < count; t++) for (let i = 0; i <= t; i++) shares[t * count + i] = theta * f[t - i]
  return {
    faded: Float32Array.from({ length: count }, (_, t) => kappa ** (t + 1)),
    carried: Float32Array.from({ length: count }, (_, t) => eta * f[t]),
    shares,
    endShares: shares.slice((count - 1) * count),
    endMomentum: Float32Array.from({ length: count }, (_, i) => theta * eta ** (count - 1 - i))
  }
}

/** FLOPs of `learnChunk`, without gradients and surprises, which a token costs in any form. */
export function chunkFlops(count: number, sizes: readonly number[]): number {
  let flops = 0
  for (const [l, out] of sizes.slice(1).entries()) {
    const inputs = sizes[l]
    flops += 4 * count * inputs * out + 4 * count * out + 2 * count * count * (inputs + out) + count * count
    flops += 2 * (2 * count * inputs * out + count * out) + 6 * inputs * out
    if (l > 0) flops += 2 * count * inputs
  }
  return flops
}

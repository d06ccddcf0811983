import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { stretches } from './token-decay.ts'
import { gradientNorm, neuralGradient, silu, sparse, type NeuralState } from './neural-memory.ts'

/** Rates that are the same for every token. */
export interface ConstantRates {
  theta: number
  eta: number
  alpha: number
}

/** Rates of each token, as what a sigmoid makes of these numbers [B, L, 1]. */
export interface TokenRates {
  theta: Tensor
  eta: Tensor
  alpha: Tensor
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
 * recurrences S <- eta_t S - theta_t g_t, M <- kappa_t M + S with kappa = 1 - alpha solve in closed form. With
 * K_mt = kappa_(m+1) .. kappa_t, E_im = eta_(i+1) .. eta_m and F_it = sum_(m=i..t) E_im K_mt:
 *
 *   M_t = K_0t M_0 + F'_t S_0 - sum_(i<=t) theta_i F_it g_i,   F'_t = sum_(m=1..t) E_0m K_mt
 *   S_t = E_0t S_0 - sum_(i<=t) theta_i E_it g_i
 *
 * No M_t is ever formed: a layer applied to the row u_t is
 *
 *   M_t u_t = K_0t M_0 u_t + F'_t S_0 u_t - sum_(i<=t) theta_i F_it (h_i . u_t) e_i
 *
 * @param keys @param values @param queries [B, C, d]
 */
export function learnChunk(
  { layers, momentum }: NeuralState,
  keys: Tensor,
  values: Tensor,
  queries: Tensor | undefined,
  rates: ConstantRates | TokenRates,
  fraction: number
): ChunkResult {
  const count = keys.shape[1]!
  const { faded, carried, shares, kept, slowed, endShares, endMomentum } = isConstant(rates)
    ? ofConstants(count, rates)
    : ofTokens(rates)
  const gradient = neuralGradient(layers, keys, values)
  const surprises = gradientNorm(gradient)
  const { inputs } = gradient
  const errors = gradient.errors.map((e) => sparse(e, fraction))
  const batch = keys.shape[0]!
  const read = (u: Tensor, l: number): Tensor => {
    const old = tf.matMul(u, layers[l], false, true).mul(faded)
    const written = tf.matMul(tf.matMul(u, inputs[l], false, true).mul(shares), errors[l])
    const still = old.sub(written)
    return momentum ? still.add(tf.matMul(u, momentum[l], false, true).mul(carried)) : still
  }
  const answers = queries && layers.reduce((u, _, l) => read(l === 0 ? u : silu(u), l), queries)
  const sum = (weights: Tensor, l: number): Tensor => tf.matMul(errors[l].mul(weights), inputs[l], true, false)
  const end = (x: Tensor): Tensor => x.slice([0, count - 1, 0], [-1, 1, 1])
  const state = {
    layers: layers.map((w, l) => {
      const still = w.mul(end(faded)).sub(sum(endShares, l))
      return momentum ? still.add(momentum[l].mul(kept)) : still
    }),
    momentum: layers.map((_, l) => {
      const pushed = sum(endMomentum, l)
      return momentum ? momentum[l].mul(slowed).sub(pushed) : pushed.neg()
    })
  }
  return { state, answers: answers ?? tf.zeros([batch, 0, keys.shape[2]!]), surprises }
}

const isConstant = (rates: ConstantRates | TokenRates): rates is ConstantRates => typeof rates.theta === 'number'

/** The numbers of the closed form, [B or 1, .., ..]. */
interface Coefficients {
  /** K_0t and F'_t, [C, 1]. */
  faded: Tensor
  carried: Tensor
  /** theta_i F_it, row t, column i. */
  shares: Tensor
  /** F'_C and E_0C, [1, 1]. */
  kept: Tensor
  slowed: Tensor
  /** theta_i F_iC and theta_i E_iC, [C, 1]. */
  endShares: Tensor
  endMomentum: Tensor
}

function ofConstants(count: number, { theta, eta, alpha }: ConstantRates): Coefficients {
  const kappa = 1 - alpha
  const f = new Float64Array(count)
  for (let n = 0; n < count; n++) f[n] = n === 0 ? 1 : kappa * f[n - 1] + eta ** n
  const shares = new Float32Array(count * count)
  for (let t = 0; t < count; t++) for (let i = 0; i <= t; i++) shares[t * count + i] = theta * f[t - i]
  const column = (of: (t: number) => number): Tensor =>
    tf.tensor3d(
      Float32Array.from({ length: count }, (_, t) => of(t)),
      [1, count, 1]
    )
  const one = (value: number): Tensor => tf.tensor3d([value], [1, 1, 1])
  return {
    faded: column((t) => kappa ** (t + 1)),
    carried: column((t) => eta * f[t]),
    shares: tf.tensor3d(shares, [1, count, count]),
    kept: one(eta * f[count - 1]),
    slowed: one(eta ** count),
    endShares: column((i) => shares[(count - 1) * count + i]),
    endMomentum: column((i) => theta * eta ** (count - 1 - i))
  }
}

function ofTokens(given: TokenRates): Coefficients {
  const count = given.theta.shape[1]!
  const row = (x: Tensor): Tensor => x.reshape([x.shape[0]!, 1, count])
  const column = (x: Tensor): Tensor => x.reshape([x.shape[0]!, count, 1])
  // ln sigma(x) and ln (1 - sigma(x)), which a difference from 1 would lose.
  const [slowing, fading] = [tf.softplus(given.eta.neg()).neg(), tf.softplus(given.alpha).neg()].map(row)
  const theta = tf.sigmoid(given.theta)
  const [slowed, faded] = [slowing, fading].map((logs) => tf.cumsum(logs, 2).exp())
  const [E, K] = [slowing, fading].map(stretches)
  const F = tf.matMul(K, E, true, true)
  const carried = tf.matMul(K, column(slowed), true)
  const last = (x: Tensor): Tensor => x.slice([0, count - 1, 0], [-1, 1, -1])
  return {
    faded: column(faded),
    carried,
    shares: F.mul(row(theta)),
    kept: last(carried),
    slowed: last(column(slowed)),
    endShares: column(last(F)).mul(theta),
    endMomentum: E.slice([0, 0, count - 1], [-1, -1, 1]).mul(theta)
  }
}

/**
 * FLOPs of `learnChunk`, without gradients and surprises, which a token costs in any form.
 * @param moving whether the memory has momentum @param chosen whether each token chooses its rates
 */
export function chunkFlops(
  count: number,
  sizes: readonly number[],
  { moving, chosen }: { moving: boolean; chosen: boolean }
): number {
  let flops = chosen ? 2 * count ** 3 + 11 * count ** 2 + 12 * count : 0
  for (const [l, out] of sizes.slice(1).entries()) {
    const inputs = sizes[l]
    flops += 2 * count * inputs * out + 2 * count * out + 2 * count * count * (inputs + out) + count * count
    flops += 2 * (2 * count * inputs * out + count * out) + 3 * inputs * out
    if (moving) flops += 2 * count * inputs * out + 2 * count * out + 3 * inputs * out
    if (l > 0) flops += 2 * count * inputs
  }
  return flops
}

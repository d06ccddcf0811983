import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedSilu } from '../../../tensors/fused-ops.ts'
import type { WeightSource } from '../../model.ts'
import { detached } from '../memory/detached.ts'

export interface NeuralShape {
  /** Length of keys and values. */
  dim: number
  /** Layers; 1 is a matrix. */
  depth: number
  /** Hidden width in units of dim. */
  expansion: number
}

/** Rates of one token: numbers, or [B, 1, 1] each. */
export interface Rates {
  theta: Tensor | number
  eta: Tensor | number
  alpha: Tensor | number
}

/** What learning writes: the layers [B, out, in] and their momentum. */
export interface NeuralState {
  layers: readonly Tensor[]
  /** None before the first step. */
  momentum?: readonly Tensor[] | undefined
}

/** Sizes of the layers' inputs and outputs: d, e d, ..., e d, d. */
export const layerSizes = ({ dim, depth, expansion }: NeuralShape): number[] =>
  Array.from({ length: depth + 1 }, (_, l) => (l === 0 || l === depth ? dim : dim * expansion))

/** Asks for memory.l.weight, linear layers without biases. */
export function neuralLayers(weight: WeightSource, shape: NeuralShape): Tensor[] {
  const sizes = layerSizes(shape)
  return sizes
    .slice(1)
    .map((out, l) => weight(`memory.${l}.weight`, [out, sizes[l]], { kind: 'uniform', bound: 1 / Math.sqrt(sizes[l]) }))
}

/** MLP(x) with SiLU between layers; x [B, N, d]. */
export const readNeural = (layers: readonly Tensor[], x: Tensor): Tensor =>
  layers.reduce((h, w, l) => tf.matMul(l === 0 ? h : silu(h), w, false, true), x)

export const silu = (x: Tensor): Tensor => fusedSilu(x) ?? x.mul(tf.sigmoid(x))

/**
 * The gradient of ||MLP(k) - v||^2 for one token, factored: for each layer g = error^T input, of rank one.
 *
 *   a_l = h_(l-1) W_l^T,  h_l = a_l sigma(a_l);   e_D = 2 (a_D - v),  e_(l-1) = (e_l W_l) (sigma + a sigma (1 - sigma))
 *
 * @param k @param v [B, 1, d]
 * @returns inputs h_(l-1) [B, 1, in] and errors e_l [B, 1, out] of every layer
 */
export function neuralGradient(
  layers: readonly Tensor[],
  k: Tensor,
  v: Tensor
): { inputs: Tensor[]; errors: Tensor[] } {
  const inputs: Tensor[] = [k]
  const slopes: Tensor[] = []
  let a = tf.matMul(k, layers[0], false, true)
  for (const w of layers.slice(1)) {
    const s = tf.sigmoid(a)
    const h = a.mul(s)
    // d silu / da = s + a s (1 - s) = s + h (1 - s)
    slopes.push(s.add(h.mul(tf.sub(1, s))))
    inputs.push(h)
    a = tf.matMul(h, w, false, true)
  }
  const errors: Tensor[] = [a.sub(v).mul(2)]
  for (let l = layers.length - 1; l > 0; l--) errors.unshift(tf.matMul(errors[0], layers[l]).mul(slopes[l - 1]))
  return { inputs, errors }
}

/** |g| over all layers [B, 1, 1]: the norm of a rank-one matrix is the product of the norms of its factors. */
export function gradientNorm({ inputs, errors }: { inputs: Tensor[]; errors: Tensor[] }): Tensor {
  const squares = inputs.map((h, l) => tf.sum(h.square(), 2, true).mul(tf.sum(errors[l].square(), 2, true)))
  return tf.addN(squares).sqrt()
}

/**
 * One learning step: S <- eta S - theta g, M <- (1 - alpha) M + S.
 * With fraction < 1, in each layer only the ceil(fraction rows) rows of g with the largest norm count; since
 * |row i of g| = |e_i| |h|, they are the rows with the largest |e_i|.
 */
export function learn(
  state: NeuralState,
  { inputs, errors }: { inputs: Tensor[]; errors: Tensor[] },
  { theta, eta, alpha }: Rates,
  fraction: number
): Required<NeuralState> {
  const momentum = errors.map((e, l) => {
    const step = tf.matMul(sparse(e, fraction), inputs[l], true, false).mul(theta)
    return state.momentum ? state.momentum[l].mul(eta).sub(step) : step.neg()
  })
  const keep = tf.sub(1, alpha)
  return { momentum, layers: state.layers.map((w, l) => w.mul(keep).add(momentum[l])) }
}

/** Errors [B, N, n] with all but the ceil(fraction n) largest of each row set to zero. */
export const sparse = (errors: Tensor, fraction: number): Tensor =>
  fraction < 1 ? errors.mul(detached(errors, (e) => largest(e, fraction))) : errors

/** 1 for the ceil(fraction n) entries of each row of e [B, N, n] with the largest magnitude, else 0. */
function largest(e: Tensor, fraction: number): Tensor {
  const size = e.abs()
  const count = Math.ceil(fraction * e.shape[2]!)
  if (count === 0) return tf.zerosLike(e)
  return size.greaterEqual(tf.min(tf.topk(size, count).values, 2, true)).toFloat()
}

/** What sequence blocks do head by head. Weights are used as they are given, so that training reaches them. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedAttention } from '../../../tensors/fused-ops.ts'
import type { TokenRange, WeightSource } from '../../model.ts'
import type { CallWindow } from './call-window.ts'
import type { AttentionMaps } from '../traces/attention-maps.ts'
import { unit, unitFlops } from '../memory/cosine.ts'
import { splitHeads } from '../memory/mha.ts'
import { affine, affineParts, product } from '../memory/shared-weights.ts'

/** Large enough that the softmax of a hidden entry is exactly zero in float32, small enough to stay finite. */
export const hidden = -1e9

/** [B, H, L, d_h] -> [B, L, d] */
export function joinHeads(x: Tensor): Tensor {
  const [batch, heads, rows, dim] = x.shape as [number, number, number, number]
  return x.transpose([0, 2, 1, 3]).reshape([batch, rows, heads * dim])
}

/** q [B, H, L, d_h] with k [B, H, n, d_h]: q.k / sqrt(d_h), or the cosine. */
export function similarities(q: Tensor, k: Tensor, similarity: 'dot' | 'cosine'): Tensor {
  if (similarity === 'cosine') return tf.matMul(unit(q), unit(k), false, true)
  return tf.matMul(q, k, false, true).div(Math.sqrt(q.shape[3]!))
}

/** FLOPs of `similarities` of `pairs` query-key pairs per head, with the preparation of its rows. */
export const similarityFlops = (
  pairs: number,
  rows: number,
  dim: number,
  heads: number,
  similarity: 'dot' | 'cosine'
): number => 2 * pairs * dim + (similarity === 'dot' ? pairs * heads : rows * heads * unitFlops(1, dim / heads))

/** The weight of a linear map without bias, NAME.weight [out, in]. */
export const bare = (weight: WeightSource, name: string, inputs: number, outputs: number): Tensor =>
  weight(`${name}.weight`, [outputs, inputs], { kind: 'uniform', bound: 1 / Math.sqrt(inputs) })

/**
 * The same for a map into a gate silu(x W^T), drawn five times as wide: of tokens of unit size the gate then lets through
 * about as much as it holds back. Drawn as other maps are, it scales what the memory answers down to a fifth: blocks that
 * multiply the answer by it did not learn eight pairs in 600 steps, here or written in PyTorch, and do so in 300 like this.
 */
export const gateMap = (weight: WeightSource, name: string, inputs: number, outputs: number): Tensor =>
  weight(`${name}.weight`, [outputs, inputs], { kind: 'uniform', bound: 5 / Math.sqrt(inputs) })

/** x [B, L, in] -> [B, L, out] */
export const applyBare = (weight: Tensor, x: Tensor): Tensor => product(x, weight)

/** Self-attention with one packed input projection, as PyTorch's MultiheadAttention names it. */
export interface SelfAttention {
  heads: number
  /** [B, 3d, d] and [B, 3d] */
  inWeight: Tensor
  inBias: Tensor
  /** [B, d, d] and [B, d] */
  outWeight: Tensor
  outBias: Tensor
}

/** Asks for the weights in the order in which PyTorch draws them: out_proj, then in_proj. */
export function selfAttention(weight: WeightSource, prefix: string, dim: number, heads: number): SelfAttention {
  const outWeight = weight(`${prefix}out_proj.weight`, [dim, dim], { kind: 'uniform', bound: 1 / Math.sqrt(dim) })
  const outBias = weight(`${prefix}out_proj.bias`, [dim], { kind: 'zeros', discards: dim })
  const inWeight = weight(`${prefix}in_proj_weight`, [3 * dim, dim], {
    kind: 'uniform',
    bound: Math.sqrt(6 / (4 * dim))
  })
  const inBias = weight(`${prefix}in_proj_bias`, [3 * dim], { kind: 'zeros' })
  return { heads, inWeight, inBias, outWeight, outBias }
}

/** Attention of x [B, L, d] over itself and what `window` holds of earlier calls; causal: token t sees tokens 1..t. */
export function attendSelf(
  a: SelfAttention,
  x: Tensor,
  causal: boolean,
  maps?: AttentionMaps,
  window?: CallWindow
): Tensor {
  const [q, own, said] = affineParts(x, a.inWeight, a.inBias, 3)
  const { k, v } = window?.with({ k: own, v: said }) ?? { k: own, v: said }
  const [length, entries] = [q.shape[1]!, k.shape[1]!]
  const seen = (t: number): [number, number] => [0, causal ? entries - length + t + 1 : entries]
  const places = Array.from({ length: entries }, (_, i): TokenRange => [i + length - entries, i + length - entries])
  return affine(readHeads({ q, k, v, heads: a.heads, similarity: 'dot', seen, maps, places }), a.outWeight, a.outBias)
}

export interface HeadsRead {
  /** [B, L, d] */
  q: Tensor
  /** [B, n, d] */
  k: Tensor
  v: Tensor
  heads: number
  similarity: 'dot' | 'cosine'
  /** The entries that token t sees: from the first up to the second, which is not among them. */
  seen: (t: number) => readonly [number, number]
  maps?: AttentionMaps | undefined
  /** The tokens on which the entries lie, for the maps. */
  places?: readonly TokenRange[] | undefined
}

/** softmax(similarity(q_h, k_h)) v_h of every head, side by side [B, L, d]; a token that sees nothing reads zero. */
export function readHeads({ q, k, v, heads, similarity, seen, maps, places }: HeadsRead): Tensor {
  const [length, entries] = [q.shape[1]!, k.shape[1]!]
  const ranges = Array.from({ length }, (_, t) => seen(t))
  const fused =
    similarity === 'dot' && entries > 0
      ? fusedAttention({ q, k, v, heads, from: ranges.map(([from]) => from), to: ranges.map(([, to]) => to) })
      : undefined
  if (fused && !maps?.observed) return fused
  const mask = new Float32Array(length * entries).fill(hidden)
  const any = new Float32Array(length)
  for (const [t, [from, to]] of ranges.entries()) {
    mask.fill(0, t * entries + from, t * entries + Math.max(from, to))
    any[t] = from < to ? 1 : 0
  }
  const scores = similarities(splitHeads(q, heads), splitHeads(k, heads), similarity)
  const shares = tf.softmax(scores.add(tf.tensor2d(mask, [length, entries])), -1)
  maps?.keep(shares, places)
  if (fused) return fused
  const read = joinHeads(tf.matMul(shares, splitHeads(v, heads)))
  return any.includes(0) ? read.mul(tf.tensor3d(any, [1, length, 1])) : read
}

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedRead } from '../../../tensors/fused-ops.ts'

export interface ReadOptions {
  /** Contexts of the queries [B, Q, c] and of the slots [B, u, c], added to the scores. */
  contexts?: { queries: Tensor; slots: Tensor }
  /** [u] or, for each trial its own, [B, 1, u]: added to the scores of every query. */
  bias?: Float32Array | Tensor
  /** Of the scores of queries and keys (default 1). */
  scale?: number
  /** How many queries' weights to hand back (default none). */
  kept?: number
}

/**
 * Attention over slots, without learned projections.
 *
 *   P = softmax(scale Q K^T + Z C^T + bias),   read = P V
 *
 * Q: [B, Q, d]; K: [B, u, d], V: [B, u, e] with u > 0. In one pass where the backend can, by plain ops elsewhere.
 * @returns read [B, Q, e] and the weights of the first `kept` queries [B, kept, u]; both the caller's
 */
export function readSlots(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  { contexts, bias, scale = 1, kept = 0 }: ReadOptions = {}
): { read: Tensor; attention: Tensor } {
  const held = Math.min(kept, queries.shape[1]!)
  return tf.tidy(() => {
    const added = bias && (bias instanceof tf.Tensor ? bias : tf.tensor(bias, [1, 1, bias.length]))
    const fused = fusedRead({ q: queries, k: keys, v: values, contexts, bias: added, scale, kept: held })
    if (fused) return { read: fused[0], attention: fused[1] }
    const P = attend(scale === 1 ? queries : queries.mul(scale), keys, contexts, added)
    return { read: tf.matMul(P, values), attention: P.slice([0, 0, 0], [-1, held, -1]) }
  })
}

/** softmax(Q K^T + Z C^T + bias): [B, Q, u]. */
export function attend(
  queries: Tensor,
  keys: Tensor,
  contexts: ReadOptions['contexts'],
  bias: Tensor | Float32Array | undefined
): Tensor {
  return tf.tidy(() => {
    const match = tf.matMul(queries, keys, false, true)
    const both = contexts ? match.add(tf.matMul(contexts.queries, contexts.slots, false, true)) : match
    return (bias ? both.add(bias) : both).softmax()
  })
}

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { slotKernels } from '../../../tensors/fused-kernels.ts'

export interface ReadOptions {
  /** Contexts of the queries [B, Q, c] and of the slots [B, u, c], added to the scores. */
  contexts?: { queries: Tensor; slots: Tensor }
  /** [u] or, for each trial its own, [B, 1, u]: added to the scores of every query. */
  bias?: Float32Array | Tensor
  /** How many queries' weights to hand back (default none). */
  kept?: number
}

/**
 * Attention over slots, without learned projections or scale.
 *
 *   P = softmax(Q K^T + Z C^T + bias),   read = P V
 *
 * Q: [B, Q, d]; K: [B, u, d], V: [B, u, e] with u > 0. The fused kernel where there is one, plain ops elsewhere.
 * @returns read [B, Q, e] and the weights of the first `kept` queries [B, kept, u]; both the caller's
 */
export function readSlots(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  { contexts, bias, kept = 0 }: ReadOptions = {}
): { read: Tensor; attention: Tensor } {
  const [batch, count, dim] = queries.shape as [number, number, number]
  const slots = keys.shape[1]!
  const valueDim = values.shape[2]!
  const held = Math.min(kept, count)
  const kernels = slotKernels()
  if (!kernels)
    return tf.tidy(() => {
      const P = attend(queries, keys, contexts, bias)
      return { read: tf.matMul(P, values), attention: P.slice([0, 0, 0], [-1, held, -1]) }
    })
  const at = (x: Tensor): Float32Array => x.dataSync<'float32'>()
  const result = kernels.read({
    batch,
    count,
    slots,
    dim,
    valueDim,
    queries: at(queries),
    keys: at(keys),
    values: at(values),
    contexts: contexts && { dim: contexts.slots.shape[2]!, queries: at(contexts.queries), slots: at(contexts.slots) },
    bias: bias instanceof tf.Tensor ? at(bias) : bias,
    kept: held
  })
  return {
    read: tf.tensor(result.read, [batch, count, valueDim]),
    attention: tf.tensor(result.attention, [batch, held, slots])
  }
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

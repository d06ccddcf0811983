/** What slots read and how their loss changes with them: the gradients are derived by hand, [B, ...] throughout. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { adamFlops } from './adam.ts'
import { attend } from '../memory/attention-read.ts'

export type Part = 'keys' | 'values' | 'contexts'
/** Keys and values [B, u, d], contexts [B, u, c]. */
export type Slots = Record<Part, Tensor>

/**
 * The gradient of one episode's loss, mean((r - v)^2) + lambda ||V V^T - I||_F^2. With p = softmax(s), r = p V,
 * f = (2/d)(r - v):
 *
 *   dp = f V^T,  ds = p o (dp - <p, dp>),  dK = ds^T k,  dC = ds^T ctx,
 *   dV = p^T f + 4 lambda (V V^T - I) V
 *
 * k, v, ctx (scaled): [B, 1, .]; V V^T V is multiplied in the cheaper order.
 * @returns the gradients and mean((r - v)^2) as [B, 1, 1]
 */
export function slotGradient(
  slots: Slots,
  { key, value, context }: { key: Tensor; value: Tensor; context?: Tensor | undefined },
  recency: Tensor,
  lambda: number
): { gradients: Partial<Slots>; error: Tensor } {
  return tf.tidy(() => {
    const V = slots.values
    const [, u, d] = V.shape as [number, number, number]
    const p = attend(key, slots.keys, context && { queries: context, slots: slots.contexts }, recency)
    const miss = tf.matMul(p, V).sub(value)
    const f = miss.mul(2 / d)
    const ds = throughSoftmax(p, tf.matMul(f, V, false, true)).reshape([-1, u, 1])
    const fit = p.reshape([-1, u, 1]).mul(f)
    const spread = (): Tensor =>
      (u > d ? tf.matMul(V, tf.matMul(V, V, true, false)) : tf.matMul(tf.matMul(V, V, false, true), V)).sub(V)
    return {
      gradients: {
        keys: ds.mul(key),
        values: lambda > 0 ? fit.add(spread().mul(4 * lambda)) : fit,
        ...(context && { contexts: ds.mul(context) })
      },
      error: miss.square().mean(2, true)
    }
  })
}

/**
 * The gradient of mean((softmax(Q K^T) V - T)^2) over all N d entries, by hand. With P = softmax(Q K^T),
 * F = 2/(N d) (P V - T): dS = P o (F V^T - rowsum(P o F V^T)), dV = P^T F, dK = dS^T Q; and, for what makes Q and T from
 * the items, dQ = dS K and dT = -F.
 *
 * Q, T: [B, N, d]; K, V: [B, M, d].
 */
export function jointGradient(
  { keys, values }: Pick<Slots, 'keys' | 'values'>,
  Q: Tensor,
  T: Tensor
): { keys: Tensor; values: Tensor; scores: Tensor; miss: Tensor } {
  return tf.tidy(() => {
    const P = tf.matMul(Q, keys, false, true).softmax()
    const F = tf
      .matMul(P, values)
      .sub(T)
      .mul(2 / (T.shape[1]! * T.shape[2]!))
    const dS = throughSoftmax(P, tf.matMul(F, values, false, true))
    return { keys: tf.matMul(dS, Q, true, false), values: tf.matMul(P, F, true, false), scores: dS, miss: F }
  })
}

/** The gradient before a softmax with output p, from the gradient dp behind it: p o (dp - <p, dp>). */
function throughSoftmax(p: Tensor, dp: Tensor): Tensor {
  const weighted = p.mul(dp)
  return weighted.sub(p.mul(weighted.sum(-1, true)))
}

/** FLOPs of one episode's step, as `slotGradient` and Adam take it: u slots, key length d, context length c (0: none). */
export function stepFlops(u: number, d: number, c: number, orthogonality: boolean): number {
  const forward = readFlops(u, d, c) + 4 * d
  const back = 2 * u * d + 4 * u + 2 * u * d + u * c
  const spread = orthogonality && u > 1 ? 4 * u * d * Math.min(u, d) + 3 * u * d : 0
  return forward + back + spread + adamFlops * (2 * u * d + u * c)
}

/** FLOPs of reading one query from u slots, contexts scaled before. */
export function readFlops(u: number, d: number, c: number): number {
  return 4 * u * d + (c ? 2 * u * c + u : 0) + 6 * u
}

/** FLOPs of one `jointGradient` of N items over M slots of length d. */
export function jointFlops(N: number, M: number, d: number): number {
  return 5 * 2 * N * M * d + 5 * N * M + 2 * N * d + 4 * N * M
}

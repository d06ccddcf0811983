import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { unit } from '../memory/cosine.ts'
import { detached } from '../memory/detached.ts'
import { oneHot } from '../memory/one-hot.ts'

/** Segment of each token, rising from 0, where the caller says which tokens end one; a shorter last one counts too. */
export function givenSegments(length: number, ends: readonly number[]): number[] {
  const ending = new Set(ends)
  let segment = 0
  return Array.from({ length }, (_, t) => (ending.has(t) ? segment++ : segment))
}

/** Segments of `size` tokens each. */
export const fixedSegments = (length: number, size: number): number[] =>
  Array.from({ length }, (_, t) => Math.floor(t / size))

/** What is written of each segment [B, S, d]: its last token, or the mean of its tokens. */
export function summaries(x: Tensor, segments: readonly number[], summary: 'last' | 'mean'): Tensor {
  const length = segments.length
  const count = length ? segments[length - 1] + 1 : 0
  if (summary === 'last') {
    const last = Array.from({ length: count }, (_, s) => segments.lastIndexOf(s))
    return tokensOf(x, last)
  }
  const sizes = new Array<number>(count).fill(0)
  for (const s of segments) sizes[s]++
  const weights = new Float32Array(count * length)
  for (const [t, s] of segments.entries()) weights[s * length + t] = 1 / sizes[s]
  return tf.matMul(tf.tensor3d(weights, [1, count, length]).tile([x.shape[0]!, 1, 1]), x)
}

/** Some tokens of x [B, L, d], all different: [B, n, d]. Its gradient by hand: that of gather needs a kernel that wasm has not. */
export function tokensOf(x: Tensor, chosen: readonly number[]): Tensor {
  const [batch, length] = x.shape as [number, number, number]
  if (chosen.length === length && chosen.every((token, i) => token === i)) return x
  const take = tf.customGrad((given) => ({
    value: tf.gather(given as Tensor, [...chosen], 1),
    gradFunc: (dy: Tensor) => {
      const places = oneHot(tf.tensor1d([...chosen], 'int32'), length)
      return tf.matMul(places.expandDims(0).tile([batch, 1, 1]), dy, true, false)
    }
  }))
  return take(x)
}

/** Segments that the data decides, each trial its own. */
export interface EventSegments {
  /** [B, L]: segment of each token, rising from 0. */
  of: Tensor
  /** Segments at most. */
  count: number
  /** [B, 1]: segments of each trial. */
  used: Tensor
}

/** A segment ends after a token that is unlike the one before it: 1 - cos(x_t, x_(t-1)) > threshold. */
export function eventSegments(x: Tensor, threshold: number): EventSegments {
  const [batch, length, dim] = x.shape as [number, number, number]
  const of = detached(x, (tokens) => {
    const u = unit(tokens)
    const next = u.slice([0, 1, 0], [batch, length - 1, dim])
    const before = u.slice([0, 0, 0], [batch, length - 1, dim])
    const surprising = tf
      .sub(1, tf.sum(next.mul(before), 2))
      .greater(threshold)
      .toFloat()
    // A token's segment is the number of surprising tokens before it; the first has none before it to differ from.
    return tf.cumsum(tf.concat([tf.zeros([batch, 1]), surprising], 1), 1, true)
  })
  const used = detached(of, (s) => s.slice([0, length - 1], [batch, 1]).add(1))
  return { of, count: length, used }
}

/** The mean of each segment's tokens [B, S, d]; zeros for segments that a trial did not reach. */
export function eventMeans(x: Tensor, { of, count }: EventSegments): Tensor {
  const shares = detached(of, (segments) => {
    const member = tf.equal(segments.expandDims(1), tf.range(0, count).reshape([1, count, 1])).toFloat()
    return member.div(tf.maximum(tf.sum(member, 2, true), 1))
  })
  return tf.matMul(shares, x)
}

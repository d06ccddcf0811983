import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../../model.ts'
import { detached } from '../memory/detached.ts'
import { product, spread } from '../memory/shared-weights.ts'
import { bare, hidden } from './block-heads.ts'
import { eventMeans, summaries, type EventSegments } from './segments.ts'

type SummaryKind = 'last' | 'mean' | 'projection' | 'cls'

/**
 * What an episodic bank writes of a segment of tokens x_1 .. x_s [d]:
 *
 *   last: x_s      mean: m = (1/s) sum_t x_t      projection: m W_s^T
 *   cls: sum_t p_t x_t,  p = softmax over the segment of x_t . a / sqrt(d)
 *
 * W_s: [d, d] (`W_s.weight`); a: [d] (`cls_token`), n(1): a learned token that attends to the segment and is written in its
 * stead. Of an event, last is the mean too.
 * Source: the studio's third source document ("CLS token, average, projection").
 */
export class Summary {
  readonly #kind: SummaryKind
  readonly #dim: number
  /** W_s, or a. */
  readonly #weight: Tensor | undefined

  constructor(weight: WeightSource, dim: number, kind: SummaryKind) {
    this.#kind = kind
    this.#dim = dim
    if (kind === 'projection') this.#weight = bare(weight, 'W_s', dim, dim)
    if (kind === 'cls') {
      this.#weight = weight('cls_token', [dim], { kind: 'normal', scale: 1 })
    }
  }

  /** @param segments of each token, rising from 0 @returns [B, S, d] */
  of(x: Tensor, segments: readonly number[]): Tensor {
    const length = segments.length
    const count = length ? segments[length - 1] + 1 : 0
    // A token alone is what is written of it, but for the projection.
    const whole = count === length
    if (this.#kind === 'projection') return product(whole ? x : summaries(x, segments, 'mean'), this.#weight!)
    if (whole) return x
    if (this.#kind !== 'cls') return summaries(x, segments, this.#kind)
    const outside = new Float32Array(count * length).fill(hidden)
    for (const [t, s] of segments.entries()) outside[s * length + t] = 0
    return this.#gathered(x, tf.tensor3d(outside, [1, count, length]))
  }

  /** The same of events [B, S, d], of which only those that a trial reached are ever seen. */
  ofEvents(x: Tensor, events: EventSegments): Tensor {
    if (this.#kind === 'projection') return product(eventMeans(x, events), this.#weight!)
    if (this.#kind !== 'cls') return eventMeans(x, events)
    const outside = detached(events.of, (segments) =>
      tf
        .notEqual(segments.expandDims(1), tf.range(0, events.count).reshape([1, events.count, 1]))
        .toFloat()
        .mul(hidden)
    )
    return this.#gathered(x, outside)
  }

  /** @param outside [B or 1, S, L]: 0 for the tokens of a segment, `hidden` for others */
  #gathered(x: Tensor, outside: Tensor): Tensor {
    const token = spread(this.#weight!, x.shape[0]!).expandDims(1)
    const scores = tf.matMul(token, x, false, true).div(Math.sqrt(this.#dim))
    return tf.matMul(tf.softmax(scores.add(outside), -1), x)
  }

  dispose(): void {
    this.#weight?.dispose()
  }
}

/** FLOPs of the summaries of so many segments of a call of L tokens, and the numbers that training changes. */
export function summaryCost(
  kind: SummaryKind,
  { dim: d, tokens: L, writes, events }: { dim: number; tokens: number; writes: number; events: boolean }
): { flops: number; parameters: number } {
  const means = events ? 2 * writes * L * (d + 2) : kind !== 'last' && writes < L ? 2 * writes * L * d : 0
  switch (kind) {
    case 'last':
    case 'mean':
      return { flops: means, parameters: 0 }
    case 'projection':
      return { flops: means + 2 * writes * d * d, parameters: d * d }
    case 'cls':
      return {
        flops: writes < L || events ? L * (2 * d + 1) + L * writes * (6 + 2 * d + (events ? 2 : 0)) : 0,
        parameters: d
      }
  }
}

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { hidden } from './block-heads.ts'
import { detached } from '../memory/detached.ts'
import type { Entries, Visible } from './episodic-bank.ts'
import type { EventSegments } from './segments.ts'

/**
 * The ring buffer of `EpisodicBank` where the data decides when a segment ends: every trial has its own segments, so
 * what a token may see is computed with tensors, and an entry carries how many writes ago it came.
 */
export class EventBank {
  readonly #slots: number
  readonly #decay: number
  /** keys, values [B, n, d]; age [B, n] in writes, negative for a place that holds nothing. */
  #held: { keys: Tensor; values: Tensor; age: Tensor } | undefined

  constructor(slots: number, decay: number) {
    this.#slots = slots
    this.#decay = decay
  }

  /** @param keys @param values [B, S, d]: one per possible segment; those a trial did not reach are never seen */
  visible(keys: Tensor, values: Tensor, { of }: EventSegments): Visible {
    const [batch, fresh] = keys.shape as [number, number]
    const held = this.#held
    // An entry's place in the order of writes, counted from the start of this call: -1 is the newest of the old ones.
    const newOrder = tf.range(0, fresh).reshape([1, 1, fresh]).tile([batch, 1, 1])
    const order = held ? tf.concat([tf.neg(held.age).sub(1).expandDims(1), newOrder], 2) : newOrder
    const since = of.expandDims(2).sub(order).sub(1)
    const written = held && tf.concat([held.age.greaterEqual(0).toFloat(), tf.ones([batch, fresh])], 1)
    // Training takes what is seen as given: it follows from comparisons.
    const seen = detached(since, (s) => {
      const alive = tf.logicalAnd(s.greaterEqual(0), s.less(this.#slots)).toFloat()
      return written ? alive.mul(written.expandDims(1)) : alive
    })
    return {
      keys: held ? tf.concat([held.keys, keys], 1) : keys,
      values: held ? tf.concat([held.values, values], 1) : values,
      mask: tf.sub(1, seen).mul(hidden),
      strength: this.#decay < 1 ? detached(since, (s) => tf.pow(tf.scalar(this.#decay), tf.maximum(s, 0))) : undefined,
      any: detached(seen, (s) => s.max(2, true)),
      since: () => tf.where(seen.greater(0), since, tf.fill(since.shape, -1))
    }
  }

  /** Keep the newest writes for the next call: the entries as `visible` joined them. */
  keep({ keys, values }: Entries, { used, count }: EventSegments): void {
    const old = this.#held
    const next = tf.tidy(() => {
      const batch = keys.shape[0]!
      // Training takes as given, in this call and in later ones, which entries stay.
      const age = detached(used, (segments) => {
        const newAge = segments.sub(1).sub(tf.range(0, count).reshape([1, count]).tile([batch, 1]))
        return old ? tf.concat([tf.where(old.age.greaterEqual(0), old.age.add(segments), old.age), newAge], 1) : newAge
      })
      const places = age.shape[1]!
      const newest = (ages: Tensor): { values: Tensor; indices: Tensor } =>
        tf.topk(
          tf.where(ages.greaterEqual(0), tf.neg(ages), tf.fill(ages.shape, hidden)),
          Math.min(this.#slots, places)
        )
      const chosen = detached(age, (ages) =>
        newest(ages).indices.toFloat().expandDims(2).equal(tf.range(0, places)).toFloat()
      )
      const held = detached(age, (ages) => {
        const { values } = newest(ages)
        return tf.where(values.greater(hidden), tf.neg(values), tf.fill(values.shape, -1))
      })
      return {
        keys: tf.keep(tf.matMul(chosen, keys)),
        values: tf.keep(tf.matMul(chosen, values)),
        age: tf.keep(held)
      }
    })
    this.clear()
    this.#held = next
  }

  clear(): void {
    if (this.#held) tf.dispose([this.#held.keys, this.#held.values, this.#held.age])
    this.#held = undefined
  }
}

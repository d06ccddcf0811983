import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { hidden } from './block-heads.ts'

/** Entries of one forward call, those of earlier calls first, and what each token may see of them. */
export interface Visible {
  /** [B, n, d] */
  keys: Tensor
  values: Tensor
  /** [B or 1, L, n]: 0 where token t sees the entry, `hidden` elsewhere. */
  mask: Tensor
  /** [B or 1, L, n]: decay^(writes between the entry and the token); undefined without decay. */
  strength: Tensor | undefined
  /** [B or 1, L, 1]: 1 for a token that sees any entry. */
  any: Tensor
}

/**
 * A ring buffer of the newest M writes, one per segment, that a whole call reads in one step. Since writes depend on the
 * inputs alone, all entries of a call are known at once: a token of segment j sees entry i if it was written before j
 * began and fewer than M writes came since. Here the segments are the same for all trials, so the masks are plain data.
 */
export class EpisodicBank {
  readonly #slots: number
  readonly #decay: number
  #held: { keys: Tensor; values: Tensor } | undefined

  /** @param slots entries held @param decay factor on all stored values at each write; 1 keeps them */
  constructor(slots: number, decay: number) {
    this.#slots = slots
    this.#decay = decay
  }

  /**
   * @param keys [B, S, d] entries of this call, one per segment, written at the segment's end
   * @param values [B, S, d]
   * @param segments segment of each token, rising from 0
   */
  visible(keys: Tensor, values: Tensor, segments: readonly number[]): Visible {
    const held = this.#held
    const old = held?.keys.shape[1] ?? 0
    const n = old + keys.shape[1]!
    const length = segments.length
    const mask = new Float32Array(length * n).fill(hidden)
    const strength = new Float32Array(length * n)
    const any = new Float32Array(length)
    for (const [t, segment] of segments.entries())
      for (let entry = 0; entry < n; entry++) {
        // Writes between the entry and the token's segment; negative for entries still to come.
        const since = segment + old - entry - 1
        if (since < 0 || since >= this.#slots) continue
        mask[t * n + entry] = 0
        strength[t * n + entry] = this.#decay ** since
        any[t] = 1
      }
    return {
      keys: held ? tf.concat([held.keys, keys], 1) : keys,
      values: held ? tf.concat([held.values, values], 1) : values,
      mask: tf.tensor3d(mask, [1, length, n]),
      strength: this.#decay < 1 ? tf.tensor3d(strength, [1, length, n]) : undefined,
      any: tf.tensor3d(any, [1, length, 1])
    }
  }

  /** Keep the newest writes for the next call: the entries as `visible` joined them. */
  keep({ keys, values }: Pick<Visible, 'keys' | 'values'>): void {
    const n = keys.shape[1]!
    const from = Math.max(0, n - this.#slots)
    const newest = (x: Tensor): Tensor => tf.keep(tf.tidy(() => x.slice([0, from, 0], [-1, n - from, -1]).clone()))
    const next = { keys: newest(keys), values: newest(values) }
    this.clear()
    this.#held = next
  }

  clear(): void {
    if (this.#held) tf.dispose([this.#held.keys, this.#held.values])
    this.#held = undefined
  }
}

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/** Keys and values of a call, [B, L, d]. */
export interface KeysValues {
  k: Tensor
  v: Tensor
}

/** What attention still sees of the calls before: the keys and values of the newest of them. */
export class CallWindow {
  readonly #calls: number
  #held: KeysValues[] = []

  /** @param calls that stay visible, the present one included */
  constructor(calls: number) {
    this.#calls = calls
  }

  /** Keys and values of all calls in the window, oldest first; those of this call stay for the next. */
  with(now: KeysValues): KeysValues {
    if (this.#calls === 1) return now
    const all = [...this.#held, now]
    const joined = {
      k: tf.concat(
        all.map(({ k }) => k),
        1
      ),
      v: tf.concat(
        all.map(({ v }) => v),
        1
      )
    }
    this.#held.push({ k: tf.keep(now.k.clone()), v: tf.keep(now.v.clone()) })
    if (this.#held.length >= this.#calls) tf.dispose(Object.values(this.#held.shift()!))
    return joined
  }

  clear(): void {
    for (const { k, v } of this.#held) tf.dispose([k, v])
    this.#held = []
  }
}

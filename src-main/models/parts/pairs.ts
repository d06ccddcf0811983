import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs'

/**
 * A buffer of key-value pairs in the order they came, [B, n, d] each; beyond `limit` the oldest leave first.
 * Calls are kept as they come and joined when they are read, so that N single stores cost N and not N^2.
 */
export class Pairs {
  #keys: Tensor3D[] = []
  #values: Tensor3D[] = []
  readonly #limit: number

  constructor(limit = Infinity) {
    this.#limit = limit
  }

  get size(): number {
    return this.#keys.reduce((n, part) => n + part.shape[1], 0)
  }

  append(keys: Tensor, values: Tensor): void {
    this.#keys.push(tf.keep(keys.clone()) as Tensor3D)
    this.#values.push(tf.keep(values.clone()) as Tensor3D)
    // A part that the limit has pushed out whole is let go at once; the rest of the cut is made in `read`.
    while (this.#keys.length > 1 && this.size - this.#keys[0].shape[1] >= this.#limit)
      tf.dispose([this.#keys.shift()!, this.#values.shift()!])
  }

  /** All pairs held, still owned by the buffer; undefined while it is empty. */
  read(): { keys: Tensor3D; values: Tensor3D } | undefined {
    if (this.#keys.length === 0) return undefined
    const excess = Math.max(0, this.size - this.#limit)
    const keys = join(this.#keys, excess)
    const values = join(this.#values, excess)
    this.#keys = [keys]
    this.#values = [values]
    return { keys, values }
  }

  clear(): void {
    tf.dispose([this.#keys, this.#values])
    this.#keys = []
    this.#values = []
  }
}

/** The parts as one tensor without its first `excess` rows; the parts are disposed unless there is one and it stays. */
function join(parts: Tensor3D[], excess: number): Tensor3D {
  if (parts.length === 1 && excess === 0) return parts[0]
  const joined = tf.tidy(() => {
    const all = parts.length === 1 ? parts[0] : tf.concat(parts, 1)
    return all.slice([0, excess, 0])
  })
  tf.dispose(parts)
  return tf.keep(joined)
}

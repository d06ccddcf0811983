import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/**
 * A buffer of rows in the order they came: a few tensors [B, n, .] that grow together (keys and values); beyond `limit`
 * rows the oldest leave first. Calls are kept as they come and joined when they are read, so that N single stores cost
 * N and not N^2.
 */
export class Rows {
  #parts: Tensor[][] = []
  #size = 0
  readonly #limit: number

  constructor(limit = Infinity) {
    this.#limit = limit
  }

  /** Rows in the buffer. */
  get size(): number {
    return Math.min(this.#size, this.#limit)
  }

  append(...columns: Tensor[]): void {
    this.#parts.push(columns.map((column) => tf.keep(column.clone())))
    this.#size += columns[0].shape[1]!
    // A part that the limit has pushed out whole is let go at once; the rest of the cut is made in `read`.
    for (;;) {
      const oldest = this.#parts[0][0].shape[1]!
      if (this.#parts.length === 1 || this.#size - oldest < this.#limit) return
      tf.dispose(this.#parts.shift()!)
      this.#size -= oldest
    }
  }

  /** The columns with all rows held, still owned by the buffer; undefined while it is empty. */
  read(): Tensor[] | undefined {
    if (this.#size === 0) return undefined
    const excess = this.#size - this.size
    if (this.#parts.length > 1 || excess > 0) {
      const joined = this.#parts[0].map((_, column) =>
        tf.keep(
          tf.tidy(() => {
            const all = tf.concat(
              this.#parts.map((part) => part[column]),
              1
            )
            return excess > 0 ? all.slice([0, excess, 0]) : all
          })
        )
      )
      this.clear()
      this.#parts = [joined]
      this.#size = joined[0].shape[1]!
    }
    return this.#parts[0]
  }

  clear(): void {
    tf.dispose(this.#parts)
    this.#parts = []
    this.#size = 0
  }
}

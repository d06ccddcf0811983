import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/** A tensor that a memory writes: it outlives every tidy, and goes back to its first value on reset. */
export class State {
  readonly #initial: Tensor
  #value: Tensor

  /** Takes ownership of the first value. */
  constructor(initial: Tensor) {
    this.#initial = tf.keep(initial)
    this.#value = tf.keep(initial.clone())
  }

  get value(): Tensor {
    return this.#value
  }

  update(next: (value: Tensor) => Tensor): void {
    const made = tf.keep(tf.tidy(() => next(this.#value).clone()))
    this.#value.dispose()
    this.#value = made
  }

  reset(): void {
    this.update(() => this.#initial)
  }

  dispose(): void {
    tf.dispose([this.#initial, this.#value])
  }
}

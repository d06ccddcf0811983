import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/**
 * A value that training takes as given: comparisons, ranks and masks have no gradient, and none flows through them.
 * @param make may use any ops; its result depends on `x` but passes no gradient back to it
 */
export function detached(x: Tensor, make: (x: Tensor) => Tensor): Tensor {
  const pass = tf.customGrad((input) => ({
    value: make(input as Tensor),
    gradFunc: () => tf.zerosLike(input as Tensor)
  }))
  return pass(x)
}

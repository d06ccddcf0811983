import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/** Entries up to this size stay as they are: their squares, and sums of those, are far from the end of float32. */
const large = 2 ** 40

/**
 * Rows x / s whose squares can be added up: s = max(1, max |x| / 2^40) over the last axis [.., 1].
 *
 * Above 1.8e19 the square of a float32 number is infinite. Where s = 1, which is everywhere but there, x is not changed
 * by a bit.
 */
export function scaledDown(x: Tensor): { scaled: Tensor; scale: Tensor } {
  const scale = tf.maximum(tf.max(x.abs(), -1, true).div(large), 1)
  return { scaled: x.div(scale), scale }
}

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/** 1 at each of the places [...] among `count`, 0 elsewhere: [..., count]; no place is -1. The package has it for two and more. */
export const oneHot = (places: Tensor, count: number): Tensor =>
  count > 1
    ? tf.oneHot(places, count).toFloat()
    : tf.equal(places, tf.scalar(0, 'int32')).toFloat().expandDims(places.rank)

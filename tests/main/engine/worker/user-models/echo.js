/** A researcher's own model: answers with the value whose key is nearest. */
import * as tf from '@tensorflow/tfjs'
import { integer } from 'engram-studio'

export default {
  id: 'echo',
  title: 'Echo',
  interfaces: ['key-value'],
  params: { dim: integer('Dimension', 8, { help: 'Length of keys and values', min: 1, max: 4096, from: 'dim' }) },
  create() {
    let pairs
    const forget = () => {
      tf.dispose(pairs)
      pairs = undefined
    }
    return {
      store({ keys, values }) {
        forget()
        pairs = [keys.clone(), values.clone()]
      },
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          const [keys, values] = pairs
          const nearest = tf.matMul(queries, keys, false, true).argMax(2)
          return tf.matMul(tf.oneHot(nearest, keys.shape[1]).cast('float32'), values)
        }),
      reset: forget,
      dispose: forget
    }
  },
  cost: ({ dim }, { stored, queries }) => ({
    storeFlops: 0,
    retrieveFlops: 2 * queries * stored * dim,
    parameters: 0,
    state: 2 * stored * dim
  })
}

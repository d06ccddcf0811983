import * as tf from '@tensorflow/tfjs'
import { defineModel, integer, number } from 'engram-studio'

/** A matrix that adds up the outer products of what it stores. Replace it with your own. */
export default defineModel({
  id: 'my-model',
  title: 'My model',
  family: 'My models',
  interfaces: ['key-value'],
  summary: 'A matrix that adds up the outer products of what it stores.',
  recall: '',
  equations: ['M \\leftarrow M + \\eta\\,k v^\\top', '\\operatorname{retrieve}(q) = q M'],
  symbols: [{ symbol: 'M', meaning: 'memory matrix', shape: '[d, d]' }],
  source: '',
  notes: [],
  params: {
    // `from: 'dim'`: the task says how long its vectors are.
    dim: integer('Dimension', 64, { help: 'Length of keys and values', min: 1, max: 4096, from: 'dim' }),
    rate: number('Rate', 1, { help: 'Strength of one write', min: 0, max: 10 })
  },
  uses: { contexts: false, places: false },
  revision: 1,
  // All tensors carry a leading axis of trials that are computed together.
  create({ dim, rate }, { batch }) {
    let matrix = tf.zeros([batch, dim, dim])
    const replace = (next: tf.Tensor): void => {
      matrix.dispose()
      matrix = next
    }
    return {
      // keys, values: [B, N, d]
      store: ({ keys, values }) => replace(tf.tidy(() => matrix.add(tf.matMul(keys, values, true, false).mul(rate)))),
      // queries: [B, Q, d] -> [B, Q, d]
      retrieve: ({ queries }) => tf.matMul(queries, matrix),
      reset: () => replace(tf.zeros([batch, dim, dim])),
      dispose: () => matrix.dispose()
    }
  },
  cost: ({ dim }, { stored, queries }) => ({
    storeFlops: 2 * stored * dim * dim + 2 * dim * dim,
    retrieveFlops: 2 * queries * dim * dim,
    parameters: 0,
    state: dim * dim
  })
})

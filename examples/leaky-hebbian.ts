/**
 * A model of your own, as a file in your models folder: a Hebbian matrix that forgets.
 *
 *   W <- (1 - leak) W + v^T k   for every item in turn,    retrieve(q) = q W^T
 *
 * k, v, q: rows of length d; W: [d, d], zeros at the start. With leak = 0 this is the linear associator.
 *
 * All tensors carry a leading batch axis B: trials that differ only in their seed are computed together.
 * Name this folder as the models folder (Settings, or --models), and the model is in the catalog beside the built-in ones.
 */
import * as tf from '@tensorflow/tfjs'
import { defineModel, integer, number } from 'engram-studio'

export default defineModel({
  id: 'leaky-hebbian',
  title: 'Leaky Hebbian matrix',
  family: 'My models',
  interfaces: ['key-value'],
  summary: 'A Hebbian matrix that loses a share of itself with every item.',
  recall: 'Recent items well, old ones less: after n further items an item has (1 - leak)^n of its strength.',
  equations: ['W \\leftarrow (1 - \\lambda)\\,W + v_i^\\top k_i', '\\operatorname{retrieve}(q) = q\\,W^\\top'],
  symbols: [
    { symbol: 'W', meaning: 'memory matrix', shape: '[d, d]' },
    { symbol: '\\lambda', meaning: 'share that is lost with every item' }
  ],
  source: 'An example of Engram Studio',
  notes: [],
  params: {
    // `from: 'dim'`: the task says how long its vectors are.
    dim: integer('Dimension', 64, { help: 'Length of keys and values', min: 1, max: 4096, from: 'dim' }),
    leak: number('Leak', 0.05, { help: 'Share of W that is lost with every item', min: 0, max: 1 })
  },
  uses: { contexts: false, places: false },
  revision: 1,
  create({ dim, leak }, { batch }) {
    let matrix = tf.zeros([batch, dim, dim])
    const replace = (next: tf.Tensor): void => {
      matrix.dispose()
      matrix = next
    }
    return {
      // keys: [B, N, d], values: [B, N, d]. N writes with decay are one product with weights (1 - leak)^(N - 1 - i).
      store({ keys, values }) {
        replace(
          tf.tidy(() => {
            const items = keys.shape[1]!
            const weights = tf.tensor(Array.from({ length: items }, (_, i) => (1 - leak) ** (items - 1 - i)))
            const written = tf.matMul(values.mul(weights.reshape([1, items, 1])), keys, true, false)
            return matrix.mul((1 - leak) ** items).add(written)
          })
        )
      },
      // queries: [B, Q, d] -> [B, Q, d]
      retrieve: ({ queries }) => tf.matMul(queries, matrix, false, true),
      reset: () => replace(tf.zeros([batch, dim, dim])),
      dispose: () => matrix.dispose()
    }
  },
  cost: ({ dim }, { stored, queries }) => ({
    storeFlops: 2 * stored * dim * dim + stored * dim + dim * dim,
    retrieveFlops: 2 * queries * dim * dim,
    parameters: 0,
    state: dim * dim
  })
})

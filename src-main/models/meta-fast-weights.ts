import * as tf from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/params.ts'
import { defineModel } from './model.ts'
import { dimension } from './parts/common-params.ts'
import { applyMlp, mlp, mlpFlops, mlpParameters } from './parts/linear.ts'
import { State } from './parts/state.ts'

/** Numbers of the updates that are held at once, over all trials of a batch. */
const updatesHeld = 2 ** 21

/**
 * Meta-learned fast weights: a hypernetwork turns each key into a change of the memory matrix.
 *
 *   F <- F + s reshape(tanh(net(k)), [d, d])   item by item,    retrieve(q) = q F
 *
 * net = Linear(d, h) ReLU Linear(h, h) ReLU Linear(h, d^2); F: [d, d], zeros; s: updateScale. The changes do not depend
 * on F, so a store adds up all of them; with tanh(x) = 2 sigma(2x) - 1 and the sum as a product with a row of ones.
 * Source: MetaLearnedFastWeights of the seed documents, after Ha, Dai and Le (2017), HyperNetworks.
 */
export default defineModel({
  id: 'meta-fast-weights',
  title: 'Meta-learned fast weights',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'A hypernetwork reads each key and proposes a change of the memory matrix.',
  recall:
    'Cannot recall by construction: the change depends on the key alone, never on the value, so no training of the hypernetwork can make it return stored values. It scores at chance.',
  equations: [
    'F \\leftarrow F + s\\,\\operatorname{reshape}\\bigl(\\tanh(\\operatorname{net}(k))\\bigr)',
    '\\operatorname{retrieve}(q) = q\\,F'
  ],
  symbols: [
    { symbol: 'F', meaning: 'fast weights', shape: '[d, d]' },
    { symbol: '\\operatorname{net}', meaning: 'hypernetwork of three layers with h hidden units', shape: '[d] → [d²]' },
    { symbol: 's', meaning: 'update scale' }
  ],
  source:
    'MetaLearnedFastWeights of the studio’s source documents (2025), after D. Ha, A. Dai and Q. V. Le (2017), HyperNetworks',
  notes: ['The source computes the change from the key only; it is kept as it is.'],
  params: {
    dim: { ...dimension, max: 512 },
    hiddenDim: integer('Hidden units', 128, {
      help: 'Width of the hypernetwork',
      min: 1,
      max: 2048,
      symbol: 'h',
      scale: 'log'
    }),
    updateScale: number('Update scale', 0.01, {
      help: 'Strength of one write',
      min: 0,
      max: 10,
      symbol: 's',
      scale: 'log'
    })
  },
  uses: { contexts: false, places: false },
  revision: 1,
  create({ dim, hiddenDim, updateScale }, { batch, weight }) {
    const [first, second, last] = mlp(weight, 'hypernetwork', [dim, hiddenDim, hiddenDim, dim * dim])
    const fast = new State(weight('fast_weights', [dim, dim], { kind: 'zeros', state: true }))
    const part = Math.max(1, Math.floor(updatesHeld / (batch * dim * dim)))
    return {
      store({ keys }) {
        const items = keys.shape[1]!
        fast.update((start) => {
          const hidden = tf.relu(applyMlp([first, second], keys)).mul(2)
          const bias = last.bias.mul(2).expandDims(1)
          let sum = start
          for (let at = 0; at < items; at += part) {
            const size = Math.min(part, items - at)
            const change = tf.tidy(() => {
              const logits = tf.matMul(hidden.slice([0, at, 0], [-1, size, -1]), last.weight, false, true).add(bias)
              const total = tf.matMul(tf.ones([batch, 1, size]), tf.sigmoid(logits))
              return total.mul(2).sub(size).mul(updateScale).reshape([batch, dim, dim])
            })
            sum = sum.add(change)
          }
          return sum
        })
      },
      retrieve: ({ queries }) => tf.matMul(queries, fast.value),
      reset: () => fast.reset(),
      dispose() {
        fast.dispose()
        tf.dispose([first, second, last].flatMap((layer) => [layer.weight, layer.bias]))
      }
    }
  },
  cost: ({ dim, hiddenDim }, { stored, queries }) => ({
    storeFlops: mlpFlops(stored, [dim, hiddenDim, hiddenDim, dim * dim]) + stored * (hiddenDim + 3 * dim * dim),
    retrieveFlops: 2 * queries * dim * dim,
    parameters: mlpParameters([dim, hiddenDim, hiddenDim, dim * dim]),
    state: dim * dim
  })
})

import * as tf from '@tensorflow/tfjs'
import { choice, integer, number } from '../../src-shared/params.ts'
import { defineModel } from './model.ts'
import { State } from './parts/state.ts'

/**
 * Fast weights: a matrix that is written by outer products of projected keys and values.
 *
 *   F <- F + eta (k W_K)^T (v W_V)   per item
 *   q' = q W_Q;   read = softmax(q' F^T / sqrt(d)) F,   or q' F when linear
 *
 * W_K, W_V, W_Q: [d, d], n(0.1); F: [d, d], zeros at the start; eta: learning rate. The writes do not depend on F, so N
 * of them are one matrix product.
 * Source: Schmidhuber (1992), Learning to control fast-weight memories; Ba et al. (2016), Using fast weights to attend
 * to the recent past.
 */
export default defineModel({
  id: 'fast-weights',
  title: 'Fast weights',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'A matrix written by outer products of projected keys and values, read through a projected query.',
  recall:
    'With its untrained random projections it stays at chance. With projections set to the identity the linear read is a linear associator. The softmax read compares the query with the stored values, not with the keys, so it cannot recall by key in either case.',
  equations: [
    'F \\leftarrow F + \\eta\\,(k W_K)^\\top (v W_V)',
    "q' = q W_Q,\\quad \\operatorname{retrieve}(q) = \\operatorname{softmax}\\!\\left(q' F^\\top / \\sqrt d\\right) F \\ \\text{ or }\\ q' F"
  ],
  symbols: [
    { symbol: 'F', meaning: 'fast weights', shape: '[d, d]' },
    { symbol: 'W_K, W_V, W_Q', meaning: 'projections of keys, values and queries', shape: '[d, d]' },
    { symbol: '\\eta', meaning: 'learning rate' }
  ],
  source:
    'J. Schmidhuber (1992), Learning to control fast-weight memories; J. Ba et al. (2016), Using fast weights to attend to the recent past',
  notes: ['The N writes of one store are one matrix product.'],
  params: {
    dim: integer('Dimension', 64, {
      help: 'Length of keys and values',
      min: 1,
      max: 4096,
      symbol: 'd',
      from: 'dim',
      scale: 'log'
    }),
    learningRate: number('Learning rate', 0.01, {
      help: 'Strength of one write',
      min: 0,
      max: 10,
      symbol: '\\eta',
      scale: 'log'
    }),
    read: choice('Read', 'softmax', ['softmax', 'linear'], {
      help: 'softmax weighs the rows of F; linear multiplies by F'
    })
  },
  uses: { contexts: false, places: false },
  revision: 1,
  create({ dim, learningRate, read }, { weight }) {
    const projection = (name: string): tf.Tensor => weight(name, [dim, dim], { kind: 'normal', scale: 0.1 })
    const keyProjection = projection('W_K_fast')
    const valueProjection = projection('W_V_fast')
    const queryProjection = projection('W_Q_fast')
    const fast = new State(weight('fast_weights', [dim, dim], { kind: 'zeros', state: true }))
    return {
      store({ keys, values }) {
        fast.update((value) => {
          // Sum first, project after: W_K^T (K^T V) W_V costs d^3 instead of two projections of N rows each.
          const pairs = tf.matMul(keys, values, true, false)
          const write = tf.matMul(tf.matMul(keyProjection, pairs, true, false), valueProjection)
          return value.add(write.mul(learningRate))
        })
      },
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          const projected = tf.matMul(queries, queryProjection)
          if (read === 'linear') return tf.matMul(projected, fast.value)
          const scores = tf.matMul(projected, fast.value, false, true).div(Math.sqrt(dim))
          return tf.matMul(tf.softmax(scores, -1), fast.value)
        }),
      reset: () => fast.reset(),
      dispose() {
        fast.dispose()
        tf.dispose([keyProjection, valueProjection, queryProjection])
      }
    }
  },
  cost: ({ dim, read }, { stored, queries }) => ({
    storeFlops: 2 * stored * dim * dim + 4 * dim ** 3 + 2 * dim * dim,
    retrieveFlops: queries * (read === 'linear' ? 4 * dim * dim : 6 * dim * dim + 6 * dim),
    parameters: 3 * dim * dim,
    state: dim * dim
  })
})

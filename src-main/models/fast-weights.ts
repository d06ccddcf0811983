import * as tf from '@tensorflow/tfjs'
import { choice, number } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { plusProduct } from './parts/memory/added-product.ts'
import { readSlots } from './parts/memory/attention-read.ts'
import { dimension } from './parts/memory/common-params.ts'
import { StoreFrames } from './parts/traces/memory-frames.ts'
import { identity, projectionParams, train } from './parts/memory/projections.ts'
import { State } from './parts/memory/state.ts'

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
    dim: dimension,
    learningRate: number('Learning rate', 0.01, {
      help: 'Strength of one write',
      min: 0,
      max: 10,
      symbol: '\\eta',
      scale: 'log'
    }),
    read: choice('Read', 'softmax', ['softmax', 'linear'], {
      help: 'softmax weighs the rows of F; linear multiplies by F'
    }),
    ...projectionParams
  },
  scripted: 1,
  revision: 1,
  create({ dim, learningRate, read, projections, trainSteps, trainRate }, { batch, weight, observed }) {
    /** F with a store. Sum first, project after: W_K^T (K^T V) W_V instead of two projections of N rows. */
    const write = (
      matrix: tf.Tensor,
      [forKeys, forValues]: tf.Tensor[],
      keys: tf.Tensor,
      values: tf.Tensor
    ): tf.Tensor => {
      const sums = tf.matMul(forKeys, tf.matMul(keys, values, true, false), true, false)
      return plusProduct(matrix, sums, forValues, { scale: learningRate })
    }
    const answer = (forQueries: tf.Tensor, matrix: tf.Tensor, queries: tf.Tensor): tf.Tensor => {
      const projected = tf.matMul(queries, forQueries)
      if (read === 'linear') return tf.matMul(projected, matrix)
      return readSlots(projected, matrix, matrix, { scale: 1 / Math.sqrt(dim) }).read
    }
    let weights = ['W_K_fast', 'W_V_fast', 'W_Q_fast'].map((name) =>
      projections === 'identity' ? identity(batch, dim) : weight(name, [dim, dim], { kind: 'normal', scale: 0.1 })
    )
    if (projections === 'trained')
      weights = train(weights, { dim, weight, steps: trainSteps, rate: trainRate }, (current, keys, values) =>
        answer(current[2], write(tf.zerosLike(current[0]), current, keys, values), keys)
      )
    const fast = new State(weight('fast_weights', [dim, dim], { kind: 'zeros', state: true }))
    const frames = new StoreFrames({ name: 'matrix', title: 'Fast weights F', axes: ['Key', 'Value'] }, observed)
    return {
      store({ keys, values }) {
        fast.update((matrix) => write(matrix, weights, keys, values))
        frames.after(fast.value)
      },
      retrieve: ({ queries }) => tf.tidy(() => answer(weights[2], fast.value, queries)),
      reset() {
        fast.reset()
        frames.clear()
      },
      traces: () => frames.read(fast.value),
      dispose() {
        fast.dispose()
        frames.clear()
        tf.dispose(weights)
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

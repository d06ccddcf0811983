import * as tf from '@tensorflow/tfjs'
import { boolean } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { plusProduct } from './parts/memory/added-product.ts'
import { dimension } from './parts/memory/common-params.ts'
import { StoreFrames } from './parts/traces/memory-frames.ts'

/** The laws speak of one direction. */
const oneWay = { symmetric: false }

/**
 * Linear associator: the Hebbian outer-product memory.
 *
 *   W <- W + sum_i v_i^T k_i,    retrieve(q) = q W^T
 *
 * k, v, q: rows of length d; W: [d, d], zeros at the start. N writes are one matrix product, V^T K. With both directions
 * every pair is stored the other way round as well, W <- W + sum_i (v_i^T k_i + k_i^T v_i): W is symmetric, and a read with
 * it is what a read of the plain matrix with W + W^T would be.
 * Source: Kohonen (1972), Correlation matrix memories; Anderson (1972).
 */
export default defineModel({
  id: 'linear-associator',
  title: 'Linear associator',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'One matrix that adds up the outer products of all pairs: the oldest Hebbian memory.',
  recall:
    'Recalls exactly with orthonormal keys; with random keys the cosine falls as 1/sqrt(1 + (N-1)/d). An overwritten key returns the sum of its values. In a chain a cue returns its successor alone; with both directions the predecessor comes back as strongly.',
  equations: [
    'W \\leftarrow W + \\sum_i v_i^\\top k_i\\quad(+\\,k_i^\\top v_i\\text{ with both directions})',
    '\\operatorname{retrieve}(q) = q\\,W^\\top'
  ],
  symbols: [
    { symbol: 'W', meaning: 'memory matrix', shape: '[d, d]' },
    { symbol: 'k_i, v_i', meaning: 'key and value of item i', shape: '[d]' },
    { symbol: 'q', meaning: 'query', shape: '[d]' }
  ],
  source:
    'T. Kohonen (1972), Correlation matrix memories; J. A. Anderson (1972), A simple neural network generating an interactive memory',
  notes: [],
  params: {
    dim: dimension,
    symmetric: boolean('Both directions', false, {
      help: 'Store every pair the other way round as well: a value brings back its key',
      later: true
    })
  },
  theory: [
    { law: 'associator', setting: { keys: 'independent', cue: 'exact' }, params: oneWay },
    { law: 'associator-noisy-cue', setting: { keys: 'independent', cue: 'noisy' }, params: oneWay },
    { law: 'associator-correlated-keys', setting: { keys: 'correlated', cue: 'exact' }, params: oneWay },
    { law: 'exact', setting: { keys: 'orthonormal', cue: 'exact' }, params: oneWay }
  ],
  revision: 1,
  create({ dim, symmetric }, { weight, observed }) {
    const initial = weight('memory_matrix', [dim, dim], { kind: 'zeros', state: true })
    let matrix = initial.clone()
    const frames = new StoreFrames({ name: 'matrix', title: 'Memory matrix W', axes: ['Value', 'Key'] }, observed)
    return {
      store({ keys, values }) {
        const next = tf.tidy(() => {
          const written = plusProduct(matrix, values, keys, { left: true })
          return symmetric ? plusProduct(written, keys, values, { left: true }) : written
        })
        matrix.dispose()
        matrix = next
        frames.after(matrix)
      },
      retrieve: ({ queries }) => tf.matMul(queries, matrix, false, true),
      reset() {
        matrix.dispose()
        matrix = initial.clone()
        frames.clear()
      },
      traces: () => frames.read(matrix),
      dispose() {
        frames.clear()
        tf.dispose([initial, matrix])
      }
    }
  },
  cost: ({ dim, symmetric }, { stored, queries }) => ({
    storeFlops: (symmetric ? 4 : 2) * stored * dim * dim,
    retrieveFlops: 2 * queries * dim * dim,
    parameters: 0,
    state: dim * dim
  })
})

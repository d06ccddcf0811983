import * as tf from '@tensorflow/tfjs'
import { number } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { attend, readSlots } from './parts/memory/attention-read.ts'
import { dimension } from './parts/memory/common-params.ts'
import { HeatMap } from './parts/traces/heat-map.ts'
import { Rows } from './parts/memory/rows.ts'

/**
 * Modern Hopfield network: keeps every pair and answers with a softmax over all of them.
 *
 *   retrieve(q) = softmax(beta q K^T) V
 *
 * K, V: stored keys and values [N, d]; q: [Q, d]; beta: inverse temperature. Zeros while nothing is stored. With K = V
 * one read is one update of the network's state and never raises its energy
 * E(q) = -logsumexp(beta q K^T)/beta + |q|^2/2.
 * Source: Ramsauer et al. (2021), Hopfield networks is all you need.
 */
export default defineModel({
  id: 'hopfield',
  title: 'Modern Hopfield network',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'Keeps all pairs and reads them by a softmax over the similarity of the query to every key.',
  recall:
    'Recalls almost exactly while beta times the key length squared is well above ln N: with raw normal keys that holds from about d = 32 at beta 1, so there is no capacity limit to see unless d or beta is small. Keys of unit length (orthonormal ones) need beta well above ln N: at beta 1 it blends all values alike. Its store grows with every pair.',
  equations: ['\\operatorname{retrieve}(q) = \\operatorname{softmax}(\\beta\\,q K^\\top)\\,V'],
  symbols: [
    { symbol: 'K, V', meaning: 'all stored keys and values', shape: '[N, d]' },
    { symbol: 'q', meaning: 'query', shape: '[d]' },
    { symbol: '\\beta', meaning: 'inverse temperature' }
  ],
  source: 'H. Ramsauer et al. (2021), Hopfield networks is all you need, ICLR',
  notes: ['Retrieves zeros while nothing is stored.'],
  params: {
    dim: dimension,
    beta: number('Inverse temperature', 1, {
      help: 'Higher picks the nearest key, lower blends',
      min: 0,
      max: 1000,
      symbol: '\\beta',
      scale: 'log'
    })
  },
  theory: [
    {
      law: 'softmax-orthonormal-keys',
      setting: { keys: 'orthonormal', cue: 'exact' },
      quantities: { beta: 'beta' }
    }
  ],
  revision: 1,
  create({ beta }) {
    const pairs = new Rows()
    const seen = new HeatMap('attention', 'Attention of the last queries over the stored items', ['query', 'item'])
    return {
      store: ({ keys, values }) => pairs.append(keys, values),
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          const held = pairs.read()
          if (!held) return tf.zerosLike(queries)
          const [keys, values] = held
          seen.keep(queries)
          return readSlots(queries, keys, values, { scale: beta }).read
        }),
      reset() {
        pairs.clear()
        seen.clear()
      },
      traces: () =>
        seen.read((queries) => {
          const held = pairs.read()
          return held && attend(queries.mul(beta), held[0], undefined, undefined)
        }),
      dispose() {
        pairs.clear()
        seen.clear()
      }
    }
  },
  cost: ({ dim }, { stored, before, queries }) => ({
    retrieveFlops: queries * (dim + 4 * (stored + before) * dim + 5 * (stored + before)),
    parameters: 0,
    state: 2 * (stored + before) * dim
  })
})

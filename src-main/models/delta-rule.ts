import * as tf from '@tensorflow/tfjs'
import { boolean, number } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { copyOf } from './parts/slots/adam.ts'
import { dimension } from './parts/memory/common-params.ts'
import { unit, unitFlops } from './parts/memory/cosine.ts'
import { StoreFrames } from './parts/traces/memory-frames.ts'
import { slotKernels } from '../tensors/fused-kernels.ts'
import { fusedMaps, type MapLayer } from '../tensors/fused-memory-ops.ts'
import { fusedDelta } from '../tensors/fused-ops.ts'
import { State } from './parts/memory/state.ts'

/** Items per block of the blocked write. */
const blockSize = 32

/**
 * Delta rule: each write first takes away what the memory already answers to the key.
 *
 *   W <- W + beta (v - W k) k^T   item by item,    retrieve(q) = q W^T
 *
 * k, v, q: [d], k and q at unit length if normalizeKeys; W: [d, d], zeros at the start; beta: write strength.
 * The items of a block depend on one another through their Gram matrix only. With L = beta strictlyLower(K K^T), the
 * corrections E of a block [C, d] solve (I + L) E = V - K W^T, so
 *
 *   T = (I + L)^-1,   S = W^T:   S <- S - beta K^T (T K) S + beta K^T (T V)
 *
 * T is made for all blocks at once; only the last line runs block after block. A fused kernel, where there is one, goes
 * item by item.
 * Source: Widrow and Hoff (1960); Schlag, Irie and Schmidhuber (2021), Linear transformers are secretly fast weight
 * programmers; the blocked form is that of Bischof and Van Loan (1987), The WY representation.
 */
export default defineModel({
  id: 'delta-rule',
  title: 'Delta rule',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'A matrix that is corrected by the error of its own answer, so that a new value replaces the old one.',
  recall:
    'The item written last is exact (beta 1, unit keys), and orthonormal keys are all exact; a repeated key returns its newest value. With random keys old items fade, and above about 0.72 d items the linear associator keeps more.',
  equations: ['W \\leftarrow W + \\beta\\,(v - W k)\\,k^\\top', '\\operatorname{retrieve}(q) = q\\,W^\\top'],
  symbols: [
    { symbol: 'W', meaning: 'memory matrix', shape: '[d, d]' },
    { symbol: 'k, v', meaning: 'key and value, as columns', shape: '[d]' },
    { symbol: '\\beta', meaning: 'write strength' },
    { symbol: 'q', meaning: 'query', shape: '[d]' }
  ],
  source:
    'B. Widrow and M. E. Hoff (1960), Adaptive switching circuits; I. Schlag, K. Irie and J. Schmidhuber (2021), Linear transformers are secretly fast weight programmers',
  notes: ['Writes run in blocks of 32 items in their exact closed form; the result is that of one item at a time.'],
  params: {
    dim: dimension,
    beta: number('Write strength', 1, {
      help: 'Share of the error that one write corrects',
      min: 0,
      max: 2,
      symbol: '\\beta'
    }),
    normalizeKeys: boolean('Unit keys', true, { help: 'Bring keys and queries to unit length first' })
  },
  theory: [
    {
      law: 'delta-rule',
      setting: { keys: 'independent', cue: 'exact', writes: 1, chained: false },
      params: { beta: 1, normalizeKeys: true }
    },
    { law: 'exact', setting: { keys: 'orthonormal', cue: 'exact' }, params: { beta: 1, normalizeKeys: true } }
  ],
  revision: 1,
  create({ dim, beta, normalizeKeys }, { batch, weight, observed }) {
    const scaled = (keys: tf.Tensor): tf.Tensor => (normalizeKeys ? unit(keys) : keys)
    /** W^T: keys to values. */
    const state = new State(
      tf.tidy(() => tf.transpose(weight('memory_matrix', [dim, dim], { kind: 'zeros', state: true }), [0, 2, 1]))
    )
    const frames = new StoreFrames({ name: 'matrix', title: 'Memory matrix Wᵀ', axes: ['Key', 'Value'] }, observed)
    return {
      store({ keys, values }) {
        const kernels = slotKernels()
        state.update((initial) => {
          if (kernels) {
            const [items, valueDim] = [keys.shape[1]!, values.shape[2]!]
            const matrix = copyOf(initial)
            const given = { keys: copyOf(scaled(keys)), values: copyOf(values) }
            kernels.writeDelta({ batch, dim, valueDim, items, beta, matrix, ...given })
            return tf.tensor(matrix, initial.shape)
          }
          const fused = fusedDelta(initial, scaled(keys), values, beta)
          if (fused) return fused
          const { size, blocks, padding } = blocking(keys.shape[1]!)
          // A padded row has key zero and so writes nothing.
          const block = (x: tf.Tensor): tf.Tensor =>
            x
              .pad([
                [0, 0],
                [0, padding],
                [0, 0]
              ])
              .reshape([batch * blocks, size, dim])
          const k = block(scaled(keys))
          const scaledKeys = k.mul(beta)
          const inverse = unitLowerInverse(tf.matMul(scaledKeys, k, false, true))
          const perBlock = (x: tf.Tensor): tf.Tensor[] => tf.unstack(x.reshape([batch, blocks, -1, dim]), 1)
          const writes = perBlock(scaledKeys)
          const reads = perBlock(tf.matMul(inverse, k))
          const targets = perBlock(tf.matMul(inverse, block(values)))
          return writes.reduce<tf.Tensor>(
            (s, write, i) =>
              tf.tidy(() => s.add(tf.matMul(write, targets[i].sub(tf.matMul(reads[i], s)), true, false))),
            initial
          )
        })
        frames.after(state.value)
      },
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          const read: MapLayer = { weight: state.value, columns: true }
          const fused = normalizeKeys && fusedMaps([{ inputs: [queries], layers: [{ then: 'unit' }, read] }])
          return fused ? fused[0] : tf.matMul(scaled(queries), state.value)
        }),
      reset() {
        state.reset()
        frames.clear()
      },
      traces: () => frames.read(state.value),
      dispose() {
        state.dispose()
        frames.clear()
      }
    }
  },
  cost({ dim, normalizeKeys }, { stored, queries }) {
    const { size, blocks } = blocking(stored)
    const normalize = normalizeKeys ? unitFlops(1, dim) : 0
    const levels = Math.max(1, Math.log2(size))
    return {
      storeFlops:
        stored * normalize +
        blocks * (size * dim + 6 * size * size * dim + 4 * (levels - 1) * size ** 3 + 2 * levels * size * size) +
        blocks * (4 * size * dim * dim + size * dim + dim * dim),
      retrieveFlops: queries * (normalize + 2 * dim * dim),
      parameters: 0,
      state: dim * dim
    }
  }
})

/** How many blocks of which size (a power of two) hold the items, and how many rows of the last stay empty. */
function blocking(items: number): { size: number; blocks: number; padding: number } {
  const size = Math.min(blockSize, 2 ** Math.ceil(Math.log2(Math.max(items, 1))))
  const blocks = Math.ceil(items / size)
  return { size, blocks, padding: blocks * size - items }
}

/**
 * (I + strictlyLower(A))^-1 of each matrix of a batch [n, C, C], C a power of two. Inverses T of the diagonal blocks of
 * size s give those of size 2s: T <- T - T M T, with M the part of A in the lower left quarters of the larger blocks.
 */
function unitLowerInverse(matrices: tf.Tensor): tf.Tensor {
  const size = matrices.shape[1]!
  let inverse: tf.Tensor = tf.eye(size).expandDims(0)
  for (let s = 1; s < size; s *= 2) {
    const part = matrices.mul(lowerLeftQuarters(size, s))
    // At the first level T is the identity.
    inverse = inverse.sub(s === 1 ? part : tf.matMul(tf.matMul(inverse, part), inverse))
  }
  return inverse.tile([matrices.shape[0] / inverse.shape[0], 1, 1])
}

/** Ones where row and column lie in the same block of 2s, the row in its lower half and the column in its left half. */
function lowerLeftQuarters(size: number, s: number): tf.Tensor {
  const mask = new Float32Array(size * size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      if (Math.floor(row / (2 * s)) === Math.floor(column / (2 * s)) && (row & s) !== 0 && (column & s) === 0)
        mask[row * size + column] = 1
  return tf.tensor(mask, [1, size, size])
}

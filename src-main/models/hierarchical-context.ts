import * as tf from '@tensorflow/tfjs'
import type { ParamValues, ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { hierarchyParams } from './parts/hierarchy/hierarchy.ts'
import { keyValue, tracesOf } from './parts/memory/inner.ts'
import { disposeAll, resetAll } from './parts/memory/joined-memories.ts'

const { maxLevels, spatialDim, temporalDim } = hierarchyParams
const params = { dim: dimension, maxLevels, spatialDim, temporalDim, heads: headCount(4) }

/** How fast time runs for each memory. */
const paces = [1, 10, 100]
const kind = 'hierarchical'
const memoryParams = (p: ValuesOf<typeof params>): ParamValues => ({ ...p })

/**
 * Hierarchical context: every token is written into three hierarchical memories, for which time runs at its pace, ten and
 * a hundred times as fast, and read back beside itself.
 *
 *   per token h_t:   store_i(h_t, h_t) at place t and time p_i t,   y_t = h_t + mean_i read_i(h_t; t, p_i t)
 *
 * h, y: [d]; p = 1, 10, 100; t counts on from call to call. The memories' weights carry the prefixes `memories.i.`.
 * Source: the studio's first source document.
 */
export default defineModel({
  id: 'hierarchical-context',
  title: 'Hierarchical context',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Each token is written into three hierarchical memories at three paces of time and read back beside itself.',
  recall:
    'A token is read at its own place and time, where it has just been written: it recalls itself with its place code added. Earlier tokens are reached only where their extents contain its place.',
  equations: [
    '\\operatorname{store}_i(h_t, h_t)\\ \\text{at}\\ (t,\\ p_i t),\\qquad y_t = h_t + \\tfrac{1}{3}\\sum_i \\operatorname{read}_i(h_t;\\ t,\\ p_i t)'
  ],
  symbols: [
    { symbol: 'h, y', meaning: 'tokens in and out', shape: '[d]' },
    { symbol: 'p_i', meaning: 'paces of time: 1, 10, 100' }
  ],
  source: 'Unpublished design notes from which this studio began (2025)',
  notes: ['Its trees are built outside the tensors, so it cannot be trained.'],
  params,
  uses: { contexts: false, places: false },
  trainable: false,
  revision: 1,
  create(p, setup) {
    const memories = paces.map((_, i) => keyValue(setup, { kind, params: memoryParams(p) }, `memories.${i}.`, 'memory'))
    let count = 0
    return {
      forward(x) {
        // Not in one tidy: the memories hold on to what they write.
        const tokens = tf.split(x, x.shape[1]!, 1)
        const reads = tokens.map((h) => {
          const t = count++
          const answers = memories.map((memory, i) => {
            const [positions, times] = [[t], [paces[i] * t]]
            memory.store({ keys: h, values: h, positions, times, importances: [1] })
            return memory.retrieve({ queries: h, positions, times })
          })
          const mean = tf.tidy(() => tf.addN(answers).div(paces.length))
          tf.dispose(answers)
          return mean
        })
        const y = tf.tidy(() => x.add(tf.concat(reads, 1)))
        tf.dispose([...tokens, ...reads])
        return y
      },
      reset() {
        resetAll(memories)
        count = 0
      },
      traces: () => tracesOf(memories, 'memories', 'Memory'),
      dispose: () => disposeAll(memories)
    }
  },
  cost(p, { tokens = 0 }, costOf) {
    // At its own place and time, a token finds nothing but the leaf it has just become.
    const one = costOf(kind, memoryParams(p), { stored: 1, before: 0, queries: 1 })
    const adding = (paces.length - 1 + 2) * p.dim
    return {
      storeFlops: 0,
      retrieveFlops: 0,
      forwardFlops: tokens * (paces.length * (one.storeFlops + one.retrieveFlops) + adding),
      parameters: paces.length * one.parameters,
      state: paces.length * one.state * tokens
    }
  }
})

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { Adam, adamFlops } from './parts/slots/adam.ts'
import { dimension } from './parts/memory/common-params.ts'
import { readSlots } from './parts/memory/attention-read.ts'
import { writeJointly } from './parts/slots/joint-write.ts'
import { jointFlops } from './parts/slots/slot-gradient.ts'
import { attentionTrace, tracedQueries, usedTrace } from './parts/slots/slot-traces.ts'

/**
 * Episodic slots: an attention over M trainable slots, written by gradient on all items at once.
 *
 *   read(q) = softmax(q K^T) V
 *   store: updateSteps x one Adam step on mean((read(keys) - values)^2) over all N d entries
 *
 * K, V: [M, d], drawn n(1); q: [d]; Adam's state is kept between stores. The gradient is in parts/slots/slot-gradient.ts.
 * Source: EpisodicMemory of the seed documents (2025), an attention memory trained by its own optimiser.
 */
export default defineModel({
  id: 'episodic-slots',
  title: 'Episodic slots',
  family: 'Slot memories',
  interfaces: ['key-value'],
  summary: 'A fixed set of trainable slots, read by attention and written by gradient steps on all items at once.',
  recall:
    'With its defaults (one step of rate 0.01) a store changes the slots too little to recall anything: it reads near its random start. Hundreds of steps or a rate near 0.1 let it fit up to about M items; a later store overwrites an earlier one, since nothing protects it.',
  equations: [
    '\\operatorname{read}(q) = \\operatorname{softmax}(q K^\\top)\\,V',
    '\\mathcal L = \\tfrac{1}{N d} \\sum_i \\lVert \\operatorname{read}(k_i) - v_i \\rVert^2'
  ],
  symbols: [
    { symbol: 'K, V', meaning: 'key and value slots', shape: '[M, d]' },
    { symbol: 'k_i, v_i', meaning: 'key and value of item i', shape: '[d]' },
    { symbol: 'N', meaning: 'items of one store' }
  ],
  source: 'EpisodicMemory of unpublished design notes (2025)',
  notes: ['It always reads its slots, also before the first store: then it answers with noise.'],
  params: {
    dim: dimension,
    memorySize: integer('Slots', 100, { help: 'Number of slots', min: 1, max: 100_000, symbol: 'M', scale: 'log' }),
    updateSteps: integer('Update steps', 1, { help: 'Adam steps of one store', min: 1, max: 10_000, scale: 'log' }),
    learningRate: number('Learning rate', 0.01, { help: "Adam's step size", min: 1e-6, max: 10, scale: 'log' })
  },
  revision: 2,
  create({ dim, memorySize, updateSteps, learningRate }, { batch, weight }) {
    const normal = { kind: 'normal', scale: 1 } as const
    const initial = {
      keys: weight('mem_keys', [memorySize, dim], normal),
      values: weight('mem_values', [memorySize, dim], normal)
    }
    const adam = new Adam(learningRate)
    let slots = { keys: initial.keys.clone(), values: initial.values.clone() }
    let attention: Tensor | undefined
    const forget = (): void => {
      adam.reset()
      tf.dispose([slots.keys, slots.values])
      attention?.dispose()
      attention = undefined
    }
    return {
      store({ keys, values }) {
        if (keys.shape[1] !== 0) slots = writeJointly(slots, adam, keys, values, updateSteps)
      },
      retrieve({ queries }) {
        const { read, attention: seen } = readSlots(queries, slots.keys, slots.values, { kept: tracedQueries })
        attention?.dispose()
        attention = seen
        return read
      },
      async traces() {
        const used = usedTrace(batch, memorySize)
        return attention ? [used, await attentionTrace(attention)] : [used]
      },
      reset() {
        forget()
        slots = { keys: initial.keys.clone(), values: initial.values.clone() }
      },
      dispose() {
        forget()
        tf.dispose([initial.keys, initial.values])
      }
    }
  },
  cost: ({ dim, memorySize, updateSteps }, { stored, queries }) => ({
    storeFlops: updateSteps * (jointFlops(stored, memorySize, dim) + adamFlops * 2 * memorySize * dim),
    retrieveFlops: queries * (4 * memorySize * dim + 5 * memorySize),
    parameters: 0,
    state: 3 * 2 * memorySize * dim
  })
})

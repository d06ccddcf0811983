import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { Adam, adamFlops } from './parts/slots/adam.ts'
import { affine } from './parts/memory/shared-weights.ts'
import { readSlots } from './parts/memory/attention-read.ts'
import { writeByOp, writeJointlyBack } from './parts/slots/joint-write.ts'
import { jointFlops } from './parts/slots/slot-gradient.ts'
import { attentionTrace, tracedQueries, usedTrace } from './parts/slots/slot-traces.ts'

/**
 * Projecting slots: episodic slots in an internal space, with the projections into it trained along.
 *
 *   Q = X Wk^T + bk,   T = Y Wv^T + bv,   read(Q) = softmax(Q K^T) V,   retrieve(x) = read(x Wk^T + bk)
 *   store: updateSteps x one Adam step on mean((read(Q) - T)^2) for K, V, Wk, bk, Wv, bv; Q and T afresh each step
 *
 * X, Y: [N, t] items; K, V: [M, m], n(1); Wk, Wv: [m, t]; bk, bv: [m], as Linear draws them. With dQ and dT of
 * parts/slots/slot-gradient.ts: dWk = dQ^T X, dbk = sum dQ, dWv = dT^T Y, dbv = sum dT.
 * Recall is in m dimensions and judged against T = value_proj(values).
 * Source: ProjectingEpisodicMemory of the seed documents (2025).
 */
export default defineModel({
  id: 'projecting-slots',
  title: 'Projecting slots',
  family: 'Slot memories',
  interfaces: ['key-value'],
  summary: 'Episodic slots behind trained projections: the memory’s own space may be smaller than its tokens.',
  recall:
    'Recalls no token, only its projection, and is judged against the projected value. The gradient reaches that target too: the memory can lower its loss by shrinking the targets instead of remembering, so compare cosines with care. Otherwise as episodic slots: one step of rate 0.01 stores next to nothing.',
  equations: [
    'Q = X W_k^\\top + b_k, \\quad T = Y W_v^\\top + b_v',
    '\\operatorname{retrieve}(x) = \\operatorname{softmax}\\big((x W_k^\\top + b_k) K^\\top\\big)\\,V',
    '\\mathcal L = \\tfrac{1}{N m} \\lVert \\operatorname{softmax}(Q K^\\top)\\,V - T \\rVert_F^2'
  ],
  symbols: [
    { symbol: 'K, V', meaning: 'key and value slots', shape: '[M, m]' },
    { symbol: 'W_k, W_v', meaning: 'projections of keys and values', shape: '[m, t]' },
    { symbol: 'b_k, b_v', meaning: 'their biases', shape: '[m]' },
    { symbol: 'X, Y', meaning: 'keys and values as given', shape: '[N, t]' }
  ],
  source: 'ProjectingEpisodicMemory of unpublished design notes (2025)',
  notes: [
    'Each step projects the items afresh; the source projects them once, which leaves the projections untrained.',
    'It always reads its slots, also before the first store: then it answers with noise.'
  ],
  params: {
    tokenDim: integer('Token dimension', 64, {
      help: 'Length of keys and values as given',
      min: 1,
      max: 4096,
      symbol: 't',
      from: 'dim',
      scale: 'log'
    }),
    memoryDim: integer('Memory dimension', 32, {
      help: 'Length of the keys and values inside the memory',
      min: 1,
      max: 4096,
      symbol: 'm',
      scale: 'log'
    }),
    memorySize: integer('Slots', 100, { help: 'Number of slots', min: 1, max: 100_000, symbol: 'M', scale: 'log' }),
    updateSteps: integer('Update steps', 1, { help: 'Adam steps of one store', min: 1, max: 10_000, scale: 'log' }),
    learningRate: number('Learning rate', 0.01, { help: "Adam's step size", min: 1e-6, max: 10, scale: 'log' })
  },
  capabilities: ['memory-dimension'],
  revision: 2,
  create({ tokenDim, memoryDim, memorySize, updateSteps, learningRate }, { batch, weight }) {
    const normal = { kind: 'normal', scale: 1 } as const
    const linear = { kind: 'uniform', bound: 1 / Math.sqrt(tokenDim) } as const
    const bias = (name: string): Tensor => {
      const drawn = weight(name, [memoryDim], linear)
      const row = drawn.reshape([batch, 1, memoryDim])
      drawn.dispose()
      return row
    }
    const initial = {
      keys: weight('mem_keys', [memorySize, memoryDim], normal),
      values: weight('mem_values', [memorySize, memoryDim], normal),
      keyWeight: weight('key_proj.weight', [memoryDim, tokenDim], linear),
      keyBias: bias('key_proj.bias'),
      valueWeight: weight('value_proj.weight', [memoryDim, tokenDim], linear),
      valueBias: bias('value_proj.bias')
    }
    type Parameters = typeof initial
    const copy = (): Parameters =>
      Object.fromEntries(Object.entries(initial).map(([name, x]) => [name, x.clone()])) as Parameters
    const adam = new Adam(learningRate)
    let now = copy()
    let attention: Tensor | undefined
    const project = (x: Tensor, w: Tensor, b: Tensor): Tensor => affine(x, w, b.squeeze<Tensor>([1]))

    /** One step: the slots', then the projections', whose gradients come back through the items. */
    const step = (X: Tensor, Y: Tensor): void => {
      const [Q, T] = tf.tidy(() => [
        project(X, now.keyWeight, now.keyBias),
        project(Y, now.valueWeight, now.valueBias)
      ]) as [Tensor, Tensor]
      const { slots, back } = writeJointlyBack(now, adam, Q, T)
      const gradients = tf.tidy(() => {
        const dT = back.miss.neg()
        return {
          keyWeight: tf.matMul(back.keys, X, true, false),
          keyBias: back.keys.sum(1, true),
          valueWeight: tf.matMul(dT, Y, true, false),
          valueBias: dT.sum(1, true)
        }
      })
      tf.dispose([Q, T, back.keys, back.miss])
      now = adam.step({ ...now, ...slots }, gradients)
    }
    const forget = (): void => {
      adam.reset()
      tf.dispose(Object.values(now))
      attention?.dispose()
      attention = undefined
    }
    return {
      store({ keys, values }) {
        if (keys.shape[1] === 0) return
        const fused = writeByOp(now, adam, keys, values, updateSteps)
        if (fused) {
          now = fused
          return
        }
        for (let i = 0; i < updateSteps; i++) step(keys, values)
      },
      retrieve({ queries }) {
        const inside = tf.tidy(() => project(queries, now.keyWeight, now.keyBias))
        const { read, attention: seen } = readSlots(inside, now.keys, now.values, { kept: tracedQueries })
        inside.dispose()
        attention?.dispose()
        attention = seen
        return read
      },
      targets: (values) => tf.tidy(() => project(values, now.valueWeight, now.valueBias)),
      async traces() {
        const used = usedTrace(batch, memorySize)
        return attention ? [used, await attentionTrace(attention)] : [used]
      },
      reset() {
        forget()
        now = copy()
      },
      dispose() {
        forget()
        tf.dispose(Object.values(initial))
      }
    }
  },
  cost({ tokenDim: t, memoryDim: m, memorySize: M, updateSteps }, { stored: N, queries }) {
    const projection = N * m * (2 * t + 1)
    const back = 2 * N * M * m + N * m + 2 * (2 * N * m * t + N * m)
    const trained = 2 * M * m + 2 * m * (t + 1)
    return {
      storeFlops: updateSteps * (2 * projection + jointFlops(N, M, m) + back + adamFlops * trained),
      retrieveFlops: queries * (m * (2 * t + 1) + 4 * M * m + 5 * M),
      parameters: 0,
      state: 3 * trained
    }
  }
})

/** The gradient that training follows, of every block that can be trained, against finite differences of the loss. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../../../../src-main/tensors/backends/index.ts'
import { languageModel } from '../../../../../src-main/engine/worker/training/language-model.ts'
import { crossEntropy } from '../../../../../src-main/engine/worker/training/pick.ts'
import type { Examples, TrainingPlan } from '../../../../../src-main/tasks/training-plan.ts'
import { philoxWeights } from '../../../../../src-main/engine/worker/weight-sources.ts'
import { builtInModels } from '../../../../../src-main/models/registry.ts'
import { registry } from '../../../../support/drive-memory.ts'

beforeAll(() => useBackend('cpu'))

const [trials, sequences, length, dim, vocabulary] = [2, 3, 7, 4, 9]
const plan: TrainingPlan = {
  ...{ dim, vocabulary, length, layers: 2, expansion: 0, steps: 1, learningRate: 0.1, stopAt: 1, saveEvery: 1 },
  examples: () => examples
}
const numbers = (count: number, below: number, step: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => (i * step + 2) % below)
const examples: Examples = {
  ...{ sequences, length, asked: 2 },
  tokens: numbers(trials * sequences * length, vocabulary, 5),
  positions: Int32Array.from({ length: trials * sequences * 2 }, (_, i) => (i % 2 ? 6 : 3)),
  targets: numbers(trials * sequences * 2, vocabulary, 7),
  types: numbers(trials * sequences * length, 3, 2)
}

const blocks = builtInModels.filter(
  (m) => m.interfaces.includes('sequence') && m.trainable !== false && m.id !== 'transformer'
)
const cases = blocks.flatMap((m): [string, object][] => {
  const heads = 'heads' in m.params ? { heads: 2 } : {}
  const few = 'memorySlots' in m.params ? { memorySlots: 3 } : {}
  const base: [string, object] = [m.id, { ...heads, ...few }]
  if (m.id === 'titans')
    return [base, [m.id, { chunk: 3 }], [m.id, { rates: 'token' }], [m.id, { convolution: 'short' }]]
  if (m.id === 'retnet') return [base, [m.id, { heads: 1, positions: 'rotary', convolution: 'short' }]]
  if ('convolution' in m.params)
    // One head: with fewer numbers in a key, its length is so near zero that the loss bends within a difference.
    return [
      [m.id, { heads: 2, convolution: 'none' }],
      [m.id, { heads: 1, convolution: 'short' }]
    ]
  if (m.id === 'augmented-attention') return [base, [m.id, { ...base[1], read: 'linear', learningRate: 1 }]]
  const shared: [string, object] = [m.id, { ...base[1], bank: 'shared' }]
  if (m.id === 'episodic-cmr')
    return [
      base,
      shared,
      [m.id, { ...base[1], segment: 2, summary: 'mean', decay: 0.9 }],
      [m.id, { ...base[1], write: 'event', decay: 0.9, threshold: 0.9 }],
      [m.id, { ...base[1], segment: 2, decay: 0.9, bank: 'shared' }],
      [m.id, { ...base[1], segment: 2, summary: 'cls', reach: 'all' }],
      [m.id, { ...base[1], segment: 3, summary: 'projection', reach: 'local', decay: 0.9 }],
      [m.id, { ...base[1], write: 'event', summary: 'cls', threshold: 0.9 }]
    ]
  if ('memory' in m.params) return [base, [m.id, { ...shared[1], memory: 'episodic' }]]
  if (m.id === 'hybrid')
    return [
      base,
      shared,
      [m.id, { ...base[1], gate: 'vector', attention: 'attention' }],
      [m.id, { ...base[1], neuralInput: 'attention', gateInput: 'type' }]
    ]
  if ('association' in m.params)
    return [base, ...['global', 'low-rank'].map((association): [string, object] => [m.id, { ...base[1], association }])]
  return [base]
})

describe.each(cases)('%s %o', (kind, params) => {
  it('takes the gradient that finite differences give, for each trial its own', () => {
    const tested = { model: kind, params: registry.fill(kind, { dim, ...params }) }
    const source = philoxWeights(['a', 'b'])
    const weights = new Map<string, tf.Tensor>()
    languageModel(registry, tested, plan, { trials, sequences: 1 }, (name, shape, init) => {
      const made = source(name, shape, init)
      weights.set(name, made.clone())
      return made
    }).dispose()
    const loss = (of: Map<string, tf.Tensor>): tf.Tensor => {
      const model = languageModel(registry, tested, plan, { trials, sequences }, (name) => of.get(name)!.clone())
      const value = crossEntropy(model.logits(examples), examples.targets)
      model.stack.reset()
      return value
    }
    const names = [...weights.keys()]
    const { grads } = tf
      .engine()
      .gradients(() => tf.sum(loss(weights)) as tf.Scalar, [...weights.values()], undefined, true)
    // Along a direction that moves every weight, and each trial differently.
    const directions = names.map((name, i) =>
      tf.randomNormal(weights.get(name)!.shape, 0, 1, 'float32', i + 1).sub(0.1)
    )
    const slopes = names.map((_, i) => {
      const gradient = grads[i] as tf.Tensor | undefined
      return gradient ? tf.sum(gradient.mul(directions[i]).reshape([trials, -1]), 1).dataSync() : [0, 0]
    })
    const h = 4e-4
    const moved = (by: number): Float32Array =>
      loss(new Map(names.map((name, i) => [name, weights.get(name)!.add(directions[i].mul(by))]))).dataSync<'float32'>()
    // Richardson: what two steps say together is free of the loss's bend, which grows with the square of a step.
    const [whole, half] = [h, h / 2].map((step) => {
      const [up, down] = [moved(step), moved(-step)]
      return [...up].map((value, b) => (value - down[b]) / (2 * step))
    })
    for (let b = 0; b < trials; b++) {
      const wanted = (4 * half[b] - whole[b]) / 3
      const got = slopes.reduce((sum, each) => sum + each[b], 0)
      expect(Math.abs(got - wanted), `${got} against ${wanted}`).toBeLessThan(0.02 * Math.max(1, Math.abs(wanted)))
    }
  })
})

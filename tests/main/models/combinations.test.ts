/** Stacked and mixture: what they make of the memories inside them, and what they refuse. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { philoxDraws } from '../../../src-main/tensors/random/draws.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import { cosine } from '../../../src-main/tasks/parts/judge.ts'
import { build, registry } from '../../support/drive-memory.ts'

const of = [1, 2]
const make = (kind: string, params: Record<string, unknown>): Memory =>
  build(registry.model(kind), registry.fill(kind, params), of)
const rows = (name: string, n: number): tf.Tensor3D =>
  tf.tensor3d(philoxDraws(of.map(String)).normal(name, n * 8), [of.length, n, 8])
const largest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(a.sub(b).abs()).dataSync()[0]

beforeAll(() => useBackend('wasm'))

describe('stacked', () => {
  test('is the same memory asked with its own answer', () => {
    const [keys, values] = [rows('k', 5), rows('v', 5)]
    const one = make('hopfield', { dim: 8 })
    const two = make('stacked', { memory: { kind: 'hopfield', params: { dim: 8 } }, blocks: 2, residual: true })
    for (const memory of [one, two]) memory.store!({ keys, values })
    const first = one.retrieve!({ queries: keys }).add(keys)
    const second = one.retrieve!({ queries: first }).add(first)
    expect(largest(two.retrieve!({ queries: keys }), second)).toBeLessThan(1e-5)
    for (const memory of [one, two]) memory.dispose()
  })

  test('a file may name its memory by kind and params', () => {
    const params = { kind: 'hopfield', params: { dim: 8, beta: 2 }, blocks: 3 }
    const filled = registry.fill('stacked', params)
    expect(filled.memory).toEqual({ kind: 'hopfield', params: { dim: 8, beta: 2 } })
    expect(() => registry.fill('stacked', { ...params, kind: 'nothing' })).toThrow(/no model "nothing"/)
    expect(() => registry.fill('stacked', { ...params, blocks: 9 })).toThrow(/at most 4/)
  })

  test('refuses a block that is no key-value memory', () => {
    expect(() => make('stacked', { kind: 'attention', params: { dim: 8 } })).toThrow(/key-value/)
  })
})

describe('mixture', () => {
  const experts = [
    { kind: 'linear-associator', params: { dim: 8 } },
    { kind: 'hopfield', params: { dim: 8 } },
    { kind: 'delta-rule', params: { dim: 8 } }
  ]
  async function shares(params: Record<string, unknown>): Promise<number[][]> {
    const memory = make('mixture', { dim: 8, experts, ...params })
    const [keys, values] = [rows('k', 5), rows('v', 5)]
    memory.store!({ keys, values })
    memory.retrieve!({ queries: keys }).dispose()
    const routing = (await memory.traces!()).find((trace) => trace.name === 'routing')!
    memory.dispose()
    return routing.perTrial.map((value) => ('data' in value ? [...value.data] : []))
  }

  test('with one expert it is that expert', () => {
    const [keys, values] = [rows('k', 5), rows('v', 5)]
    const alone = make('hopfield', { dim: 8 })
    const mixed = make('mixture', { dim: 8, experts: experts.slice(1, 2) })
    for (const memory of [alone, mixed]) memory.store!({ keys, values })
    expect(largest(alone.retrieve!({ queries: keys }), mixed.retrieve!({ queries: keys }))).toBeLessThan(1e-6)
    for (const memory of [alone, mixed]) memory.dispose()
  })

  test('reports shares that add up to one, dense or of the best only', async () => {
    for (const params of [{}, { routing: 'top-k', k: 1 }, { routing: 'top-k', k: 2 }])
      for (const each of await shares(params)) expect(each.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    // One of three for each of five queries: fifths.
    for (const each of await shares({ routing: 'top-k', k: 1 }))
      for (const share of each) expect(share * 5).toBeCloseTo(Math.round(share * 5), 5)
  })

  test('shows the shares over the cues of all calls, and their mean', async () => {
    const memory = make('mixture', { dim: 8, experts, routing: 'top-k', k: 2 })
    const [keys, values] = [rows('k', 5), rows('v', 5)]
    memory.store!({ keys, values })
    for (const queries of [keys, values]) memory.retrieve!({ queries }).dispose()
    const traces = await memory.traces!()
    const [mean, cues] = ['routing', 'shares'].map((name) => traces.find((trace) => trace.name === name)!)
    memory.dispose()
    cues.perTrial.forEach((value, b) => {
      if (!('data' in value)) throw new Error('no numbers')
      expect(value.shape).toEqual([10, 3])
      expect(value.labels).toEqual(['1 linear-associator', '2 hopfield', '3 delta-rule'])
      const each = Array.from({ length: 10 }, (_, q) => value.data.slice(3 * q, 3 * q + 3))
      for (const row of each) {
        expect(row.reduce((x, y) => x + y)).toBeCloseTo(1, 5)
        expect(row.filter((share) => share === 0).length).toBe(1)
      }
      const means = [0, 1, 2].map((e) => each.reduce((sum, row) => sum + row[e] / 10, 0))
      const said = mean.perTrial[b]
      if ('data' in said) said.data.forEach((share, e) => expect(share).toBeCloseTo(means[e], 6))
    })
  })

  test.each(['dense', 'top-k'])(
    'with %s routing a trained router goes with the expert that recalls',
    async (routing) => {
      // One of two experts knows every pair of a list, the other says the query itself.
      const of = {
        experts: [
          { kind: 'context-drift', params: { dim: 8, updateOnRead: false } },
          { kind: 'hopfield', params: { dim: 8, beta: 20 } }
        ],
        ...{ routing, k: 1, trainSteps: 150 }
      }
      const [keys, values] = [rows('other keys', 6), rows('other values', 6)]
      const recall = (kind: string, params: Record<string, unknown>): number => {
        const before = tf.memory().numTensors
        const memory = make(kind, { dim: 8, ...params })
        memory.store!({ keys, values })
        const answer = memory.retrieve!({ queries: keys })
        const score = tf.tidy(() => cosine(values, answer).mean().dataSync()[0])
        answer.dispose()
        memory.dispose()
        expect(tf.memory().numTensors).toBe(before)
        return score
      }
      const knows = recall('hopfield', { beta: 20 })
      expect(recall('mixture', { ...of, router: 'trained' })).toBeGreaterThan(0.98 * knows)
      expect(recall('mixture', { ...of, router: 'random' })).toBeLessThan(0.95 * knows)
      const each = await shares({ ...of, router: 'trained' })
      for (const [, share] of each) expect(share).toBeGreaterThan(0.9)
    }
  )

  test('refuses to keep more experts than there are', () => {
    expect(() => make('mixture', { dim: 8, experts, routing: 'top-k', k: 4 })).toThrow(/3 experts/)
  })
})

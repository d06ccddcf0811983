/** The associative memories against the laws of theory, against item-by-item loops and against each other. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import type { Memory } from '../../../src-main/models/model.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import { registry } from '../../support/drive-memory.ts'
import { make, recall, rows, sixty as seeds } from '../../support/pairs.ts'

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

beforeAll(() => useBackend('wasm'))

describe('linear associator', () => {
  test.each([5, 20, 60])('%i random pairs are recalled with cosine 1/sqrt(1 + (N-1)/d)', (n) => {
    const found = mean(recall(make('linear-associator', 64), rows('k', n, 64), rows('v', n, 64)))
    expect(Math.abs(found - 1 / Math.sqrt(1 + (n - 1) / 64))).toBeLessThan(0.02)
  })

  test('a noisy cue counts as (N-1)(1 + sigma^2) items', () => {
    const [n, sigma] = [20, 0.8]
    const keys = rows('k', n, 64, { unit: true })
    const cues = keys.add(rows('noise', n, 64).mul(sigma / 8))
    const found = mean(recall(make('linear-associator', 64), keys, rows('v', n, 64), cues))
    const clean = 1 / Math.sqrt(1 + (n - 1) / 64)
    expect(Math.abs(found - 1 / Math.sqrt(1 + ((n - 1) * (1 + sigma ** 2)) / 64))).toBeLessThan(0.02)
    expect(clean - found).toBeGreaterThan(0.02)
  })

  test('after A-B and B-C the cue B returns the successor C, not a blend', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => rows(name, 1, 32, { unit: true }))
    const keys = tf.concat([a, b], 1)
    const values = tf.concat([b, c], 1)
    expect(recall(make('linear-associator', 32), keys, values, b, c)[0]).toBeCloseTo(1 / Math.sqrt(1 + 1 / 32), 2)
    expect(Math.abs(recall(make('linear-associator', 32), keys, values, b, a)[0])).toBeLessThan(0.05)
  })

  test('with both directions it reads as the plain matrix does with W + W^T: B brings back A and C alike', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => rows(name, 1, 32, { unit: true }))
    const [keys, values] = [tf.concat([a, b], 1), tf.concat([b, c], 1)]
    const both = make('linear-associator', 32, { symmetric: true })
    both.store!({ keys, values })
    const matrix = tf.matMul(values, keys, true, false)
    const expected = tf.matMul(b, matrix.add(tf.transpose(matrix, [0, 2, 1])), false, true)
    const gap = tf.max(both.retrieve!({ queries: b }).sub(expected).abs()).dataSync()[0]
    expect(gap).toBeLessThan(1e-6)
    // b W^T + b W = c + a + (a.b)(2 b + ...): two unit vectors at right angles, but for chance.
    const memory = (): Memory => make('linear-associator', 32, { symmetric: true })
    const [before, after] = [recall(memory(), keys, values, b, a)[0], recall(memory(), keys, values, b, c)[0]]
    expect(Math.abs(before - Math.SQRT1_2)).toBeLessThan(0.03)
    expect(Math.abs(after - Math.SQRT1_2)).toBeLessThan(0.03)
  })
})

/** W <- W + beta (v - W k) k^T item by item in double precision, one trial; returns q W^T. */
function deltaLoop(
  keys: number[][],
  values: number[][],
  queries: number[][],
  beta: number,
  normalize: boolean
): number[][] {
  const unit = (x: number[]): number[] => (normalize ? x.map((y) => y / Math.hypot(...x)) : x)
  const w = values[0].map(() => keys[0].map(() => 0))
  const times = (k: number[]): number[] => w.map((row) => row.reduce((sum, x, i) => sum + x * k[i], 0))
  keys.forEach((key, n) => {
    const k = unit(key)
    const before = times(k)
    w.forEach((row, j) => k.forEach((x, i) => (row[i] += beta * (values[n][j] - before[j]) * x)))
  })
  return queries.map((q) => times(unit(q)))
}

describe('delta rule', () => {
  test.each([
    [1, true, 1],
    [31, true, 1],
    [33, true, 0.6],
    [100, true, 1.5],
    [40, false, 0.02]
  ])('the blocked write of %i items equals the loop (unit keys %s, beta %d)', (n, normalizeKeys, beta) => {
    const [keys, values] = [rows('k', n, 16, { of: [3] }), rows('v', n, 16, { of: [3] })]
    const memory = make('delta-rule', 16, { beta, normalizeKeys }, [3])
    memory.store!({ keys, values })
    const got = (memory.retrieve!({ queries: keys }).arraySync() as number[][][])[0].flat()
    const [k, v] = [keys.arraySync()[0], values.arraySync()[0]]
    const expected = deltaLoop(k, v, k, beta, normalizeKeys).flat()
    expect(Math.max(...got.map((x, i) => Math.abs(x - expected[i])))).toBeLessThan(2e-4)
    memory.dispose()
  })

  test('one key written a hundred times keeps its last value exactly', () => {
    const keys = rows('k', 1, 16).tile([1, 100, 1])
    const values = rows('v', 100, 16)
    const last = values.slice([0, 99, 0], [-1, 1, -1])
    expect(recall(make('delta-rule', 16), keys, values, keys.slice([0, 0, 0], [-1, 1, -1]), last)[0]).toBeCloseTo(1, 4)
  })

  test('orthonormal keys are all exact', () => {
    const keys = tf.eye(16).expandDims<tf.Tensor3D>(0).tile([seeds.length, 1, 1])
    for (const cosine of recall(make('delta-rule', 16), keys, rows('v', 16, 16))) expect(cosine).toBeCloseTo(1, 5)
  })

  test('random unit keys fade along the recursion of theory', () => {
    const [d, n] = [64, 40]
    const found = recall(make('delta-rule', d), rows('k', n, d, { unit: true }), rows('v', n, d))
    const V = d
    const expected: number[] = []
    const energy = [0]
    for (let t = 1; t <= n; t++) energy.push(energy[t - 1] * (1 - 1 / d) + V)
    for (let j = 1; j <= n; j++) {
      let [a, b] = [V, V]
      for (let t = j + 1; t <= n; t++) {
        b *= 1 - 1 / d
        a = a * (1 - 2 / d + 2 / (d * (d + 2))) + energy[t - 1] / (d * (d + 2)) + V / d
      }
      expected.push(b / Math.sqrt(V * a))
    }
    // Eight neighbouring items at a time: one item over 60 seeds is still noisy.
    for (let j = 0; j < n; j += 8)
      expect(Math.abs(mean(found.slice(j, j + 8)) - mean(expected.slice(j, j + 8))), `item ${j}`).toBeLessThan(0.02)
    expect(expected[0]).toBeLessThan(0.75)
  })

  test('an overwritten key gives .707 in the linear associator and 1 here', () => {
    const keys = rows('k', 1, 64, { unit: true }).tile([1, 2, 1])
    const values = rows('v', 2, 64)
    expect(Math.abs(mean(recall(make('linear-associator', 64), keys, values)) - Math.SQRT1_2)).toBeLessThan(0.02)
    expect(recall(make('delta-rule', 64), keys, values)[1]).toBeCloseTo(1, 5)
  })
})

describe('modern Hopfield network', () => {
  /** Mean of e^(b cos) on the sphere of dimension d, by Simpson's rule over the angle. */
  function sphereMean(b: number, d: number): number {
    const steps = 2000
    let [above, below] = [0, 0]
    for (let i = 0; i <= steps; i++) {
      const angle = (Math.PI * i) / steps
      const weight = (i === 0 || i === steps ? 1 : i % 2 ? 4 : 2) * Math.sin(angle) ** (d - 2)
      above += weight * Math.exp(b * Math.cos(angle))
      below += weight
    }
    return above / below
  }

  test.each([
    [16, 4, 30],
    [16, 8, 100],
    [64, 8, 100]
  ])('saturates as theory says (d %i, beta %i, N %i)', (d, beta, n) => {
    const found = mean(recall(make('hopfield', d, { beta }), rows('k', n, d, { unit: true }), rows('v', n, d)))
    const share = Math.exp(-2 * beta) * sphereMean(2 * beta, d)
    expect(Math.abs(found - 1 / Math.sqrt(1 + (n - 1) * share))).toBeLessThan(0.02)
  })

  test('its energy never rises over iterated reads', () => {
    const beta = 2
    const patterns = rows('p', 30, 16, { unit: true })
    const memory = make('hopfield', 16, { beta })
    memory.store!({ keys: patterns, values: patterns })
    const energy = (q: tf.Tensor): number[] =>
      Array.from(
        tf
          .tidy(() =>
            tf
              .sum(q.square(), 2)
              .div(2)
              .sub(tf.logSumExp(tf.matMul(q, patterns, false, true).mul(beta), 2).div(beta))
          )
          .dataSync()
      )
    let state: tf.Tensor = rows('start', 4, 16)
    let before = energy(state)
    for (let step = 0; step < 8; step++) {
      state = memory.retrieve!({ queries: state })
      const now = energy(state)
      now.forEach((value, i) => expect(value).toBeLessThanOrEqual(before[i] + 1e-5))
      before = now
    }
    memory.dispose()
  })
})

describe('projections', () => {
  const run = (kind: string, params: ParamValues): number => {
    const of = seeds.slice(0, 8)
    const [keys, values] = [rows('k', 8, 16, { of }), rows('v', 8, 16, { of })]
    return mean(recall(make(kind, 16, params, of), keys, values))
  }

  test('fast weights: at chance as drawn; as identity the linear read is a linear associator; trained is better', () => {
    const chance = run('fast-weights', { read: 'linear' })
    expect(Math.abs(chance)).toBeLessThan(0.15)
    expect(run('fast-weights', { read: 'linear', projections: 'identity' })).toBeCloseTo(
      run('linear-associator', {}),
      4
    )
    expect(run('fast-weights', { read: 'linear', projections: 'trained', trainSteps: 200 })).toBeGreaterThan(
      chance + 0.4
    )
  })

  test('rag: at chance as drawn; identity and training find the item', () => {
    expect(Math.abs(run('rag', {}))).toBeLessThan(0.15)
    expect(run('rag', { projections: 'identity', topK: 1 })).toBeCloseTo(1, 4)
    expect(run('rag', { projections: 'trained', trainSteps: 200 })).toBeGreaterThan(0.3)
  })
})

describe('what cannot recall stays at chance', () => {
  test.each(['context-drift', 'meta-fast-weights', 'graph'])('%s', (kind) => {
    const of = seeds.slice(0, 20)
    const found = recall(make(kind, 32, {}, of), rows('k', 10, 32, { of }), rows('v', 10, 32, { of }))
    expect(Math.abs(mean(found))).toBeLessThan(0.06)
  })
})

describe('gated episodic', () => {
  test('reports one gate an item, and closed to all it reads zeros', async () => {
    const of = [1, 2]
    const memory = make('gated-episodic', 16, { threshold: 1 }, of)
    const keys = rows('k', 7, 16, { of })
    memory.store!({ keys, values: rows('v', 7, 16, { of }) })
    const answer = memory.retrieve!({ queries: keys })
    expect(Math.max(...answer.abs().dataSync())).toBe(0)
    const gate = (await memory.traces!()).find((trace) => trace.name === 'gate')!
    expect(gate.perTrial.map((value) => 'shape' in value && value.shape)).toEqual([
      [7, 1],
      [7, 1]
    ])
    memory.dispose()
  })

  test('open to all, it is a ring: one store, many stores and an overflow within one store leave the newest', () => {
    const of = [1, 2]
    const [n, size] = [23, 5]
    const [keys, values] = [rows('k', n, 16, { of }), rows('v', n, 16, { of })]
    const newest = (x: tf.Tensor): tf.Tensor => x.slice([0, n - size, 0], [-1, size, -1])
    const ask = (memory: Memory): Float32Array => {
      const data = memory.retrieve!({ queries: newest(keys) })
        .dataSync<'float32'>()
        .slice()
      memory.dispose()
      return data
    }
    const params = { threshold: 0, memorySize: size, contextDim: 1, decay: 0 }
    const once = make('gated-episodic', 16, params, of)
    once.store!({ keys, values })
    const often = make('gated-episodic', 16, params, of)
    for (let i = 0; i < n; i++) {
      const one = (x: tf.Tensor): tf.Tensor => x.slice([0, i, 0], [-1, 1, -1])
      often.store!({ keys: one(keys), values: one(values) })
    }
    const hopfield = make('hopfield', 16, {}, of)
    hopfield.store!({ keys: newest(keys), values: newest(values) })
    const [a, b, exact] = [ask(once), ask(often), ask(hopfield)]
    expect(Math.max(...a.map((x, i) => Math.abs(x - b[i])))).toBeLessThan(1e-4)
    // Up to the drifted context in the query it is softmax attention over the newest items.
    expect(Math.max(...a.map((x, i) => Math.abs(x - exact[i])))).toBeLessThan(0.5)
  })
})

describe('rag', () => {
  test('keeps the newest pairs only', () => {
    const of = [1]
    const keys = rows('k', 9, 16, { of, unit: true })
    const values = rows('v', 9, 16, { of })
    const found = recall(make('rag', 16, { memorySize: 4, topK: 1, projections: 'identity' }, of), keys, values)
    found.forEach((cosine, i) => (i < 5 ? expect(cosine).toBeLessThan(0.99) : expect(cosine).toBeCloseTo(1, 4)))
  })

  test('refuses heads that do not divide the dimension', () => {
    expect(() => registry.fill('rag', { dim: 10, heads: 4 })).toThrow(/must divide/)
  })
})

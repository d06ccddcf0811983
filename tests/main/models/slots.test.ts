/** The slot memories against their golden files, their gradient against autodiff, their kernels against plain ops. */
import * as tf from '@tensorflow/tfjs'
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BackendName } from '../../../src-main/tensors/backends/backend.ts'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../../src-main/tensors/kernels/index.ts'
import { philoxDraws } from '../../../src-main/tensors/random/draws.ts'
import { verifyFolder } from '../../../src-main/engine/verify/verify.ts'
import { attend } from '../../../src-main/models/parts/memory/attention-read.ts'
import { episodicSlots } from '../../../src-main/models/parts/slots/episodic-core.ts'
import { jointGradient, slotGradient } from '../../../src-main/models/parts/slots/slot-gradient.ts'
import { philoxWeights } from '../../../src-main/engine/worker/weight-sources.ts'
import type { ParamValues } from '../../../src-shared/shapes/params.ts'
import { build, registry } from '../../support/drive-memory.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const kinds = ['episodic-slots', 'projecting-slots', 'true-episodic', 'true-matrix', 'adaptive-episodic']
const golden = join(import.meta.dirname, '../../golden')

describe('golden files', () => {
  const folder = temporaryFolder('slots')
  beforeAll(async () => {
    for (const file of await readdir(golden))
      if (kinds.some((kind) => new RegExp(`^${kind}(-\\d+)?\\.json$`).test(file)))
        await cp(join(golden, file), join(folder, file))
  })

  const runs: [BackendName, boolean][] = [
    ['wasm', true],
    ['wasm', false],
    ['cpu', true],
    ['cpu', false]
  ]
  test.each(runs)(
    'all seven match on %s (fused kernels: %s)',
    async (backend, kernels) => {
      setKernels(kernels)
      const report = await verifyFolder(folder, { backends: [backend] })
      expect(report.results.filter((result) => !result.passed)).toEqual([])
      expect(report.passed).toBe(7)
    },
    120_000
  )
})

const seeds = [1, 2]
const normal = (name: string, ...shape: number[]): tf.Tensor => {
  const size = shape.slice(1).reduce((a, b) => a * b, 1)
  return tf.tensor(philoxDraws(seeds.slice(0, shape[0]).map(String)).normal(name, size), shape)
}
const largest = (a: tf.Tensor, b: tf.Tensor): number => a.sub(b).abs().max().dataSync()[0]!

describe('gradients by hand', () => {
  beforeAll(() => useBackend('cpu'))

  test.each([
    ['more slots than dimensions', 7, 5],
    ['more dimensions than slots', 4, 6]
  ])('of an episode equal autodiff with %s', (_, u, d) => {
    const [K, V, C] = [normal('K', 2, u, d), normal('V', 2, u, d), normal('C', 2, u, 3)]
    const [key, value, context] = [normal('k', 2, 1, d), normal('v', 2, 1, d), normal('c', 2, 1, 3)]
    const recency = tf.linspace(0, 0.3, u)
    const lambda = 0.05
    const loss = (keys: tf.Tensor, values: tf.Tensor, contexts: tf.Tensor): tf.Scalar => {
      const p = attend(key, keys, { queries: context, slots: contexts }, recency)
      const fit = tf.matMul(p, values).sub(value).square().sum().div(d)
      const gram = tf.matMul(values, values, false, true).sub(tf.eye(u))
      return fit.add(gram.square().sum().mul(lambda))
    }
    const expected = tf.grads(loss)([K, V, C])
    const { gradients, error } = slotGradient(
      { keys: K, values: V, contexts: C },
      { key, value, context },
      recency,
      lambda
    )
    expect(largest(gradients.keys!, expected[0]!)).toBeLessThan(1e-5)
    expect(largest(gradients.values!, expected[1]!)).toBeLessThan(1e-5)
    expect(largest(gradients.contexts!, expected[2]!)).toBeLessThan(1e-5)
    expect(expected[2]!.abs().max().dataSync()[0]).toBeGreaterThan(1e-3)
    expect(error.shape).toEqual([2, 1, 1])
  })

  test('of all items at once equal autodiff', () => {
    const [K, V, Q, T] = [normal('K', 2, 6, 5), normal('V', 2, 6, 5), normal('Q', 2, 4, 5), normal('T', 2, 4, 5)]
    const loss = (keys: tf.Tensor, values: tf.Tensor, q: tf.Tensor, t: tf.Tensor): tf.Scalar =>
      tf
        .matMul(tf.matMul(q, keys, false, true).softmax(), values)
        .sub(t)
        .square()
        .sum()
        .div(4 * 5)
    const [dK, dV, dQ, dT] = tf.grads(loss)([K, V, Q, T])
    const { keys, values, scores, miss } = jointGradient({ keys: K, values: V }, Q, T)
    expect(largest(keys, dK!)).toBeLessThan(1e-6)
    expect(largest(values, dV!)).toBeLessThan(1e-6)
    expect(largest(tf.matMul(scores, K), dQ!)).toBeLessThan(1e-6)
    expect(largest(miss.neg(), dT!)).toBeLessThan(1e-6)
  })
})

describe('fused kernels', () => {
  beforeAll(() => useBackend('wasm'))

  const after = (id: string, params: ParamValues, items: number, kernels: boolean, contexts: boolean): tf.Tensor => {
    setKernels(kernels)
    const memory = build(registry.model(id), registry.fill(id, params), seeds)
    const dim = Number(params['dim'] ?? params['tokenDim'])
    for (const part of ['a', 'b']) {
      const context = contexts ? normal(`c${part}`, 2, items, Number(params['contextDim'])) : undefined
      memory.store!({
        keys: normal(`k${part}`, 2, items, dim),
        values: normal(`v${part}`, 2, items, dim),
        contexts: context
      })
    }
    const answer = memory.retrieve!({ queries: normal('ka', 2, items, dim) })
    memory.dispose()
    return answer
  }
  test.each([
    ['true-episodic', { dim: 13, memorySize: 21, contextDim: 5, learningRate: 0.05 }, 9, true],
    ['true-episodic', { dim: 24, memorySize: 10, contextDim: 5, learningRate: 0.05 }, 13, false],
    ['delta-rule', { dim: 13, beta: 0.7 }, 40, false],
    ['graph', { dim: 12, nodes: 7, heads: 4, updateRate: 0.5 }, 30, false],
    ['adaptive-episodic', { dim: 12, memorySize: 9, contextDim: 3, learningRate: 0.1 }, 6, true],
    ['episodic-slots', { dim: 13, memorySize: 11, updateSteps: 5, learningRate: 0.05 }, 70, false],
    ['projecting-slots', { tokenDim: 13, memoryDim: 6, memorySize: 11, updateSteps: 5, learningRate: 0.05 }, 37, false]
  ] as const)('%s with %o writes what the plain ops write', (id, params, items, contexts) => {
    const [fused, plain] = [after(id, params, items, true, contexts), after(id, params, items, false, contexts)]
    expect(largest(fused, plain)).toBeLessThan(1e-4)
    expect(plain.abs().max().dataSync()[0]).toBeGreaterThan(0.01)
  })
})

describe.each([true, false])('the episodic memories (fused kernels: %s)', (kernels) => {
  beforeAll(() => useBackend('wasm'))
  beforeEach(() => setKernels(kernels))
  const shape = { memorySize: 4, contextDim: 3 }

  test('true-matrix reads as true-episodic does on the flattened arrays', () => {
    const parameters = { ...shape, learningRate: 0.1 }
    const weights = (name: string, dims: readonly number[]): tf.Tensor => {
      const size = dims.reduce((a, b) => a * b, 1)
      return tf.tensor(philoxDraws(['1', '2']).normal(name, size), [2, ...dims])
    }
    const make = (id: string, params: ParamValues) =>
      registry.build(id, registry.fill(id, { ...parameters, ...params }), 2, weights)
    // One outer pass over one episode without orthogonality is true-matrix's write of that episode, at time 0.
    const vector = make('true-episodic', { dim: 6, orthogonalityWeight: 0, outerSteps: 1, innerSteps: 3 })
    const matrix = make('true-matrix', { rows: 2, columns: 3, updateSteps: 3 })
    const item = { keys: normal('k', 2, 1, 6), values: normal('v', 2, 1, 6), contexts: normal('c', 2, 1, 3) }
    vector.store!(item)
    matrix.store!(item)
    const query = { queries: normal('q', 2, 5, 6), contexts: normal('z', 2, 5, 3) }
    expect(largest(vector.retrieve!(query), matrix.retrieve!(query))).toBeLessThan(1e-6)
    vector.dispose()
    matrix.dispose()
  })

  test('copying keeps the newest episodes: a strong cue returns its value, an overwritten one does not', () => {
    const params = { ...shape, dim: 8, writeMode: 'copy', timeWeight: 100 }
    const memory = build(registry.model('true-episodic'), registry.fill('true-episodic', params), seeds)
    const [keys, values] = [normal('k', 2, 6, 8), normal('v', 2, 6, 8)]
    memory.store!({ keys, values })
    const read = memory.retrieve!({ queries: keys.mul(40) })
    const rows = (x: tf.Tensor, from: number, count: number): tf.Tensor => x.slice([0, from, 0], [-1, count, -1])
    expect(largest(rows(read, 2, 4), rows(values, 2, 4))).toBeLessThan(1e-3)
    expect(largest(rows(read, 0, 2), rows(values, 0, 2))).toBeGreaterThan(0.5)
    memory.dispose()
  })

  test('a node’s content is the mean of its used slots, and zeros before', () => {
    const options = { ...shape, dim: 5, learningRate: 0.01, orthogonalityWeight: 0, timeWeight: 0.1 }
    const memory = episodicSlots(options, { batch: 2, weight: philoxWeights(['1', '2']) })
    expect(memory.usedMeans().keys.abs().max().dataSync()[0]).toBe(0)
    const [keys, values] = [normal('k', 2, 3, 5), normal('v', 2, 3, 5)]
    memory.storeTogether({ keys, values }, true, undefined)
    expect(memory.used).toBe(3)
    expect(largest(memory.usedMeans().keys, keys.mean(1))).toBeLessThan(1e-6)
    expect(largest(memory.usedMeans().values, values.mean(1))).toBeLessThan(1e-6)
    memory.dispose()
  })

  test('its traces tell the slots used and where the last queries looked', async () => {
    const memory = build(registry.model('true-episodic'), registry.fill('true-episodic', { ...shape, dim: 8 }), seeds)
    memory.store!({ keys: normal('k', 2, 3, 8), values: normal('v', 2, 3, 8) })
    memory.retrieve!({ queries: normal('q', 2, 5, 8) }).dispose()
    const traces = await memory.traces!()
    expect(traces.map(({ name }) => name)).toEqual(['slots-used', 'attention'])
    expect(traces[0]!.perTrial[1]).toMatchObject({ data: [3] })
    const seen = traces[1]!.perTrial[1] as { shape: number[]; data: number[] }
    expect(seen.shape).toEqual([5, 3])
    expect(seen.data.slice(0, 3).reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    memory.dispose()
  })
})

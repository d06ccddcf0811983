/** Classes of Python files as memories: what they answer, and that a trial is the same whoever computes beside it. */
import * as tf from '@tensorflow/tfjs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { userFiles } from '../../../../src-main/engine/process/user-files.ts'
import { pythonOf } from '../../../../src-main/engine/python/python.ts'
import { loadRegistry, type Registry } from '../../../../src-main/engine/worker/registry.ts'
import { runBatch } from '../../../../src-main/engine/worker/runner.ts'
import { philoxWeights } from '../../../../src-main/engine/worker/weight-sources.ts'
import type { Memory } from '../../../../src-main/models/model.ts'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import type { FoundPython } from '../../../../src-main/engine/python/interpreter.ts'
import type { ParamValues } from '../../../../src-shared/shapes/params.ts'
import { tinyCell, tinyTask } from '../worker/tiny.ts'
import { plainPython, torchPython, torchReason } from '../../../support/python.ts'

const folder = join(import.meta.dirname, 'models')
const printed: string[] = []

async function registryOf(found: FoundPython): Promise<Registry> {
  const { models } = await userFiles(folder, () => Promise.resolve(found))
  const { registry, errors } = await loadRegistry(
    models,
    undefined,
    pythonOf(found.options, (text) => printed.push(text))
  )
  expect(errors).toEqual([])
  return registry
}
const build = (registry: Registry, id: string, params: ParamValues, trials: readonly string[]): Memory =>
  registry.build(id, registry.fill(id, params), trials.length, philoxWeights(trials), false)
const values = (tensor: tf.Tensor): unknown => {
  const found = tensor.arraySync()
  tensor.dispose()
  return found
}

const seeds = Array.from({ length: 20 }, (_, i) => 3 + 5 * i)

/** What each seed gave, computed in these batches, rounds of storing more than once. */
async function metricsOf(
  registry: Registry,
  model: string,
  batches: readonly (readonly number[])[]
): Promise<string[]> {
  const found = new Map<number, string>()
  for (const batch of batches) {
    const cell = { ...tinyCell(model, [...batch], { rounds: 3 }), params: registry.fill(model, {}, { dim: 8 }) }
    for (const { seed, status, error, metrics, series } of await runBatch(tinyTask, cell, batch, 'philox', {
      registry,
      checkCancelled: () => undefined
    })) {
      expect([status, error]).toEqual(['done', null])
      found.set(seed, JSON.stringify([metrics, series]))
    }
  }
  return seeds.map((seed) => found.get(seed)!)
}

async function agree(registry: Registry, model: string): Promise<void> {
  const together = await metricsOf(registry, model, [seeds])
  expect(new Set(together).size).toBe(20)
  expect(await metricsOf(registry, model, [seeds.toReversed()])).toEqual(together)
  expect(await metricsOf(registry, model, [seeds.slice(13), seeds.slice(0, 7), seeds.slice(7, 13)])).toEqual(together)
  expect(
    await metricsOf(
      registry,
      model,
      seeds.map((seed) => [seed])
    )
  ).toEqual(together)
}

let plain: Registry
beforeAll(async () => {
  await useBackend('wasm')
  plain = await registryOf(await plainPython())
}, 60_000)

describe('a class on rows of numbers', () => {
  const keys = (): tf.Tensor => tf.tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 3, 2])

  it('is given one trial at a time, with the parameters of the cell', () => {
    const memory = build(plain, 'plain-models-last-value', { d_model: 2, gain: -2, mode: 'twice' }, ['a', 'b'])
    const all = keys()
    expect(values(memory.retrieve!({ queries: all.slice([0, 0, 0], [2, 1, 2]) }))).toEqual([[[-0, -0]], [[-0, -0]]])
    memory.store!({ keys: all, values: all })
    expect(values(memory.retrieve!({ queries: all.slice([0, 0, 0], [2, 1, 2]) }))).toEqual([[[-20, -24]], [[-44, -48]]])
    memory.reset()
    expect(values(memory.retrieve!({ queries: all }))).toEqual([0, 1].map(() => [0, 1, 2].map(() => [-0, -0])))
    memory.dispose()
    expect(() => memory.retrieve!({ queries: all })).toThrow()
  })

  it('is the same after a reset, made anew where it has no reset of its own', () => {
    const memory = build(plain, 'plain-models-noisy', { dim: 2 }, ['a', 'b'])
    const all = keys()
    const life = (): unknown => {
      memory.store!({ keys: all, values: all, times: [1, 2, 3], contexts: all })
      return [values(memory.retrieve!({ queries: all, contexts: all })), values(memory.retrieve!({ queries: all }))]
    }
    const first = life()
    memory.reset()
    expect(life()).toEqual(first)
    expect(life()).not.toEqual(first)
  })

  it('gives 20 seeds the same numbers together, in parts, in another order and alone', () =>
    agree(plain, 'plain-models-noisy'))

  it('is in the catalog with its notes, and its cost is what it holds', () => {
    const { models } = plain.catalog()
    expect(models.find(({ id }) => id === 'plain-models-last-value')).toMatchObject({
      family: 'My models',
      title: 'Last value',
      interfaces: ['key-value'],
      notes: [expect.any(String), expect.stringContaining('a_package_that_nobody_has')],
      code: expect.stringMatching(/^[0-9a-f]{64}$/) as string
    })
    expect(plain.cost('plain-models-noisy', { dim: 4 }, { stored: 3, before: 0, queries: 2 })).toMatchObject({
      ...{ parameters: 0, storeFlops: NaN, retrieveFlops: NaN }
    })
  })
})

const withTorch = await torchPython()
describe.skipIf(!withTorch)(`a class on tensors${torchReason(withTorch)}`, () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await registryOf(withTorch!)
  }, 120_000)

  it('computes what the closed form gives, in evaluation and without a way back', () => {
    const memory = build(registry, 'torch-models-matrix', { dim: 2 }, ['a', 'b'])
    const k = tf.tensor([1, 0, 1, 1, 2, -1, 0, 3], [2, 2, 2])
    memory.store!({ keys: k, values: k })
    const expected = tf.matMul(k, tf.matMul(k, k, true, false))
    expect(values(memory.retrieve!({ queries: k }))).toEqual(values(expected))
  })

  it('gives 20 seeds the same numbers together, in parts, in another order and alone', () =>
    agree(registry, 'torch-models-lottery'))

  it('has as many parameters and as much state as its tensors hold', () => {
    const load = { stored: 5, before: 0, queries: 2 }
    expect(registry.cost('torch-models-lottery', { dim: 4 }, load)).toMatchObject({ parameters: 16, state: 20 })
    expect(registry.cost('torch-models-matrix', { dim: 4 }, load)).toMatchObject({ parameters: 0, state: 16 })
    const block = { stored: 0, before: 0, queries: 0, tokens: 6 }
    expect(registry.cost('torch-models-block', { d_model: 4, hidden: 3 }, block).parameters).toBe(4 * 3 + 3 + 3 * 4 + 4)
  })

  it('reads sequences as [B, L, d], every trial with its own weights', () => {
    const block = build(registry, 'torch-models-block', { d_model: 2 }, ['a', 'b', 'a'])
    const x = tf.ones([3, 4, 2])
    const [a, b, again] = values(block.forward!(x)) as unknown[]
    expect(again).toEqual(a)
    expect(b).not.toEqual(a)
  })
})

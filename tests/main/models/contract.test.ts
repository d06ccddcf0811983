/** What holds for every registered model: one suite, no model by name but the few exceptions that are reasoned here. */
import * as tf from '@tensorflow/tfjs'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { useBackend } from '../../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../../src-main/tensors/kernels/index.ts'
import { withoutEffect, type Param, type Params } from '../../../src-shared/shapes/params.ts'
import { tasks } from '../../../src-main/tasks/registry.ts'
import { builtInModels } from '../../../src-main/models/registry.ts'
import type { AnyModel } from '../../../src-main/models/model.ts'
import type { Workload } from '../../../src-shared/cost/cost.ts'
import { countFlops } from '../../support/count-flops.ts'
import {
  build,
  drive,
  inputsFor,
  paramsFor,
  registry,
  small,
  variantsOf,
  type Sizes
} from '../../support/drive-memory.ts'

/** Memories that answer before anything is stored, and why. All others read zeros. */
const answersWhenEmpty = new Map([
  ['episodic-slots', 'reads its initial slots'],
  ['projecting-slots', 'reads its initial slots'],
  ['context-drift', 'adds a context to the query'],
  ['graph', 'reads its initial nodes'],
  ['titans', 'reads its initial network']
])

const driven = builtInModels.filter((model) => !model.interfaces.every((kind) => kind === 'recall'))
const cases = driven.flatMap((model) =>
  variantsOf(model).map((variant) => ({ model, variant, name: `${model.id} ${JSON.stringify(variant)}` }))
)
const seeds = [11, 12, 13]

function run({ model, variant }: (typeof cases)[number], of: readonly number[]): number[][] {
  const memory = build(model, paramsFor(model, small, variant), of)
  const answers = drive(model, memory, small, of)
  memory.dispose()
  return answers
}

/** Largest difference relative to the larger of 1 and the value. */
const apart = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? Math.max(...a.map((x, i) => Math.abs(x - b[i]!) / Math.max(1, Math.abs(x)))) : Infinity

beforeAll(() => useBackend('wasm'))
beforeEach(() => setKernels(true))

describe.each(cases)('$name', (one) => {
  const { model, variant } = one

  test('a batch of three gives what three single runs give, and its numbers are finite', () => {
    const together = run(one, seeds)
    for (const [b, seed] of seeds.entries()) {
      expect(together[b]!.length).toBeGreaterThan(0)
      expect(together[b]!.every(Number.isFinite)).toBe(true)
      expect(apart(together[b]!, run(one, [seed])[0]!)).toBeLessThan(1e-4)
    }
    expect(apart(together[0]!, together[1]!)).toBeGreaterThan(1e-4)
  })

  test('the same seeds give the same numbers again, also after a reset', () => {
    const memory = build(model, paramsFor(model, small, variant), seeds)
    const first = drive(model, memory, small, seeds)
    memory.reset()
    const second = drive(model, memory, small, seeds)
    memory.dispose()
    expect(second).toEqual(first)
    expect(run(one, seeds)).toEqual(first)
  })

  test('no tensor is left behind, not even by its traces', async () => {
    const before = tf.memory().numTensors
    const memory = build(model, paramsFor(model, small, variant), seeds)
    drive(model, memory, small, seeds)
    await memory.traces?.()
    memory.reset()
    drive(model, memory, small, seeds)
    memory.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  test('it answers alike on plain ops and on fused kernels', () => {
    const fused = run(one, seeds)
    setKernels(false)
    const plain = run(one, seeds)
    fused.forEach((answers, b) => expect(apart(answers, plain[b]!)).toBeLessThan(1e-4))
  })

  test('the stated operations are within 5 % of those counted while it runs', async () => {
    setKernels(false)
    const medium: Sizes = { dim: 16, contextDim: 6, rows: 4, columns: 4, items: 12, queries: 10 }
    const params = paramsFor(model, medium, { ...variant, ...('memorySize' in model.params && { memorySize: 9 }) })
    const memory = build(model, params, [7])
    const { store, retrieve, dispose } = inputsFor(model, medium, [7], 'counted')
    const workload: Workload = {
      stored: medium.items,
      before: 0,
      queries: medium.queries,
      tokens: medium.items,
      contexts: model.uses.contexts
    }
    const cost = registry.cost(model.id, params, workload)
    if (memory.store && memory.retrieve) {
      const stored = await countFlops(() => {
        memory.store!(store)
        return []
      })
      const read = await countFlops(() => memory.retrieve!(retrieve))
      near(cost.storeFlops, stored, 'store')
      near(cost.retrieveFlops, read, 'retrieve')
    }
    if (memory.forward) {
      memory.reset()
      near(cost.forwardFlops!, await countFlops(() => memory.forward!(store.keys)), 'forward')
    }
    dispose()
    memory.dispose()
  })
})

/** Within 5 %; a handful of operations more or less is none. */
function near(stated: number, counted: number, what: string): void {
  expect(Math.abs(stated - counted), `${what}: stated ${stated}, counted ${counted}`).toBeLessThanOrEqual(
    Math.max(0.05 * counted, 16)
  )
}

test('the counter counts by the rule: 2 m n k, 1 an output, 1 an input of a sum, 5 an entry of a softmax', async () => {
  const a = tf.ones([2, 3])
  const b = tf.ones([4, 3])
  expect(await countFlops(() => tf.matMul(a, b, false, true))).toBe(2 * 2 * 3 * 4)
  expect(await countFlops(() => tf.tidy(() => a.add(1).tanh()))).toBe(12)
  expect(await countFlops(() => tf.tidy(() => b.sum(1).reshape([2, 2])))).toBe(12)
  expect(await countFlops(() => a.softmax())).toBe(30)
  await expect(countFlops(() => tf.tidy(() => tf.sinh(a)))).rejects.toThrow('Sinh')
  tf.dispose([a, b])
})

const keyValue = driven.filter((model: AnyModel) => model.interfaces.includes('key-value'))

describe.each(keyValue)('$id with nothing stored', (model) => {
  const answers = answersWhenEmpty.has(model.id)
  test(answers ? `answers: it ${answersWhenEmpty.get(model.id)}` : 'reads zeros', () => {
    const memory = build(model, paramsFor(model, small), seeds)
    const { retrieve, dispose } = inputsFor(model, small, seeds, 'empty')
    const answer = memory.retrieve!(retrieve)
    const zeros = answer.dataSync().every((x) => x === 0)
    tf.dispose(answer)
    dispose()
    memory.dispose()
    expect(zeros).toBe(!answers)
  })
})

/** Another value than the default, within the bounds. */
function otherThan(param: Param): number | boolean | string | undefined {
  switch (param.type) {
    case 'integer':
    case 'number':
      return param.default * 2 <= param.max && param.default !== 0 ? param.default * 2 : param.default / 2
    case 'boolean':
      return !param.default
    case 'choice':
      return param.options.find((option) => option !== param.default)
    default:
      return undefined
  }
}

describe('a parameter that says what it needs', () => {
  const idle = driven.flatMap((model) =>
    Object.entries(model.params as Params).flatMap(([name, param]) =>
      withoutEffect(param, model.params as Params, {}, () => false) === undefined ? [] : [{ model, name, param }]
    )
  )
  test.each(idle)('$model.id has the same numbers whatever $name is', ({ model, name, param }) => {
    const changed = { [name]: otherThan(param)! }
    expect(run({ model, variant: changed, name: '' }, [11])).toEqual(run({ model, variant: {}, name: '' }, [11]))
  })
  test('names a parameter beside it, and values that this can have', () => {
    const wrong = [...builtInModels, ...tasks].flatMap(({ id, params }) =>
      Object.entries(params as Params).flatMap(([name, { needs }]) => {
        const other = needs && (params as Params)[needs.param]
        // The race's parameters stand without a decision where there is no other.
        if (!needs || (!other && needs.param === 'decision')) return []
        return other?.type === 'choice' && needs.in.every((value) => other.options.includes(value))
          ? []
          : [`${id} ${name}`]
      })
    )
    expect(wrong).toEqual([])
    expect(idle.length).toBeGreaterThan(5)
  })
})

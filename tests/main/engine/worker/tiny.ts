/** The smallest task and the smallest misbehaving models, for tests of the engine itself. */
import * as tf from '@tensorflow/tfjs'
import { integer } from '../../../../src-shared/shapes/params.ts'
import type { CellJob } from '../../../../src-main/engine/protocol.ts'
import { builtInRegistry, type Registry } from '../../../../src-main/engine/worker/registry.ts'
import { defineModel, type Memory, type MemorySetup } from '../../../../src-main/models/model.ts'
import { defineTask } from '../../../../src-main/tasks/task.ts'

const size = (value: number): ReturnType<typeof integer> =>
  integer('Size', value, { help: '', min: 1, max: 100_000, from: 'dim' })

/** Stores `items` random pairs `rounds` times and measures the squared error of recalling them. */
export const tinyTask = defineTask({
  id: 'tiny',
  title: 'Tiny',
  family: 'Tests',
  summary: '',
  protocol: [],
  diagram: [],
  source: '',
  params: {
    dim: integer('Dimension', 8, { help: '', min: 1, max: 512 }),
    items: integer('Items', 4, { help: '', min: 1, max: 1000 }),
    rounds: integer('Rounds', 1, { help: '', min: 1, max: 1_000_000 })
  },
  defaultSweep: {},
  metrics: [{ name: 'mse', label: 'MSE', direction: 'lower', tex: '', help: '' }],
  mainMetric: 'mse',
  series: [],
  derived: [],
  needs: { interface: 'key-value' },
  revision: 1,
  async run({ dim, items, rounds }, { batch, random, memory, checkCancelled }) {
    const draw = (name: string): tf.Tensor => tf.tensor(random.normal(name, items * dim), [batch, items, dim])
    const [keys, values] = [draw('keys'), draw('values')]
    const tested = memory()
    for (let round = 0; round < rounds; round++) {
      checkCancelled()
      tested.store?.({ keys, values })
      // A long trial gives way now and then, as one that reads back from a GPU does.
      if (round % 50 === 49) await new Promise((done) => setImmediate(done))
    }
    const recalled = tested.retrieve?.({ queries: keys }) as tf.Tensor
    const error = recalled.sub(values).square()
    const mse = await error.mean([1, 2]).data()
    const perItem = (await error.mean(2).array()) as number[][]
    return { metrics: { mse }, series: { 'mse by item': { x: perItem[0].map((_, i) => i), y: perItem } } }
  },
  workload: ({ items }) => ({ stored: items, before: 0, queries: items })
})

/** Answers with its one drawn weight added to the query, unless told to misbehave. */
function model(id: string, create: (setup: MemorySetup, dim: number) => Memory): ReturnType<typeof defineModel> {
  return defineModel({
    id,
    title: `The ${id} model`,
    family: 'Tests',
    interfaces: ['key-value'],
    summary: '',
    recall: '',
    equations: [],
    symbols: [],
    source: '',
    notes: [],
    params: { dim: size(8) },
    uses: { contexts: false, places: false },
    revision: 1,
    create: ({ dim }, setup) => create(setup, dim),
    cost: ({ dim }, { stored, queries }) => ({
      storeFlops: stored * dim,
      retrieveFlops: queries * dim,
      parameters: dim,
      state: 0
    })
  })
}

export const shift = model('shift', ({ weight }, dim) => {
  const bias = weight('bias', [1, dim], { kind: 'normal', scale: 1 })
  return {
    store: () => undefined,
    retrieve: ({ queries }) => queries.add(bias),
    reset: () => undefined,
    traces: async () => [
      {
        name: 'bias',
        title: 'Bias',
        kind: 'bars',
        perTrial: [...((await bias.array()) as number[][][])].map((rows) => ({ shape: [dim], data: rows[0] }))
      }
    ],
    dispose: () => bias.dispose()
  }
})

/** NaN for those trials whose first query entry is positive. */
export const unstable = model('unstable', () => ({
  store: () => undefined,
  retrieve: ({ queries }) => tf.tidy(() => queries.slice([0, 0, 0], [-1, 1, 1]).neg().sqrt().add(queries)),
  reset: () => undefined,
  dispose: () => undefined
}))

/** Throws when any trial's first query entry is positive. */
export const throwing = model('throwing', () => ({
  store: () => undefined,
  retrieve({ queries }) {
    const first = queries.slice([0, 0, 0], [-1, 1, 1]).dataSync() as Float32Array
    if (first.some((value) => value > 0)) throw new Error('this key hurts')
    return queries.clone()
  },
  reset: () => undefined,
  dispose: () => undefined
}))

/** Returns one row too few. */
export const misshapen = model('misshapen', () => ({
  store: () => undefined,
  retrieve: ({ queries }) => queries.slice([0, 1, 0]),
  reset: () => undefined,
  dispose: () => undefined
}))

/** Leaks a tensor and a variable with every store. */
export const leaky = model('leaky', () => ({
  store({ keys }) {
    keys.mul(2)
    tf.variable(keys)
  },
  retrieve: ({ queries }) => queries.clone(),
  reset: () => undefined,
  dispose: () => undefined
}))

export function tinyRegistry(): Registry {
  const registry = builtInRegistry()
  registry.addTask(tinyTask)
  for (const each of [shift, unstable, throwing, misshapen, leaky]) registry.addModel(each, 'tests')
  return registry
}

export function tinyCell(kind: string, seeds: number[], task: Record<string, number> = {}): CellJob {
  const taskParams = { dim: 8, items: 4, rounds: 1, ...task }
  return { index: 0, use: 0, label: kind, model: kind, params: { dim: taskParams.dim }, taskParams, point: {}, seeds }
}

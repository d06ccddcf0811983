/** One store and one retrieve of a key-value memory, timed: what the benches of models measure. */
import { closeSync, openSync, writeSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import type { ParamValues } from '../../src-shared/shapes/params.ts'
import { philoxWeights } from '../../src-main/engine/worker/weight-sources.ts'
import type { AnyModel, Memory } from '../../src-main/models/model.ts'
import { inputsFor, registry, type Inputs } from './drive-memory.ts'

export const items = 1000
export const dim = 64
/** 8 rows of as many columns. */
const sizesOf = (width: number) => ({ dim: width, rows: 8, columns: width / 8, contextDim: 16 })

export interface Times {
  store: number
  retrieve: number
}

export const total = ({ store, retrieve }: Times): number => store + retrieve

const asleep = new Int32Array(new SharedArrayBuffer(4))

/** Milliseconds of CPU time of this thread. Systems bring it up to date when a thread sleeps, and otherwise tick by tick. */
export function threadTime(): number {
  Atomics.wait(asleep, 0, 0, 0.01)
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Milliseconds between two readings of a clock. */
const shortest = 10

export const clockTime = (): number => performance.now()

const made = new Map<string, Inputs>()

/** Items and queries without contexts, made once for a backend. */
function inputs(model: AnyModel, seeds: readonly number[], count: number, width: number): Inputs {
  const key = [tf.getBackend(), model.uses.places, seeds.length, count, width].join()
  const known = made.get(key)
  if (known) return known
  const given = inputsFor(model, { ...sizesOf(width), items: count, queries: count }, seeds, 'bench')
  tf.dispose([given.store.contexts, given.retrieve.contexts].filter((x) => x !== undefined))
  made.set(key, {
    ...given,
    store: { ...given.store, contexts: undefined },
    retrieve: { ...given.retrieve, contexts: undefined }
  })
  return made.get(key)!
}

export class TimedMemory {
  readonly #model: AnyModel
  readonly #memory: Memory
  readonly #seeds: number[]
  readonly #width: number
  readonly #params: ParamValues
  readonly #weights: { name: string; shape: number[]; data: Float32Array }[] = []

  /** @param width a multiple of 8 */
  constructor(model: AnyModel, batch: number, width = dim) {
    this.#model = model
    this.#width = width
    this.#seeds = Array.from({ length: batch }, (_, i) => i)
    this.#params = registry.fill(model.id, {}, sizesOf(width))
    const drawn = philoxWeights(this.#seeds.map((seed) => `weights-${seed}`))
    this.#memory = registry.build(model.id, this.#params, batch, (name, shape, init) => {
      const made = drawn(name, shape, init)
      this.#weights.push({ name, shape: made.shape, data: made.dataSync<'float32'>().slice() })
      return made
    })
  }

  /**
   * Milliseconds per trial of one store of `count` items by the empty memory, and of as many queries.
   * @param mark called before and after storing, and before and after retrieving
   * @param asked how often it is asked; the time is that of one
   */
  async once(count: number, clock: () => number, mark?: () => void, asked = 1): Promise<Times> {
    const { store, retrieve } = inputs(this.#model, this.#seeds, count, this.#width)
    // A CPU backend has its result when the call returns; a GPU when something has been read.
    const settle = async (): Promise<void> => {
      if (clock === threadTime) return
      const entry = store.keys.slice([0, 0, 0], [1, 1, 1])
      await entry.data()
      entry.dispose()
    }
    this.#memory.reset()
    await settle()
    mark?.()
    const start = clock()
    this.#memory.store!(store)
    mark?.()
    await settle()
    const stored = clock()
    mark?.()
    for (let i = 0; i < asked; i++) {
      const answer = this.#memory.retrieve!(retrieve)
      if (i === 0) mark?.()
      if (clock !== threadTime) await answer.data()
      answer.dispose()
    }
    const end = clock()
    const batch = this.#seeds.length
    return { store: (stored - start) / batch, retrieve: (end - stored) / batch / asked }
  }

  /** Of a trial that stores and retrieves: operations, and the bytes of what must be read or written at least once. */
  work(count: number): { flops: number; bytes: number } {
    const cost = registry.cost(this.#model.id, this.#params, { stored: count, before: 0, queries: count })
    const rows = 4 * count * this.#width
    return {
      flops: cost.storeFlops + cost.retrieveFlops,
      bytes: 4 * (cost.parameters + 2 * cost.state + rows)
    }
  }

  /** What the empty memory recalls after one store, [seeds, count, width]. */
  async recall(count: number): Promise<Float32Array> {
    const { store, retrieve } = inputs(this.#model, this.#seeds, count, this.#width)
    this.#memory.reset()
    this.#memory.store!(store)
    const answer = this.#memory.retrieve!(retrieve)
    const data = await answer.data<'float32'>()
    const copy = data.slice()
    answer.dispose()
    return copy
  }

  /**
   * Its weights by name and what `once` gives it, as a line of JSON that names the arrays, and their numbers: what another
   * program needs to compute the same.
   */
  async write(file: string, count: number): Promise<void> {
    const { store, retrieve } = inputs(this.#model, this.#seeds, count, this.#width)
    const given = { keys: store.keys, values: store.values, queries: retrieve.queries }
    const arrays = [...this.#weights, ...Object.entries(given).map(([name, { shape }]) => ({ name, shape }))]
    const numbers = [
      ...this.#weights.map(({ data }) => data),
      ...(await Promise.all(Object.values(given).map((x) => x.data<'float32'>())))
    ]
    const about = { model: this.#model.id, params: this.#params, arrays: arrays.map((x) => [x.name, x.shape]) }
    const opened = openSync(file, 'w')
    writeSync(opened, JSON.stringify(about) + '\n')
    for (const each of numbers) writeSync(opened, each)
    closeSync(opened)
  }

  /** The mean of as many runs as fill the budget. */
  async mean(count: number, budget: number, clock: () => number): Promise<Times> {
    const sum = { store: 0, retrieve: 0, runs: 0 }
    // Reading the clock costs as much as a small memory's answer: such a one is asked several times between readings.
    const first = await this.once(count, clock)
    const asked = Math.min(50, Math.ceil(shortest / (first.retrieve * this.#seeds.length)))
    for (const begin = performance.now(); sum.runs === 0 || performance.now() - begin < budget; sum.runs++) {
      const times = await this.once(count, clock, undefined, asked)
      sum.store += times.store
      sum.retrieve += times.retrieve
    }
    return { store: sum.store / sum.runs, retrieve: sum.retrieve / sum.runs }
  }

  dispose(): void {
    this.#memory.dispose()
  }
}

/** GFLOP/s of products of 512 by 512 on the backend in use: the best of the batches that fit the time. */
export async function productSpeed(milliseconds: number, clock: () => number): Promise<number> {
  const [a, b] = [tf.randomNormal([512, 512], 0, 1, 'float32', 1), tf.randomNormal([512, 512], 0, 1, 'float32', 2)]
  const once = async (): Promise<void> => {
    const c = tf.matMul(a, b)
    if (clock !== threadTime) await c.data()
    c.dispose()
  }
  await once()
  let done = 0
  const [begin, start] = [performance.now(), clock()]
  for (; performance.now() - begin < milliseconds; done++) await once()
  const speed = (done * 2 * 512 ** 3) / (clock() - start) / 1e6
  tf.dispose([a, b])
  return speed
}

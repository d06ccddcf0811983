/** One store and one retrieve of a key-value memory, timed: what the benches of models measure. */
import * as tf from '@tensorflow/tfjs'
import type { AnyModel, Memory } from '../../src-main/models/model.ts'
import { build, inputsFor, registry, type Inputs } from './drive-memory.ts'

export const items = 1000
export const dim = 64
/** 8 rows of as many columns. */
const sizesOf = (width: number) => ({ dim: width, rows: 8, columns: width / 8, contextDim: 16 })

export interface Times {
  store: number
  retrieve: number
}

export const total = ({ store, retrieve }: Times): number => store + retrieve

/** Milliseconds of CPU time of this thread. */
export function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

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

  /** @param width a multiple of 8 */
  constructor(model: AnyModel, batch: number, width = dim) {
    this.#model = model
    this.#width = width
    this.#seeds = Array.from({ length: batch }, (_, i) => i)
    this.#memory = build(model, registry.fill(model.id, {}, sizesOf(width)), this.#seeds)
  }

  /**
   * Milliseconds per trial of one store of `count` items by the empty memory, and of as many queries.
   * @param mark called before and after storing, and before and after retrieving
   */
  async once(count: number, clock: () => number, mark?: () => void): Promise<Times> {
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
    const answer = this.#memory.retrieve!(retrieve)
    mark?.()
    if (clock !== threadTime) await answer.data()
    const end = clock()
    answer.dispose()
    const batch = this.#seeds.length
    return { store: (stored - start) / batch, retrieve: (end - stored) / batch }
  }

  /** The mean of as many runs as fill the budget; the thread's clock may tick in tens of milliseconds. */
  async mean(count: number, budget: number, clock: () => number): Promise<Times> {
    const sum = { store: 0, retrieve: 0, runs: 0 }
    for (const begin = performance.now(); sum.runs === 0 || performance.now() - begin < budget; sum.runs++) {
      const times = await this.once(count, clock)
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

/** What a task's test needs: draws, a context, and memories whose scores are known beforehand. */
import * as tf from '@tensorflow/tfjs'
import { fillParams, type ParamValues } from '../../../src-shared/shapes/params.ts'
import type { Draws } from '../../../src-main/tensors/random/draws.ts'
import type { AnyModel, Memory, StoreInput, WeightSource } from '../../../src-main/models/model.ts'
import type { AnyTask, TaskResult } from '../../../src-main/tasks/task.ts'

/** A small generator of its own (mulberry32), so that these tests hold whatever the engine's generators do. */
function mulberry(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function hash(text: string): number {
  let h = 2166136261
  for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 16777619)
  return h
}

/** Draws of the given seeds: each seed and name has a stream of its own. */
export function drawsOf(seeds: readonly number[]): Draws {
  const fill = <A extends Float32Array | Int32Array>(
    out: A,
    name: string,
    size: number,
    draw: (u: () => number) => number
  ): A => {
    seeds.forEach((seed, b) => {
      const u = mulberry(hash(`${name}/${seed}`))
      for (let i = 0; i < size; i++) out[b * size + i] = draw(u)
    })
    return out
  }
  return {
    normal: (name, size) =>
      fill(
        new Float32Array(seeds.length * size),
        name,
        size,
        (u) => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u())
      ),
    uniform: (name, size, low = 0, high = 1) =>
      fill(new Float32Array(seeds.length * size), name, size, (u) => low + (high - low) * u()),
    integers: (name, size, low, high) =>
      fill(new Int32Array(seeds.length * size), name, size, (u) => low + Math.floor((high - low) * u())),
    permutation(name, n) {
      const out = new Int32Array(seeds.length * n)
      seeds.forEach((seed, b) => {
        const u = mulberry(hash(`${name}/${seed}`))
        const order = Array.from({ length: n }, (_, i) => i)
        for (let i = n - 1; i > 0; i--) {
          const j = Math.floor(u() * (i + 1))
          ;[order[i], order[j]] = [order[j], order[i]]
        }
        out.set(order, b * n)
      })
      return out
    }
  }
}

/** Runs a task on a memory made for the batch, with the task's defaults filled in; checks that no tensor leaks. */
export async function runTask(
  task: AnyTask,
  given: ParamValues,
  seeds: readonly number[],
  make: (batch: number, params: ParamValues) => Memory
): Promise<Measured> {
  const { values, errors } = fillParams(task.params, given, 'task.params', undefined, () => undefined)
  if (errors.length) throw new Error(errors.map((e) => e.message).join(' '))
  const before = tf.memory().numTensors
  let memory: Memory | undefined
  const result = await task.run(values, {
    batch: seeds.length,
    random: drawsOf(seeds),
    memory: () => (memory ??= make(seeds.length, values)),
    build: () => {
      throw new Error('This task builds memories of its own.')
    },
    vectors: () => {
      throw new Error('No imported vectors here.')
    },
    script: () => {
      throw new Error('No script here.')
    },
    checkCancelled: () => {}
  })
  memory?.dispose()
  const leaked = tf.memory().numTensors - before
  if (leaked !== 0) throw new Error(`${leaked} tensors leaked`)
  return result as Measured
}

/** A result whose metrics all have a value. */
export type Measured = TaskResult & { metrics: Record<string, ArrayLike<number>> }

const noWeights: WeightSource = (_, shape, init) => {
  if (init.kind !== 'zeros') throw new Error('Only zero weights here.')
  return tf.zeros([1, ...shape])
}

/** A registered model without drawn weights, with its defaults. */
export function memoryOf(model: AnyModel, params: ParamValues): (batch: number) => Memory {
  return (batch) =>
    model.create(params, {
      batch,
      weight: (name, shape, init) =>
        tf.tidy(() => tf.tile(noWeights(name, shape, init), [batch, ...shape.map(() => 1)])),
      observed: true,
      build: () => {
        throw new Error('No parts here.')
      }
    })
}

interface Entry {
  key: Float32Array
  context?: Float32Array
  value: Float32Array
}

/**
 * A perfect dictionary: gives back the newest value whose key (and context, if one is given) lies nearest. It must get
 * everything right that the task's cues determine.
 */
export function dictionary(batch: number): Memory {
  let entries: Entry[][] = Array.from({ length: batch }, () => [])
  let valueDim = 0
  const rowsOf = (t: tf.Tensor): Float32Array[][] => {
    const [b, n, d] = t.shape
    const data = t.dataSync() as Float32Array
    return Array.from({ length: b }, (_, i) =>
      Array.from({ length: n }, (_, j) => data.slice((i * n + j) * d, (i * n + j + 1) * d))
    )
  }
  const distance = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0)
  return {
    store({ keys, values, contexts }) {
      const [k, v, c] = [rowsOf(keys), rowsOf(values), contexts && rowsOf(contexts)]
      valueDim = values.shape[2]!
      k.forEach((list, b) =>
        list.forEach((key, i) => entries[b].push({ key, value: v[b][i], ...(c && { context: c[b][i] }) }))
      )
    },
    retrieve({ queries, contexts }) {
      const [q, c] = [rowsOf(queries), contexts && rowsOf(contexts)]
      const dim = valueDim || queries.shape[2]!
      const out = new Float32Array(batch * queries.shape[1]! * dim)
      q.forEach((list, b) =>
        list.forEach((query, i) => {
          let best: Entry | undefined
          let least = Infinity
          for (const entry of entries[b]) {
            const away = distance(entry.key, query) + (c && entry.context ? distance(entry.context, c[b][i]) : 0)
            if (away <= least) [best, least] = [entry, away]
          }
          if (best) out.set(best.value, (b * list.length + i) * dim)
        })
      )
      return tf.tensor(out, [batch, queries.shape[1]!, dim])
    },
    reset: () => void (entries = entries.map(() => [])),
    dispose: () => {}
  }
}

/** A memory that stores nothing and answers zeros: it must score chance. */
export function amnesia(batch: number): Memory {
  let dim = 0
  return {
    store: ({ values }) => void (dim = values.shape[2]!),
    retrieve: ({ queries }) => tf.zeros([batch, queries.shape[1]!, dim || queries.shape[2]!]),
    reset: () => {},
    dispose: () => {}
  }
}

export const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length
export const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** The dictionary, remembering only what its last store call brought. */
export function forgetful(batch: number): Memory {
  const memory = dictionary(batch)
  return {
    ...memory,
    store(input) {
      memory.reset()
      memory.store!(input)
    }
  }
}

/** Calls `seen` with what a memory is given to store, then passes it on. */
export function watched(make: (batch: number) => Memory, seen: (input: StoreInput) => void): (batch: number) => Memory {
  return (batch) => {
    const memory = make(batch)
    return {
      ...memory,
      store(input) {
        seen(input)
        memory.store!(input)
      }
    }
  }
}

/** The read of slots in one pass against sums in double precision, and its gradient against that of the plain ops. */
import * as tf from '@tensorflow/tfjs'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { readSlots, type ReadOptions } from '../../../../src-main/models/parts/memory/attention-read.ts'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../../../src-main/tensors/kernels/index.ts'
import { philoxDraws } from '../../../../src-main/tensors/random/draws.ts'

afterEach(() => setKernels(true))

const draws = philoxDraws(['read'])
const normal = (name: string, ...shape: number[]): tf.Tensor =>
  tf.tensor(
    draws.normal(
      name,
      shape.reduce((a, b) => a * b, 1)
    ),
    shape
  )

interface Numbers {
  read: number[][][]
  weights: number[][][]
}

/** softmax(scale q k^T + z c^T + b) v, number by number. */
function truth(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, { contexts, bias, scale = 1 }: ReadOptions): Numbers {
  const rows = (x: tf.Tensor): number[][][] => x.arraySync() as number[][][]
  const [Q, K, V] = [q, k, v].map(rows)
  const [Z, C] = contexts ? [rows(contexts.queries), rows(contexts.slots)] : []
  const B = bias && (bias instanceof tf.Tensor ? rows(bias) : [[[...bias]]])
  const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
  const weights = Q.map((queries, t) =>
    queries.map((query, i) => {
      const scaled = query.map((x) => Math.fround(x * Math.fround(scale)))
      const scores = K[t].map(
        (key, j) => dot(scaled, key) + (Z ? dot(Z[t][i], C![t][j]) : 0) + (B ? B[t % B.length][0][j] : 0)
      )
      const most = Math.max(...scores)
      const shares = scores.map((score) => Math.exp(score - most))
      const total = shares.reduce((a, b) => a + b, 0)
      return shares.map((share) => share / total)
    })
  )
  const read = weights.map((of, t) =>
    of.map((shares) => V[t][0].map((_, l) => shares.reduce((sum, share, j) => sum + share * V[t][j][l], 0)))
  )
  return { read, weights }
}

/** The largest difference of what is read, and of the weights that are kept. */
function apart(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, options: ReadOptions = {}): number {
  const wanted = truth(q, k, v, options)
  const { read, attention } = readSlots(q, k, v, options)
  const kept = wanted.weights.map((rows) => rows.slice(0, options.kept ?? 0))
  const [got, wants] = [[...read.dataSync(), ...attention.dataSync()], [wanted.read, kept].flat(3)]
  tf.dispose([read, attention])
  expect(got.length).toBe(wants.length)
  return Math.max(...got.map((x, i) => (Number.isFinite(wants[i]) ? Math.abs(x - wants[i]) : NaN)))
}

describe.each(['wasm', 'cpu'] as const)('on %s', (backend) => {
  beforeEach(() => useBackend(backend))

  // Queries, slots, lengths of keys, values and contexts: parts of strips, panels and tiles of 128 slots.
  it.each([
    [1, 1, 1, 1, 0],
    [1, 200, 3, 5, 0],
    [7, 13, 5, 3, 2],
    [25, 129, 12, 9, 5],
    [24, 128, 8, 8, 4],
    [61, 300, 33, 17, 0]
  ])('%i queries read %i slots of %i and %i, contexts of %i', (count, slots, dim, valueDim, contextDim) => {
    const [q, k, v] = [normal('q', 2, count, dim), normal('k', 2, slots, dim), normal('v', 2, slots, valueDim)]
    const contexts = { queries: normal('z', 2, count, contextDim), slots: normal('c', 2, slots, contextDim) }
    const options = { ...(contextDim && { contexts }), scale: 0.7, kept: Math.min(count, 26) }
    expect(apart(q, k, v, options)).toBeLessThan(5e-6)
    expect(apart(q, k, v, { ...options, bias: normal('one', slots).dataSync<'float32'>() })).toBeLessThan(5e-6)
    expect(apart(q, k, v, { ...options, bias: normal('each', 2, 1, slots) })).toBeLessThan(5e-6)
  })

  test('very large scores choose one slot, equal ones share, and none overflows', () => {
    const k = tf.tensor3d([1e6, 0, 0, 1e6, -1e6, 0, 1e6, 0], [1, 4, 2])
    const v = normal('v', 1, 4, 6)
    const q = tf.tensor3d([1e6, 0, 0, 1e6, -1e30, -1e30, 1e-30, 0], [1, 4, 2])
    expect(apart(q, k, v, { kept: 4 })).toBeLessThan(1e-6)
  })

  test('scores that are all far below zero still sum to one', () => {
    const [q, k, v] = [tf.ones([1, 3, 1]), tf.fill([1, 150, 1], -1e34), normal('v', 1, 150, 7)]
    expect(apart(q, k, v, { kept: 3 })).toBeLessThan(1e-6)
  })

  test('zero queries read the mean, one slot is read as it is', () => {
    expect(apart(tf.zeros([2, 9, 5]), normal('k', 2, 140, 5), normal('v', 2, 140, 3), { kept: 9 })).toBeLessThan(1e-6)
    const [q, v] = [normal('q', 1, 8, 3), normal('v', 1, 1, 4)]
    const { read } = readSlots(q, normal('k', 1, 1, 3), v)
    expect([...read.dataSync()]).toEqual(Array.from({ length: 8 }, () => [...v.dataSync()]).flat())
  })

  test('slots that are masked by -Infinity are not read, in whole tiles and at their edges', () => {
    const [q, k, v] = [normal('q', 1, 7, 5), normal('k', 1, 400, 5), normal('v', 1, 400, 4)]
    for (const [from, to] of [
      [128, 256],
      [0, 300],
      [131, 132],
      [399, 400],
      [0, 1]
    ]) {
      const mask = new Float32Array(400).fill(-Infinity)
      mask.fill(0, from, to)
      expect(apart(q, k, v, { bias: mask, kept: 7 })).toBeLessThan(5e-6)
    }
    const { read } = readSlots(q, k, v, { bias: new Float32Array(400).fill(-Infinity) })
    expect([...read.dataSync()].every(Number.isNaN)).toBe(true)
  })

  test('what is no number, or infinite, is seen', () => {
    const [q, k, v] = [normal('q', 1, 7, 5), normal('k', 1, 140, 5), normal('v', 1, 140, 4)]
    const poisoned = (x: tf.Tensor, value: number): tf.Tensor => {
      const data = x.dataSync<'float32'>().slice()
      data[data.length - 2] = value
      return tf.tensor(data, x.shape)
    }
    const seen = (...of: [tf.Tensor, tf.Tensor, tf.Tensor]): boolean =>
      readSlots(...of)
        .read.dataSync()
        .some((x) => !Number.isFinite(x))
    expect(seen(q, k, v)).toBe(false)
    for (const value of [NaN, Infinity]) {
      expect(seen(poisoned(q, value), k, v)).toBe(true)
      expect(seen(q, poisoned(k, value), v)).toBe(true)
      expect(seen(q, k, poisoned(v, value))).toBe(true)
    }
  })

  test('no queries are no answers', () => {
    const { read, attention } = readSlots(tf.zeros([2, 0, 3]), normal('k', 2, 4, 3), normal('v', 2, 4, 5), { kept: 2 })
    expect([read.shape, attention.shape]).toEqual([
      [2, 0, 5],
      [2, 0, 4]
    ])
  })
})

test('gradients are those of the plain ops', async () => {
  await useBackend('wasm')
  const given = [
    ['q', 2, 5, 3],
    ['k', 2, 9, 3],
    ['v', 2, 9, 4],
    ['z', 2, 5, 2],
    ['c', 2, 9, 2]
  ].map(([name, ...shape]) => normal(name as string, ...(shape as number[])))
  const dy = normal('dy', 2, 5, 4)
  for (const rows of [1, 2]) {
    const b = normal('b', rows, 1, 9)
    const gradients = [true, false].map((use) => {
      setKernels(use)
      return tf
        .grads((...inputs: tf.Tensor[]) => {
          const [q, k, v, z, c, bias] = inputs
          const { read } = readSlots(q, k, v, { contexts: { queries: z, slots: c }, bias, scale: 0.6 })
          return tf.sum(read.mul(dy))
        })([...given, b])
        .map((gradient) => [...gradient.dataSync()])
    })
    gradients[0].forEach((numbers, i) =>
      numbers.forEach((x, j) => expect(Math.abs(x - gradients[1][i][j])).toBeLessThan(2e-6))
    )
  }
})

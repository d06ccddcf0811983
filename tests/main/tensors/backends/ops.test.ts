import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend, violation } from '../../../../src-main/tensors/backends/index.ts'
import { opCases, resultOf } from '../../../support/op-cases.ts'

/** What the wasm backend does not have: refused by name. */
const refused: Record<string, string> = {
  einsum: 'Einsum',
  unsortedSegmentSum: 'UnsortedSegmentSum',
  fft: 'Complex'
}

const near = (a: number, b: number): boolean =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-4 * (1 + Math.abs(b))

/** The same case on wasm and on cpu; all tensors that lie in memory beside it stay what they are. */
describe('every operation that models use, on hard inputs', () => {
  const wanted = new Map<string, ReturnType<typeof resultOf>>()
  const bystanders = Array.from({ length: 50 }, (_, i) => Float32Array.from({ length: 64 }, (_, j) => 100 * i + j))
  let lying: tf.Tensor[]

  beforeAll(async () => {
    await useBackend('cpu')
    for (const one of opCases) wanted.set(one.name, resultOf(one))
    await useBackend('wasm')
    // What lies in memory that is free again: an operation that leaves its result unwritten shows it.
    tf.dispose(Array.from({ length: 200 }, (_, i) => tf.fill([1 + (i % 64)], 7)))
    lying = bystanders.map((values) => tf.tensor(values))
  })

  const names = [...new Set(opCases.map(({ name }) => name.split(' ')[0]))]
  it.each(names)('%s gives on wasm what it gives on cpu, or is refused by name', (op) => {
    for (const one of opCases.filter(({ name }) => name.split(' ')[0] === op)) {
      if (op in refused) {
        expect(() => resultOf(one), one.name).toThrow(`'${refused[op]}' not registered for backend 'wasm'`)
        continue
      }
      const got = resultOf(one)
      wanted.get(one.name)!.forEach(({ shape, dtype, data }, i) => {
        expect([got[i].shape, got[i].dtype], one.name).toEqual([shape, dtype])
        // Of nothing, all are true: the loops of the cpu backend say false.
        const right =
          op === 'all' && /\b0\b.*axis/.test(one.name) ? data.map((value, at) => value || got[i].data[at]) : data
        expect(right.length, one.name).toBe(got[i].data.length)
        const off = right.findIndex((value, at) => !near(got[i].data[at], value))
        expect(off, `${one.name}: ${got[i].data} for ${right}`).toBe(-1)
      })
    }
    expect(violation()).toBeUndefined()
    for (const [i, tensor] of lying.entries()) expect(tensor.dataSync()).toEqual(bystanders[i])
  })

  it('all of nothing is true', () => {
    expect([...tf.all(tf.zeros([0, 2], 'bool'), 0).dataSync()]).toEqual([1, 1])
  })

  it('a cumulative sum has its shape and values from either end, on cpu too', async () => {
    const x = [1, 2, 3, 4, 5, 6]
    for (const backend of ['cpu', 'wasm'] as const) {
      await useBackend(backend)
      const down = tf.cumsum(tf.tensor(x, [2, 3]), -2)
      expect([down.shape, [...down.dataSync()]]).toEqual([
        [2, 3],
        [1, 2, 3, 5, 7, 9]
      ])
      const along = tf.cumsum(tf.tensor(x, [2, 3]), -1)
      expect([along.shape, [...along.dataSync()]]).toEqual([
        [2, 3],
        [1, 3, 6, 4, 9, 15]
      ])
    }
  })
})

describe('a kernel that goes outside its memory', () => {
  it('is named, and the memory is not trusted from then on', async () => {
    await useBackend('wasm')
    expect(violation()).toBeUndefined()
    // A tensor that is said to lie where no memory is.
    const x = tf.ones([4, 3])
    const { dataIdMap } = tf.backend() as unknown as { dataIdMap: { get(id: object): { memoryOffset: number } } }
    dataIdMap.get(x.dataId).memoryOffset = 2 ** 31
    const call = (): tf.Tensor => tf.matMul(x, tf.ones([3, 4]))
    expect(call).toThrow('The operation BatchMatMul of the wasm backend went outside its memory')
    expect(violation()?.data.code).toBe('model-failed')
  })
})

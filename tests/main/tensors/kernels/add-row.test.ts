import * as tf from '@tensorflow/tfjs'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../../../src-main/tensors/kernels/index.ts'

beforeAll(() => useBackend('wasm'))
afterEach(() => setKernels(true))

test.each([true, false])('a row is added to all rows of its trial (fused: %s)', (fused) => {
  setKernels(fused)
  for (const d of [1, 3, 4, 7, 12]) {
    const x = tf.range(0, 2 * 5 * d).reshape([2, 5, d])
    const y = tf
      .range(0, 2 * d)
      .mul(100)
      .reshape([2, 1, d])
    const sums = tf.add(x, y)
    const expected = Array.from({ length: 2 * 5 * d }, (_, i) => i + 100 * (Math.floor(i / (5 * d)) * d + (i % d)))
    expect([...sums.dataSync()]).toEqual(expected)
    tf.dispose([x, y, sums])
  }
})

test('other shapes add as they always did', () => {
  const sum = (a: tf.Tensor, b: tf.Tensor): number[] => tf.tidy(() => [...tf.add(a, b).dataSync()])
  const x = tf.tensor3d([1, 2, 3, 4], [1, 2, 2])
  expect(sum(tf.tensor3d([10, 20], [1, 1, 2]), x)).toEqual([11, 22, 13, 24])
  expect(sum(x, tf.tensor1d([10, 20]))).toEqual([11, 22, 13, 24])
  expect(sum(x, tf.tensor3d([10, 20], [1, 2, 1]))).toEqual([11, 12, 23, 24])
  expect(sum(x, tf.tensor3d([10, 20], [2, 1, 1]))).toEqual([11, 12, 13, 14, 21, 22, 23, 24])
  expect(tf.add(tf.zeros([2, 0, 3]), tf.ones([2, 1, 3])).shape).toEqual([2, 0, 3])
})

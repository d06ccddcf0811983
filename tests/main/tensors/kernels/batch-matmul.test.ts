/** Products on the wasm backend against a plain sum in double precision. */
import * as tf from '@tensorflow/tfjs'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../../../src-main/tensors/kernels/index.ts'
import { philoxDraws } from '../../../../src-main/tensors/random/draws.ts'

beforeAll(() => useBackend('wasm'))
afterEach(() => setKernels(true))

const draws = philoxDraws(['product'])

/** Largest difference of a product from the sum, relative to the root of its length. */
function worst(batch: number, m: number, k: number, n: number, transposeA: boolean, transposeB: boolean): number {
  const a = draws.normal('a', batch * m * k)
  const b = draws.normal('b', batch * k * n)
  const c = tf.tidy(() =>
    tf
      .matMul(
        tf.tensor3d(a, transposeA ? [batch, k, m] : [batch, m, k]),
        tf.tensor3d(b, transposeB ? [batch, n, k] : [batch, k, n]),
        transposeA,
        transposeB
      )
      .dataSync()
  )
  let most = 0
  for (let t = 0; t < batch; t++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0
        for (let l = 0; l < k; l++)
          sum +=
            a[t * m * k + (transposeA ? l * m + i : i * k + l)]! * b[t * k * n + (transposeB ? j * k + l : l * n + j)]!
        most = Math.max(most, Math.abs(c[(t * m + i) * n + j]! - sum))
      }
  return most / Math.sqrt(k)
}

describe.each([
  [1, 3, 1, 1],
  [2, 4, 8, 8],
  [3, 5, 7, 9],
  [2, 8, 13, 16],
  [1, 67, 5, 23],
  [2, 70, 600, 17],
  [1, 131, 1030, 8],
  [1, 1, 40, 12]
])('%i products of [%i, %i] and [.., %i]', (batch, m, k, n) => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true]
  ])('transposed %s, %s', (transposeA, transposeB) => {
    expect(worst(batch, m, k, n, transposeA, transposeB)).toBeLessThan(1e-5)
  })
})

test('one matrix against each of a batch, and nothing times nothing, go the backend’s own way', () => {
  const product = tf.tidy(() => tf.matMul(tf.ones([1, 4, 3]), tf.ones([2, 3, 5])).dataSync())
  expect([...product]).toEqual(Array.from({ length: 40 }, () => 3))
  expect(tf.tidy(() => tf.matMul(tf.ones([2, 4, 0]), tf.ones([2, 0, 5])).shape)).toEqual([2, 4, 5])
})

test('no memory is kept', () => {
  const [a, b] = [tf.ones([2, 64, 64]), tf.ones([2, 64, 64])]
  const before = tf.memory().numTensors
  tf.matMul(a, b).dispose()
  expect(tf.memory().numTensors).toBe(before)
  tf.dispose([a, b])
})

test('switched off, the backend’s own kernel answers the same', () => {
  setKernels(false)
  expect(worst(2, 9, 30, 11, true, true)).toBeLessThan(1e-5)
})

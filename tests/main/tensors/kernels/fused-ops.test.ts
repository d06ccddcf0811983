/** Ops in one pass against the plain ops that they stand for, forward and gradient, for sizes that fill no vector. */
import * as tf from '@tensorflow/tfjs'
import { afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { LinearRecurrence } from '../../../../src-main/models/parts/blocks/linear-recurrence.ts'
import { ConvolvedMap } from '../../../../src-main/models/parts/blocks/short-convolution.ts'
import { useBackend } from '../../../../src-main/tensors/backends/index.ts'
import { fusedConvolution } from '../../../../src-main/tensors/fused-ops.ts'
import { setKernels } from '../../../../src-main/tensors/kernels/index.ts'

beforeAll(() => useBackend('wasm'))
afterEach(() => setKernels(true))

const wave = (shape: number[], by: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(by * (i + 1))),
    shape
  )

/** What a calculation answers, and the gradients of a weighted sum of its answers. */
function outcome(inputs: readonly tf.Tensor[], run: (...inputs: tf.Tensor[]) => tf.Tensor): number[][] {
  return tf.tidy(() => {
    const grads = tf.grads((...xs: tf.Tensor[]) => {
      const y = run(...xs)
      return tf.sum(y.mul(wave(y.shape, 0.7)))
    })([...inputs])
    return [run(...inputs), ...grads].map((tensor) => [...tensor.dataSync()])
  })
}

function alike(inputs: readonly tf.Tensor[], run: (...inputs: tf.Tensor[]) => tf.Tensor): void {
  const [fused, plain] = [true, false].map((use) => {
    setKernels(use)
    return outcome(inputs, run)
  })
  fused.forEach((numbers, n) => {
    expect(numbers.length).toBe(plain[n].length)
    const scale = Math.max(1, ...plain[n].map(Math.abs))
    numbers.forEach((x, i) => expect(Math.abs(x - plain[n][i]) / scale).toBeLessThan(1e-5))
  })
}

describe('the recurrence', () => {
  const sizes = [
    [1, 1, 1],
    [3, 5, 2],
    [4, 16, 33],
    [5, 7, 35],
    [8, 33, 70]
  ]
  const kinds = [
    { decay: false, delta: false },
    { decay: true, delta: false },
    { decay: false, delta: true },
    { decay: true, delta: true }
  ]
  describe.each(kinds)('%o', ({ decay, delta }) => {
    it.each(sizes)(
      'gives what chunks give for keys of %d, values of %d and %d tokens, in two calls',
      (dk, dv, length) => {
        const row = [2, 2, length]
        const k = wave([...row, dk], 1.1)
        const inputs = [
          wave([...row, dk], 0.9),
          tf.tidy(() => k.div(tf.norm(k, 2, 3, true))),
          wave([...row, dv], 1.7),
          ...(decay
            ? [
                wave([...row, 1], 2.3)
                  .square()
                  .mul(-3)
              ]
            : []),
          ...(delta ? [wave([...row, 1], 2.9).square()] : [])
        ]
        const first = Math.ceil(length / 2)
        alike(inputs, (...given) => {
          const memory = new LinearRecurrence(false)
          const call = (at: number, count: number): tf.Tensor => {
            const [q, key, v, ...rest] = given.map((x) => x.slice([0, 0, at, 0], [-1, -1, count, -1]))
            const logDecay = decay ? rest.shift() : undefined
            return memory.run({ q, k: key, v, logDecay, beta: rest.shift() })
          }
          const answers = [call(0, first), ...(length > first ? [call(first, length - first)] : [])]
          return tf.concat(answers, 2)
        })
        tf.dispose(inputs)
      }
    )
  })
})

describe('the convolution', () => {
  it.each([
    [1, 1],
    [3, 2],
    [4, 3],
    [7, 4],
    [9, 40]
  ])('gives what slices and products give for %d channels and %d tokens, in two calls', (channels, length) => {
    const [trials, sequences] = [2, 3]
    const map = wave([trials, channels, channels], 1.3)
    const taps = wave([trials, channels, 1, 4], 0.8)
    const first = Math.ceil(length / 2)
    alike([wave([trials * sequences, length, channels], 0.6), map, taps], (x, w, c) => {
      const convolved = new ConvolvedMap((name) => (name.startsWith('W') ? w : c), {
        ...{ map: 'W', kernel: 'c', inputs: channels, outputs: channels, convolution: 'short' }
      })
      const call = (at: number, count: number): tf.Tensor => convolved.run(x.slice([0, at, 0], [-1, count, -1]))
      return tf.concat([call(0, first), ...(length > first ? [call(first, length - first)] : [])], 1)
    })
  })

  it('is used where fused kernels are, and only there', () => {
    const run = (): unknown =>
      tf.tidy(() => fusedConvolution(tf.ones([1, 2, 3]), tf.ones([1, 4, 3]), undefined)?.arraySync())
    expect(run()).toEqual([
      [
        [1, 1, 1],
        [2, 2, 2]
      ]
    ])
    setKernels(false)
    expect(run()).toBeUndefined()
  })
})

test('a copy keeps its numbers when what it was copied from is gone', () => {
  const before = tf.memory().numTensors
  const x = tf.tensor1d([1, 2, 3])
  const copy = x.clone()
  x.dispose()
  // Takes the place in memory, if it was given back.
  const other = tf.fill([3], 9)
  expect([...copy.dataSync()]).toEqual([1, 2, 3])
  expect([...copy.add(1).dataSync()]).toEqual([2, 3, 4])
  tf.dispose([copy, other])
  expect(tf.memory().numTensors - before).toBe(1)
})

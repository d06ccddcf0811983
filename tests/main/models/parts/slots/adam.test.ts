import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { useBackend } from '../../../../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../../../../src-main/tensors/kernels/index.ts'
import { Adam } from '../../../../../src-main/models/parts/slots/adam.ts'

/** The paper's algorithm on one number in double precision, with powers where the part has recurrences. */
function reference(start: number, gradients: readonly number[], rate: number): number {
  let [p, m, v] = [start, 0, 0]
  gradients.forEach((g, i) => {
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    p -= (rate * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8)
  })
  return p
}

describe.each([true, false])('Adam (fused kernels: %s)', (kernels) => {
  beforeAll(async () => {
    await useBackend('wasm')
    setKernels(kernels)
  })
  const step = (adam: Adam, p: tf.Tensor, g: number[], active?: number[]): tf.Tensor =>
    adam.step({ p }, { p: tf.tensor(g, p.shape) }, active && tf.tensor(active, [active.length, 1, 1])).p

  test('follows the published algorithm over many steps', () => {
    const adam = new Adam(0.05)
    const gradients = Array.from({ length: 40 }, (_, i) => [Math.sin(i), 0.01 * Math.cos(3 * i), -2])
    let p = tf.tensor([1, -2, 3], [1, 1, 3])
    for (const g of gradients) p = step(adam, p, g)
    const got = p.dataSync()
    ;[1, -2, 3].forEach((start, i) =>
      expect(got[i]).toBeCloseTo(
        reference(
          start,
          gradients.map((g) => g[i]!),
          0.05
        ),
        5
      )
    )
  })

  test('a trial that is masked takes no step and keeps its own count', () => {
    const adam = new Adam(0.1)
    let p = tf.tensor([1, 1], [2, 1, 1])
    p = step(adam, p, [0.5, 0.5], [1, 0])
    expect(p.dataSync()[1]).toBe(1)
    p = step(adam, p, [0.2, 0.2], [1, 1])
    p = step(adam, p, [-0.7, -0.7], [0, 1])
    const got = p.dataSync()
    expect(got[0]).toBeCloseTo(reference(1, [0.5, 0.2], 0.1), 5)
    expect(got[1]).toBeCloseTo(reference(1, [0.2, -0.7], 0.1), 5)
  })

  test('rows that a parameter has gained begin without history, under the common count', () => {
    const adam = new Adam(0.1)
    const before = step(adam, tf.tensor([1], [1, 1, 1]), [0.5])
    const grown = tf.concat([before as tf.Tensor3D, tf.tensor([2], [1, 1, 1])], 1)
    before.dispose()
    const got = step(adam, grown, [0.5, 0.5]).dataSync()
    expect(got[0]).toBeCloseTo(reference(1, [0.5, 0.5], 0.1), 5)
    expect(got[1]).toBeCloseTo(reference(2, [0, 0.5], 0.1), 5)
  })

  test('reset forgets everything and leaves no tensor', () => {
    const before = tf.memory().numTensors
    const adam = new Adam(0.1)
    step(adam, tf.tensor([1, 1], [2, 1, 1]), [0.5, 0.5], [1, 0]).dispose()
    tf.tidy(() => undefined)
    adam.reset()
    expect(adam.moments.size).toBe(0)
    // The mask of the step above is the caller's own.
    expect(tf.memory().numTensors).toBe(before + 1)
  })
})

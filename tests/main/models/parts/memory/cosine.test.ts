/** Lengths of vectors at the ends of float32, and their gradients where there is no length. */
import * as tf from '@tensorflow/tfjs'
import { beforeEach, describe, expect, it } from 'vitest'
import { useBackend } from '../../../../../src-main/tensors/backends/index.ts'
import { unit } from '../../../../../src-main/models/parts/memory/cosine.ts'
import { rmsNorm } from '../../../../../src-main/models/parts/memory/rms-norm.ts'

/** In double precision. */
const norms = {
  unit: (x: number[]) => x.map((v) => v / Math.max(Math.hypot(...x), 1e-8)),
  rmsNorm: (x: number[]) => {
    const most = Math.max(1, ...x.map(Math.abs))
    const mean = x.reduce((sum, v) => sum + (v / most) ** 2, 0) / x.length
    return x.map((v) => v / most / Math.sqrt(mean + 1e-6 / most ** 2))
  }
}
const parts = { unit, rmsNorm }
const direction = [0.5, -2, 3, 0.25]
const scales = [1e-30, 1e-9, 1e-7, 1e-3, 1, 1e12, 1e15, 1e19, 1e25, 1e38]

describe.each(['wasm', 'cpu'] as const)('on %s', (backend) => {
  beforeEach(() => useBackend(backend))

  describe.each(['unit', 'rmsNorm'] as const)('%s', (name) => {
    it.each(scales)('is right for entries near %d', (scale) => {
      const x = direction.map((v) => Math.fround(v * scale))
      const got = tf.tidy(() => parts[name](tf.tensor3d([[x]])).dataSync())
      norms[name](x).forEach((y, i) =>
        expect(Math.abs(got[i] - y)).toBeLessThanOrEqual(2e-6 * Math.max(1e-3, Math.abs(y)))
      )
    })

    it('takes each row by itself, and knows a row of one huge and one small entry', () => {
      const rows = [
        [3e38, 1, 0, 0],
        [0, 0, 0, 0],
        [-1, 1, 1, -1]
      ]
      const got = tf.tidy(() => parts[name](tf.tensor3d([rows])).arraySync()) as number[][][]
      got[0].forEach((row, r) => row.forEach((y, i) => expect(y).toBeCloseTo(norms[name](rows[r])[i], 5)))
    })

    it.each([1e-3, 1, 1e10])('has the gradient of finite differences near %d', (scale) => {
      const x = direction.map((v) => v * scale)
      const weights = [1, -0.5, 0.25, 2]
      const loss = (at: number[]): number => norms[name](at).reduce((sum, y, i) => sum + weights[i] * y, 0)
      const got = tf.tidy(() =>
        tf
          .grad((t) => tf.sum(parts[name](t).mul(weights)))(tf.tensor3d([[x]]))
          .dataSync()
      )
      x.forEach((_, i) => {
        const h = 1e-5 * scale
        const moved = [h, -h].map((by) => loss(x.map((v, j) => (i === j ? v + by : v))))
        const wanted = ((moved[0] - moved[1]) / (2 * h)) * scale
        expect(Math.abs(got[i] * scale - wanted)).toBeLessThan(1e-5)
      })
    })

    it('has a finite gradient where it is huge, and one that is defined at zero', () => {
      const at = (x: number[]): number[] => [
        ...tf.tidy(() =>
          tf
            .grad((t) => tf.sum(parts[name](t).mul([1, -0.5, 0.25, 2])))(tf.tensor3d([[x]]))
            .dataSync()
        )
      ]
      expect(at([1e30, 2e30, 0, 0]).every((g) => Math.abs(g) < 1e-29)).toBe(true)
      // A zero vector has no direction to be turned; its mean square has a slope by its epsilon.
      const slope = name === 'unit' ? 0 : 1000
      expect(at([0, 0, 0, 0]).map((g) => Math.round(g) + 0)).toEqual([1, -0.5, 0.25, 2].map((w) => w * slope + 0))
    })
  })
})

describe('vectors that need no scale', () => {
  beforeEach(() => useBackend('cpu'))
  it('are normalised as without one, to the last bit', () => {
    const x = tf.tensor3d([[direction.map((v) => v * 0.7), direction.map((v) => v * 1e10)]])
    const plain = x.div(tf.maximum(tf.sum(tf.square(x), -1, true).sqrt(), 1e-8))
    expect([...unit(x).dataSync()]).toEqual([...plain.dataSync()])
    const squares = x.mul(tf.mean(x.square(), -1, true).add(1e-6).rsqrt())
    expect([...rmsNorm(x).dataSync()]).toEqual([...squares.dataSync()])
  })
})

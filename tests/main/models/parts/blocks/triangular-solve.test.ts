/** (I + N)^T U = R against forward substitution in double precision. */
import * as tf from '@tensorflow/tfjs'
import { beforeEach, describe, expect, it } from 'vitest'
import { useBackend } from '../../../../../src-main/tensors/backends/index.ts'
import { solveTransposed } from '../../../../../src-main/models/parts/blocks/triangular-solve.ts'

type Matrix = number[][]

function substituted(upper: Matrix, right: Matrix): Matrix {
  const u: Matrix = []
  right.forEach((row, t) => u.push(row.map((x, j) => x - u.reduce((sum, one, i) => sum + upper[i][t] * one[j], 0))))
  return u
}
const table = (rows: number, columns: number, of: (r: number, c: number) => number): Matrix =>
  Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => of(r, c)))

const kinds: [string, (r: number, c: number) => number][] = [
  ['ones, whose powers grow to 1e8', () => 1],
  ['ones with alternating signs', (r, c) => (-1) ** (r + c)],
  ['nothing', () => 0],
  ['numbers of any size', (r, c) => Math.sin(3 * r + 7 * c) * 0.4],
  ['a full matrix, of which the lower half does not count', (r, c) => (c > r ? 0.9 : 1e9)]
]

describe.each(['wasm', 'cpu'] as const)('on %s', (backend) => {
  beforeEach(() => useBackend(backend))

  describe.each(kinds)('%s', (_, of) => {
    it.each([1, 2, 3, 4, 7, 31, 32, 33])('is solved for %d unknowns', (count) => {
      const upper = table(count, count, of)
      const right = table(count, 3, (r, c) => Math.cos(r + 2 * c))
      const got = tf.tidy(
        () => (solveTransposed(tf.tensor4d([[upper]]), tf.tensor4d([[right]])).arraySync() as number[][][][])[0][0]
      )
      const masked = upper.map((row, r) => row.map((x, c) => (c > r ? x : 0)))
      const wanted = substituted(masked, right)
      const scale = Math.max(1, ...wanted.flat().map(Math.abs))
      wanted.forEach((row, r) => row.forEach((x, c) => expect(Math.abs(got[r][c] - x) / scale).toBeLessThan(2e-6)))
    })
  })

  it('has the gradients of finite differences, none below the diagonal', () => {
    const count = 9
    const upper = table(count, count, (r, c) => (c > r ? 1 - 0.1 * ((r + c) % 3) : 0))
    const right = table(count, 2, (r, c) => Math.cos(r + 2 * c))
    const weights = table(count, 2, (r, c) => Math.sin(5 * r + c))
    const loss = (n: Matrix, b: Matrix): number =>
      substituted(n, b).reduce((sum, row, r) => sum + row.reduce((s, x, c) => s + weights[r][c] * x, 0), 0)
    const slopes = (of: Matrix, with_: (other: Matrix) => number): Matrix =>
      of.map((row, r) =>
        row.map((_, c) => {
          const moved = [1e-5, -1e-5].map((by) =>
            with_(of.map((line, i) => line.map((x, j) => x + (i === r && j === c ? by : 0))))
          )
          return (moved[0] - moved[1]) / 2e-5
        })
      )
    const [forUpper, forRight] = tf.tidy(() => {
      const grads = tf.grads((n, b) => tf.sum(solveTransposed(n, b).mul(tf.tensor4d([[weights]]))))
      return grads([tf.tensor4d([[upper]]), tf.tensor4d([[right]])]).map((g) => (g.arraySync() as number[][][][])[0][0])
    })
    const wanted = slopes(upper, (n) => loss(n, right)).map((row, r) => row.map((x, c) => (c > r ? x : 0)))
    forUpper.forEach((row, r) => row.forEach((x, c) => expect(Math.abs(x - wanted[r][c])).toBeLessThan(1e-4)))
    slopes(right, (b) => loss(upper, b)).forEach((row, r) =>
      row.forEach((x, c) => expect(Math.abs(forRight[r][c] - x)).toBeLessThan(1e-4))
    )
  })
})

/**
 * Triangular systems with ones on the diagonal, solved without a power of the matrix: powers of a strictly triangular
 * matrix grow like binomial coefficients and cancel, which costs all digits of float32 where keys repeat.
 *
 *   (I + N)^T U = R,   N strictly upper [.., C, C],   U, R [.., C, n]
 *
 * The inverse X of I + N is put together from the inverses of its diagonal blocks, two blocks at a time:
 *
 *   [A E; 0 D]^-1 = [A^-1  -A^-1 E D^-1; 0 D^-1]
 *
 * For all blocks of a size at once that is X - X E X, where X holds the inverses of the blocks, and E those entries of N
 * that lie between two blocks that become one. Nothing greater than an entry of the inverse arises on the way.
 *
 *   dR = X dU,   dN = -U dR^T
 *
 * Source: Higham (2002), Accuracy and stability of numerical algorithms, ch. 14; Yang et al. (2024), Parallelizing linear
 * transformers with the delta rule over sequence length.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'

/** U [.., C, n] of N and R; of N only what is above the diagonal is read. */
export const solveTransposed: (upper: Tensor, right: Tensor) => Tensor = tf.customGrad((...given) => {
  const [upper, right, save] = given as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void]
  const inverse = unitUpperInverse(upper)
  const solution = tf.matMul(inverse, right, true, false)
  save([inverse, solution])
  return {
    value: solution,
    gradFunc: (dy, saved) => {
      const [inverse, solution] = saved as Tensor[]
      const back = tf.matMul(inverse, dy as Tensor)
      return [tf.matMul(solution, back, false, true).neg().mul(above(solution.shape[2]!)), back]
    }
  }
})

/** (I + N)^-1 for what of N [.., C, C] is above the diagonal. */
function unitUpperInverse(upper: Tensor): Tensor {
  const count = upper.shape[3]!
  let inverse = tf.sub(tf.eye(count), upper.mul(between(count, 1)))
  for (let size = 2; size < count; size *= 2)
    inverse = inverse.sub(tf.matMul(tf.matMul(inverse, upper.mul(between(count, size))), inverse))
  return inverse
}

/** [C, C]: 1 above the diagonal. */
export const above = (count: number): Tensor => mask(count, (row, column) => column > row)

/** [C, C]: 1 where a row of one block of this size meets a column of the next, and both become one. */
const between = (count: number, size: number): Tensor =>
  mask(count, (row, column) => {
    const [a, b] = [Math.floor(row / size), Math.floor(column / size)]
    return b === a + 1 && a % 2 === 0
  })

function mask(count: number, holds: (row: number, column: number) => boolean): Tensor {
  const data = Float32Array.from({ length: count * count }, (_, i) => Number(holds(Math.floor(i / count), i % count)))
  return tf.tensor2d(data, [count, count])
}

/** FLOPs of `solveTransposed` of one system. */
export function solveFlops(count: number, columns: number): number {
  const merges = Math.max(0, Math.ceil(Math.log2(count)) - 1)
  return 2 * count ** 2 + merges * (4 * count ** 3 + 2 * count ** 2) + 2 * count ** 2 * columns
}

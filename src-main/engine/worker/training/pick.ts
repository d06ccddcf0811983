import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { fusedTake } from '../../../tensors/fused-ops.ts'

/**
 * Rows of a table by their index: table [B, R, w], indices [B, n] (flat) -> [B, n, w]. Its gradient adds each row of dy
 * to the row it was taken from.
 */
export function pick(table: Tensor, indices: Int32Array): Tensor {
  const [batch, rows, width] = table.shape as [number, number, number]
  const each = indices.length / batch
  const flat = Int32Array.from(indices, (row, i) => Math.floor(i / each) * rows + row)
  const rowsOf = tf.tidy(() => fusedTake(table.reshape([batch * rows, width]), flat))
  if (rowsOf) return rowsOf.reshape([batch, each, width])
  const taken = tf.customGrad((given) => ({
    value: tf
      .gather((given as Tensor).reshape([batch * rows, width]), tf.tensor1d(flat, 'int32'))
      .reshape([batch, each, width]),
    gradFunc: (dy: Tensor) =>
      tf
        .scatterND(tf.tensor2d(flat, [flat.length, 1], 'int32'), dy.reshape([flat.length, width]), [
          batch * rows,
          width
        ])
        .reshape([batch, rows, width])
  }))
  return taken(table)
}

/** Mean cross-entropy of each trial [B], with its gradient by hand: (p - one-hot) / n. Logits [B, n, V]; targets [B, n] flat. */
export function crossEntropy(logits: Tensor, targets: Int32Array): Tensor {
  const [batch, count, vocabulary] = logits.shape as [number, number, number]
  const loss = tf.customGrad((...given) => {
    const [x, save] = given as unknown as [Tensor, (tensors: Tensor[]) => void]
    const p = tf.softmax(x, -1)
    const right = tf.oneHot(tf.tensor2d(targets, [batch, count], 'int32'), vocabulary).toFloat()
    const likelihood = tf.sum(p.mul(right), -1)
    save([p.sub(right)])
    return {
      value: tf.mean(tf.neg(tf.log(tf.maximum(likelihood, 1e-30))), -1),
      gradFunc: (dy, saved) => (saved as Tensor[])[0].mul((dy as Tensor).div(count).reshape([batch, 1, 1]))
    }
  })
  return loss(logits)
}

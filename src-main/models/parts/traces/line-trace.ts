import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Trace } from '../../model.ts'

export interface LineTrace {
  /** Add the values of one call, [B, N, w]. */
  add(values: Tensor): void
  /** Nothing before the first call. */
  read(): Promise<Trace[]>
  clear(): void
}

/** Values that a memory reports over items or tokens: those of all calls since creation or reset, in order. */
export function lineTrace(name: string, title: string, axes: readonly [string, string]): LineTrace {
  let calls: Tensor[] = []
  const clear = (): void => {
    tf.dispose(calls)
    calls = []
  }
  return {
    add: (values) => void calls.push(tf.keep(values.clone())),
    async read() {
      if (calls.length === 0) return []
      const joined = tf.keep(tf.concat(calls, 1))
      clear()
      calls = [joined]
      const data = await joined.data()
      const [batch, rows, width] = joined.shape as [number, number, number]
      const size = rows * width
      const perTrial = Array.from({ length: batch }, (_, b) => ({
        shape: [rows, width],
        data: Array.from(data.subarray(b * size, (b + 1) * size))
      }))
      return [{ name, title, kind: 'line', axes, perTrial }]
    },
    clear
  }
}

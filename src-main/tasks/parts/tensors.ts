/** Small helpers for batched arrays [B, N, d] and the tensors made of them. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor, Tensor3D } from '@tensorflow/tfjs'

export type Own = <T extends Tensor>(tensor: T) => T

/**
 * Runs a task's body and disposes every tensor it took into its own hands, however it ends. (A tf.tidy around a task
 * would also dispose what a memory keeps between calls.)
 */
export async function withTensors<T>(body: (own: Own) => Promise<T>): Promise<T> {
  const owned: Tensor[] = []
  try {
    return await body((tensor) => {
      owned.push(tensor)
      return tensor
    })
  } finally {
    tf.dispose(owned)
  }
}

/** Drawn rows as a tensor [B, N, d]. */
export function rows(data: Float32Array, batch: number, dim: number): Tensor3D {
  return tf.tensor3d(data, [batch, data.length / batch / dim, dim])
}

/** Items from..from+count of [B, N, d]. */
export function part(tensor: Tensor, from: number, count: number): Tensor {
  return tensor.slice([0, from, 0], [-1, count, -1])
}

/** The mean of each trial's entries: [B * n] -> [B]. */
export function meanByTrial(values: ArrayLike<number>, batch: number): number[] {
  const size = values.length / batch
  return Array.from({ length: batch }, (_, b) => {
    let sum = 0
    for (let i = 0; i < size; i++) sum += values[b * size + i]
    return sum / size
  })
}

/** The entries of each trial: [B * n] -> B arrays of n. */
export function byTrial(values: ArrayLike<number>, batch: number): number[][] {
  const size = values.length / batch
  return Array.from({ length: batch }, (_, b) => Array.from({ length: size }, (_, i) => values[b * size + i]))
}

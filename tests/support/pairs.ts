/** Pairs in a memory of any kind: drawn, stored and asked for. */
import * as tf from '@tensorflow/tfjs'
import type { ParamValues } from '../../src-shared/shapes/params.ts'
import type { Memory } from '../../src-main/models/model.ts'
import { philoxDraws } from '../../src-main/tensors/random/draws.ts'
import { build, registry } from './drive-memory.ts'

/** The trials of a batch where no others are named. */
export const sixty: readonly number[] = Array.from({ length: 60 }, (_, i) => i)

/** @param dim of keys and values, for models that have it as a parameter */
export function make(kind: string, dim: number, params: ParamValues = {}, of = sixty): Memory {
  const model = registry.model(kind)
  return build(model, registry.fill(kind, { ...('dim' in model.params && { dim }), ...params }), of)
}

/** [B, n, d] normal rows, of unit length if asked for. */
export function rows(name: string, n: number, dim: number, { unit = false, of = sixty } = {}): tf.Tensor3D {
  const data = philoxDraws(of.map((seed) => `test-${seed}`)).normal(name, n * dim)
  return tf.tidy(() => {
    const x = tf.tensor3d(data, [of.length, n, dim])
    return unit ? x.div(tf.norm(x, 2, 2, true)) : x
  })
}

/** Mean cosine over trials, row by row. */
export function cosines(a: tf.Tensor, b: tf.Tensor): number[] {
  return tf.tidy(() => {
    const dot = tf.sum(a.mul(b), 2)
    return Array.from(tf.mean(dot.div(tf.norm(a, 2, 2).mul(tf.norm(b, 2, 2))), 0).dataSync())
  })
}

/** Store pairs and ask with cues: the mean cosine of the answers with the truth, row by row. */
export function recall(memory: Memory, keys: tf.Tensor, values: tf.Tensor, cues = keys, truth = values): number[] {
  memory.store!({ keys, values })
  const answer = memory.retrieve!({ queries: cues })
  const found = cosines(answer, truth)
  answer.dispose()
  memory.dispose()
  return found
}

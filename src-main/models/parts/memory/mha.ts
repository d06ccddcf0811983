import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../../model.ts'
import { readSlots } from './attention-read.ts'
import { applyLinear, linearFlops, type Linear } from './linear.ts'
import { slotKernels } from '../../../tensors/fused-kernels.ts'
import { fusedMaps } from '../../../tensors/fused-memory-ops.ts'
import { fusedAttention } from '../../../tensors/fused-ops.ts'

/**
 * Multi-head attention as PyTorch's MultiheadAttention has it:
 *
 *   head_h = softmax(q_h k_h^T / sqrt(d_h)) v_h,   out = [head_1 ... head_H] W_o^T + b_o
 *
 * with q, k, v projected by the three row blocks of one packed in_proj_weight [3d, d] and in_proj_bias [3d].
 */
export interface Mha {
  heads: number
  /** Query, key and value projections. */
  inputs: readonly [Linear, Linear, Linear]
  output: Linear
}

/** Asks for the weights in the order in which PyTorch draws them: out_proj, then in_proj. */
export function mha(weight: WeightSource, name: string, dim: number, heads: number): Mha {
  const output = {
    weight: weight(`${name}.out_proj.weight`, [dim, dim], { kind: 'uniform', bound: 1 / Math.sqrt(dim) }),
    bias: weight(`${name}.out_proj.bias`, [dim], { kind: 'zeros', discards: dim })
  }
  const packed = {
    weight: weight(`${name}.in_proj_weight`, [3 * dim, dim], { kind: 'uniform', bound: Math.sqrt(6 / (4 * dim)) }),
    bias: weight(`${name}.in_proj_bias`, [3 * dim], { kind: 'zeros' })
  }
  const weights = tf.split(packed.weight, 3, 1)
  const biases = tf.split(packed.bias, 3, 1)
  tf.dispose([packed.weight, packed.bias])
  const inputs = weights.map((w, i) => ({ weight: w, bias: biases[i] })) as [Linear, Linear, Linear]
  return { heads, inputs, output }
}

/** Attention that passes queries, keys and values on as they are. */
export function identityMha(batch: number, dim: number, heads: number): Mha {
  const pass = (): Linear => ({
    weight: tf.tidy(() => tf.eye(dim).expandDims(0).tile([batch, 1, 1])),
    bias: tf.zeros([batch, dim])
  })
  return { heads, inputs: [pass(), pass(), pass()], output: pass() }
}

/** Every tensor of it, to dispose or to train. */
export const mhaTensors = ({ inputs, output }: Mha): Tensor[] =>
  [...inputs, output].flatMap(({ weight, bias }) => [weight, bias])

/** The same attention with other tensors, in the order of `mhaTensors`. */
export function mhaOf(heads: number, tensors: readonly Tensor[]): Mha {
  const at = (i: number): Linear => ({ weight: tensors[2 * i], bias: tensors[2 * i + 1] })
  return { heads, inputs: [at(0), at(1), at(2)], output: at(3) }
}

/** [B, L, d] -> [B, H, L, d_h] */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, rows, dim] = x.shape as [number, number, number]
  return x.reshape([batch, rows, heads, dim / heads]).transpose([0, 2, 1, 3])
}

/** q [B, Lq, d] over k, v [B, Lk, d]: what each query gathers from the heads, before the output layer [B, Lq, d]. */
export function attendHeads(m: Mha, q: Tensor, k: Tensor, v: Tensor): Tensor {
  return tf.tidy(() => {
    const { heads, inputs } = m
    const [batch, rows, dim] = q.shape as [number, number, number]
    const maps = fusedMaps([q, k, v].map((x, i) => ({ inputs: [x], layers: [inputs[i]] })))
    if (maps) {
      const [from, to] = [0, k.shape[1]!].map((end) => new Array<number>(rows).fill(end))
      const fused = fusedAttention({ q: maps[0], k: maps[1], v: maps[2], heads, from, to })
      if (fused) return fused
    }
    const [query, key, value] = [q, k, v].map((x, i) => {
      const split = splitHeads(applyLinear(inputs[i], x), heads)
      return split.reshape([batch * heads, split.shape[2]!, dim / heads])
    })
    const { read } = readSlots(query, key, value, { scale: 1 / Math.sqrt(dim / heads) })
    return read
      .reshape([batch, heads, rows, dim / heads])
      .transpose([0, 2, 1, 3])
      .reshape([batch, rows, dim])
  })
}

/** MHA(q, k, v) [B, Lq, d] */
export const attend = (m: Mha, q: Tensor, k: Tensor, v: Tensor): Tensor =>
  tf.tidy(() => applyLinear(m.output, attendHeads(m, q, k, v)))

/** Attention weights that are held at once, over all trials of a batch. */
const weightsHeld = 2 ** 22

/**
 * Self-attention within groups of rows that follow one another, then the mean over each group.
 * x [B, g * size, d] -> [B, g, d]. The mean is taken before the output layer, which is linear.
 */
export function attendGroups(m: Mha, x: Tensor, size: number): Tensor {
  return tf.tidy(() => {
    const { heads, inputs, output } = m
    const [batch, rows, dim] = x.shape as [number, number, number]
    const groups = rows / size
    const grouped = (y: Tensor): Tensor => splitHeads(y.reshape([batch * groups, size, dim]), heads)
    const query = grouped(applyLinear(inputs[0], x).div(Math.sqrt(dim / heads)))
    const key = grouped(applyLinear(inputs[1], x))
    const value = grouped(applyLinear(inputs[2], x))
    const kernels = slotKernels()
    const at = (y: Tensor): Float32Array => y.dataSync<'float32'>()
    const means = kernels
      ? tf.tensor(
          kernels.meanAttention({
            ...{ groups: batch * groups * heads, size, dim: dim / heads },
            ...{ queries: at(query), keys: at(key) }
          }),
          [batch * groups, heads, 1, size]
        )
      : meanAttention(query, key)
    return applyLinear(output, tf.matMul(means, value).reshape([batch, groups, dim]))
  })
}

/** How much the rows of each group attend to each of them: q, k [G, H, n, d_h] -> [G, H, 1, n]. */
function meanAttention(query: Tensor, key: Tensor): Tensor {
  return tf.tidy(() => {
    const [groups, heads, size] = query.shape as [number, number, number]
    // The mean over the queries of a group acts on the weights: one row of weights a head, added up part by part.
    const part = Math.max(1, Math.floor(weightsHeld / (groups * heads * size)))
    let sum: Tensor = tf.zeros([groups, heads, 1, size])
    for (let at = 0; at < size; at += part)
      sum = tf.tidy(() => {
        const some = query.slice([0, 0, at, 0], [-1, -1, Math.min(part, size - at), -1])
        return sum.add(tf.sum(tf.softmax(tf.matMul(some, key, false, true), -1), 2, true))
      })
    return sum.div(size)
  })
}

/** FLOPs of `attendGroups`. */
export const attendGroupsFlops = (groups: number, size: number, dim: number, heads: number): number =>
  3 * linearFlops(groups * size, dim, dim) +
  groups * size * dim +
  groups * (size * size * (2 * dim + 6 * heads) + 2 * size * dim) +
  linearFlops(groups, dim, dim)

/** FLOPs of `attendHeads`. */
export const attendHeadsFlops = (queries: number, keys: number, dim: number, heads: number): number =>
  linearFlops(queries, dim, dim) +
  2 * linearFlops(keys, dim, dim) +
  queries * dim +
  queries * keys * (4 * dim + 5 * heads)

/** FLOPs of `attend`. */
export const attendFlops = (queries: number, keys: number, dim: number, heads: number): number =>
  attendHeadsFlops(queries, keys, dim, heads) + linearFlops(queries, dim, dim)

export const mhaParameters = (dim: number): number => 4 * dim * (dim + 1)

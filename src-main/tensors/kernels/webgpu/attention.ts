/** The gradient of heads of attention on webgpu: a workgroup a head, first row by row, then entry by entry. */
import type { TensorInfo } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { AttentionGiven } from '../../fused-ops.ts'
import { dispatch, parted, threads, type WebgpuBackend } from './dispatch.ts'

/**
 * Inputs: q, k, v, the ranges and dy, see `fusedAttention`. With P the shares of a row: dP = dy v^T, dS = P o (dP - <P, dP>),
 * dq = s dS k, dk = s dS^T q, dv = P^T dy.
 */
export function attentionBack(
  backend: WebgpuBackend,
  inputs: TensorInfo[],
  { heads, scale }: AttentionGiven
): TensorInfo[] {
  const [q, k, v] = inputs
  const [batch, length, width] = q.shape as [number, number, number]
  const [, entries, wide] = v.shape as [number, number, number]
  const shapes = [q, k, v].map(({ shape }) => shape)
  const [ofQ, ofK, ofV] = shapes.map((shape) => tf.util.sizeFromShape(shape)) as [number, number, number]
  const [made] = dispatch(backend, {
    key: 'attention back',
    code,
    inputs,
    // Behind the gradients P and dS of all heads.
    results: [[ofQ + ofK + ofV + 2 * batch * heads * length * entries]],
    whole: {
      ...{ total: batch * heads, heads, length, entries, width, wide, dk: width / heads, dv: wide / heads },
      ...{ toK: ofQ, toV: ofQ + ofK, work: ofQ + ofK + ofV }
    },
    single: { scale },
    groups: batch * heads,
    long: true
  })
  return parted(backend, made, shapes)
}

const code = `
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  if (which >= size.total) { return; }
  let trial = which / size.heads;
  let head = which % size.heads;
  let Q = trial * size.length * size.width + head * size.dk;
  let K = trial * size.entries * size.width + head * size.dk;
  let V = trial * size.entries * size.wide + head * size.dv;
  let D = trial * size.length * size.wide + head * size.dv;
  let P = size.work + which * size.length * size.entries;
  let dS = P + size.total * size.length * size.entries;
  for (var t = i32(local); t < size.length; t += ${threads}) {
    let begin = a3[t];
    let end = a3[size.length + t];
    let row = t * size.entries;
    var top = -3.4028234e38;
    for (var j = begin; j < end; j++) {
      var score = 0.0;
      for (var l = 0; l < size.dk; l++) { score += a0[Q + t * size.width + l] * size.scale * a1[K + j * size.width + l]; }
      r0[P + row + j] = score;
      top = max(top, score);
    }
    var total = 0.0;
    for (var j = begin; j < end; j++) {
      let share = exp(r0[P + row + j] - top);
      r0[P + row + j] = share;
      total += share;
    }
    var inner = 0.0;
    for (var j = begin; j < end; j++) {
      var dP = 0.0;
      for (var l = 0; l < size.dv; l++) { dP += a4[D + t * size.wide + l] * a2[V + j * size.wide + l]; }
      r0[P + row + j] /= total;
      r0[dS + row + j] = dP;
      inner += dP * r0[P + row + j];
    }
    for (var j = begin; j < end; j++) { r0[dS + row + j] = r0[P + row + j] * (r0[dS + row + j] - inner); }
    for (var l = 0; l < size.dk; l++) {
      var sum = 0.0;
      for (var j = begin; j < end; j++) { sum += r0[dS + row + j] * a1[K + j * size.width + l]; }
      r0[Q + t * size.width + l] = size.scale * sum;
    }
  }
  storageBarrier();
  workgroupBarrier();
  for (var j = i32(local); j < size.entries; j += ${threads}) {
    for (var l = 0; l < size.dk; l++) { r0[size.toK + K + j * size.width + l] = 0.0; }
    for (var l = 0; l < size.dv; l++) { r0[size.toV + V + j * size.wide + l] = 0.0; }
    for (var t = 0; t < size.length; t++) {
      if (j < a3[t] || j >= a3[size.length + t]) { continue; }
      let share = r0[P + t * size.entries + j];
      let slope = size.scale * r0[dS + t * size.entries + j];
      for (var l = 0; l < size.dk; l++) { r0[size.toK + K + j * size.width + l] += slope * a0[Q + t * size.width + l]; }
      for (var l = 0; l < size.dv; l++) { r0[size.toV + V + j * size.wide + l] += share * a4[D + t * size.wide + l]; }
    }
  }
}
`

/** Gradient steps on slots on webgpu: all update steps of a store in one dispatch, a workgroup a trial. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { JointAttrs } from '../../fused-ops.ts'
import { dispatch, joined, parted, type WebgpuBackend } from './dispatch.ts'

/** What the state holds, one after another, each [B, M, d]: keys, values, and Adam's two means of each. */
const parts = 6

/**
 * Adam steps of K, V [B, M, d] on mean((softmax(Q K^T) V - T)^2); see models/parts/slots/slot-gradient.ts. Inputs: K, V, Q, T
 * [B, N, d], the rates of each step [steps, 4] and, once there are any, Adam's means of K and of V. @returns K, V, the means, and,
 * with `back`, the last step's gradients of Q and, with the other sign, of T
 */
export function writeJointly(
  backend: WebgpuBackend,
  [K, V, Q, T, rates, ...means]: TensorInfo[],
  { back }: JointAttrs
): TensorInfo[] {
  const [batch, slots, dim] = K.shape as [number, number, number]
  const items = Q.shape[1]!
  const size = batch * slots * dim
  const begin = joined(backend, [K, V, ...means])
  const [made] = dispatch(backend, {
    key: `joint ${means.length > 0}`,
    code: codeOf(means.length > 0),
    inputs: [begin, Q, T, rates],
    results: [[parts * size + 2 * batch * items * (slots + dim)]],
    whole: { batch, slots, dim, items, steps: rates.shape[0] },
    single: { scale: 2 / (items * dim) },
    groups: batch,
    long: true
  })
  backend.disposeData(begin.dataId)
  const shapes = Array.from({ length: parts }, () => K.shape)
  return parted(backend, made, back ? [...shapes, Q.shape, Q.shape] : shapes)
}

/** Threads of a trial. */
const threads = 256

const codeOf = (moved: boolean): string => `
fn adam(place: i32, gradient: f32, mean: i32, square: i32, rate: f32, root: f32) -> f32 {
  let m = r0[mean + place] + (gradient - r0[mean + place]) * 0.1;
  let v = r0[square + place] + (gradient * gradient - r0[square + place]) * 0.001;
  r0[mean + place] = m;
  r0[square + place] = v;
  return rate * m / (sqrt(v) * root + 1e-8);
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let trial = group(id);
  if (trial >= size.batch) { return; }
  let part = size.batch * size.slots * size.dim;
  let own = trial * size.slots * size.dim;
  let rows = trial * size.items;
  // Behind the state, of all trials: the gradients of Q, what misses the targets F, the weights P, their gradients dS.
  let asks = 6 * part;
  let misses = asks + size.batch * size.items * size.dim;
  let shares = misses + size.batch * size.items * size.dim;
  let grads = shares + size.batch * size.items * size.slots;
  for (var at = i32(local); at < size.slots * size.dim; at += ${threads}) {
    for (var p = 0; p < ${moved ? 6 : 2}; p++) { r0[p * part + own + at] = a0[p * part + own + at]; }
    ${moved ? '' : 'for (var p = 2; p < 6; p++) { r0[p * part + own + at] = 0.0; }'}
  }
  storageBarrier();
  workgroupBarrier();
  for (var step = 0; step < size.steps; step++) {
    for (var i = i32(local); i < size.items; i += ${threads}) {
      let row = (rows + i) * size.dim;
      let p = (rows + i) * size.slots;
      var top = -3.4028234e38;
      for (var m = 0; m < size.slots; m++) {
        var score = 0.0;
        for (var l = 0; l < size.dim; l++) { score += a1[row + l] * r0[own + m * size.dim + l]; }
        r0[shares + p + m] = score;
        top = max(top, score);
      }
      var total = 0.0;
      for (var m = 0; m < size.slots; m++) {
        let e = exp(r0[shares + p + m] - top);
        r0[shares + p + m] = e;
        total += e;
      }
      for (var m = 0; m < size.slots; m++) { r0[shares + p + m] = r0[shares + p + m] / total; }
      for (var l = 0; l < size.dim; l++) {
        var read = 0.0;
        for (var m = 0; m < size.slots; m++) { read += r0[shares + p + m] * r0[part + own + m * size.dim + l]; }
        r0[misses + row + l] = size.scale * (read - a2[row + l]);
      }
      var inner = 0.0;
      for (var m = 0; m < size.slots; m++) {
        var dp = 0.0;
        for (var l = 0; l < size.dim; l++) { dp += r0[misses + row + l] * r0[part + own + m * size.dim + l]; }
        r0[grads + p + m] = dp;
        inner += dp * r0[shares + p + m];
      }
      for (var m = 0; m < size.slots; m++) { r0[grads + p + m] = r0[shares + p + m] * (r0[grads + p + m] - inner); }
      for (var l = 0; l < size.dim; l++) {
        var ask = 0.0;
        for (var m = 0; m < size.slots; m++) { ask += r0[grads + p + m] * r0[own + m * size.dim + l]; }
        r0[asks + row + l] = ask;
      }
    }
    storageBarrier();
    workgroupBarrier();
    for (var at = i32(local); at < size.slots * size.dim; at += ${threads}) {
      let m = at / size.dim;
      let l = at % size.dim;
      var key = 0.0;
      var value = 0.0;
      for (var i = 0; i < size.items; i++) {
        let p = (rows + i) * size.slots + m;
        let row = (rows + i) * size.dim + l;
        key += r0[grads + p] * a1[row];
        value += r0[shares + p] * r0[misses + row];
      }
      let place = own + at;
      r0[place] -= adam(place, key, 2 * part, 3 * part, a3[4 * step], a3[4 * step + 1]);
      r0[part + place] -= adam(place, value, 4 * part, 5 * part, a3[4 * step + 2], a3[4 * step + 3]);
    }
    storageBarrier();
    workgroupBarrier();
  }
}
`

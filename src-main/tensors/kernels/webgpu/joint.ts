/** Gradient steps on slots on webgpu: all update steps of a store in one dispatch, a workgroup a trial. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { JointAttrs } from '../../fused-ops.ts'
import { dispatch, type WebgpuBackend } from './dispatch.ts'

/** What the state holds, one after the other, each [B, M, d]: keys, values, and Adam's two means of each. */
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
  const bytes = 4 * batch * slots * dim
  const rows = 4 * batch * items * dim
  const [state, scratch] = dispatch(backend, {
    key: 'joint',
    code,
    inputs: [Q, T, rates],
    results: [[parts, batch, slots, dim], [2 * batch * items * (slots + dim)]],
    whole: { batch, slots, dim, items, steps: rates.shape[0] },
    single: { scale: 2 / (items * dim) },
    groups: batch,
    before(encoder, [into]) {
      ;[K, V, ...means].forEach((tensor, i) => {
        backend.uploadToGPU(tensor.dataId)
        encoder.copyBufferToBuffer(backend.tensorMap.get(tensor.dataId)!.resource, 0, into, i * bytes, bytes)
      })
      // A buffer may have been another's: there are no means yet.
      if (means.length === 0) encoder.clearBuffer(into, 2 * bytes, 4 * bytes)
    }
  })
  backend.ensureCommandEncoderReady()
  const cut = (of: TensorInfo, shape: number[], at: number, size: number): TensorInfo => {
    const made = backend.makeTensorInfo(shape, 'float32')
    backend.uploadToGPU(made.dataId)
    const [source, to] = [of, made].map(({ dataId }) => backend.tensorMap.get(dataId)!.resource)
    backend.commandEncoder.copyBufferToBuffer(source!, at, to!, 0, size)
    return made
  }
  const made = Array.from({ length: parts }, (_, i) => cut(state, K.shape, i * bytes, bytes))
  if (back) {
    const miss = 8 * batch * items * slots
    made.push(cut(scratch, Q.shape, miss + rows, rows), cut(scratch, Q.shape, miss, rows))
  }
  backend.submitQueue()
  backend.disposeData(state.dataId)
  backend.disposeData(scratch.dataId)
  return made
}

/** Threads of a trial. */
const threads = 256

const code = `
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
  // Of all trials: the weights P, their gradients dS, what misses the targets F, and the gradients of Q.
  let grads = size.batch * size.items * size.slots;
  let misses = 2 * grads;
  let asks = misses + size.batch * size.items * size.dim;
  for (var step = 0; step < size.steps; step++) {
    for (var i = i32(local); i < size.items; i += ${threads}) {
      let row = (rows + i) * size.dim;
      let p = (rows + i) * size.slots;
      var top = -3.4028234e38;
      for (var m = 0; m < size.slots; m++) {
        var score = 0.0;
        for (var l = 0; l < size.dim; l++) { score += a0[row + l] * r0[own + m * size.dim + l]; }
        r1[p + m] = score;
        top = max(top, score);
      }
      var total = 0.0;
      for (var m = 0; m < size.slots; m++) {
        let e = exp(r1[p + m] - top);
        r1[p + m] = e;
        total += e;
      }
      for (var m = 0; m < size.slots; m++) { r1[p + m] = r1[p + m] / total; }
      for (var l = 0; l < size.dim; l++) {
        var read = 0.0;
        for (var m = 0; m < size.slots; m++) { read += r1[p + m] * r0[part + own + m * size.dim + l]; }
        r1[misses + row + l] = size.scale * (read - a1[row + l]);
      }
      var inner = 0.0;
      for (var m = 0; m < size.slots; m++) {
        var dp = 0.0;
        for (var l = 0; l < size.dim; l++) { dp += r1[misses + row + l] * r0[part + own + m * size.dim + l]; }
        r1[grads + p + m] = dp;
        inner += dp * r1[p + m];
      }
      for (var m = 0; m < size.slots; m++) { r1[grads + p + m] = r1[p + m] * (r1[grads + p + m] - inner); }
      for (var l = 0; l < size.dim; l++) {
        var ask = 0.0;
        for (var m = 0; m < size.slots; m++) { ask += r1[grads + p + m] * r0[own + m * size.dim + l]; }
        r1[asks + row + l] = ask;
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
        key += r1[grads + p] * a0[row];
        value += r1[p] * r1[misses + row];
      }
      let place = own + at;
      r0[place] -= adam(place, key, 2 * part, 3 * part, a2[4 * step], a2[4 * step + 1]);
      r0[part + place] -= adam(place, value, 4 * part, 5 * part, a2[4 * step + 2], a2[4 * step + 3]);
    }
    storageBarrier();
    workgroupBarrier();
  }
}
`

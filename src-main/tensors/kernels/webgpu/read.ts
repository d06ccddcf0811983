/** The read of tensors/fused-ops.ts on webgpu: a workgroup a query, tiles of slots with a running maximum. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { ReadAttrs } from '../../fused-ops.ts'
import { dispatch, threads, type WebgpuBackend } from './dispatch.ts'

/**
 * y = softmax(scale q k^T + z c^T + bias) v. Each thread scores one slot of a tile and sums up every 64th entry of y; the scores of
 * the first `kept` queries are made once more when the largest and the total are known.
 */
export function read(backend: WebgpuBackend, inputs: TensorInfo[], attrs: ReadAttrs): TensorInfo[] {
  const [q, , v, ...more] = inputs
  const { contexts, bias, scale, kept } = attrs
  const [batch, count, dim] = q.shape as [number, number, number]
  const [, slots, valueDim] = v.shape as [number, number, number]
  const contextDim = contexts ? more[1].shape[2] : 0
  const b = bias ? more.at(-1)! : undefined
  const shape = [batch, count, valueDim]
  if (batch * count * valueDim === 0) return [nothing(backend, shape), nothing(backend, [batch, kept, slots])]
  const share = Math.ceil(valueDim / threads)
  const made = dispatch(backend, {
    key: `read ${contexts} ${bias} ${kept > 0} ${share}`,
    code: codeOf(contexts, bias ? (contexts ? 'a5' : 'a3') : undefined, kept > 0, share),
    inputs,
    results: [shape, ...(kept > 0 ? [[batch, kept, slots]] : [])],
    whole: {
      ...{ total: batch * count, count, slots, dim, valueDim, contextDim, kept },
      each: b && b.shape[0] > 1 ? slots : 0
    },
    single: { scale },
    groups: batch * count
  })
  return kept > 0 ? made : [made[0], nothing(backend, [batch, 0, slots])]
}

/** A tensor without entries, which has no place on a GPU. */
const nothing = (backend: WebgpuBackend, shape: number[]): TensorInfo =>
  backend.makeTensorInfo(shape, 'float32', new Float32Array(0))

const codeOf = (contexts: boolean, bias: string | undefined, keeps: boolean, share: number): string => `
var<workgroup> part: array<f32, ${threads}>;

fn score(query: i32, trial: i32, slot: i32) -> f32 {
  var sum = 0.0;
  let key = (trial * size.slots + slot) * size.dim;
  for (var l = 0; l < size.dim; l++) { sum += (a0[query * size.dim + l] * size.scale) * a1[key + l]; }
  ${
    contexts
      ? `let at = (trial * size.slots + slot) * size.contextDim;
  for (var l = 0; l < size.contextDim; l++) { sum += a3[query * size.contextDim + l] * a4[at + l]; }`
      : ''
  }
  ${bias ? `sum += ${bias}[trial * size.each + slot];` : ''}
  return sum;
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let query = group(id);
  if (query >= size.total) { return; }
  let trial = query / size.count;
  let t = i32(local);
  // The least of all numbers stands for -Infinity, of which shaders need know nothing.
  let least = -3.4028234e38;
  var top = least;
  var total = 0.0;
  var sums: array<f32, ${share}>;
  for (var first = 0; first < size.slots; first += ${threads}) {
    let width = min(${threads}, size.slots - first);
    var mine = least;
    if (t < width) { mine = score(query, trial, first + t); }
    part[t] = mine;
    workgroupBarrier();
    var most = top;
    for (var j = 0; j < width; j++) { most = max(most, part[j]); }
    workgroupBarrier();
    part[t] = select(0.0, exp(mine - most), t < width && !(mine <= least));
    workgroupBarrier();
    let shrink = select(exp(top - most), 0.0, top <= least);
    top = most;
    total *= shrink;
    for (var j = 0; j < width; j++) { total += part[j]; }
    for (var s = 0; s < ${share}; s++) {
      let l = t + s * ${threads};
      if (l < size.valueDim) {
        var sum = sums[s] * shrink;
        for (var j = 0; j < width; j++) { sum += part[j] * a2[(trial * size.slots + first + j) * size.valueDim + l]; }
        sums[s] = sum;
      }
    }
    workgroupBarrier();
  }
  for (var s = 0; s < ${share}; s++) {
    let l = t + s * ${threads};
    if (l < size.valueDim) { r0[query * size.valueDim + l] = sums[s] / total; }
  }
  ${
    keeps
      ? `let place = query % size.count;
  if (place < size.kept) {
    for (var slot = t; slot < size.slots; slot += ${threads}) {
      let mine = score(query, trial, slot);
      r1[(trial * size.kept + place) * size.slots + slot] = select(exp(mine - top), 0.0, mine <= least) / total;
    }
  }`
      : ''
  }
}
`

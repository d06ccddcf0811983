/** The read of tensors/fused-ops.ts on webgpu: a workgroup a query, tiles of slots with a running maximum. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { AttentionGiven, ReadAttrs } from '../../fused-ops.ts'
import { dispatch, threads, type WebgpuBackend } from './dispatch.ts'

/** What `read` is told beside its tensors. */
interface ReadShape {
  contexts: boolean
  bias: boolean
  kept: number
  scale: number
  heads: number
  /** Whether the last input says from which entry to which each row sees. */
  ranges: boolean
}

/**
 * y = softmax(scale q k^T + z c^T + bias) v. Each thread scores one slot of a tile and sums up every 64th entry of y; the scores of
 * the first `kept` queries are made once more when the largest and the total are known.
 */
export const read = (backend: WebgpuBackend, inputs: TensorInfo[], attrs: ReadAttrs): TensorInfo[] =>
  readHeads(backend, inputs, { ...attrs, heads: 1, ranges: false })

/** softmax(scale q_h k_h^T) v_h of every head, side by side, of the entries that a row sees: see `fusedAttention`. */
export function attention(backend: WebgpuBackend, inputs: TensorInfo[], given: AttentionGiven): TensorInfo[] {
  const attrs = { ...given, contexts: false, bias: false, kept: 0, ranges: true }
  const [y, none] = readHeads(backend, inputs, attrs)
  backend.disposeData(none.dataId)
  return [y]
}

function readHeads(backend: WebgpuBackend, inputs: TensorInfo[], attrs: ReadShape): TensorInfo[] {
  const [q, , v, ...more] = inputs
  const { contexts, bias, scale, kept, heads, ranges } = attrs
  const [batch, count, width] = q.shape as [number, number, number]
  const [, slots, wide] = v.shape as [number, number, number]
  const [dim, valueDim] = [width / heads, wide / heads]
  const contextDim = contexts ? more[1].shape[2] : 0
  const b = bias ? more.at(-1)! : undefined
  const shape = [batch, count, wide]
  if (batch * count * wide === 0) return [nothing(backend, shape), nothing(backend, [batch, kept, slots])]
  const share = Math.ceil(valueDim / threads)
  const made = dispatch(backend, {
    key: `read ${contexts} ${bias} ${kept > 0} ${ranges} ${share}`,
    code: codeOf(contexts, bias ? (contexts ? 'a5' : 'a3') : undefined, kept > 0, ranges, share),
    inputs,
    results: [shape, ...(kept > 0 ? [[batch, kept, slots]] : [])],
    whole: {
      ...{ total: batch * count * heads, heads, count, slots, dim, valueDim, contextDim, kept },
      each: b && b.shape[0] > 1 ? slots : 0
    },
    single: { scale },
    groups: batch * count * heads,
    long: true
  })
  return kept > 0 ? made : [made[0], nothing(backend, [batch, 0, slots])]
}

/** A tensor without entries, which has no place on a GPU. */
const nothing = (backend: WebgpuBackend, shape: number[]): TensorInfo =>
  backend.makeTensorInfo(shape, 'float32', new Float32Array(0))

const codeOf = (
  contexts: boolean,
  bias: string | undefined,
  keeps: boolean,
  ranges: boolean,
  share: number
): string => `
var<workgroup> part: array<f32, ${threads}>;

fn score(query: i32, head: i32, trial: i32, slot: i32) -> f32 {
  var sum = 0.0;
  let asked = (query * size.heads + head) * size.dim;
  let key = ((trial * size.slots + slot) * size.heads + head) * size.dim;
  for (var l = 0; l < size.dim; l++) { sum += (a0[asked + l] * size.scale) * a1[key + l]; }
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
  let which = group(id);
  if (which >= size.total) { return; }
  let query = which / size.heads;
  let head = which % size.heads;
  let trial = query / size.count;
  let t = i32(local);
  // The least of all numbers stands for -Infinity, of which shaders need know nothing.
  let least = -3.4028234e38;
  var top = least;
  var total = 0.0;
  var sums: array<f32, ${share}>;
  let begin = ${ranges ? 'a3[query % size.count]' : '0'};
  let end = ${ranges ? 'a3[size.count + query % size.count]' : 'size.slots'};
  for (var first = begin; first < end; first += ${threads}) {
    let width = min(${threads}, end - first);
    var mine = least;
    if (t < width) { mine = score(query, head, trial, first + t); }
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
        for (var j = 0; j < width; j++) { sum += part[j] * a2[((trial * size.slots + first + j) * size.heads + head) * size.valueDim + l]; }
        sums[s] = sum;
      }
    }
    workgroupBarrier();
  }
  for (var s = 0; s < ${share}; s++) {
    let l = t + s * ${threads};
    if (l < size.valueDim) { r0[which * size.valueDim + l] = ${ranges ? 'select(sums[s] / total, 0.0, begin >= end)' : 'sums[s] / total'}; }
  }
  ${
    keeps
      ? `let place = query % size.count;
  if (place < size.kept) {
    for (var slot = t; slot < size.slots; slot += ${threads}) {
      let mine = score(query, head, trial, slot);
      r1[(trial * size.kept + place) * size.slots + slot] = select(exp(mine - top), 0.0, mine <= least) / total;
    }
  }`
      : ''
  }
}
`

/** Attention over the rows nearest to each query on webgpu: a workgroup a query finds them and reads them. */
import type { TensorInfo } from '@tensorflow/tfjs'
import type { NeighbourAttrs } from '../../fused-memory-ops.ts'
import { dispatch, threads, type WebgpuBackend } from './dispatch.ts'

/**
 * Each thread keeps the best k of every 64th row in order; then k times the best of all threads' foremost is taken. See
 * `fusedNeighbours`. Inputs: cues, queries [B, N, d], directions, keys, values [B, u, d].
 */
export function neighbours(
  backend: WebgpuBackend,
  inputs: TensorInfo[],
  { neighbours, heads }: NeighbourAttrs
): TensorInfo[] {
  const [cues, , directions] = inputs
  const [batch, count, dim] = cues.shape as [number, number, number]
  const slots = directions.shape[1]!
  return dispatch(backend, {
    key: `neighbours ${neighbours} ${heads}`,
    code: codeOf(neighbours, heads),
    inputs,
    results: [cues.shape],
    whole: { total: batch * count, count, slots, dim, head: dim / heads },
    single: { scale: 1 / Math.sqrt(dim / heads) },
    groups: batch * count,
    long: true
  })
}

const codeOf = (k: number, heads: number): string => `
var<workgroup> score: array<f32, ${threads}>;
var<workgroup> place: array<i32, ${threads}>;
var<workgroup> chosen: array<i32, ${k}>;
var<workgroup> share: array<f32, ${k * heads}>;

const least = -3.4028234e38;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let query = group(id);
  if (query >= size.total) { return; }
  let t = i32(local);
  let trial = query / size.count;
  // Scores that fall, rows that rise where scores are equal; behind them places that hold no row.
  var scores: array<f32, ${k}>;
  var rows: array<i32, ${k}>;
  for (var n = 0; n < ${k}; n++) { scores[n] = least; rows[n] = size.slots; }
  for (var row = t; row < size.slots; row += ${threads}) {
    var sum = 0.0;
    let at = (trial * size.slots + row) * size.dim;
    for (var l = 0; l < size.dim; l++) { sum += a0[query * size.dim + l] * a2[at + l]; }
    if (sum > scores[${k - 1}] || rows[${k - 1}] == size.slots) {
      var n = ${k - 1};
      for (; n > 0; n--) {
        if (rows[n - 1] < size.slots && scores[n - 1] >= sum) { break; }
        scores[n] = scores[n - 1];
        rows[n] = rows[n - 1];
      }
      scores[n] = sum;
      rows[n] = row;
    }
  }
  var head = 0;
  for (var n = 0; n < ${k}; n++) {
    score[t] = select(least, scores[min(head, ${k - 1})], head < ${k});
    place[t] = select(size.slots, rows[min(head, ${k - 1})], head < ${k});
    workgroupBarrier();
    for (var half = ${threads / 2}; half > 0; half /= 2) {
      if (t < half) {
        let other = t + half;
        let better = place[other] < size.slots &&
          (place[t] == size.slots || score[other] > score[t] || (score[other] == score[t] && place[other] < place[t]));
        if (better) { score[t] = score[other]; place[t] = place[other]; }
      }
      workgroupBarrier();
    }
    let best = place[0];
    workgroupBarrier();
    if (t == 0) { chosen[n] = best; }
    if (head < ${k} && rows[min(head, ${k - 1})] == best) { head++; }
  }
  workgroupBarrier();
  for (var i = t; i < ${k * heads}; i += ${threads}) {
    let h = i % ${heads};
    let key = (trial * size.slots + chosen[i / ${heads}]) * size.dim + h * size.head;
    let asked = query * size.dim + h * size.head;
    var sum = 0.0;
    for (var l = 0; l < size.head; l++) { sum += a1[asked + l] * a3[key + l]; }
    share[i] = sum * size.scale;
  }
  workgroupBarrier();
  for (var l = t; l < size.dim; l += ${threads}) {
    let h = l / size.head;
    var top = least;
    for (var n = 0; n < ${k}; n++) { top = max(top, share[n * ${heads} + h]); }
    var total = 0.0;
    var sum = 0.0;
    for (var n = 0; n < ${k}; n++) {
      let e = exp(share[n * ${heads} + h] - top);
      total += e;
      sum += e * a4[(trial * size.slots + chosen[n]) * size.dim + l];
    }
    r0[query * size.dim + l] = sum / total;
  }
}
`

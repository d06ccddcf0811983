/** Writes of the graph memory on webgpu, all items in one dispatch: a workgroup a trial. */
import type { TensorInfo } from '@tensorflow/tfjs'
import { dispatch, parted, threads, type WebgpuBackend } from './dispatch.ts'

/**
 * Per item: the node nearest to it by cosine, the first of equals, <- node + rate tanh(relu(node A + y + a) B + b). Inputs: nodes
 * [B, n, d], directions and y [B, N, d], A, B [B, d, d], a, b [B, d].
 */
export function writeGraph(backend: WebgpuBackend, inputs: TensorInfo[], { rate }: { rate: number }): TensorInfo[] {
  const [nodes, directions] = inputs
  const [batch, count, dim] = nodes.shape as [number, number, number]
  const [made] = dispatch(backend, {
    key: 'graph',
    code,
    inputs,
    // Behind the nodes, of each trial, their cosines and the hidden layer.
    results: [[batch * (count * dim + count + dim)]],
    whole: { batch, count, dim, items: directions.shape[1]! },
    single: { rate },
    groups: batch,
    long: true
  })
  return parted(backend, made, [nodes.shape])
}

const code = `
var<workgroup> nearest: i32;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let trial = group(id);
  if (trial >= size.batch) { return; }
  let me = i32(local);
  let nodes = trial * size.count * size.dim;
  let cosines = size.batch * size.count * size.dim + trial * (size.count + size.dim);
  let hidden = cosines + size.count;
  let square = trial * size.dim * size.dim;
  for (var at = me; at < size.count * size.dim; at += ${threads}) { r0[nodes + at] = a0[nodes + at]; }
  storageBarrier();
  workgroupBarrier();
  for (var i = 0; i < size.items; i++) {
    let item = (trial * size.items + i) * size.dim;
    for (var n = me; n < size.count; n += ${threads}) {
      var dot = 0.0;
      var squares = 0.0;
      for (var l = 0; l < size.dim; l++) {
        let entry = r0[nodes + n * size.dim + l];
        dot += a1[item + l] * entry;
        squares += entry * entry;
      }
      r0[cosines + n] = dot / max(sqrt(squares), 1e-8);
    }
    storageBarrier();
    workgroupBarrier();
    if (me == 0) {
      var best = 0;
      for (var n = 1; n < size.count; n++) { if (r0[cosines + n] > r0[cosines + best]) { best = n; } }
      nearest = best;
    }
    workgroupBarrier();
    let node = nodes + nearest * size.dim;
    for (var j = me; j < size.dim; j += ${threads}) {
      var sum = a2[item + j] + a5[trial * size.dim + j];
      for (var l = 0; l < size.dim; l++) { sum += r0[node + l] * a3[square + l * size.dim + j]; }
      r0[hidden + j] = max(sum, 0.0);
    }
    storageBarrier();
    workgroupBarrier();
    for (var l = me; l < size.dim; l += ${threads}) {
      var sum = a6[trial * size.dim + l];
      for (var j = 0; j < size.dim; j++) { sum += r0[hidden + j] * a4[square + j * size.dim + l]; }
      // Beyond 15 it is 1; drivers may overflow there.
      r0[node + l] += size.rate * tanh(clamp(sum, -15.0, 15.0));
    }
    storageBarrier();
    workgroupBarrier();
  }
}
`

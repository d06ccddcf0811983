/** The delta rule's writes on webgpu, all items in one dispatch: no column of the matrix knows another. */
import type { TensorInfo } from '@tensorflow/tfjs'
import { dispatch, threads, type WebgpuBackend } from './dispatch.ts'

/** S <- S + beta k^T (v - k S), item by item; S [B, d, e], k [B, N, d], v [B, N, e]. A thread a column. */
export function writeDelta(backend: WebgpuBackend, inputs: TensorInfo[], { beta }: { beta: number }): TensorInfo[] {
  const [matrix, keys] = inputs
  const [batch, dim, valueDim] = matrix.shape as [number, number, number]
  const columns = Math.ceil(valueDim / threads)
  return dispatch(backend, {
    key: 'delta',
    code,
    inputs,
    results: [matrix.shape],
    whole: { total: batch * columns, columns, items: keys.shape[1], dim, valueDim },
    single: { beta },
    groups: batch * columns
  })
}

const code = `
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  let trial = which / size.columns;
  let column = (which % size.columns) * ${threads} + i32(local);
  if (which >= size.total || column >= size.valueDim) { return; }
  let begin = trial * size.dim * size.valueDim + column;
  for (var r = 0; r < size.dim; r++) { r0[begin + r * size.valueDim] = a0[begin + r * size.valueDim]; }
  for (var i = 0; i < size.items; i++) {
    let key = (trial * size.items + i) * size.dim;
    var read = 0.0;
    for (var r = 0; r < size.dim; r++) { read += a1[key + r] * r0[begin + r * size.valueDim]; }
    let change = size.beta * (a2[(trial * size.items + i) * size.valueDim + column] - read);
    for (var r = 0; r < size.dim; r++) { r0[begin + r * size.valueDim] += a1[key + r] * change; }
  }
}
`

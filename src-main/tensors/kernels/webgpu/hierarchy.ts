/** What a hierarchy of nodes stores and reads with on webgpu. */
import type { TensorInfo } from '@tensorflow/tfjs'
import { dispatch, dispatchEach, gather, threads, type WebgpuBackend } from './dispatch.ts'

/**
 * Of each group and head mean_i softmax(q_i k^T / sqrt(d_h)) v, a workgroup each: query after query, each thread adds up the weights
 * of every 64th row. See `fusedGroups`.
 */
export function groups(
  backend: WebgpuBackend,
  inputs: TensorInfo[],
  { heads, largest }: { heads: number; largest: number }
): TensorInfo[] {
  const [packed, , begins] = inputs
  const [batch, rows, width] = packed.shape as [number, number, number]
  const count = begins.shape[0]! - 1
  const dim = width / 3
  const total = batch * count * heads
  // Room in steps, so that shaders are few.
  const room = Math.max(largest, Math.min(1984, threads * 2 ** Math.ceil(Math.log2(Math.max(1, largest / threads)))))
  return dispatch(backend, {
    key: `groups ${room}`,
    code: groupsCode(room),
    inputs,
    results: [
      [batch, count, dim],
      [batch, count, dim]
    ],
    whole: { total, rows, count, heads, dim, head: dim / heads },
    single: { scale: 1 / Math.sqrt(dim / heads) },
    groups: 2 * total,
    long: true
  })
}

const groupsCode = (room: number): string => `
var<workgroup> part: array<f32, ${threads}>;
var<workgroup> score: array<f32, ${room}>;
var<workgroup> weight: array<f32, ${room}>;

fn packed(second: bool, at: i32) -> f32 {
  if (second) { return a1[at]; }
  return a0[at];
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  if (which >= 2 * size.total) { return; }
  let me = i32(local);
  let second = which >= size.total;
  let one = which % size.total;
  let head = one % size.heads;
  let g = one / size.heads % size.count;
  let trial = one / (size.heads * size.count);
  let begin = a2[g];
  let n = a2[g + 1] - begin;
  let q = (trial * size.rows + begin) * 3 * size.dim + head * size.head;
  let k = q + size.dim;
  let v = k + size.dim;
  for (var j = me; j < n; j += ${threads}) { weight[j] = 0.0; }
  for (var i = 0; i < n; i++) {
    var top = -3.4028234e38;
    for (var j = me; j < n; j += ${threads}) {
      var sum = 0.0;
      for (var l = 0; l < size.head; l++) { sum += packed(second, q + i * 3 * size.dim + l) * packed(second, k + j * 3 * size.dim + l); }
      score[j] = sum * size.scale;
      top = max(top, score[j]);
    }
    ${gather('most', 'top', threads, (a, b) => `max(${a}, ${b})`)}
    var mine = 0.0;
    for (var j = me; j < n; j += ${threads}) {
      score[j] = exp(score[j] - most);
      mine += score[j];
    }
    ${gather('all', 'mine', threads)}
    for (var j = me; j < n; j += ${threads}) { weight[j] += score[j] / all; }
  }
  workgroupBarrier();
  for (var l = me; l < size.head; l += ${threads}) {
    var sum = 0.0;
    for (var j = 0; j < n; j++) { sum += weight[j] * packed(second, v + j * 3 * size.dim + l); }
    let at = (trial * size.count + g) * size.dim + head * size.head + l;
    if (second) { r1[at] = sum / f32(n); } else { r0[at] = sum / f32(n); }
  }
}
`

/** Steps of Adam on what each row misses of its value, and the row at unit length: a thread a row. See `fusedSlotSteps`. */
export function slotSteps(backend: WebgpuBackend, inputs: TensorInfo[]): TensorInfo[] {
  const [slots, , rates] = inputs
  const [batch, count, dim] = slots.shape as [number, number, number]
  return dispatchEach(backend, {
    key: 'slot steps',
    code: `
fn one(i: i32) {
  var most = 0.0;
  for (var l = 0; l < size.dim; l++) {
    let at = i * size.dim + l;
    var slot = a0[at];
    var mean = 0.0;
    var square = 0.0;
    for (var step = 0; step < size.steps; step++) {
      let gradient = (slot - a1[at]) * 2.0 / f32(size.dim);
      mean += (gradient - mean) * 0.1;
      square += (gradient * gradient - square) * 0.001;
      slot -= a2[2 * step] * mean / (sqrt(square) * a2[2 * step + 1] + 1e-8);
    }
    r0[at] = slot;
    most = max(most, abs(slot));
  }
  let scale = max(most / 1099511627776.0, 1.0);
  var squares = 0.0;
  for (var l = 0; l < size.dim; l++) { squares += (r0[i * size.dim + l] / scale) * (r0[i * size.dim + l] / scale); }
  let length = max(sqrt(squares), 1e-8);
  for (var l = 0; l < size.dim; l++) { r1[i * size.dim + l] = r0[i * size.dim + l] / scale / length; }
}`,
    inputs,
    results: [slots.shape, slots.shape],
    whole: { dim, steps: rates.shape[0]! },
    single: {},
    total: batch * count
  })
}

/** What the nodes that a query asks answer it, a workgroup a query: see `fusedAsk`. */
export function ask(backend: WebgpuBackend, inputs: TensorInfo[]): TensorInfo[] {
  const [cues, directions, , places] = inputs
  const [batch, rows, dim] = cues.shape as [number, number, number]
  const [, count, width] = places.shape as [number, number, number]
  return dispatch(backend, {
    key: 'ask',
    code: askCode,
    inputs,
    results: [
      [batch, count, dim],
      [batch, count, width]
    ],
    whole: { total: batch * count, rows, dim, nodes: directions.shape[1]!, count, width },
    single: {},
    groups: batch * count,
    long: true
  })
}

const askCode = `
var<workgroup> part: array<f32, ${threads}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  if (which >= size.total) { return; }
  let me = i32(local);
  let trial = which / size.count;
  let pairs = which % size.count * size.width;
  let all = size.count * size.width;
  let least = -3.4028234e38;
  var top = least;
  for (var k = me; k < size.width; k += ${threads}) {
    var score = least;
    if (a4[all + pairs + k] > 0.0) {
      let node = (trial * size.nodes + a3[pairs + k]) * size.dim;
      let cue = (trial * size.rows + a3[all + pairs + k]) * size.dim;
      score = 0.0;
      for (var l = 0; l < size.dim; l++) { score += a0[cue + l] * a1[node + l]; }
      score *= a4[pairs + k];
    }
    r1[which * size.width + k] = score;
    top = max(top, score);
  }
  ${gather('most', 'top', threads, (a, b) => `max(${a}, ${b})`)}
  var mine = 0.0;
  for (var k = me; k < size.width; k += ${threads}) {
    let score = r1[which * size.width + k];
    let share = select(exp(score - most), 0.0, score <= least);
    r1[which * size.width + k] = share;
    mine += share;
  }
  ${gather('total', 'mine', threads)}
  for (var k = me; k < size.width; k += ${threads}) {
    r1[which * size.width + k] = select(r1[which * size.width + k] / total, 0.0, total == 0.0);
  }
  storageBarrier();
  workgroupBarrier();
  for (var l = me; l < size.dim; l += ${threads}) {
    var sum = 0.0;
    for (var k = 0; k < size.width; k++) {
      sum += r1[which * size.width + k] * a2[(trial * size.nodes + a3[pairs + k]) * size.dim + l];
    }
    r0[which * size.dim + l] = sum;
  }
}
`

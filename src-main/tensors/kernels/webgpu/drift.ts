/** A drifting context on webgpu, and the ring that copies what its gates let in. */
import type { TensorInfo } from '@tensorflow/tfjs'
import { dispatch, dispatchEach, laid, threads, type WebgpuBackend } from './dispatch.ts'

/** c_i = decay c_(i-1) + U x_i, a thread an entry of c: see `fusedDrift`. */
export function drift(backend: WebgpuBackend, inputs: TensorInfo[], { decay }: { decay: number }): TensorInfo[] {
  const [x, , first] = inputs
  const [batch, count, dim] = x.shape as [number, number, number]
  const width = first.shape[1]!
  return dispatchEach(backend, {
    key: 'drift',
    code: `
fn one(i: i32) {
  let trial = i / size.width;
  var context = a2[i];
  for (var n = 0; n < size.count; n++) {
    let row = trial * size.count + n;
    var sum = 0.0;
    for (var l = 0; l < size.dim; l++) { sum += a0[row * size.dim + l] * a1[i * size.dim + l]; }
    context = size.decay * context + sum;
    r0[row * size.width + i % size.width] = context;
  }
  r1[i] = context;
}`,
    inputs,
    results: [[batch, count, width], first.shape],
    whole: { count, dim, width },
    single: { decay },
    total: batch * width,
    long: count * dim > 2 ** 16
  })
}

/**
 * Items whose gate is above the threshold go into the next slots of a ring, a workgroup a slot: it takes the last of those that
 * fall to it. See `fusedRing`.
 */
export function ring(backend: WebgpuBackend, inputs: TensorInfo[], { threshold }: { threshold: number }): TensorInfo[] {
  const [gates, , , keys, , used, next] = inputs
  const [batch, slots, dim] = keys.shape as [number, number, number]
  const { all, at } = laid(backend, ['gates', 'itemKeys', 'itemValues', 'keys', 'values', 'used', 'next'], inputs)
  const made = dispatch(backend, {
    key: 'ring',
    code: ringCode,
    inputs: [all],
    results: [keys.shape, keys.shape, used.shape, next.shape],
    whole: { ...at, slots, dim, items: gates.shape[1]!, total: batch * slots },
    single: { threshold },
    groups: batch * slots
  })
  backend.disposeData(all.dataId)
  return made
}

const ringCode = `
var<workgroup> opens: array<i32, ${threads}>;
var<workgroup> source: i32;

fn open(item: i32) -> bool { return a0[size.gates + item] > size.threshold; }

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let which = group(id);
  if (which >= size.total) { return; }
  let t = i32(local);
  let trial = which / size.slots;
  let slot = which % size.slots;
  let items = trial * size.items;
  let share = (size.items + ${threads - 1}) / ${threads};
  let begin = min(t * share, size.items);
  let end = min(begin + share, size.items);
  var own = 0;
  for (var i = begin; i < end; i++) { own += select(0, 1, open(items + i)); }
  opens[t] = own;
  if (t == 0) { source = -1; }
  workgroupBarrier();
  var before = 0;
  var all = 0;
  for (var s = 0; s < ${threads}; s++) {
    before += select(0, opens[s], s < t);
    all += opens[s];
  }
  // The last open item that falls to this slot, counted from 1; none where it is not above 0.
  let next = i32(a0[size.next + trial]);
  let later = next + all - 1 - slot;
  let rank = all - (later + size.slots) % size.slots;
  if (rank > before && rank <= before + own) {
    var seen = before;
    for (var i = begin; i < end; i++) {
      if (open(items + i)) {
        seen++;
        if (seen == rank) { source = i; }
      }
    }
  }
  workgroupBarrier();
  let item = source;
  for (var l = t; l < size.dim; l += ${threads}) {
    let place = which * size.dim + l;
    if (item >= 0) {
      r0[place] = a0[size.itemKeys + (items + item) * size.dim + l];
      r1[place] = a0[size.itemValues + (items + item) * size.dim + l];
    } else {
      r0[place] = a0[size.keys + place];
      r1[place] = a0[size.values + place];
    }
  }
  if (t == 0) {
    r2[which] = select(a0[size.used + which], 1.0, item >= 0);
    if (slot == 0) { r3[trial] = f32((next + all) % size.slots); }
  }
}
`

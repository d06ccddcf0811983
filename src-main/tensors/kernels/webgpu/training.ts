/** What a step of training needs besides the model, on webgpu: the loss with its gradient, and AdamW for all weights. */
import type { TensorInfo } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { AdamNumbers } from '../../fused-ops.ts'
import { dispatch, dispatchEach, gather, joined, type WebgpuBackend } from './dispatch.ts'

/** Threads of a trial. */
const threads = 256

/**
 * Inputs: logits [B, n, V], targets [B, n]. @returns (softmax - one-hot) / n, and of each trial the sum of -ln p of the
 * right ones and how many of them are the most likely, the first of equals: [B, 2]
 */
export function score(backend: WebgpuBackend, inputs: TensorInfo[]): TensorInfo[] {
  const [logits] = inputs
  const [batch, count, vocabulary] = logits.shape as [number, number, number]
  return dispatch(backend, {
    key: 'score',
    code: scoreCode,
    inputs,
    results: [logits.shape, [batch, 2]],
    whole: { batch, count, vocabulary },
    single: {},
    groups: batch
  })
}

const scoreCode = `
var<workgroup> part: array<f32, ${threads}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let trial = group(id);
  if (trial >= size.batch) { return; }
  var loss = 0.0;
  var right = 0.0;
  for (var i = i32(local); i < size.count; i += ${threads}) {
    let row = (trial * size.count + i) * size.vocabulary;
    let target_ = a1[trial * size.count + i];
    var best = 0;
    for (var v = 1; v < size.vocabulary; v++) { if (a0[row + v] > a0[row + best]) { best = v; } }
    var sum = 0.0;
    for (var v = 0; v < size.vocabulary; v++) { sum += exp(a0[row + v] - a0[row + best]); }
    for (var v = 0; v < size.vocabulary; v++) {
      let share = exp(a0[row + v] - a0[row + best]) / sum;
      r0[row + v] = (share - select(0.0, 1.0, v == target_)) / f32(size.count);
    }
    loss += log(sum) + a0[row + best] - a0[row + target_];
    right += select(0.0, 1.0, best == target_);
  }
  ${gather('losses', 'loss', threads)}
  ${gather('rights', 'right', threads)}
  if (local == 0u) {
    r1[2 * trial] = losses;
    r1[2 * trial + 1] = rights;
  }
}
`

/**
 * A step of AdamW, see engine/worker/training/optimiser.ts: a workgroup a trial, first the norm over all of its weights.
 * Inputs: weights and both moments of all (slot by slot, trial by trial in each), the weights' gradients [B, ...] each, what
 * `score` summed up, and of each slot its begin in a trial's weights, its size, and whether it decays [slots, 3].
 * @returns weights and moments, and loss, right ones and norm of each trial [B, 3]
 */
export function adam(backend: WebgpuBackend, inputs: TensorInfo[], attrs: AdamNumbers): TensorInfo[] {
  const [learned, ...more] = inputs
  const [sums, table] = more.slice(-2)
  const trials = sums.shape[0]!
  const gradients = joined(backend, more.slice(0, -2))
  const { beta1, beta2, largest, epsilon, decay, rate, scale, root } = attrs
  const made = dispatch(backend, {
    key: 'adam',
    code: adamCode,
    inputs: [learned, gradients, sums, table],
    results: [learned.shape, [trials, 3]],
    whole: { trials, slots: table.shape[0]!, total: tf.util.sizeFromShape(learned.shape) / 3 },
    single: { beta1, beta2, largest, epsilon, decay, rate, scale, root },
    groups: trials,
    long: true
  })
  backend.disposeData(gradients.dataId)
  return made
}

const adamCode = `
var<workgroup> part: array<f32, ${threads}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let trial = group(id);
  if (trial >= size.trials) { return; }
  var sum = 0.0;
  for (var s = 0; s < size.slots; s++) {
    let begin = size.trials * a3[3 * s] + trial * a3[3 * s + 1];
    for (var i = begin + i32(local); i < begin + a3[3 * s + 1]; i += ${threads}) {
      let g = a1[i];
      sum += g * g;
    }
  }
  ${gather('squares', 'sum', threads)}
  let norm = sqrt(squares);
  let clip = select(1.0, size.largest / norm, norm > size.largest);
  for (var s = 0; s < size.slots; s++) {
    let begin = size.trials * a3[3 * s] + trial * a3[3 * s + 1];
    let shrink = size.rate * size.decay * f32(a3[3 * s + 2]);
    for (var i = begin + i32(local); i < begin + a3[3 * s + 1]; i += ${threads}) {
      let w = a0[i];
      let g = a1[i] * clip;
      let m = size.beta1 * a0[size.total + i] + (1.0 - size.beta1) * g;
      let v = size.beta2 * a0[2 * size.total + i] + (1.0 - size.beta2) * g * g;
      r0[i] = w - (size.scale * m / (sqrt(v) * size.root + size.epsilon) + shrink * w);
      r0[size.total + i] = m;
      r0[2 * size.total + i] = v;
    }
  }
  if (local == 0u) {
    r1[3 * trial] = a2[2 * trial];
    r1[3 * trial + 1] = a2[2 * trial + 1];
    r1[3 * trial + 2] = norm;
  }
}
`

/** A step of Adam for one parameter, entry by entry. Inputs: the parameter, its gradient and, but at the first step, its means. */
export function step(
  backend: WebgpuBackend,
  inputs: TensorInfo[],
  rates: { rate: number; root: number }
): TensorInfo[] {
  const { shape } = inputs[0]
  const before = (mean: string): string => (inputs.length > 2 ? `${mean}[i]` : '0.0')
  return dispatchEach(backend, {
    key: 'step',
    code: `
fn one(i: i32) {
  let m = ${before('a2')} + (a1[i] - ${before('a2')}) * 0.1;
  let v = ${before('a3')} + (a1[i] * a1[i] - ${before('a3')}) * 0.001;
  r0[i] = a0[i] - size.rate * m / (sqrt(v) * size.root + 1e-8);
  r1[i] = m;
  r2[i] = v;
}`,
    inputs,
    results: [shape, shape, shape],
    whole: {},
    single: { ...rates },
    total: tf.util.sizeFromShape(shape)
  })
}

/** The causal convolution of each channel over four tokens on webgpu, with its gradient: a thread an entry. */
import type { TensorInfo } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { dispatchEach, type WebgpuBackend } from './dispatch.ts'

/** Token t of a row of x [B n, L, c] at a channel, t from -3 on: among the three before the first, or zero. */
const seen = (past: string | undefined): string => `
fn seen(row: i32, t: i32, channel: i32) -> f32 {
  if (t >= 0) { return a0[(row * size.length + t) * size.channels + channel]; }
  return ${past ? `${past}[(row * 3 + t + 3) * size.channels + channel]` : '0.0'};
}
`

const sizes = (x: TensorInfo, w: TensorInfo): Record<string, number> => ({
  length: x.shape[1]!,
  channels: x.shape[2]!,
  each: x.shape[0]! / w.shape[0]!
})

/** y_t = sum_(j=0..3) w_j o x_(t-3+j). Inputs: x, w [B, 4, c] and, if there are any, the tokens before [B n, 3, c]. */
export function convolution(backend: WebgpuBackend, inputs: TensorInfo[]): TensorInfo[] {
  const [x, w, past] = inputs
  return dispatchEach(backend, {
    key: 'convolution',
    code: `${seen(past && 'a2')}
fn one(i: i32) {
  let channel = i % size.channels;
  let t = i / size.channels % size.length;
  let row = i / (size.channels * size.length);
  var sum = 0.0;
  for (var j = 0; j < 4; j++) {
    sum += a1[(row / size.each * 4 + j) * size.channels + channel] * seen(row, t - 3 + j, channel);
  }
  r0[i] = sum;
}`,
    inputs,
    results: [x.shape],
    whole: sizes(x, w),
    single: {},
    total: tf.util.sizeFromShape(x.shape)
  })
}

/** The gradients of x, w and the tokens before. Inputs: those of `convolution`, and dy. */
export function convolutionBack(backend: WebgpuBackend, inputs: TensorInfo[]): TensorInfo[] {
  const [x, w] = inputs
  const past = inputs.length === 4 ? inputs[2] : undefined
  const dy = past ? 'a3' : 'a2'
  // Token t of a row is tap 0 of the answer three tokens on, and tap 3 of its own.
  const back = `
fn back(row: i32, t: i32, channel: i32) -> f32 {
  var sum = 0.0;
  for (var j = 0; j < 4; j++) {
    let answer = t + 3 - j;
    if (answer >= 0 && answer < size.length) {
      sum += a1[(row / size.each * 4 + j) * size.channels + channel] *
        ${dy}[(row * size.length + answer) * size.channels + channel];
    }
  }
  return sum;
}
`
  const [ofX, ofW] = [x, w].map(({ shape }) => tf.util.sizeFromShape(shape)) as [number, number]
  return dispatchEach(backend, {
    key: 'convolution back',
    code: `${seen(past && 'a2')}${back}
fn one(i: i32) {
  let channel = i % size.channels;
  if (i < size.ofX) {
    r0[i] = back(i / (size.channels * size.length), i / size.channels % size.length, channel);
    return;
  }
  if (i < size.ofX + size.ofW) {
    let at = i - size.ofX;
    let j = at / size.channels % 4;
    let trial = at / (size.channels * 4);
    var sum = 0.0;
    for (var row = trial * size.each; row < (trial + 1) * size.each; row++) {
      for (var t = 0; t < size.length; t++) {
        sum += seen(row, t - 3 + j, channel) * ${dy}[(row * size.length + t) * size.channels + channel];
      }
    }
    r1[at] = sum;
    return;
  }
  ${past ? 'let at = i - size.ofX - size.ofW;\n  r2[at] = back(at / (size.channels * 3), at / size.channels % 3 - 3, channel);' : ''}
}`,
    inputs,
    results: [x.shape, w.shape, ...(past ? [past.shape] : [])],
    whole: { ...sizes(x, w), ofX, ofW },
    single: {},
    total: ofX + ofW + (past ? tf.util.sizeFromShape(past.shape) : 0)
  })
}

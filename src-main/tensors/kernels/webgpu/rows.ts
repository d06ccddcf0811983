/** Whole rows of numbers on webgpu: taken by index, repeated, brought to one length; with their gradients. */
import type { TensorInfo } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { dispatchEach, sigmoid, type WebgpuBackend } from './dispatch.ts'

type Op<A = unknown> = (backend: WebgpuBackend, inputs: TensorInfo[], attrs: A) => TensorInfo[]

const sizeOf = ({ shape }: TensorInfo): number => tf.util.sizeFromShape(shape)

/** An op that makes one tensor, entry by entry. */
function entries(
  backend: WebgpuBackend,
  key: string,
  inputs: TensorInfo[],
  shape: number[],
  whole: Record<string, number>,
  code: string
): TensorInfo[] {
  const total = tf.util.sizeFromShape(shape)
  return dispatchEach(backend, { key, code, inputs, results: [shape], whole, single: {}, total })
}

/** y = the sum of the answers by their shares: see `fusedMix`. Inputs: shares [B, Q, E], answers [B, Q, d] each. */
export const mix: Op = (backend, inputs) => {
  const [, first] = inputs
  const count = inputs.length - 1
  const terms = Array.from({ length: count }, (_, e) => `a0[i / size.width * ${count} + ${e}] * a${e + 1}[i]`)
  const code = `fn one(i: i32) { r0[i] = ${terms.join(' + ')}; }`
  return entries(backend, 'mix', inputs, first.shape, { width: first.shape.at(-1)! }, code)
}

/** y_i = x_(places_i), rows of w. */
export const take: Op = (backend, inputs) => {
  const [x, places] = inputs
  const width = x.shape[1]!
  return entries(
    backend,
    'take',
    inputs,
    [places.shape[0]!, width],
    { width },
    'fn one(i: i32) { r0[i] = a0[a1[i / size.width] * size.width + i % size.width]; }'
  )
}

/** dx_r = the sum of the dy_i with places_i = r. */
export const takeBack: Op = (backend, [x, places, dy]) =>
  entries(
    backend,
    'take back',
    [places, dy],
    x.shape,
    { width: x.shape[1]!, count: places.shape[0]! },
    `fn one(i: i32) {
  let row = i / size.width;
  var sum = 0.0;
  for (var n = 0; n < size.count; n++) { if (a0[n] == row) { sum += a1[n * size.width + i % size.width]; } }
  r0[i] = sum;
}`
  )

/** Each row so many times, one after another. */
export const repeat: Op<{ count: number }> = (backend, [x], { count }) => {
  const [rows, ...shape] = x.shape
  return entries(
    backend,
    'repeat',
    [x],
    [rows * count, ...shape],
    { count, width: sizeOf(x) / rows },
    'fn one(i: i32) { r0[i] = a0[i / (size.count * size.width) * size.width + i % size.width]; }'
  )
}

/** dx = the sum over the copies of a row. */
export const repeatBack: Op<{ count: number }> = (backend, [dy], { count }) => {
  const [all, ...shape] = dy.shape
  return entries(
    backend,
    'repeat back',
    [dy],
    [all / count, ...shape],
    { count, width: sizeOf(dy) / all },
    `fn one(i: i32) {
  let begin = i / size.width * size.count * size.width + i % size.width;
  var sum = 0.0;
  for (var n = 0; n < size.count; n++) { sum += a0[begin + n * size.width]; }
  r0[i] = sum;
}`
  )
}

export interface NormAttrs {
  /** Brought to root-mean-square 1, and not to length 1. */
  mean: boolean
  least: number
}

/** A row x scaled down by s so that its squares can be added up, and what it is multiplied by then. */
const normHead = (mean: boolean): string => `
fn scaleOf(row: i32) -> f32 {
  var most = 0.0;
  for (var l = 0; l < size.width; l++) { most = max(most, abs(a0[row + l])); }
  return max(most / 1099511627776.0, 1.0);
}
fn squaresOf(row: i32, s: f32) -> f32 {
  var sum = 0.0;
  for (var l = 0; l < size.width; l++) { sum += (a0[row + l] / s) * (a0[row + l] / s); }
  return sum;
}
fn factor(squares: f32) -> f32 {
  return ${mean ? '1.0 / sqrt(squares / f32(size.width) + size.least)' : '1.0 / max(sqrt(squares), size.least)'};
}
`

const normed = (
  backend: WebgpuBackend,
  key: string,
  inputs: TensorInfo[],
  { mean, least }: NormAttrs,
  code: string
): TensorInfo[] => {
  const [x] = inputs
  const width = x.shape.at(-1)!
  return dispatchEach(backend, {
    key: `${key} ${mean}`,
    code: normHead(mean) + code,
    inputs,
    results: [x.shape],
    whole: { width },
    single: { least },
    total: sizeOf(x) / Math.max(1, width)
  })
}

/** y = (r / s) x. */
export const norm: Op<NormAttrs> = (backend, inputs, attrs) =>
  normed(
    backend,
    'norm',
    inputs,
    attrs,
    `fn one(i: i32) {
  let row = i * size.width;
  let s = scaleOf(row);
  let r = factor(squaresOf(row, s));
  for (var l = 0; l < size.width; l++) { r0[row + l] = (a0[row + l] / s) * r; }
}`
  )

/** dx = (r / s) (dy - y <dy, y>), <> the mean or the sum; a row shorter than `least` has no direction: zero. */
export const normBack: Op<NormAttrs> = (backend, inputs, attrs) =>
  normed(
    backend,
    'norm back',
    inputs,
    attrs,
    `fn one(i: i32) {
  let row = i * size.width;
  let s = scaleOf(row);
  let squares = squaresOf(row, s);
  let r = factor(squares);
  var inner = 0.0;
  for (var l = 0; l < size.width; l++) { inner += (a0[row + l] / s) * r * a1[row + l]; }
  ${attrs.mean ? 'inner = inner / f32(size.width);' : ''}
  let out = ${attrs.mean ? 'r / s' : 'select(r / s, 0.0, sqrt(squares) <= size.least)'};
  for (var l = 0; l < size.width; l++) { r0[row + l] = out * (a1[row + l] - (a0[row + l] / s) * r * inner); }
}`
  )

/** y = x sigma(x). */
export const silu: Op = (backend, inputs) =>
  entries(backend, 'silu', inputs, inputs[0].shape, {}, `${sigmoid}fn one(i: i32) { r0[i] = a0[i] * sigmoid(a0[i]); }`)

/** dx = dy (s + x s (1 - s)), s = sigma(x). */
export const siluBack: Op = (backend, inputs) =>
  entries(
    backend,
    'silu back',
    inputs,
    inputs[0].shape,
    {},
    `${sigmoid}fn one(i: i32) {
  let s = sigmoid(a0[i]);
  r0[i] = a1[i] * (s + a0[i] * s * (1.0 - s));
}`
  )

const shiftSizes = (x: TensorInfo, mix: TensorInfo): Record<string, number> => ({
  length: x.shape[1]!,
  width: x.shape[2]!,
  each: x.shape[0]! / mix.shape[0]!
})

/** y_t = x_t + m (x_(t-1) - x_t), m = 1/2 + mix: each token mixed with the one before it, which is zero before the first. */
export const shift: Op = (backend, inputs) =>
  entries(
    backend,
    'shift',
    inputs,
    inputs[0].shape,
    shiftSizes(inputs[0], inputs[1]),
    `fn one(i: i32) {
  let line = i / size.width;
  let m = 0.5 + a1[line / (size.length * size.each) * size.width + i % size.width];
  let before = select(0.0, a0[max(i - size.width, 0)], line % size.length > 0);
  r0[i] = a0[i] + m * (before - a0[i]);
}`
  )

/** dx_t = (1 - m) dy_t + m dy_(t+1), dm = the sums of dy_t (x_(t-1) - x_t). Inputs: x, mix, dy. */
export const shiftBack: Op = (backend, inputs) => {
  const [x, mix] = inputs
  const [ofX, ofMix] = [sizeOf(x), sizeOf(mix)]
  return dispatchEach(backend, {
    key: 'shift back',
    code: `fn one(i: i32) {
  let width = size.width;
  if (i < size.ofX) {
    let line = i / width;
    let m = 0.5 + a1[line / (size.length * size.each) * width + i % width];
    var after = 0.0;
    if (line % size.length + 1 < size.length) { after = a2[i + width]; }
    r0[i] = (1.0 - m) * a2[i] + m * after;
    return;
  }
  let at = i - size.ofX;
  var sum = 0.0;
  for (var line = 0; line < size.each * size.length; line++) {
    let place = (at / width * size.each * size.length + line) * width + at % width;
    var before = 0.0;
    if (line % size.length > 0) { before = a0[place - width]; }
    sum += a2[place] * (before - a0[place]);
  }
  r1[at] = sum;
}`,
    inputs,
    results: [x.shape, mix.shape],
    whole: { ...shiftSizes(x, mix), ofX },
    single: {},
    total: ofX + ofMix
  })
}

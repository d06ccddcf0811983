/**
 * A causal convolution of each channel by itself over four tokens: y_t = sum_j w_j o x_(t-3+j), x, y: [L, c], w: [4, c];
 * the three tokens before the first are p [3, c], or nothing where p is 0. Arrays of any size.
 */
import { madd } from './linear'

const taps: i32 = 4
const before: i32 = taps - 1

// @ts-ignore: decorator
@inline
function vectorAt(from: usize): v128 {
  return from ? v128.load(from) : f32x4.splat(0)
}

/** Where token t lies at a channel: among x from 0 on, among p before, or nowhere. */
// @ts-ignore: decorator
@inline
function place(p: usize, x: usize, t: i32, row: usize, at: usize): usize {
  if (t >= 0) return x + <usize>t * row + at
  return p ? p + <usize>(t + before) * row + at : 0
}

export function convolve(p: usize, x: usize, w: usize, L: i32, c: i32, y: usize): void {
  const row = <usize>c << 2
  const whole = <usize>(c & ~3) << 2
  for (let at: usize = 0; at < whole; at += 16) {
    const w0 = v128.load(w + at), w1 = v128.load(w + row + at)
    const w2 = v128.load(w + 2 * row + at), w3 = v128.load(w + 3 * row + at)
    let x0 = vectorAt(place(p, x, -3, row, at))
    let x1 = vectorAt(place(p, x, -2, row, at))
    let x2 = vectorAt(place(p, x, -1, row, at))
    let shift = at
    for (let t = 0; t < L; t++, shift += row) {
      const x3 = v128.load(x + shift)
      v128.store(y + shift, madd(w3, x3, madd(w2, x2, madd(w1, x1, f32x4.mul(w0, x0)))))
      x0 = x1
      x1 = x2
      x2 = x3
    }
  }
  for (let at = whole; at < row; at += 4)
    for (let t = 0; t < L; t++) {
      let sum: f32 = 0
      for (let j = 0; j < taps; j++) {
        const from = place(p, x, t + j - before, row, at)
        if (from) sum += load<f32>(w + <usize>j * row + at) * load<f32>(from)
      }
      store<f32>(y + <usize>t * row + at, sum)
    }
}

/** dx [L, c] and, unless it is 0, dp [3, c] of dy [L, c]; dw [4, c] is added to. */
export function convolveBack(
  p: usize, x: usize, w: usize, dy: usize, L: i32, c: i32, dp: usize, dx: usize, dw: usize
): void {
  const row = <usize>c << 2
  const whole = <usize>(c & ~3) << 2
  for (let at: usize = 0; at < whole; at += 16) {
    const w0 = v128.load(w + at), w1 = v128.load(w + row + at)
    const w2 = v128.load(w + 2 * row + at), w3 = v128.load(w + 3 * row + at)
    let s0 = v128.load(dw + at), s1 = v128.load(dw + row + at)
    let s2 = v128.load(dw + 2 * row + at), s3 = v128.load(dw + 3 * row + at)
    // Token t is tap 0 of the answer three tokens on, and tap 3 of its own.
    let d0 = f32x4.splat(0), d1 = f32x4.splat(0), d2 = f32x4.splat(0), d3 = f32x4.splat(0)
    for (let t = -before; t < L; t++) {
      d3 = d2
      d2 = d1
      d1 = d0
      d0 = t + before < L ? v128.load(dy + <usize>(t + before) * row + at) : f32x4.splat(0)
      const from = place(p, x, t, row, at)
      if (from) {
        const each = v128.load(from)
        s0 = madd(each, d0, s0)
        s1 = madd(each, d1, s1)
        s2 = madd(each, d2, s2)
        s3 = madd(each, d3, s3)
      }
      const to = place(dp, dx, t, row, at)
      if (to) v128.store(to, madd(w3, d3, madd(w2, d2, madd(w1, d1, f32x4.mul(w0, d0)))))
    }
    v128.store(dw + at, s0); v128.store(dw + row + at, s1)
    v128.store(dw + 2 * row + at, s2); v128.store(dw + 3 * row + at, s3)
  }
  for (let at = whole; at < row; at += 4)
    for (let t = -before; t < L; t++) {
      const from = place(p, x, t, row, at)
      let sum: f32 = 0
      for (let j = 0; j < taps; j++) {
        const answer = t + before - j
        if (answer < 0 || answer >= L) continue
        const d = load<f32>(dy + <usize>answer * row + at)
        const weight = <usize>j * row + at
        sum += load<f32>(w + weight) * d
        if (from) store<f32>(dw + weight, load<f32>(dw + weight) + load<f32>(from) * d)
      }
      const to = place(dp, dx, t, row, at)
      if (to) store<f32>(to, sum)
    }
}

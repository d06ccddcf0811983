/**
 * A causal convolution of each channel by itself over four tokens: y_t = sum_j w_j o x_(t+j), x: [L + 3, c], w: [4, c],
 * y: [L, c], on arrays of any size.
 */
import { madd } from './linear'

const taps: i32 = 4

export function convolve(x: usize, w: usize, L: i32, c: i32, y: usize): void {
  const row = <usize>c << 2
  const whole = <usize>(c & ~3) << 2
  for (let at: usize = 0; at < whole; at += 16) {
    const w0 = v128.load(w + at), w1 = v128.load(w + row + at)
    const w2 = v128.load(w + 2 * row + at), w3 = v128.load(w + 3 * row + at)
    let from = x + at
    let to = y + at
    let x0 = v128.load(from), x1 = v128.load(from + row), x2 = v128.load(from + 2 * row)
    from += 3 * row
    for (let t = 0; t < L; t++, from += row, to += row) {
      const x3 = v128.load(from)
      v128.store(to, madd(w3, x3, madd(w2, x2, madd(w1, x1, f32x4.mul(w0, x0)))))
      x0 = x1
      x1 = x2
      x2 = x3
    }
  }
  for (let at = whole; at < row; at += 4)
    for (let t = 0; t < L; t++) {
      let sum: f32 = 0
      for (let j = 0; j < taps; j++)
        sum += load<f32>(w + <usize>j * row + at) * load<f32>(x + <usize>(t + j) * row + at)
      store<f32>(y + <usize>t * row + at, sum)
    }
}

/** dx [L + 3, c] of dy [L, c]; dw [4, c] is added to. */
export function convolveBack(x: usize, w: usize, dy: usize, L: i32, c: i32, dx: usize, dw: usize): void {
  const row = <usize>c << 2
  const whole = <usize>(c & ~3) << 2
  for (let at: usize = 0; at < whole; at += 16) {
    const w0 = v128.load(w + at), w1 = v128.load(w + row + at)
    const w2 = v128.load(w + 2 * row + at), w3 = v128.load(w + 3 * row + at)
    let s0 = v128.load(dw + at), s1 = v128.load(dw + row + at)
    let s2 = v128.load(dw + 2 * row + at), s3 = v128.load(dw + 3 * row + at)
    // dy of this token and the three before it.
    let d1 = f32x4.splat(0), d2 = f32x4.splat(0), d3 = f32x4.splat(0)
    for (let t = 0; t < L + taps - 1; t++) {
      const place = <usize>t * row + at
      const d0 = t < L ? v128.load(dy + place) : f32x4.splat(0)
      const each = v128.load(x + place)
      s0 = madd(each, d0, s0)
      s1 = madd(each, d1, s1)
      s2 = madd(each, d2, s2)
      s3 = madd(each, d3, s3)
      v128.store(dx + place, madd(w3, d3, madd(w2, d2, madd(w1, d1, f32x4.mul(w0, d0)))))
      d3 = d2
      d2 = d1
      d1 = d0
    }
    v128.store(dw + at, s0); v128.store(dw + row + at, s1)
    v128.store(dw + 2 * row + at, s2); v128.store(dw + 3 * row + at, s3)
  }
  for (let at = whole; at < row; at += 4)
    for (let t = 0; t < L + taps - 1; t++) {
      let sum: f32 = 0
      for (let j = 0; j < taps; j++) {
        if (t < j || t - j >= L) continue
        const d = load<f32>(dy + <usize>(t - j) * row + at)
        const weight = <usize>j * row + at
        sum += load<f32>(w + weight) * d
        store<f32>(dw + weight, load<f32>(dw + weight) + load<f32>(x + <usize>t * row + at) * d)
      }
      store<f32>(dx + <usize>t * row + at, sum)
    }
}

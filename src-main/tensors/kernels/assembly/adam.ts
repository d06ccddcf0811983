/** Adam as src-main/models/parts/slots/adam.ts defines it, four entries at a time. */
import { madd } from './linear'

// @ts-ignore: decorator
@inline
function update(p: usize, m: usize, v: usize, g: v128, rate: v128, root: v128): void {
  const mean = madd(f32x4.sub(g, v128.load(m)), f32x4.splat(0.1), v128.load(m))
  const square = madd(f32x4.sub(f32x4.mul(g, g), v128.load(v)), f32x4.splat(0.001), v128.load(v))
  v128.store(m, mean)
  v128.store(v, square)
  const down = madd(f32x4.sqrt(square), root, f32x4.splat(1e-8))
  v128.store(p, f32x4.sub(v128.load(p), f32x4.div(f32x4.mul(mean, rate), down)))
}

/** Moves 1 - b1^t and 1 - b2^t, two f64 at `unbias`, one step on. */
// @ts-ignore: decorator
@inline
export function advance(unbias: usize): void {
  const u1 = load<f64>(unbias)
  const u2 = load<f64>(unbias, 8)
  store<f64>(unbias, u1 + 0.1 * (1 - u1))
  store<f64>(unbias, u2 + 0.001 * (1 - u2), 8)
}

// @ts-ignore: decorator
@inline
function rateOf(learningRate: f64, unbias: usize): v128 {
  return f32x4.splat(<f32>(learningRate / load<f64>(unbias)))
}

// @ts-ignore: decorator
@inline
function rootOf(unbias: usize): v128 {
  return f32x4.splat(<f32>(1 / Math.sqrt(load<f64>(unbias, 8))))
}

/** One step with gradient g; count a multiple of 4. */
export function adamDense(
  count: i32, p: usize, m: usize, v: usize, g: usize, learningRate: f64, unbias: usize
): void {
  advance(unbias)
  const rate = rateOf(learningRate, unbias)
  const root = rootOf(unbias)
  const size = <usize>count << 2
  for (let at: usize = 0; at < size; at += 16) update(p + at, m + at, v + at, v128.load(g + at), rate, root)
}

/**
 * One step with gradient a^T b + pull (S - P), where S is given: a [rows], b [width], P and S [rows, width].
 * @param S 0 for none
 */
export function adamOuter(
  rows: i32, width: i32, p: usize, m: usize, v: usize, a: usize, b: usize, S: usize, pull: f32,
  learningRate: f64, unbias: usize
): void {
  advance(unbias)
  const rate = rateOf(learningRate, unbias)
  const root = rootOf(unbias)
  const row = <usize>width << 2
  const strength = f32x4.splat(pull)
  let at: usize = 0
  for (let i = 0; i < rows; i++) {
    const scale = v128.load32_splat(a + (<usize>i << 2))
    if (S)
      for (let j: usize = 0; j < row; j += 16, at += 16) {
        const fit = f32x4.mul(scale, v128.load(b + j))
        const g = madd(f32x4.sub(v128.load(S + at), v128.load(p + at)), strength, fit)
        update(p + at, m + at, v + at, g, rate, root)
      }
    else
      for (let j: usize = 0; j < row; j += 16, at += 16)
        update(p + at, m + at, v + at, f32x4.mul(scale, v128.load(b + j)), rate, root)
  }
}

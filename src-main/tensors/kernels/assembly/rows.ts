/** Whole rows of numbers: taken by index, repeated, brought to one length; arrays of any size, with their gradients. */
import { constantsRoom, expBy, layConstants } from './exponential'
import { madd, sum } from './linear'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** to += from, `count` numbers. */
function addTo(from: usize, count: i32, to: usize): void {
  const whole = floats(count & ~3)
  const end = floats(count)
  let at: usize = 0
  for (; at < whole; at += 16) v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)))
  for (; at < end; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at))
}

/** y_i = x_(places_i), rows of w; places: i32 [n]. */
export function takeRows(x: usize, places: usize, n: i32, w: i32, y: usize): void {
  for (let i = 0; i < n; i++, y += floats(w)) memory.copy(y, x + floats(load<i32>(places + floats(i)) * w), floats(w))
}

/** dx_(places_i) += dy_i. */
export function takeRowsBack(dy: usize, places: usize, n: i32, w: i32, dx: usize): void {
  for (let i = 0; i < n; i++, dy += floats(w)) addTo(dy, w, dx + floats(load<i32>(places + floats(i)) * w))
}

/** A row of w, n times. */
export function repeatRow(x: usize, n: i32, w: i32, y: usize): void {
  for (let i = 0; i < n; i++, y += floats(w)) memory.copy(y, x, floats(w))
}

/** dx = the sum of n rows of w. */
export function repeatRowBack(dy: usize, n: i32, w: i32, dx: usize): void {
  memory.copy(dx, dy, floats(w))
  for (let i = 1; i < n; i++) addTo(dy + floats(i * w), w, dx)
}

/** Entries up to this size may be squared and added up. */
const large: f32 = 1099511627776.0

/** What a row is divided by before it is squared: max(1, max |x| / 2^40). */
function scaleOf(x: usize, w: i32): f32 {
  const whole = floats(w & ~3)
  let most = f32x4.splat(0)
  let at: usize = 0
  for (; at < whole; at += 16) most = f32x4.max(most, f32x4.abs(v128.load(x + at)))
  let top = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3))
  )
  for (; at < floats(w); at += 4) top = max(top, abs(load<f32>(x + at)))
  return max(top / large, <f32>1)
}

/** sum x_i y_i / (s t). */
function dot(x: usize, s: f32, y: usize, t: f32, w: i32): f32 {
  const whole = floats(w & ~3)
  const S = f32x4.splat(1 / s)
  const T = f32x4.splat(1 / t)
  let total = f32x4.splat(0)
  let at: usize = 0
  for (; at < whole; at += 16) total = madd(f32x4.mul(v128.load(x + at), S), f32x4.mul(v128.load(y + at), T), total)
  let all = sum(total)
  for (; at < floats(w); at += 4) all += (load<f32>(x + at) / s) * (load<f32>(y + at) / t)
  return all
}

/** What a row scaled down is multiplied by: 1 / sqrt(mean + least), or for a length 1 / max(sqrt(sum), least). */
// @ts-ignore: decorator
@inline
function factor(squares: f32, w: i32, least: f32, mean: bool): f32 {
  return mean ? 1 / sqrt(squares / <f32>w + least) : 1 / max(sqrt(squares), least)
}

/** n rows of w brought to root-mean-square 1 (mean) or to length 1. */
export function normRows(x: usize, n: i32, w: i32, least: f32, mean: bool, y: usize): void {
  const whole = floats(w & ~3)
  for (let i = 0; i < n; i++, x += floats(w), y += floats(w)) {
    const s = scaleOf(x, w)
    const r = factor(dot(x, s, x, s, w), w, least, mean)
    const S = f32x4.splat(1 / s)
    const R = f32x4.splat(r)
    let at: usize = 0
    for (; at < whole; at += 16) v128.store(y + at, f32x4.mul(f32x4.mul(v128.load(x + at), S), R))
    for (; at < floats(w); at += 4) store<f32>(y + at, (load<f32>(x + at) / s) * r)
  }
}

/** dx = (r / s) (dy - y <dy, y>), <> the mean or the sum; a row shorter than `least` has no direction: zero. */
export function normRowsBack(x: usize, dy: usize, n: i32, w: i32, least: f32, mean: bool, dx: usize): void {
  const whole = floats(w & ~3)
  for (let i = 0; i < n; i++, x += floats(w), dy += floats(w), dx += floats(w)) {
    const s = scaleOf(x, w)
    const squares = dot(x, s, x, s, w)
    const r = factor(squares, w, least, mean)
    const none = !mean && sqrt(squares) <= least
    const inner = dot(x, s, dy, 1, w) * r * (mean ? 1 / <f32>w : <f32>1)
    const out: f32 = none ? 0 : r / s
    const back = (r / s) * inner
    const O = f32x4.splat(out)
    const B = f32x4.splat(back)
    let at: usize = 0
    for (; at < whole; at += 16)
      v128.store(dx + at, f32x4.mul(O, f32x4.sub(v128.load(dy + at), f32x4.mul(B, v128.load(x + at)))))
    for (; at < floats(w); at += 4)
      store<f32>(dx + at, out * (load<f32>(dy + at) - back * load<f32>(x + at)))
  }
}

/** 1 / (1 + e^-x), by e^-|x|. */
// @ts-ignore: decorator
@inline
function sigmoid(t: usize, x: v128): v128 {
  const one = f32x4.splat(1)
  const e = expBy(t, f32x4.neg(f32x4.abs(x)))
  const y = f32x4.div(one, f32x4.add(one, e))
  return v128.bitselect(y, f32x4.mul(e, y), f32x4.ge(x, f32x4.splat(0)))
}

/** Floats that `silu` and `siluBack` need to work with. */
export function siluWork(): i32 {
  return constantsRoom
}

/** y = x sigma(x), n numbers. */
export function silu(x: usize, n: i32, y: usize, work: usize): void {
  layConstants(work)
  const whole = floats(n & ~3)
  for (let at: usize = 0; at < whole; at += 16) {
    const v = v128.load(x + at)
    v128.store(y + at, f32x4.mul(v, sigmoid(work, v)))
  }
  for (let i = n & ~3; i < n; i++) {
    const v = f32x4.splat(load<f32>(x + floats(i)))
    store<f32>(y + floats(i), f32x4.extract_lane(f32x4.mul(v, sigmoid(work, v)), 0))
  }
}

/** dx = dy (s + x s (1 - s)), s = sigma(x). */
// @ts-ignore: decorator
@inline
function siluSlope(t: usize, v: v128, dy: v128): v128 {
  const s = sigmoid(t, v)
  return f32x4.mul(dy, f32x4.add(s, f32x4.mul(f32x4.mul(v, s), f32x4.sub(f32x4.splat(1), s))))
}

export function siluBack(x: usize, dy: usize, n: i32, dx: usize, work: usize): void {
  layConstants(work)
  const whole = floats(n & ~3)
  for (let at: usize = 0; at < whole; at += 16)
    v128.store(dx + at, siluSlope(work, v128.load(x + at), v128.load(dy + at)))
  for (let i = n & ~3; i < n; i++) {
    const slope = siluSlope(work, f32x4.splat(load<f32>(x + floats(i))), f32x4.splat(load<f32>(dy + floats(i))))
    store<f32>(dx + floats(i), f32x4.extract_lane(slope, 0))
  }
}

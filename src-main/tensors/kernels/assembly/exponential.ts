/**
 * e^x of whole rows. The constants lie in memory that the caller gives: engines make a vector's constants anew at each use,
 * which costs more than the sums do.
 */
import { madd, sum } from './linear'

/** Floats that the constants take. */
export const constantsRoom: i32 = 48

// @ts-ignore: decorator
@inline
function put(to: usize, place: i32, x: f32): void {
  v128.store(to + (<usize>place << 4), f32x4.splat(x))
}

/** Writes the constants of `exp` in linear.ts, each four times. */
export function layConstants(to: usize): void {
  put(to, 0, -87)
  put(to, 1, 1.4426950408889634)
  put(to, 2, 12582912)
  put(to, 3, -0.693359375)
  put(to, 4, 2.12194440054690583e-4)
  put(to, 5, 0.0013836794027856747)
  put(to, 6, 0.008374857074001983)
  put(to, 7, 0.041668228683083806)
  put(to, 8, 0.16666419680453085)
  put(to, 9, 0.4999999205609744)
  put(to, 10, 1.0000000364310269)
  put(to, 11, 1)
}

/** `exp` of linear.ts by constants in memory. */
// @ts-ignore: decorator
@inline
export function expBy(t: usize, x: v128): v128 {
  const least = v128.load(t)
  const bounded = f32x4.pmax(x, least)
  const magic = v128.load(t, 32)
  const shifted = madd(bounded, v128.load(t, 16), magic)
  const n = f32x4.sub(shifted, magic)
  let r = madd(n, v128.load(t, 48), bounded)
  r = madd(n, v128.load(t, 64), r)
  let y = madd(v128.load(t, 80), r, v128.load(t, 96))
  y = madd(y, r, v128.load(t, 112))
  y = madd(y, r, v128.load(t, 128))
  y = madd(y, r, v128.load(t, 144))
  y = madd(y, r, v128.load(t, 160))
  y = madd(y, r, v128.load(t, 176))
  return v128.andnot(i32x4.add(y, i32x4.shl(shifted, 23)), f32x4.le(x, least))
}

/** Every entry x from `at` to `end`, a multiple of 8, becomes e^(x - base). @returns the sum of them */
export function expRow(t: usize, at: usize, end: usize, base: f32): f32 {
  const from = f32x4.splat(base)
  let a = f32x4.splat(0)
  let b = a
  for (; at < end; at += 32) {
    const x = expBy(t, f32x4.sub(v128.load(at), from))
    const y = expBy(t, f32x4.sub(v128.load(at, 16), from))
    v128.store(at, x)
    v128.store(at, y, 16)
    a = f32x4.add(a, x)
    b = f32x4.add(b, y)
  }
  return sum(f32x4.add(a, b))
}

/** The largest entry from `at` to `end`, a multiple of 8. */
export function top(at: usize, end: usize): f32 {
  let four = f32x4.splat(-Infinity)
  for (; at < end; at += 32) four = f32x4.pmax(f32x4.pmax(four, v128.load(at)), v128.load(at, 16))
  return max(
    max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
    max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3))
  )
}

/** softmax in place over the first n of a row padded to a multiple of 8; the padding becomes 0. */
export function softmax(t: usize, row: usize, n: i32): void {
  const end = row + (<usize>((n + 7) & ~7) << 2)
  for (let at = row + (<usize>n << 2); at < end; at += 4) store<f32>(at, -Infinity)
  const share = f32x4.splat(<f32>1 / expRow(t, row, end, top(row, end)))
  for (let at = row; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), share))
}

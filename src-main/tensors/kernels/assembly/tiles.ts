/**
 * Products of packed arrays: the left matrix in strips of 6 rows, [rows / 6, k, 6], the right one in panels of 8 columns,
 * [columns / 8, k, 8]. Six rows of eight columns are twelve sums that stay in registers, beside two of the panel and one of
 * the strip: as many as there are.
 */
import { madd } from './linear'

/** Rows of a strip. */
export const high: i32 = 6

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** How many strips or panels of `size` cover n, and what they hold together. */
// @ts-ignore: decorator
@inline
export function covered(n: i32, size: i32): i32 {
  return ((n + size - 1) / size) * size
}

// @ts-ignore: decorator
@inline
function turn(from: usize, next: usize, to: usize, wide: usize): void {
  const a = v128.load(from)
  const b = v128.load(from + next)
  const c = v128.load(from + 2 * next)
  const d = v128.load(from + 3 * next)
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
  const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
  const CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2))
  v128.store(to + wide, v128.shuffle<i64>(ab, cd, 1, 3))
  v128.store(to + 2 * wide, v128.shuffle<i64>(AB, CD, 0, 2))
  v128.store(to + 3 * wide, v128.shuffle<i64>(AB, CD, 1, 3))
}

/**
 * X^T of X [rows, k], rows `step` entries apart, as panels of 8 columns: entry l of row i at panel i / 8, place
 * 8 l + i % 8. Rows past the last are zeros. `height` entries of each panel, of which these are the ones from `first` on.
 */
export function rowPanels(rows: i32, k: i32, x: usize, step: i32, height: i32, first: i32, to: usize): void {
  const next = floats(step)
  for (let i = 0; i < rows; i += 8) {
    const real = min(8, rows - i)
    let from = x + <usize>i * next
    let put = to + floats(i * height + 8 * first)
    let l = 0
    if (real == 8)
      for (; l + 4 <= k; l += 4, from += 16, put += 128) {
        turn(from, next, put, 32)
        turn(from + 4 * next, next, put + 16, 32)
      }
    for (; l < k; l++, from += 4, put += 32)
      for (let r = 0; r < 8; r++) store<f32>(put + floats(r), r < real ? load<f32>(from + <usize>r * next) : 0)
  }
}

/** X [rows, width], rows `step` entries apart, as panels of 8 columns and `height` rows; past its edges they are zeros. */
export function columnPanels(rows: i32, width: i32, x: usize, step: i32, height: i32, to: usize): void {
  const next = floats(step)
  for (let j = 0; j < width; j += 8) {
    const real = min(8, width - j)
    let from = x + floats(j)
    let put = to + floats(j * height)
    if (real == 8)
      for (let i = 0; i < rows; i++, from += next, put += 32) {
        v128.store(put, v128.load(from))
        v128.store(put, v128.load(from, 16), 16)
      }
    else
      for (let i = 0; i < rows; i++, from += next, put += 32)
        for (let s = 0; s < 8; s++) store<f32>(put + floats(s), s < real ? load<f32>(from + floats(s)) : 0)
    if (rows < height) memory.fill(put, 0, floats(8 * (height - rows)))
  }
}

// @ts-ignore: decorator
@inline
function pairs(a: usize, b: usize, scale: v128, to: usize): void {
  const x = f32x4.mul(v128.load(a), scale)
  const y = f32x4.mul(v128.load(b), scale)
  const low = v128.shuffle<i32>(x, y, 0, 4, 1, 5)
  const rest = v128.shuffle<i32>(x, y, 2, 6, 3, 7)
  v128.store64_lane(to, low, 0)
  v128.store64_lane(to, low, 1, 24)
  v128.store64_lane(to, rest, 0, 48)
  v128.store64_lane(to, rest, 1, 72)
}

/**
 * X [rows, k], rows `step` entries apart, times `scale`, as strips of 6 rows; rows past the last are zeros. `length` entries
 * of each strip, of which these are the ones from `first` on.
 */
export function rowStrips(
  rows: i32, k: i32, x: usize, step: i32, scale: f32, length: i32, first: i32, to: usize
): void {
  const next = floats(step)
  const four = f32x4.splat(scale)
  for (let i = 0; i < rows; i += high) {
    let put = to + floats(i * length + high * first)
    let from = x + <usize>i * next
    let l = 0
    if (i + high <= rows)
      for (; l + 4 <= k; l += 4, from += 16, put += 96) {
        pairs(from, from + next, four, put)
        pairs(from + 2 * next, from + 3 * next, four, put + 8)
        pairs(from + 4 * next, from + 5 * next, four, put + 16)
      }
    for (; l < k; l++, from += 4, put += 24)
      for (let r = 0; r < high; r++)
        store<f32>(put + floats(r), i + r < rows ? load<f32>(from + <usize>r * next) * scale : 0)
  }
}

/** X^T of X [k, rows], rows `step` entries apart, as strips of 6 rows; rows past the last are zeros. */
export function columnStrips(rows: i32, k: i32, x: usize, step: i32, to: usize): void {
  for (let i = 0; i < rows; i += high) {
    let from = x + floats(i)
    if (i + high <= rows)
      for (let l = 0; l < k; l++, from += floats(step), to += 24) {
        v128.store(to, v128.load(from))
        store<u64>(to, load<u64>(from, 16), 16)
      }
    else
      for (let l = 0; l < k; l++, from += floats(step), to += 24)
        for (let r = 0; r < high; r++) store<f32>(to + floats(r), i + r < rows ? load<f32>(from + floats(r)) : 0)
  }
}

/**
 * C [6, 8] = A B + D over k steps. A: a strip; B: a panel; cNext and dNext: bytes from one row to the next; D may be C, and
 * with dNext 0 one row stands for all. k at least 1, counted by the panel's place: one register and one jump less a step.
 */
export function stripTile(k: i32, a: usize, b: usize, d: usize, dNext: usize, c: usize, cNext: usize): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00
  let s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00
  const end = b + floats(8 * k)
  do {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let x = v128.load32_splat(a)
    s00 = madd(x, b0, s00); s01 = madd(x, b1, s01)
    x = v128.load32_splat(a, 4)
    s10 = madd(x, b0, s10); s11 = madd(x, b1, s11)
    x = v128.load32_splat(a, 8)
    s20 = madd(x, b0, s20); s21 = madd(x, b1, s21)
    x = v128.load32_splat(a, 12)
    s30 = madd(x, b0, s30); s31 = madd(x, b1, s31)
    x = v128.load32_splat(a, 16)
    s40 = madd(x, b0, s40); s41 = madd(x, b1, s41)
    x = v128.load32_splat(a, 20)
    s50 = madd(x, b0, s50); s51 = madd(x, b1, s51)
    a += 24
    b += 32
  } while (b < end)
  v128.store(c, f32x4.add(s00, v128.load(d))); v128.store(c, f32x4.add(s01, v128.load(d, 16)), 16)
  c += cNext
  d += dNext
  v128.store(c, f32x4.add(s10, v128.load(d))); v128.store(c, f32x4.add(s11, v128.load(d, 16)), 16)
  c += cNext
  d += dNext
  v128.store(c, f32x4.add(s20, v128.load(d))); v128.store(c, f32x4.add(s21, v128.load(d, 16)), 16)
  c += cNext
  d += dNext
  v128.store(c, f32x4.add(s30, v128.load(d))); v128.store(c, f32x4.add(s31, v128.load(d, 16)), 16)
  c += cNext
  d += dNext
  v128.store(c, f32x4.add(s40, v128.load(d))); v128.store(c, f32x4.add(s41, v128.load(d, 16)), 16)
  c += cNext
  d += dNext
  v128.store(c, f32x4.add(s50, v128.load(d))); v128.store(c, f32x4.add(s51, v128.load(d, 16)), 16)
}

/** Entries from one row to the next of the matrix on the left of `rowsTile`. */
export const stride: i32 = 128

/** C [6, 8] += A B over k steps, at least 1 and at most `stride`. A: 6 rows of `stride` entries; B: a panel; cNext as above. */
export function rowsTile(k: i32, a: usize, b: usize, c: usize, cNext: usize): void {
  const c1 = c + cNext
  const c2 = c1 + cNext
  const c3 = c2 + cNext
  const c4 = c3 + cNext
  const c5 = c4 + cNext
  let s00 = v128.load(c), s01 = v128.load(c, 16)
  let s10 = v128.load(c1), s11 = v128.load(c1, 16)
  let s20 = v128.load(c2), s21 = v128.load(c2, 16)
  let s30 = v128.load(c3), s31 = v128.load(c3, 16)
  let s40 = v128.load(c4), s41 = v128.load(c4, 16)
  let s50 = v128.load(c5), s51 = v128.load(c5, 16)
  const end = b + floats(8 * k)
  do {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let x = v128.load32_splat(a)
    s00 = madd(x, b0, s00); s01 = madd(x, b1, s01)
    x = v128.load32_splat(a, 512)
    s10 = madd(x, b0, s10); s11 = madd(x, b1, s11)
    x = v128.load32_splat(a, 1024)
    s20 = madd(x, b0, s20); s21 = madd(x, b1, s21)
    x = v128.load32_splat(a, 1536)
    s30 = madd(x, b0, s30); s31 = madd(x, b1, s31)
    x = v128.load32_splat(a, 2048)
    s40 = madd(x, b0, s40); s41 = madd(x, b1, s41)
    x = v128.load32_splat(a, 2560)
    s50 = madd(x, b0, s50); s51 = madd(x, b1, s51)
    a += 4
    b += 32
  } while (b < end)
  v128.store(c, s00); v128.store(c, s01, 16)
  v128.store(c1, s10); v128.store(c1, s11, 16)
  v128.store(c2, s20); v128.store(c2, s21, 16)
  v128.store(c3, s30); v128.store(c3, s31, 16)
  v128.store(c4, s40); v128.store(c4, s41, 16)
  v128.store(c5, s50); v128.store(c5, s51, 16)
}

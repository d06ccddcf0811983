/**
 * Dense arithmetic on padded arrays in linear memory. Addresses are bytes, sizes and strides are entries. Lengths that
 * are walked by vectors are padded with zeros to a multiple of 8, so no loop has an edge.
 */

/** a * b + c, in one rounding where the engine has relaxed SIMD. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

// @ts-ignore: decorator
@inline
export function sum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

/**
 * A tile of 4 rows and 8 columns: C (+)= A B over k steps.
 * @param r0 where each row of A begins; step: bytes from one of its entries to the next
 * @param row where B begins; bNext: bytes from one of its rows to the next
 * @param c0 where C begins; cNext: bytes from one of its rows to the next
 */
// @ts-ignore: decorator
@inline
export function tile(
  k: i32, r0: usize, r1: usize, r2: usize, r3: usize, step: usize,
  row: usize, bNext: usize, c0: usize, cNext: usize, add: bool
): void {
  const c1 = c0 + cNext
  const c2 = c1 + cNext
  const c3 = c2 + cNext
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0)
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0)
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0)
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0)
  if (add) {
    s00 = v128.load(c0); s01 = v128.load(c0, 16)
    s10 = v128.load(c1); s11 = v128.load(c1, 16)
    s20 = v128.load(c2); s21 = v128.load(c2, 16)
    s30 = v128.load(c3); s31 = v128.load(c3, 16)
  }
  let at: usize = 0
  for (let l = 0; l < k; l++) {
    const b0 = v128.load(row)
    const b1 = v128.load(row, 16)
    const a0 = v128.load32_splat(r0 + at)
    const a1 = v128.load32_splat(r1 + at)
    const a2 = v128.load32_splat(r2 + at)
    const a3 = v128.load32_splat(r3 + at)
    s00 = madd(a0, b0, s00); s01 = madd(a0, b1, s01)
    s10 = madd(a1, b0, s10); s11 = madd(a1, b1, s11)
    s20 = madd(a2, b0, s20); s21 = madd(a2, b1, s21)
    s30 = madd(a3, b0, s30); s31 = madd(a3, b1, s31)
    at += step
    row += bNext
  }
  v128.store(c0, s00); v128.store(c0, s01, 16)
  v128.store(c1, s10); v128.store(c1, s11, 16)
  v128.store(c2, s20); v128.store(c2, s21, 16)
  v128.store(c3, s30); v128.store(c3, s31, 16)
}

/**
 * C [m, n] (+)= A [m, k] B [k, n]. m is a multiple of 4, n of 8; A has any strides, C contiguous rows.
 * @param bRow entries from one row of B to the next: n, or 8 where B lies in panels
 * @param bColumn entries from one column of B to the next, at every eighth: 1, or k where B lies in panels
 * @param upper only tiles that reach the diagonal or lie right of it
 */
export function product(
  m: i32, n: i32, k: i32,
  a: usize, rowStep: i32, columnStep: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, cStep: i32,
  add: bool, upper: bool
): void {
  const step = <usize>columnStep << 2
  const bNext = <usize>bRow << 2
  const cNext = <usize>cStep << 2
  for (let i = 0; i < m; i += 4) {
    const r0 = a + (<usize>(i * rowStep) << 2)
    const r1 = r0 + (<usize>rowStep << 2)
    const r2 = r1 + (<usize>rowStep << 2)
    const r3 = r2 + (<usize>rowStep << 2)
    for (let j = upper ? i & ~7 : 0; j < n; j += 8)
      tile(k, r0, r1, r2, r3, step, b + (<usize>(j * bColumn) << 2), bNext, c + (<usize>(i * cStep + j) << 2), cNext, add)
  }
}

/** Fills the lower triangle of a symmetric [n, n] from the upper one. */
export function mirror(n: i32, c: usize): void {
  for (let i = 1; i < n; i++)
    for (let j = 0; j < (i & ~7); j++)
      store<f32>(c + (<usize>(i * n + j) << 2), load<f32>(c + (<usize>(j * n + i) << 2)))
}

/**
 * X^T [columns, rows] of X [rows, columns] in panels of 8 columns, [rows / 8, columns, 8], so that `product` walks it in
 * order whatever its width.
 */
export function panels(rows: i32, columns: i32, x: usize, t: usize): void {
  for (let i = 0; i < rows; i++) {
    let to = t + (<usize>((i & ~7) * columns + (i & 7)) << 2)
    for (let j = 0; j < columns; j++, to += 32) store<f32>(to, load<f32>(x + (<usize>(i * columns + j) << 2)))
  }
}

/** y [rows] (+)= X [rows, width] x [width]; rows a multiple of 4, width of 8. */
export function timesVector(rows: i32, width: i32, X: usize, x: usize, y: usize, add: bool): void {
  const step = <usize>width << 2
  for (let i = 0; i < rows; i += 4) {
    const r0 = X + <usize>i * step
    const r1 = r0 + step
    const r2 = r1 + step
    const r3 = r2 + step
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0)
    let t0 = f32x4.splat(0), t1 = f32x4.splat(0), t2 = f32x4.splat(0), t3 = f32x4.splat(0)
    for (let at: usize = 0; at < step; at += 32) {
      const x0 = v128.load(x + at)
      const x1 = v128.load(x + at, 16)
      s0 = madd(v128.load(r0 + at), x0, s0); t0 = madd(v128.load(r0 + at, 16), x1, t0)
      s1 = madd(v128.load(r1 + at), x0, s1); t1 = madd(v128.load(r1 + at, 16), x1, t1)
      s2 = madd(v128.load(r2 + at), x0, s2); t2 = madd(v128.load(r2 + at, 16), x1, t2)
      s3 = madd(v128.load(r3 + at), x0, s3); t3 = madd(v128.load(r3 + at, 16), x1, t3)
    }
    const out = y + (<usize>i << 2)
    const all = f32x4(
      sum(f32x4.add(s0, t0)), sum(f32x4.add(s1, t1)), sum(f32x4.add(s2, t2)), sum(f32x4.add(s3, t3))
    )
    v128.store(out, add ? f32x4.add(v128.load(out), all) : all)
  }
}

/** y [width] = p [rows] X [rows, width]; rows a multiple of 4, width of 8. */
export function vectorTimes(rows: i32, width: i32, p: usize, X: usize, y: usize): void {
  const step = <usize>width << 2
  for (let j: usize = 0; j < step; j += 32) {
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0)
    let t0 = f32x4.splat(0), t1 = f32x4.splat(0), t2 = f32x4.splat(0), t3 = f32x4.splat(0)
    let row = X + j
    for (let i = 0; i < rows; i += 4) {
      const at = p + (<usize>i << 2)
      const p0 = v128.load32_splat(at)
      const p1 = v128.load32_splat(at, 4)
      const p2 = v128.load32_splat(at, 8)
      const p3 = v128.load32_splat(at, 12)
      s0 = madd(p0, v128.load(row), s0); t0 = madd(p0, v128.load(row, 16), t0)
      row += step
      s1 = madd(p1, v128.load(row), s1); t1 = madd(p1, v128.load(row, 16), t1)
      row += step
      s2 = madd(p2, v128.load(row), s2); t2 = madd(p2, v128.load(row, 16), t2)
      row += step
      s3 = madd(p3, v128.load(row), s3); t3 = madd(p3, v128.load(row, 16), t3)
      row += step
    }
    v128.store(y + j, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)))
    v128.store(y + j, f32x4.add(f32x4.add(t0, t1), f32x4.add(t2, t3)), 16)
  }
}

/**
 * e^x, x at most 0, to float32 precision: x = n ln 2 + r, |r| <= ln 2 / 2, the polynomial of degree 6 in r whose largest
 * relative error there is least (1.9e-9), times 2^n added to the exponent. Under -87 it gives 0; of no number, none.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const least = f32x4.splat(-87)
  const bounded = f32x4.pmax(x, least)
  // 1.5 2^23 + n: the whole number lies in the lowest bits.
  const shifted = madd(bounded, f32x4.splat(1.4426950408889634), f32x4.splat(12582912))
  const n = f32x4.sub(shifted, f32x4.splat(12582912))
  // ln 2 in two parts, the first exact in few bits.
  let r = madd(n, f32x4.splat(-0.693359375), bounded)
  r = madd(n, f32x4.splat(2.12194440054690583e-4), r)
  let y = madd(f32x4.splat(0.0013836794027856747), r, f32x4.splat(0.008374857074001983))
  y = madd(y, r, f32x4.splat(0.041668228683083806))
  y = madd(y, r, f32x4.splat(0.16666419680453085))
  y = madd(y, r, f32x4.splat(0.4999999205609744))
  y = madd(y, r, f32x4.splat(1.0000000364310269))
  y = madd(y, r, f32x4.splat(1))
  return v128.andnot(i32x4.add(y, i32x4.shl(shifted, 23)), f32x4.le(x, least))
}

/** tanh by e^(-2|x|), to float32 precision in absolute terms. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const one = f32x4.splat(1)
  const e = exp(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)))
  const size = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e))
  return v128.or(size, v128.and(x, f32x4.splat(-0.0)))
}

/** The gradient before a softmax, in place of dp, from its output p: p o (dp - <p, dp>). n a multiple of 4. */
export function throughSoftmax(n: i32, p: usize, dp: usize): void {
  const size = <usize>n << 2
  let total = f32x4.splat(0)
  for (let at: usize = 0; at < size; at += 16) total = madd(v128.load(p + at), v128.load(dp + at), total)
  const inner = f32x4.splat(sum(total))
  for (let at: usize = 0; at < size; at += 16)
    v128.store(dp + at, f32x4.mul(v128.load(p + at), f32x4.sub(v128.load(dp + at), inner)))
}

/**
 * C [m, n] = A [m, k] B [k, n] on arrays of any size and strides, where they lie: B is packed into panels of 8 columns and A
 * into strips of 6 rows, so that the inner loop walks both in order.
 */
import { madd, product, sum, tile } from './linear'
import { columnPanels, columnStrips, covered, high, rowPanels, rowStrips, stripTile } from './tiles'

/** Steps of the sum that are worked on together, and rows of A: a panel stays in the first cache, the strips in the second. */
const depth: i32 = 384
const rows: i32 = 96

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** Room that `matmul` needs, in floats. */
export function matmulWork(n: i32, k: i32): i32 {
  return min(k, depth) * (covered(n, 8) + rows) + 8 * high + 8
}

/** c [n] = a [k] B [k, n], rows of B in order: B is walked once, 16 columns at a time. */
function rowTimes(n: i32, k: i32, a: usize, step: usize, b: usize, c: usize): void {
  const next = floats(n)
  let j = 0
  for (; j + 16 <= n; j += 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
    let from = a
    let row = b + floats(j)
    for (let l = 0; l < k; l++, from += step, row += next) {
      const x = v128.load32_splat(from)
      s0 = madd(x, v128.load(row), s0)
      s1 = madd(x, v128.load(row, 16), s1)
      s2 = madd(x, v128.load(row, 32), s2)
      s3 = madd(x, v128.load(row, 48), s3)
    }
    const to = c + floats(j)
    v128.store(to, s0)
    v128.store(to, s1, 16)
    v128.store(to, s2, 32)
    v128.store(to, s3, 48)
  }
  for (; j < n; j++) {
    let total: f32 = 0
    let from = a
    let row = b + floats(j)
    for (let l = 0; l < k; l++, from += step, row += next) total += load<f32>(from) * load<f32>(row)
    store<f32>(c + floats(j), total)
  }
}

/** c [n] = a [k] B^T of B [n, k], both in order. */
function rowDots(n: i32, k: i32, a: usize, b: usize, c: usize): void {
  for (let j = 0; j < n; j++, b += floats(k)) {
    let s0 = f32x4.splat(0), s1 = s0
    let l = 0
    for (; l + 8 <= k; l += 8) {
      s0 = madd(v128.load(a + floats(l)), v128.load(b + floats(l)), s0)
      s1 = madd(v128.load(a + floats(l), 16), v128.load(b + floats(l), 16), s1)
    }
    let total = sum(f32x4.add(s0, s1))
    for (; l < k; l++) total += load<f32>(a + floats(l)) * load<f32>(b + floats(l))
    store<f32>(c + floats(j), total)
  }
}

/**
 * @param a aRow 1 (its transpose lies in rows) or aColumn 1; B the same
 * @param c rows of n
 * @param work as many floats as `matmulWork` says
 */
function matmul(
  m: i32, n: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, work: usize
): void {
  // For few rows packing would cost as much as the product.
  if (m <= 2 && (bColumn == 1 || aColumn == 1)) {
    for (let i = 0; i < m; i++) {
      const row = a + floats(i * aRow)
      if (bColumn == 1) rowTimes(n, k, row, floats(aColumn), b, c + floats(i * n))
      else rowDots(n, k, row, b, c + floats(i * n))
    }
    return
  }
  if (m <= 8 && !(m & 3) && !(n & 7) && bColumn == 1) {
    product(m, n, k, a, aRow, aColumn, b, bRow, 1, c, n, false, false)
    return
  }
  const edge = work
  const zeros = edge + floats(8 * high)
  const strips = zeros + floats(8)
  const columns = strips + floats(rows * min(k, depth))
  memory.fill(zeros, 0, floats(8))
  for (let from = 0; from < k; from += depth) {
    const steps = min(depth, k - from)
    const add = from > 0
    const right = b + floats(from * bRow)
    if (bColumn == 1) columnPanels(steps, n, right, bRow, steps, columns)
    else rowPanels(n, steps, right, bColumn, steps, 0, columns)
    for (let i0 = 0; i0 < m; i0 += rows) {
      const tall = min(rows, m - i0)
      const left = a + floats(i0 * aRow + from * aColumn)
      if (aColumn == 1) rowStrips(tall, steps, left, aRow, 1, steps, 0, strips)
      else columnStrips(tall, steps, left, aColumn, strips)
      for (let j = 0; j < n; j += 8) {
        const panel = columns + floats(j * steps)
        for (let i = 0; i < tall; i += high) {
          const strip = strips + floats(i * steps)
          const to = c + floats((i0 + i) * n + j)
          const real = min(high, tall - i)
          if (real == high && j + 8 <= n)
            stripTile(steps, strip, panel, add ? to : zeros, add ? floats(n) : 0, to, floats(n))
          else {
            if (real > 4) stripTile(steps, strip, panel, zeros, 0, edge, 32)
            else tile(steps, strip, strip + 4, strip + 8, strip + 12, 24, panel, 32, edge, 32, false)
            for (let r = 0; r < real; r++)
              for (let s = 0; s < min(8, n - j); s++) {
                const put = to + floats(r * n + s)
                const value = load<f32>(edge + floats(8 * r + s))
                store<f32>(put, add ? load<f32>(put) + value : value)
              }
          }
        }
      }
    }
  }
}

/** `matmul` of so many pairs that lie one after another: crossing into the kernel for each costs as much as a small product. */
export function matmuls(
  count: i32, m: i32, n: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, work: usize
): void {
  for (let i = 0; i < count; i++)
    matmul(
      m, n, k, a + floats(i * m * k), aRow, aColumn, b + floats(i * k * n), bRow, bColumn, c + floats(i * m * n), work
    )
}

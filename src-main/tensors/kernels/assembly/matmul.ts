/**
 * C [m, n] = A [m, k] B [k, n] on arrays of any size and strides, where they lie: B is packed into panels of 8 columns
 * and A, where its rows are not in order, into strips of 4 rows, so that the inner loop walks both in order.
 */
import { product, tile } from './linear'

/** Steps of the sum that are worked on together, and rows of A: their panels and strips stay in the cache. */
const depth: i32 = 512
const rows: i32 = 64

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** Room that `matmul` needs, in floats. */
export function matmulWork(n: i32, k: i32): i32 {
  return min(k, depth) * (((n + 7) & ~7) + rows) + 32
}

/** B [k, n] as [n / 8, k, 8], the last panel padded with zeros. */
function packColumns(k: i32, n: i32, b: usize, rowStep: i32, columnStep: i32, to: usize): void {
  const next = floats(rowStep)
  for (let j = 0; j < n; j += 8) {
    const width = min(8, n - j)
    let from = b + floats(j * columnStep)
    if (width < 8) memory.fill(to, 0, floats(8 * k))
    if (width == 8 && columnStep == 1)
      for (let l = 0; l < k; l++, from += next, to += 32) {
        v128.store(to, v128.load(from))
        v128.store(to, v128.load(from, 16), 16)
      }
    else {
      for (let c = 0; c < width; c++) {
        let at = from + floats(c * columnStep)
        let put = to + floats(c)
        for (let l = 0; l < k; l++, at += next, put += 32) store<f32>(put, load<f32>(at))
      }
      to += floats(8 * k)
    }
  }
}

/** A^T [k, m], rows in order, as strips [m / 4, k, 4]; the last strip repeats the last row. */
function packRows(m: i32, k: i32, a: usize, columnStep: i32, to: usize): void {
  const next = floats(columnStep)
  for (let i = 0; i < m; i += 4) {
    let from = a + floats(i)
    if (i + 4 <= m) for (let l = 0; l < k; l++, from += next, to += 16) v128.store(to, v128.load(from))
    else
      for (let l = 0; l < k; l++, from += next, to += 16)
        for (let r = 0; r < 4; r++) store<f32>(to + floats(r), load<f32>(from + floats(min(r, m - 1 - i))))
  }
}

/**
 * @param a rowStep 1 (its transpose lies in rows) or columnStep 1
 * @param c rows of n
 * @param work as many floats as `matmulWork` says
 */
export function matmul(
  m: i32, n: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, work: usize
): void {
  // For few rows packing would cost as much as the product.
  if (m <= 8 && !(m & 3) && !(n & 7) && bColumn == 1) {
    product(m, n, k, a, aRow, aColumn, b, bRow, 1, c, n, false, false)
    return
  }
  const edge = work
  const strips = edge + floats(32)
  const columns = strips + floats(rows * min(k, depth))
  for (let from = 0; from < k; from += depth) {
    const steps = min(depth, k - from)
    const add = from > 0
    packColumns(steps, n, b + floats(from * bRow), bRow, bColumn, columns)
    for (let i0 = 0; i0 < m; i0 += rows) {
      const high = min(rows, m - i0)
      const block = a + floats(i0 * aRow + from * aColumn)
      const inRows = aColumn == 1
      if (!inRows) packRows(high, steps, block, aColumn, strips)
      for (let j = 0; j < n; j += 8) {
        const panel = columns + floats(j * steps)
        for (let i = 0; i < high; i += 4) {
          const last = min(3, high - 1 - i)
          const first = inRows ? block + floats(i * aRow) : strips + floats(i * steps)
          const next = inRows ? floats(aRow) : 4
          const r1 = first + (inRows ? <usize>min(1, last) : 1) * next
          const r2 = first + (inRows ? <usize>min(2, last) : 2) * next
          const r3 = first + (inRows ? <usize>min(3, last) : 3) * next
          const step: usize = inRows ? 4 : 16
          const to = c + floats((i0 + i) * n + j)
          if (last == 3 && j + 8 <= n) tile(steps, first, r1, r2, r3, step, panel, 32, to, floats(n), add)
          else {
            tile(steps, first, r1, r2, r3, step, panel, 32, edge, 32, false)
            for (let r = 0; r <= last; r++)
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

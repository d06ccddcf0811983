/**
 * C [m, n] = A [m, k] B [k, n] on arrays of any size and strides, where they lie: B is packed into panels of 8 columns and A
 * into strips of 6 rows, so that the inner loop walks both in order.
 */
import { product, tile } from './linear'
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

/** Sums over many rows that are made and added up tile by tile, so that they are never held. */
import { constantsRoom, expBy, expRow, layConstants, top } from './exponential'
import { covered, high, rowPanels, rowStrips, stripTile } from './tiles'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** tanh by e^(-2|x|), to float32 precision in absolute terms. */
// @ts-ignore: decorator
@inline
function tanh(t: usize, x: v128): v128 {
  const one = v128.load(t, 176)
  const e = expBy(t, f32x4.mul(f32x4.abs(x), f32x4.splat(-2)))
  const size = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e))
  return v128.or(size, v128.and(x, f32x4.splat(-0.0)))
}

/** Rows whose strips stay in the cache while the columns pass. */
const rows: i32 = 240

/** Room that `tanhSums` needs, in floats. */
export function tanhSumsWork(h: i32): i32 {
  return (rows + 8) * h + 8 * high + constantsRoom
}

/**
 * y [w] = sum over the first `items` rows of tanh(H W^T + b). H: [N, h]; W: [w, h]; b: [w]; w a multiple of 8.
 * work: as many floats as `tanhSumsWork` says.
 */
export function tanhSums(H: usize, items: i32, h: i32, W: usize, w: i32, b: usize, y: usize, work: usize): void {
  const values = work
  const constants = values + floats(8 * high)
  const panel = constants + floats(constantsRoom)
  const strips = panel + floats(8 * h)
  layConstants(constants)
  memory.fill(y, 0, floats(w))
  for (let i0 = 0; i0 < items; i0 += rows) {
    const n = min(rows, items - i0)
    rowStrips(n, h, H + floats(i0 * h), h, 1, h, 0, strips)
    for (let j = 0; j < w; j += 8) {
      rowPanels(8, h, W + floats(j * h), h, h, 0, panel)
      const to = y + floats(j)
      let y0 = v128.load(to)
      let y1 = v128.load(to, 16)
      for (let i = 0; i < n; i += high) {
        stripTile(h, strips + floats(i * h), panel, b + floats(j), 0, values, 32)
        const end = values + floats(8 * min(high, n - i))
        for (let at = values; at < end; at += 32) {
          y0 = f32x4.add(y0, tanh(constants, v128.load(at)))
          y1 = f32x4.add(y1, tanh(constants, v128.load(at, 16)))
        }
      }
      v128.store(to, y0)
      v128.store(to, y1, 16)
    }
  }
}

/** Queries that are worked on together. */
const block: i32 = 24

/** Room that `meanAttention` needs, in floats. */
export function meanAttentionWork(u: i32, e: i32): i32 {
  return covered(u, 8) * (e + block + 1) + block * e + constantsRoom
}

/**
 * p [u] = mean over the rows of softmax(Q K^T): how much a group attends to each of its own. Q, K: [u, e] of one head.
 * work: as many floats as `meanAttentionWork` says.
 */
export function meanAttention(Q: usize, K: usize, u: i32, e: i32, p: usize, work: usize): void {
  const U = covered(u, 8)
  const panels = work
  const S = panels + floats(U * e)
  const bias = S + floats(block * U)
  const strips = bias + floats(U)
  const constants = strips + floats(block * e)
  layConstants(constants)
  memory.fill(bias, 0, floats(u))
  for (let j = u; j < U; j++) store<f32>(bias + floats(j), -Infinity)
  memory.fill(p, 0, floats(u))
  rowPanels(u, e, K, e, e, 0, panels)
  for (let i0 = 0; i0 < u; i0 += block) {
    const n = min(block, u - i0)
    rowStrips(n, e, Q + floats(i0 * e), e, 1, e, 0, strips)
    for (let j = 0; j < U; j += 8)
      for (let i = 0; i < n; i += high)
        stripTile(
          e, strips + floats(i * e), panels + floats(j * e), bias + floats(j), 0, S + floats(i * U + j), floats(U)
        )
    for (let i = 0; i < n; i++) {
      const row = S + floats(i * U)
      const total = expRow(constants, row, row + floats(U), top(row, row + floats(U)))
      const share: f32 = <f32>1 / (total * <f32>u)
      for (let j = 0; j < u; j++) store<f32>(p + floats(j), load<f32>(p + floats(j)) + load<f32>(row + floats(j)) * share)
    }
  }
}

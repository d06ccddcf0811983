/** Sums over many rows that are made and added up tile by tile, so that they are never held. */
import { constantsRoom, expRow, layConstants, top } from './exponential'
import { madd } from './linear'
import { covered, high, rowPanels, rowStrips, stripTile } from './tiles'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** Floats that the constants of `tanh` take. */
const tanhRoom: i32 = 48

// @ts-ignore: decorator
@inline
function put(to: usize, place: i32, x: f32): void {
  v128.store(to + (<usize>place << 4), f32x4.splat(x))
}

/** The bound past which tanh is 1 in float32, and the coefficients of p and q. */
function layTanh(to: usize): void {
  put(to, 0, 7.90531110763549805)
  put(to, 1, -2.76076847742355e-16)
  put(to, 2, 2.00018790482477e-13)
  put(to, 3, -8.60467152213735e-11)
  put(to, 4, 5.12229709037114e-8)
  put(to, 5, 1.48572235717979e-5)
  put(to, 6, 6.37261928875436e-4)
  put(to, 7, 4.89352455891786e-3)
  put(to, 8, 1.19825839466702e-6)
  put(to, 9, 1.18534705686654e-4)
  put(to, 10, 2.26843463243900e-3)
  put(to, 11, 4.89352518554385e-3)
}

/** tanh as x p(x^2) / q(x^2), the rational function of Eigen's fast tanh, to float32 precision in absolute terms. */
// @ts-ignore: decorator
@inline
function tanh(t: usize, given: v128): v128 {
  const bound = v128.load(t)
  const x = f32x4.pmin(f32x4.pmax(given, f32x4.neg(bound)), bound)
  const square = f32x4.mul(x, x)
  let p = madd(v128.load(t, 16), square, v128.load(t, 32))
  p = madd(p, square, v128.load(t, 48))
  p = madd(p, square, v128.load(t, 64))
  p = madd(p, square, v128.load(t, 80))
  p = madd(p, square, v128.load(t, 96))
  p = madd(p, square, v128.load(t, 112))
  let q = madd(v128.load(t, 128), square, v128.load(t, 144))
  q = madd(q, square, v128.load(t, 160))
  q = madd(q, square, v128.load(t, 176))
  return f32x4.div(f32x4.mul(p, x), q)
}

/** Rows whose strips stay in the cache while the columns pass. */
const rows: i32 = 240

/** Room that `tanhSums` needs, in floats. */
export function tanhSumsWork(h: i32): i32 {
  return (rows + 8) * h + 8 * high + tanhRoom
}

/**
 * y [w] = sum over the first `items` rows of tanh(H W^T + b). H: [N, h]; W: [w, h]; b: [w]; w a multiple of 8.
 * work: as many floats as `tanhSumsWork` says.
 */
export function tanhSums(H: usize, items: i32, h: i32, W: usize, w: i32, b: usize, y: usize, work: usize): void {
  const values = work
  const constants = values + floats(8 * high)
  const panel = constants + floats(tanhRoom)
  const strips = panel + floats(8 * h)
  layTanh(constants)
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

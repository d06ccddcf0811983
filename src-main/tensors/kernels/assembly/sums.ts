/** Sums over many rows that are made and added up tile by tile, so that they are never held. */
import { panels, product, softmax, tanh, tile } from './linear'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/**
 * y [w] = sum over the first `items` rows of tanh(H W^T + b). H: [N, h], N a multiple of 4; W: [w, h]; b: [w]; w and h
 * multiples of 8. work: 8 h + 32 floats.
 */
export function tanhSums(H: usize, items: i32, N: i32, h: i32, W: usize, w: i32, b: usize, y: usize, work: usize): void {
  const values = work
  const panel = values + floats(32)
  for (let j = 0; j < w; j += 8) {
    panels(8, h, W + floats(j * h), panel)
    const b0 = v128.load(b + floats(j))
    const b1 = v128.load(b + floats(j), 16)
    let y0 = f32x4.splat(0)
    let y1 = f32x4.splat(0)
    for (let i = 0; i < N; i += 4) {
      const row = H + floats(i * h)
      const next = floats(h)
      tile(h, row, row + next, row + 2 * next, row + 3 * next, 4, panel, 32, values, 32, false)
      const real = min(4, items - i)
      for (let r = 0; r < real; r++) {
        y0 = f32x4.add(y0, tanh(f32x4.add(v128.load(values + floats(8 * r)), b0)))
        y1 = f32x4.add(y1, tanh(f32x4.add(v128.load(values + floats(8 * r), 16), b1)))
      }
    }
    v128.store(y + floats(j), y0)
    v128.store(y + floats(j), y1, 16)
  }
}

const block: i32 = 32

/**
 * p [u] = mean over the `slots` real rows of softmax(Q K^T): how much a group attends to each of its own. Q, K: [u, e]
 * of one head, u and e multiples of 8. work: u e + 32 u floats.
 */
export function meanAttention(Q: usize, K: usize, slots: i32, u: i32, e: i32, p: usize, work: usize): void {
  const KT = work
  const S = KT + floats(u * e)
  panels(u, e, K, KT)
  memory.fill(p, 0, floats(u))
  for (let i0 = 0; i0 < slots; i0 += block) {
    const n = min(block, u - i0)
    product(n, u, e, Q + floats(i0 * e), e, 1, KT, 8, e, S, u, false, false)
    for (let i = 0; i < min(n, slots - i0); i++) {
      const row = S + floats(i * u)
      softmax(row, slots)
      for (let at: usize = 0; at < floats(u); at += 16)
        v128.store(p + at, f32x4.add(v128.load(p + at), v128.load(row + at)))
    }
  }
  const share = f32x4.splat(1 / <f32>slots)
  for (let at: usize = 0; at < floats(u); at += 16) v128.store(p + at, f32x4.mul(v128.load(p + at), share))
}

/**
 * The write loops of the slot memories, with the gradients that src-main/models/parts/slots/slot-gradient.ts derives. One call
 * writes one trial. Arrays are padded with zeros: rows (slots) and widths (vectors) to a multiple of 8, items to 8.
 */
import { adamDense, adamOuter } from './adam'
import { constantsRoom, layConstants, softmax } from './exponential'
import { columnPanels, columnStrips, high, rowPanels, rowStrips, stripTile } from './tiles'
import { madd, mirror, panels, product, throughSoftmax, timesVector, vectorTimes } from './linear'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

export { addRow } from './add'
export { attend, attendWork } from './attention'
export { convolve, convolveBack } from './convolution'
export { graph } from './graph'
export { neighbours, neighboursWork } from './neighbours'
export { meanAttention, meanAttentionWork, tanhSums, tanhSumsWork } from './sums'
export { matmuls, matmulWork } from './matmul'
export { normRows, normRowsBack, repeatRow, repeatRowBack, silu, siluBack, siluWork, takeRows, takeRowsBack } from './rows'
export { attendSelf, attendSelfBack, attendSelfBackWork, attendSelfWork } from './self-attention'
export { recur, recurBack, recurBackWork, recurWork } from './recurrence'

/** Floats beside its own work that `writeEpisodes` needs. */
export function exponentialRoom(): i32 {
  return constantsRoom
}

/** Where the caller may lay out its arrays. */
export function heapBase(): usize {
  return __heap_base
}

/** S = V V^T V, in the cheaper order; the inner product is symmetric, so half of it is computed. */
function spread(rows: i32, d: i32, V: usize, S: usize, work: usize): void {
  if (rows > d) {
    product(d, d, rows, V, 1, d, V, d, 1, work, d, false, true)
    mirror(d, work)
    product(rows, d, d, V, d, 1, work, d, 1, S, d, false, false)
  } else {
    const T = work
    const G = T + floats(rows * d)
    panels(rows, d, V, T)
    product(rows, rows, d, V, d, 1, T, 8, d, G, rows, false, true)
    mirror(rows, G)
    product(rows, d, rows, G, rows, 1, V, d, 1, S, d, false, false)
  }
}

/**
 * Episodes one after another. K, V, their moments mK.. vV: [u, d]; C: [u, c], or 0 without contexts; X, Y: [N, d] and
 * Z: [N, c] the episodes; used: [N] i32 slots in use at each episode, or 0 for `slots`; recency: [u] or, with `used`,
 * [N, u]; plan: f32 [3, N] inner and outer steps and threshold of each episode, or 0; unbias: f64 [3, 2] of K, V, C.
 * @param entries the value length that the error's mean divides by (without padding)
 */
export function writeEpisodes(
  K: usize, mK: usize, vK: usize,
  V: usize, mV: usize, vV: usize,
  C: usize, mC: usize, vC: usize,
  slots: i32, u: i32, d: i32, c: i32, entries: i32,
  X: usize, Y: usize, Z: usize, N: i32,
  used: usize, recency: usize,
  outer: i32, inner: i32, plan: usize,
  learningRate: f64, lambda: f64,
  unbias: usize, work: usize
): void {
  const constants = work
  layConstants(constants)
  const p = constants + floats(constantsRoom)
  const ds = p + floats(u)
  const f = ds + floats(u)
  const S = f + floats(d)
  const rest = S + floats(u * d)
  const scale = <f32>(2.0 / <f64>entries)
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < N; i++) {
      if (plan && load<f32>(plan + floats(N + i)) <= <f32>o) continue
      const steps = plan ? <i32>load<f32>(plan + floats(i)) : inner
      const threshold: f32 = plan ? load<f32>(plan + floats(2 * N + i)) : 0
      const n = used ? load<i32>(used + floats(i)) : slots
      const rows = (n + 7) & ~7
      const x = X + floats(i * d)
      const y = Y + floats(i * d)
      const z = Z + floats(i * c)
      const age = used ? recency + floats(i * u) : recency
      for (let s = 0; s < steps; s++) {
        memory.copy(p, age, floats(rows))
        timesVector(rows, d, K, x, p, true)
        if (C) timesVector(rows, c, C, z, p, true)
        softmax(constants, p, n)
        vectorTimes(rows, d, p, V, f)
        let error = f32x4.splat(0)
        for (let at: usize = 0; at < floats(d); at += 16) {
          const miss = f32x4.sub(v128.load(f + at), v128.load(y + at))
          error = f32x4.add(error, f32x4.mul(miss, miss))
          v128.store(f + at, f32x4.mul(miss, f32x4.splat(scale)))
        }
        if (plan) {
          const total =
            f32x4.extract_lane(error, 0) + f32x4.extract_lane(error, 1) +
            (f32x4.extract_lane(error, 2) + f32x4.extract_lane(error, 3))
          if (total / <f32>entries < threshold) break
        }
        timesVector(rows, d, V, f, ds, false)
        throughSoftmax(rows, p, ds)
        if (lambda > 0) spread(rows, d, V, S, rest)
        adamOuter(rows, d, K, mK, vK, ds, x, 0, 0, learningRate, unbias)
        adamOuter(rows, d, V, mV, vV, p, f, lambda > 0 ? S : 0, <f32>(4 * lambda), learningRate, unbias + 16)
        if (C) adamOuter(rows, c, C, mC, vC, ds, z, 0, 0, learningRate, unbias + 32)
      }
    }
}

/** Items that are worked on together, so that what they need stays in the cache: whole strips. */
const block: i32 = 48

/** C [n, columns] = A [n, k] B, with B in panels; C has room for whole strips. */
function fromLeft(n: i32, columns: i32, k: i32, A: usize, B: usize, C: usize, strips: usize, zeros: usize): void {
  rowStrips(n, k, A, k, 1, k, 0, strips)
  for (let j = 0; j < columns; j += 8)
    for (let i = 0; i < n; i += high)
      stripTile(k, strips + floats(i * k), B + floats(j * k), zeros, 0, C + floats(i * columns + j), floats(columns))
}

/** C [rows, columns] += A^T B of A [k, rows] and B [k, columns]; C has room for whole strips. */
function fromAbove(
  rows: i32, columns: i32, k: i32, A: usize, B: usize, C: usize, strips: usize, panels: usize
): void {
  columnStrips(rows, k, A, rows, strips)
  columnPanels(k, columns, B, columns, k, panels)
  for (let j = 0; j < columns; j += 8)
    for (let i = 0; i < rows; i += high) {
      const to = C + floats(i * columns + j)
      stripTile(k, strips + floats(i * k), panels + floats(j * k), to, floats(columns), to, floats(columns))
    }
}

/** Room that `writeJointly` needs, in floats. */
export function jointWork(u: i32, d: i32): i32 {
  return constantsRoom + (6 * u + 2 * high) * d + block * (2 * u + 3 * d) + 8 + block * (max(u, d) + high)
}

/**
 * All items at once, `steps` Adam steps. K, V, moments: [u, d] with `slots` real rows; X, Y: [N, d] with `items` real
 * rows; entries: how many the error's mean divides by. Unless they are 0, dX [N, d] and miss [N, d]
 * receive the last step's gradients of the items' keys (before the step) and, with the other sign, of their values.
 */
export function writeJointly(
  K: usize, mK: usize, vK: usize,
  V: usize, mV: usize, vV: usize,
  slots: i32, u: i32, d: i32,
  X: usize, Y: usize, items: i32, entries: i32,
  dX: usize, miss: usize,
  steps: i32, learningRate: f64, unbias: usize, work: usize
): void {
  const constants = work
  layConstants(constants)
  const KT = constants + floats(constantsRoom)
  const VT = KT + floats(u * d)
  const KP = VT + floats(u * d)
  const VP = KP + floats(u * d)
  const gK = VP + floats(u * d)
  const gV = gK + floats((u + high) * d)
  const P = gV + floats((u + high) * d)
  const dS = P + floats(block * u)
  const F = dS + floats(block * u)
  const dQ = F + floats(block * d)
  const columns = dQ + floats(block * d)
  const zeros = columns + floats(block * d)
  const strips = zeros + floats(8)
  memory.fill(zeros, 0, 32)
  const scale = f32x4.splat(<f32>(2.0 / <f64>entries))
  for (let s = 0; s < steps; s++) {
    rowPanels(u, d, K, d, d, 0, KT)
    rowPanels(u, d, V, d, d, 0, VT)
    columnPanels(u, d, V, d, u, VP)
    if (dX) columnPanels(u, d, K, d, u, KP)
    memory.fill(gK, 0, floats(2 * (u + high) * d))
    for (let i = 0; i < items; i += block) {
      const n = min(block, items - i)
      const x = X + floats(i * d)
      const y = Y + floats(i * d)
      fromLeft(n, u, d, x, KT, P, strips, zeros)
      for (let r = 0; r < n; r++) softmax(constants, P + floats(r * u), slots)
      fromLeft(n, d, u, P, VP, F, strips, zeros)
      for (let at: usize = 0; at < floats(n * d); at += 16)
        v128.store(F + at, f32x4.mul(f32x4.sub(v128.load(F + at), v128.load(y + at)), scale))
      fromLeft(n, u, d, F, VT, dS, strips, zeros)
      for (let r = 0; r < n; r++) throughSoftmax(u, P + floats(r * u), dS + floats(r * u))
      if (dX) {
        fromLeft(n, d, u, dS, KP, dQ, strips, zeros)
        memory.copy(dX + floats(i * d), dQ, floats(n * d))
        memory.copy(miss + floats(i * d), F, floats(n * d))
      }
      fromAbove(u, d, n, dS, x, gK, strips, columns)
      fromAbove(u, d, n, P, F, gV, strips, columns)
    }
    adamDense(u * d, K, mK, vK, gK, learningRate, unbias)
    adamDense(u * d, V, mV, vV, gV, learningRate, unbias + 16)
  }
}

/** One Adam step; count a multiple of 4. */
export function adam(
  count: i32, p: usize, m: usize, v: usize, g: usize, learningRate: f64, unbias: usize
): void {
  adamDense(count, p, m, v, g, learningRate, unbias)
}

/** Columns of `move`: its sums and what it adds stay in registers. */
const wide: i32 = 16

/** Columns j .. j + 15: S <- S + x^T w, and y = z S of what it is then; d rows. */
function move(S: usize, d: i32, next: usize, x: usize, w: usize, z: usize, y: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48)
  let y0 = f32x4.splat(0), y1 = y0, y2 = y0, y3 = y0
  for (let r = 0; r < d; r++, S += next, x += 4, z += 4) {
    const a = v128.load32_splat(x)
    const b = v128.load32_splat(z)
    const s0 = madd(a, w0, v128.load(S))
    const s1 = madd(a, w1, v128.load(S, 16))
    const s2 = madd(a, w2, v128.load(S, 32))
    const s3 = madd(a, w3, v128.load(S, 48))
    v128.store(S, s0); v128.store(S, s1, 16); v128.store(S, s2, 32); v128.store(S, s3, 48)
    y0 = madd(b, s0, y0); y1 = madd(b, s1, y1); y2 = madd(b, s2, y2); y3 = madd(b, s3, y3)
  }
  v128.store(y, y0); v128.store(y, y1, 16); v128.store(y, y2, 32); v128.store(y, y3, 48)
}

/**
 * The delta rule, item by item: S <- S + beta x^T (y - x S). S: [d, e]; X: [N, d] real rows `items`; Y: [N, e]. What the next
 * item reads is summed up while this one is written, so that S is walked once an item. e a multiple of 8; work: 2 e floats.
 */
export function delta(S: usize, d: i32, e: i32, X: usize, Y: usize, items: i32, beta: f32, work: usize): void {
  const scale = f32x4.splat(beta)
  const w = work + floats(e)
  const next = floats(e)
  vectorTimes(d, e, X, S, work)
  for (let i = 0; i < items; i++) {
    const x = X + floats(i * d)
    const y = Y + floats(i * e)
    const z = i + 1 < items ? x + floats(d) : x
    for (let at: usize = 0; at < floats(e); at += 16)
      v128.store(w + at, f32x4.mul(f32x4.sub(v128.load(y + at), v128.load(work + at)), scale))
    let j = 0
    for (; j + wide <= e; j += wide) move(S + floats(j), d, next, x, w + floats(j), z, work + floats(j))
    if (j < e) {
      const w0 = v128.load(w + floats(j))
      const w1 = v128.load(w + floats(j), 16)
      let y0 = f32x4.splat(0), y1 = y0
      let row = S + floats(j)
      for (let r = 0; r < d; r++, row += next) {
        const a = v128.load32_splat(x + floats(r))
        const b = v128.load32_splat(z + floats(r))
        const s0 = madd(a, w0, v128.load(row))
        const s1 = madd(a, w1, v128.load(row, 16))
        v128.store(row, s0); v128.store(row, s1, 16)
        y0 = madd(b, s0, y0); y1 = madd(b, s1, y1)
      }
      v128.store(work + floats(j), y0); v128.store(work + floats(j), y1, 16)
    }
  }
}

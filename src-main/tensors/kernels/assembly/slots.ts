/**
 * The write loops of the slot memories, with the gradients that src-main/models/parts/slots/slot-gradient.ts derives. One call
 * writes one trial. Arrays are padded with zeros: rows (slots) and widths (vectors) to a multiple of 8, items to 8.
 */
import { adamDense, adamOuter } from './adam'
import { constantsRoom, layConstants, softmax } from './exponential'
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

/** Floats beside their own work that `writeEpisodes` and `writeJointly` need. */
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

/** Items that are worked on together, so that what they need stays in the cache. */
const block: i32 = 32

/**
 * All items at once, `steps` Adam steps. K, V, moments: [u, d] with `slots` real rows; X, Y: [N, d] with `items` real
 * rows, N a multiple of 4; entries: how many the error's mean divides by. Unless they are 0, dX [N, d] and miss [N, d]
 * receive the last step's gradients of the items' keys (before the step) and, with the other sign, of their values.
 */
export function writeJointly(
  K: usize, mK: usize, vK: usize,
  V: usize, mV: usize, vV: usize,
  slots: i32, u: i32, d: i32,
  X: usize, Y: usize, items: i32, N: i32, entries: i32,
  dX: usize, miss: usize,
  steps: i32, learningRate: f64, unbias: usize, work: usize
): void {
  const constants = work
  layConstants(constants)
  const KT = constants + floats(constantsRoom)
  const VT = KT + floats(u * d)
  const gK = VT + floats(u * d)
  const gV = gK + floats(u * d)
  const P = gV + floats(u * d)
  const dS = P + floats(block * u)
  const F = dS + floats(block * u)
  const scale = f32x4.splat(<f32>(2.0 / <f64>entries))
  for (let s = 0; s < steps; s++) {
    panels(u, d, K, KT)
    panels(u, d, V, VT)
    memory.fill(gK, 0, floats(2 * u * d))
    for (let i = 0; i < N; i += block) {
      const n = min(block, N - i)
      const x = X + floats(i * d)
      const y = Y + floats(i * d)
      product(n, u, d, x, d, 1, KT, 8, d, P, u, false, false)
      for (let r = 0; r < n; r++) softmax(constants, P + floats(r * u), slots)
      product(n, d, u, P, u, 1, V, d, 1, F, d, false, false)
      const real = floats(min(n, items - i) * d)
      for (let at: usize = 0; at < real; at += 16)
        v128.store(F + at, f32x4.mul(f32x4.sub(v128.load(F + at), v128.load(y + at)), scale))
      if (real < floats(n * d)) memory.fill(F + real, 0, floats(n * d) - real)
      product(n, u, d, F, d, 1, VT, 8, d, dS, u, false, false)
      for (let r = 0; r < n; r++) throughSoftmax(u, P + floats(r * u), dS + floats(r * u))
      if (dX) product(n, d, u, dS, u, 1, K, d, 1, dX + floats(i * d), d, false, false)
      if (miss) memory.copy(miss + floats(i * d), F, floats(n * d))
      product(u, d, n, dS, 1, u, x, d, 1, gK, d, true, false)
      product(u, d, n, P, 1, u, F, d, 1, gV, d, true, false)
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

/**
 * The delta rule, item by item: S <- S + beta x^T (y - x S). S: [d, e]; X: [N, d] real rows `items`; Y: [N, e].
 */
export function delta(S: usize, d: i32, e: i32, X: usize, Y: usize, items: i32, beta: f32, work: usize): void {
  const scale = f32x4.splat(beta)
  for (let i = 0; i < items; i++) {
    const x = X + floats(i * d)
    const y = Y + floats(i * e)
    vectorTimes(d, e, x, S, work)
    for (let at: usize = 0; at < floats(e); at += 16)
      v128.store(work + at, f32x4.mul(f32x4.sub(v128.load(y + at), v128.load(work + at)), scale))
    let row = S
    for (let r = 0; r < d; r++) {
      const share = v128.load32_splat(x + floats(r))
      for (let at: usize = 0; at < floats(e); at += 16, row += 16)
        v128.store(row, madd(share, v128.load(work + at), v128.load(row)))
    }
  }
}

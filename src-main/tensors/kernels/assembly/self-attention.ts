/**
 * Y = softmax(s Q K^T) V of one head with its gradients, where row t sees the entries from[t] .. to[t] - 1 alone, and one
 * that sees none gets zero. Rows of Q, K, V, Y and their gradients begin `step` entries apart, so that a head is read where
 * it lies among others. The shares P [R, N] have their rows and columns padded to multiples of 8.
 */
import { constantsRoom, layConstants, softmax } from './exponential'
import { throughSoftmax, tile } from './linear'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

// @ts-ignore: decorator
@inline
function padded(count: i32): i32 {
  return (count + 7) & ~7
}

/** Rows of `count` numbers that begin `step` apart, times s, into rows of W, padded with zeros, R of them. */
function widen(from: usize, rows: i32, count: i32, step: i32, s: f32, to: usize, R: i32, W: i32): void {
  const S = f32x4.splat(s)
  const whole = floats(count & ~3)
  const end = floats(count)
  const next = floats(W)
  for (let r = 0; r < rows; r++, from += floats(step), to += next) {
    let at: usize = 0
    for (; at < whole; at += 16) v128.store(to + at, f32x4.mul(S, v128.load(from + at)))
    for (; at < end; at += 4) store<f32>(to + at, s * load<f32>(from + at))
    for (; at < next; at += 4) store<f32>(to + at, 0)
  }
  memory.fill(to, 0, <usize>(R - rows) * next)
}

/** And back, times s. */
function narrow(from: usize, rows: i32, W: i32, s: f32, to: usize, count: i32, step: i32): void {
  const S = f32x4.splat(s)
  const whole = floats(count & ~3)
  const end = floats(count)
  for (let r = 0; r < rows; r++, from += floats(W), to += floats(step)) {
    let at: usize = 0
    for (; at < whole; at += 16) v128.store(to + at, f32x4.mul(S, v128.load(from + at)))
    for (; at < end; at += 4) store<f32>(to + at, s * load<f32>(from + at))
  }
}

/** The transpose of rows of `count` numbers in panels of 8 columns, [N / 8, count, 8], padded with zeros. */
function panelsOf(from: usize, rows: i32, count: i32, step: i32, to: usize, N: i32): void {
  if (rows & 7) memory.fill(to + floats((N - 8) * count), 0, floats(8 * count))
  for (let r = 0; r < rows; r++) {
    let at = to + floats((r & ~7) * count + (r & 7))
    const row = from + floats(r * step)
    for (let c = 0; c < count; c++, at += 32) store<f32>(at, load<f32>(row + floats(c)))
  }
}

// @ts-ignore: decorator
@inline
function first(ranges: usize, L: i32, t: i32): i32 {
  return t < L ? load<i32>(ranges + floats(t)) : 0
}

// @ts-ignore: decorator
@inline
function last(ranges: usize, L: i32, t: i32): i32 {
  return t < L ? load<i32>(ranges + floats(L + t)) : 0
}

/** The entries that any of the rows t .. t + 3 sees: from a multiple of 8 to one. Packed into 64 bits; end 0 for none. */
function reach(ranges: usize, L: i32, t: i32): i64 {
  let low: i32 = i32.MAX_VALUE
  let high: i32 = 0
  for (let r = t; r < t + 4; r++) {
    const from = first(ranges, L, r)
    const to = last(ranges, L, r)
    if (from >= to) continue
    low = min(low, from)
    high = max(high, to)
  }
  if (!high) low = 0
  return (<i64>(low & ~7) << 32) | <i64>padded(high)
}

/** The shares of rows t .. t + 3, zero where they see nothing. Q: [R, dk], times the scale; K in panels. */
function share(constants: usize, ranges: usize, L: i32, t: i32, seen: i64, Q: usize, K: usize, dk: i32, N: i32, P: usize): void {
  const low = <i32>(seen >> 32)
  const high = <i32>seen
  const rowQ = floats(dk)
  const rowP = floats(N)
  const p = P + <usize>t * rowP
  const a = Q + <usize>t * rowQ
  for (let j = low; j < high; j += 8)
    tile(dk, a, a + rowQ, a + 2 * rowQ, a + 3 * rowQ, 4, K + floats(j * dk), 32, p + floats(j), rowP, false)
  for (let r = 0; r < 4; r++) {
    const from = first(ranges, L, t + r)
    const to = last(ranges, L, t + r)
    const row = p + <usize>r * rowP
    if (from >= to) {
      memory.fill(row, 0, rowP)
      continue
    }
    // The softmax walks whole vectors: what they hold before the first entry is as good as not there.
    const start = from & ~7
    for (let j = start; j < from; j++) store<f32>(row + floats(j), -1e30)
    softmax(constants, row + floats(start), to - start)
    memory.fill(row, 0, floats(start))
    const end = start + padded(to - start)
    memory.fill(row + floats(end), 0, floats(N - end))
  }
}

/** Floats that `attendSelf` needs to work with. */
export function attendSelfWork(L: i32, n: i32, dk: i32, dv: i32): i32 {
  return padded(L) * (dk + padded(dv) + padded(n)) + padded(n) * (dk + padded(dv)) + constantsRoom
}

/** @param ranges i32 [2, L]: from and to */
export function attendSelf(
  q: usize, qStep: i32, k: usize, kStep: i32, v: usize, vStep: i32, ranges: usize,
  L: i32, n: i32, dk: i32, dv: i32, scale: f32, y: usize, yStep: i32, work: usize
): void {
  const R = padded(L)
  const N = padded(n)
  const W = padded(dv)
  const Q = work + floats(constantsRoom)
  const K = Q + floats(R * dk)
  const V = K + floats(N * dk)
  const Y = V + floats(N * W)
  const P = Y + floats(R * W)
  layConstants(work)
  widen(q, L, dk, qStep, scale, Q, R, dk)
  panelsOf(k, n, dk, kStep, K, N)
  widen(v, n, dv, vStep, 1, V, N, W)
  const rowP = floats(N)
  for (let t = 0; t < R; t += 4) {
    const seen = reach(ranges, L, t)
    share(work, ranges, L, t, seen, Q, K, dk, N, P)
    const low = <i32>(seen >> 32)
    const p = P + <usize>t * rowP + floats(low)
    for (let c = 0; c < W; c += 8)
      tile(
        <i32>seen - low, p, p + rowP, p + 2 * rowP, p + 3 * rowP, 4,
        V + floats(low * W + c), floats(W), Y + floats(t * W + c), floats(W), false
      )
  }
  narrow(Y, L, W, 1, y, dv, yStep)
}

/** Floats that `attendSelfBack` needs to work with. */
export function attendSelfBackWork(L: i32, n: i32, dk: i32, dv: i32): i32 {
  const R = padded(L), N = padded(n), E = padded(dk), W = padded(dv)
  return R * (2 * E + W + dk) + N * (2 * E + W + dv + dk) + 2 * R * N + constantsRoom
}

/** C [4 rows from i, W] = sum over the rows t that see any of the entries i .. i + 3 of A[t, i ..]^T B[t]. */
// @ts-ignore: decorator
@inline
function gather(ranges: usize, L: i32, i: i32, A: usize, N: i32, B: usize, W: i32, C: usize): void {
  let low = 0
  while (low < L && (first(ranges, L, low) >= i + 4 || last(ranges, L, low) <= i)) low++
  let high = L
  while (high > low && (first(ranges, L, high - 1) >= i + 4 || last(ranges, L, high - 1) <= i)) high--
  const a = A + floats(low * N + i)
  for (let c = 0; c < W; c += 8)
    tile(
      high - low, a, a + 4, a + 8, a + 12, floats(N), B + floats(low * W + c), floats(W), C + floats(i * W + c), floats(W),
      false
    )
}

/**
 * The shares are computed again. From dY: dV = P^T dY, dS = P o (dP - <P, dP>) with dP = dY V^T, dQ = s dS K, dK = s dS^T Q.
 */
export function attendSelfBack(
  q: usize, qStep: i32, k: usize, kStep: i32, v: usize, vStep: i32, ranges: usize, dy: usize, yStep: i32,
  L: i32, n: i32, dk: i32, dv: i32, scale: f32,
  toQ: usize, toK: usize, toV: usize, work: usize
): void {
  const R = padded(L)
  const N = padded(n)
  const E = padded(dk)
  const W = padded(dv)
  const Q = work + floats(constantsRoom)
  const dQ = Q + floats(R * E)
  const dY = dQ + floats(R * E)
  const K = dY + floats(R * W)
  const dK = K + floats(N * E)
  const dV = dK + floats(N * E)
  const V = dV + floats(N * W)
  const dS = V + floats(N * dv)
  const P = dS + floats(R * N)
  const scaled = P + floats(R * N)
  const panels = scaled + floats(R * dk)
  layConstants(work)
  widen(q, L, dk, qStep, scale, scaled, R, dk)
  panelsOf(k, n, dk, kStep, panels, N)
  widen(q, L, dk, qStep, 1, Q, R, E)
  widen(k, n, dk, kStep, 1, K, N, E)
  widen(dy, L, dv, yStep, 1, dY, R, W)
  panelsOf(v, n, dv, vStep, V, N)
  const rowP = floats(N)
  const rowY = floats(W)
  for (let t = 0; t < R; t += 4) {
    const seen = reach(ranges, L, t)
    const low = <i32>(seen >> 32)
    const high = <i32>seen
    share(work, ranges, L, t, seen, scaled, panels, dk, N, P)
    const d = dS + <usize>t * rowP
    const a = dY + <usize>t * rowY
    for (let j = low; j < high; j += 8)
      tile(dv, a, a + rowY, a + 2 * rowY, a + 3 * rowY, 4, V + floats(j * dv), 32, d + floats(j), rowP, false)
    for (let r = 0; r < 4; r++) {
      const at = <usize>r * rowP
      throughSoftmax(high - low, P + <usize>t * rowP + at + floats(low), d + at + floats(low))
      memory.fill(d + at, 0, floats(low))
      memory.fill(d + at + floats(high), 0, floats(N - high))
    }
    const row = d + floats(low)
    for (let c = 0; c < E; c += 8)
      tile(
        high - low, row, row + rowP, row + 2 * rowP, row + 3 * rowP, 4,
        K + floats(low * E + c), floats(E), dQ + floats(t * E + c), floats(E), false
      )
  }
  for (let i = 0; i < N; i += 4) {
    gather(ranges, L, i, P, N, dY, W, dV)
    gather(ranges, L, i, dS, N, Q, E, dK)
  }
  narrow(dQ, L, E, scale, toQ, dk, qStep)
  narrow(dK, n, E, scale, toK, dk, kStep)
  narrow(dV, n, W, 1, toV, dv, vStep)
}

/**
 * softmax(scale Q K^T + Z C^T + b) V, without ever writing the scores down: tiles of slots with a running maximum and a
 * running sum for each query (Milakov and Gimelshein 2018; Dao et al. 2022), on arrays of any size where they lie.
 */
import { constantsRoom, expRow, layConstants, top } from './exponential'
import { exp, sum } from './linear'
import { columnPanels, covered, high, rowPanels, rowStrips, rowsTile, stride, stripTile } from './tiles'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** Queries that are worked on together: four strips. */
const block: i32 = 24
/** Slots that are worked on together. */
const tile: i32 = stride

/** Room that `attend` needs, in floats: panels of K and V, biases, strips of Q, weights, sums, largest and total of each. */
export function attendWork(u: i32, d: i32, e: i32, c: i32): i32 {
  const U = covered(u, 8)
  const E = covered(e, 8)
  return U * (d + c) + U * E + U + block * (d + c) + block * tile + block * E + 2 * block + constantsRoom
}

/** Scores of `strips` strips with the slots from `from` on: to P [6 strips, tile]. */
function scores(
  strips: i32, count: i32, from: i32, d: i32, Q: usize, KP: usize, bias: usize, P: usize
): void {
  for (let j = 0; j < count; j += 8)
    for (let s = 0; s < strips; s++)
      stripTile(
        d, Q + floats(s * high * d), KP + floats((from + j) * d), bias + floats(from + j), 0,
        P + floats(s * high * tile + j), floats(tile)
      )
}

/** Whether any entry of a [rows, width] is infinite or no number: then a weight of zero does not make it vanish. */
function unbounded(count: i32, x: usize): bool {
  let seen = f32x4.splat(0)
  let i = 0
  for (; i + 4 <= count; i += 4) seen = f32x4.add(seen, f32x4.mul(v128.load(x + floats(i)), f32x4.splat(0)))
  let rest: f32 = 0
  for (; i < count; i++) rest += load<f32>(x + floats(i)) * 0
  return !(sum(seen) + rest == 0)
}

/**
 * R [N, e] = softmax(scale Q K^T + Z C^T + b) V. Q: [N, d], K: [u, d], V: [u, e]; Z: [N, c] and C: [u, c], or c = 0; b: [u],
 * or 0; the weights of the first `kept` queries go to A [kept, u]. work: as many floats as `attendWork` says.
 */
export function attend(
  Q: usize, K: usize, V: usize, Z: usize, C: usize, b: usize,
  N: i32, u: i32, d: i32, e: i32, c: i32, scale: f32,
  R: usize, A: usize, kept: i32, work: usize
): void {
  const U = covered(u, 8)
  const E = covered(e, 8)
  const k = d + c
  const KP = work
  const VP = KP + floats(U * k)
  const bias = VP + floats(U * E)
  const QS = bias + floats(U)
  const P = QS + floats(block * k)
  const sums = P + floats(block * tile)
  const tops = sums + floats(block * E)
  const totals = tops + floats(block)
  const constants = totals + floats(block)
  layConstants(constants)
  rowPanels(u, d, K, d, k, 0, KP)
  if (c) rowPanels(u, c, C, c, k, d, KP)
  columnPanels(u, e, V, e, U, VP)
  if (b) memory.copy(bias, b, floats(u))
  else memory.fill(bias, 0, floats(u))
  for (let j = u; j < U; j++) store<f32>(bias + floats(j), -Infinity)
  const whole = unbounded(u * e, V)

  for (let i = 0; i < N; i += block) {
    const n = min(block, N - i)
    const strips = (n + high - 1) / high
    rowStrips(n, d, Q + floats(i * d), d, scale, k, 0, QS)
    if (c) rowStrips(n, c, Z + floats(i * c), c, 1, k, d, QS)
    memory.fill(sums, 0, floats(strips * high * E))
    for (let r = 0; r < strips * high; r++) {
      store<f32>(tops + floats(r), -Infinity)
      store<f32>(totals + floats(r), 0)
    }
    for (let from = 0; from < U; from += tile) {
      const count = min(tile, U - from)
      scores(strips, count, from, k, QS, KP, bias, P)
      for (let s = 0; s < strips; s++) {
        let felt = whole
        for (let r = s * high; r < min(n, (s + 1) * high); r++) {
          const row = P + floats(r * tile)
          const end = row + floats(count)
          const before = load<f32>(tops + floats(r))
          const largest = max(before, top(row, end))
          // While every score is -Infinity there is nothing to subtract.
          const base = largest == -Infinity ? <f32>0 : largest
          let total = load<f32>(totals + floats(r))
          if (largest > before) {
            store<f32>(tops + floats(r), largest)
            const shrink = exp(f32x4.splat(before - base))
            total *= f32x4.extract_lane(shrink, 0)
            if (total > 0)
              for (let at = sums + floats(r * E); at < sums + floats((r + 1) * E); at += 16)
                v128.store(at, f32x4.mul(v128.load(at), shrink))
            else memory.fill(sums + floats(r * E), 0, floats(E))
          }
          const added = expRow(constants, row, end, base)
          felt = felt || !(added == 0)
          store<f32>(totals + floats(r), total + added)
        }
        if (felt)
          for (let j = 0; j < E; j += 8)
            rowsTile(
              count, P + floats(s * high * tile), VP + floats(j * U + 8 * from),
              sums + floats(s * high * E + j), floats(E)
            )
      }
    }
    for (let r = 0; r < n; r++) {
      const share: f32 = 1 / load<f32>(totals + floats(r))
      const from = sums + floats(r * E)
      const to = R + floats((i + r) * e)
      let j = 0
      for (; j + 4 <= e; j += 4) v128.store(to + floats(j), f32x4.mul(v128.load(from + floats(j)), f32x4.splat(share)))
      for (; j < e; j++) store<f32>(to + floats(j), load<f32>(from + floats(j)) * share)
    }
    // Weights that are asked for: their scores once more, now that the largest and the total are known.
    if (i < kept)
      for (let from = 0; from < U; from += tile) {
        const count = min(tile, U - from)
        scores(strips, count, from, k, QS, KP, bias, P)
        for (let r = 0; r < min(n, kept - i); r++) {
          const largest = load<f32>(tops + floats(r))
          const share = f32x4.splat(<f32>1 / load<f32>(totals + floats(r)))
          const row = P + floats(r * tile)
          const end = row + floats(count)
          expRow(constants, row, end, largest == -Infinity ? <f32>0 : largest)
          for (let at = row; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), share))
          memory.copy(A + floats((i + r) * u + from), row, floats(min(count, u - from)))
        }
      }
  }
}

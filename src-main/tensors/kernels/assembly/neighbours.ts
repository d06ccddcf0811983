/** The nearest rows of each query, and attention over them. */
import { exp } from './linear'
import { high, rowPanels, rowStrips, stripTile } from './tiles'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** Queries that are worked on together. */
const block: i32 = 24

/** Room that `neighbours` needs, in floats; u a multiple of 8. */
export function neighboursWork(u: i32, d: i32, k: i32): i32 {
  return (u + block) * d + block * u + 8 + 3 * k
}

/** The k largest of the first n scores of a row (padded to 4 with -1e30), largest first; ties keep their order. */
function largest(row: usize, n: i32, k: i32, best: usize, index: usize): void {
  for (let j = 0; j < k; j++) store<f32>(best + floats(j), -Infinity)
  const last = best + floats(k - 1)
  for (let i = 0; i < n; i += 4) {
    const scores = v128.load(row + floats(i))
    if (!v128.any_true(f32x4.gt(scores, v128.load32_splat(last)))) continue
    for (let c = i; c < min(n, i + 4); c++) {
      const score = load<f32>(row + floats(c))
      if (!(score > load<f32>(last))) continue
      let at = k - 1
      for (; at > 0 && load<f32>(best + floats(at - 1)) < score; at--) {
        store<f32>(best + floats(at), load<f32>(best + floats(at - 1)))
        store<i32>(index + floats(at), load<i32>(index + floats(at - 1)))
      }
      store<f32>(best + floats(at), score)
      store<i32>(index + floats(at), c)
    }
  }
}

/** <x, y> of n entries. */
function dot(x: usize, y: usize, n: i32): f32 {
  let four = f32x4.splat(0)
  let i = 0
  for (; i + 4 <= n; i += 4)
    four = f32x4.add(four, f32x4.mul(v128.load(x + floats(i)), v128.load(y + floats(i))))
  let total =
    f32x4.extract_lane(four, 0) + f32x4.extract_lane(four, 1) +
    (f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3))
  for (; i < n; i++) total += load<f32>(x + floats(i)) * load<f32>(y + floats(i))
  return total
}

/** y += a x, n entries. */
function addTimes(a: f32, x: usize, y: usize, n: i32): void {
  const four = f32x4.splat(a)
  let i = 0
  for (; i + 4 <= n; i += 4)
    v128.store(y + floats(i), f32x4.add(v128.load(y + floats(i)), f32x4.mul(four, v128.load(x + floats(i)))))
  for (; i < n; i++) store<f32>(y + floats(i), load<f32>(y + floats(i)) + a * load<f32>(x + floats(i)))
}

/**
 * Per query i the k rows of D with the largest <r_i, D_j>, fused head by head: softmax_j(<q_i, K_j>) V_j over them.
 * r, q: [N, d]; D, K, V: [u, d] with `slots` real rows; heads of `width` entries; R: [N, d], zeros at the start. u and d
 * multiples of 8. work: as many floats as `neighboursWork` says.
 */
export function neighbours(
  r: usize, q: usize, D: usize, K: usize, V: usize,
  items: i32, slots: i32, u: i32, d: i32, k: i32, heads: i32, width: i32,
  R: usize, work: usize
): void {
  const DT = work
  const S = DT + floats(u * d)
  const strips = S + floats(block * u)
  const zeros = strips + floats(block * d)
  const best = zeros + floats(8)
  const index = best + floats(k)
  const share = index + floats(k)
  rowPanels(u, d, D, d, d, 0, DT)
  memory.fill(zeros, 0, 32)
  for (let i0 = 0; i0 < items; i0 += block) {
    const n = min(block, items - i0)
    rowStrips(n, d, r + floats(i0 * d), d, 1, d, 0, strips)
    for (let j = 0; j < u; j += 8)
      for (let i = 0; i < n; i += high)
        stripTile(d, strips + floats(i * d), DT + floats(j * d), zeros, 0, S + floats(i * u + j), floats(u))
    for (let i = 0; i < n; i++) {
      const row = S + floats(i * u)
      for (let j = slots; j < u; j++) store<f32>(row + floats(j), -1e30)
      largest(row, slots, k, best, index)
      const query = q + floats((i0 + i) * d)
      const out = R + floats((i0 + i) * d)
      for (let h = 0; h < heads; h++) {
        const begin = floats(h * width)
        let top: f32 = -Infinity
        for (let j = 0; j < k; j++) {
          const score = dot(query + begin, K + floats(load<i32>(index + floats(j)) * d) + begin, width)
          store<f32>(share + floats(j), score)
          top = max(top, score)
        }
        let total: f32 = 0
        for (let j = 0; j < k; j++) {
          const e = f32x4.extract_lane(exp(f32x4.splat(load<f32>(share + floats(j)) - top)), 0)
          store<f32>(share + floats(j), e)
          total += e
        }
        for (let j = 0; j < k; j++)
          addTimes(
            load<f32>(share + floats(j)) / total, V + floats(load<i32>(index + floats(j)) * d) + begin, out + begin, width
          )
      }
    }
  }
}

/** The write of the graph memory: one node moves for each item, so the items follow one another. */
import { sum, tanh, timesVector, vectorTimes } from './linear'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** 1 / max(|x|, 1e-8). */
function inverseLength(x: usize, d: i32): f32 {
  let total = f32x4.splat(0)
  for (let at: usize = 0; at < floats(d); at += 16) total = f32x4.add(total, f32x4.mul(v128.load(x + at), v128.load(x + at)))
  return 1 / max(Mathf.sqrt(sum(total)), 1e-8)
}

/**
 * Per item the node with the largest cosine to its direction x: node <- node + rate tanh(relu(node A + y) B + b).
 * nodes: [n, d] with `count` real rows; X, Y: [N, d]; A, B: [d, d]; b: [d]; work: 2 n + 2 d floats.
 */
export function graph(
  nodes: usize, count: i32, n: i32, d: i32, X: usize, Y: usize, items: i32,
  A: usize, B: usize, b: usize, rate: f32, work: usize
): void {
  const scores = work
  const lengths = scores + floats(n)
  const hidden = lengths + floats(n)
  const move = hidden + floats(d)
  const zero = f32x4.splat(0)
  for (let j = 0; j < count; j++) store<f32>(lengths + floats(j), inverseLength(nodes + floats(j * d), d))
  for (let i = 0; i < items; i++) {
    timesVector(n, d, nodes, X + floats(i * d), scores, false)
    let winner = 0
    let best: f32 = -Infinity
    for (let j = 0; j < count; j++) {
      const score = load<f32>(scores + floats(j)) * load<f32>(lengths + floats(j))
      if (score > best) {
        best = score
        winner = j
      }
    }
    const node = nodes + floats(winner * d)
    const y = Y + floats(i * d)
    vectorTimes(d, d, node, A, hidden)
    for (let at: usize = 0; at < floats(d); at += 16)
      v128.store(hidden + at, f32x4.max(f32x4.add(v128.load(hidden + at), v128.load(y + at)), zero))
    vectorTimes(d, d, hidden, B, move)
    for (let at: usize = 0; at < floats(d); at += 16) {
      const step = f32x4.mul(tanh(f32x4.add(v128.load(move + at), v128.load(b + at))), f32x4.splat(rate))
      v128.store(node + at, f32x4.add(v128.load(node + at), step))
    }
    store<f32>(lengths + floats(winner), inverseLength(node, d))
  }
}

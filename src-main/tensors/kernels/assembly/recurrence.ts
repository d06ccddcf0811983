/**
 * S_t = a_t S_(t-1) + k_t^T u_t, y_t = q_t S_t, token by token, for one head; u_t = v_t, or b_t (v_t - a_t k_t S_(t-1)).
 * Arrays are as tensors have them: q, k [L, dk], v, y [L, dv], a, b [L] or 0, S0, S1 [dk, dv], S0 or 0. Inside, rows of S
 * have W = dv numbers, padded with zeros to a multiple of 4.
 */
import { madd, sum } from './linear'

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2
}

/** Tokens between two states that the backward pass keeps. */
const segment: i32 = 64

// @ts-ignore: decorator
@inline
function padded(count: i32): i32 {
  return (count + 3) & ~3
}

/** A row of `count` numbers into one of W, the rest zero. */
// @ts-ignore: decorator
@inline
function widen(from: usize, count: i32, to: usize, W: i32): void {
  memory.copy(to, from, floats(count))
  for (let i = count; i < W; i++) store<f32>(to + floats(i), 0)
}

function widenRows(from: usize, rows: i32, count: i32, to: usize, W: i32): void {
  if (!from) {
    memory.fill(to, 0, floats(rows * W))
    return
  }
  for (let r = 0; r < rows; r++) widen(from + floats(r * count), count, to + floats(r * W), W)
}

function narrowRows(from: usize, rows: i32, W: i32, to: usize, count: i32): void {
  for (let r = 0; r < rows; r++) memory.copy(to + floats(r * count), from + floats(r * W), floats(count))
}

/** known = k S. */
function recall(k: usize, S: usize, dk: i32, W: i32, known: usize): void {
  const next = floats(W)
  let c: i32 = 0
  for (; c + 16 <= W; c += 16) {
    let at = S + floats(c)
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0)
    for (let i = 0; i < dk; i++, at += next) {
      const x = v128.load32_splat(k + floats(i))
      s0 = madd(x, v128.load(at), s0)
      s1 = madd(x, v128.load(at, 16), s1)
      s2 = madd(x, v128.load(at, 32), s2)
      s3 = madd(x, v128.load(at, 48), s3)
    }
    const to = known + floats(c)
    v128.store(to, s0); v128.store(to, s1, 16); v128.store(to, s2, 32); v128.store(to, s3, 48)
  }
  for (; c < W; c += 4) {
    let at = S + floats(c)
    let s0 = f32x4.splat(0)
    for (let i = 0; i < dk; i++, at += next) s0 = madd(v128.load32_splat(k + floats(i)), v128.load(at), s0)
    v128.store(known + floats(c), s0)
  }
}

/** u = b (u - a known). */
function missing(u: usize, known: usize, W: i32, a: f32, b: f32): void {
  const A = f32x4.splat(a), B = f32x4.splat(b)
  for (let at: usize = 0; at < floats(W); at += 16)
    v128.store(u + at, f32x4.mul(B, f32x4.sub(v128.load(u + at), f32x4.mul(A, v128.load(known + at)))))
}

/** T = a S + k^T u, and y = q T unless q is 0. T may be S. */
function write(q: usize, k: usize, S: usize, T: usize, dk: i32, W: i32, a: f32, u: usize, y: usize): void {
  const next = floats(W)
  const A = f32x4.splat(a)
  let c: i32 = 0
  for (; c + 16 <= W; c += 16) {
    const shift = floats(c)
    let at = S + shift
    let to = T + shift
    const u0 = v128.load(u + shift), u1 = v128.load(u + shift, 16)
    const u2 = v128.load(u + shift, 32), u3 = v128.load(u + shift, 48)
    let y0 = f32x4.splat(0), y1 = f32x4.splat(0), y2 = f32x4.splat(0), y3 = f32x4.splat(0)
    for (let i = 0; i < dk; i++, at += next, to += next) {
      const x = v128.load32_splat(k + floats(i))
      const s0 = madd(x, u0, f32x4.mul(A, v128.load(at)))
      const s1 = madd(x, u1, f32x4.mul(A, v128.load(at, 16)))
      const s2 = madd(x, u2, f32x4.mul(A, v128.load(at, 32)))
      const s3 = madd(x, u3, f32x4.mul(A, v128.load(at, 48)))
      v128.store(to, s0); v128.store(to, s1, 16); v128.store(to, s2, 32); v128.store(to, s3, 48)
      if (q) {
        const r = v128.load32_splat(q + floats(i))
        y0 = madd(r, s0, y0); y1 = madd(r, s1, y1); y2 = madd(r, s2, y2); y3 = madd(r, s3, y3)
      }
    }
    if (q) {
      const out = y + shift
      v128.store(out, y0); v128.store(out, y1, 16); v128.store(out, y2, 32); v128.store(out, y3, 48)
    }
  }
  for (; c < W; c += 4) {
    const shift = floats(c)
    let at = S + shift
    let to = T + shift
    const u0 = v128.load(u + shift)
    let y0 = f32x4.splat(0)
    for (let i = 0; i < dk; i++, at += next, to += next) {
      const s0 = madd(v128.load32_splat(k + floats(i)), u0, f32x4.mul(A, v128.load(at)))
      v128.store(to, s0)
      if (q) y0 = madd(v128.load32_splat(q + floats(i)), s0, y0)
    }
    if (q) v128.store(y + shift, y0)
  }
}

/** Floats that `recur` needs to work with. */
export function recurWork(dk: i32, dv: i32): i32 {
  const W = padded(dv)
  return dk * W + 3 * W + 4
}

export function recur(
  q: usize, k: usize, v: usize, a: usize, b: usize, S0: usize,
  L: i32, dk: i32, dv: i32, y: usize, S1: usize, work: usize
): void {
  const W = padded(dv)
  const S = work
  const u = S + floats(dk * W)
  const known = u + floats(W)
  const row = known + floats(W)
  widenRows(S0, dk, dv, S, W)
  for (let t = 0; t < L; t++, q += floats(dk), k += floats(dk)) {
    const A: f32 = a ? load<f32>(a + floats(t)) : 1
    widen(v + floats(t * dv), dv, u, W)
    if (b) {
      recall(k, S, dk, W, known)
      missing(u, known, W, A, load<f32>(b + floats(t)))
    }
    write(q, k, S, S, dk, W, A, u, row)
    memory.copy(y + floats(t * dv), row, floats(dv))
  }
  narrowRows(S, dk, W, S1, dv)
}

/** G += q^T d, du = k G, sums_i = the four parts of <T_i, d>: what of a token's gradients follows from that of its answer. */
function fromAnswer(q: usize, k: usize, d: usize, T: usize, G: usize, dk: i32, W: i32, du: usize, sums: usize): void {
  const next = floats(W)
  memory.fill(sums, 0, <usize>dk << 4)
  let c: i32 = 0
  for (; c + 16 <= W; c += 16) {
    const shift = floats(c)
    let g = G + shift
    let t = T + shift
    const d0 = v128.load(d + shift), d1 = v128.load(d + shift, 16)
    const d2 = v128.load(d + shift, 32), d3 = v128.load(d + shift, 48)
    let u0 = f32x4.splat(0), u1 = u0, u2 = u0, u3 = u0
    for (let i = 0; i < dk; i++, g += next, t += next) {
      const r = v128.load32_splat(q + floats(i))
      const x = v128.load32_splat(k + floats(i))
      const g0 = madd(r, d0, v128.load(g))
      const g1 = madd(r, d1, v128.load(g, 16))
      const g2 = madd(r, d2, v128.load(g, 32))
      const g3 = madd(r, d3, v128.load(g, 48))
      v128.store(g, g0); v128.store(g, g1, 16); v128.store(g, g2, 32); v128.store(g, g3, 48)
      u0 = madd(x, g0, u0); u1 = madd(x, g1, u1); u2 = madd(x, g2, u2); u3 = madd(x, g3, u3)
      const at = sums + (<usize>i << 4)
      const one = madd(v128.load(t, 16), d1, madd(v128.load(t), d0, v128.load(at)))
      v128.store(at, madd(v128.load(t, 48), d3, madd(v128.load(t, 32), d2, one)))
    }
    const out = du + shift
    v128.store(out, u0); v128.store(out, u1, 16); v128.store(out, u2, 32); v128.store(out, u3, 48)
  }
  for (; c < W; c += 4) {
    const shift = floats(c)
    let g = G + shift
    let t = T + shift
    const d0 = v128.load(d + shift)
    let u0 = f32x4.splat(0)
    for (let i = 0; i < dk; i++, g += next, t += next) {
      const g0 = madd(v128.load32_splat(q + floats(i)), d0, v128.load(g))
      v128.store(g, g0)
      u0 = madd(v128.load32_splat(k + floats(i)), g0, u0)
      const at = sums + (<usize>i << 4)
      v128.store(at, madd(v128.load(t), d0, v128.load(at)))
    }
    v128.store(du + shift, u0)
  }
}

/**
 * sums_i = the four parts of <G_i, u> - a <de, S_i>, and G <- a (G - k^T de), de only where `erases`.
 * @returns <G, S> of G as it was
 */
function throughWrite(
  k: usize, u: usize, de: usize, S: usize, G: usize, dk: i32, W: i32, a: f32, erases: bool, sums: usize
): f32 {
  const next = floats(W)
  const A = f32x4.splat(a)
  const none = f32x4.splat(0)
  memory.fill(sums, 0, <usize>dk << 4)
  let decay = none
  let c: i32 = 0
  for (; c + 8 <= W; c += 8) {
    const shift = floats(c)
    let g = G + shift
    let s = S + shift
    const u0 = v128.load(u + shift), u1 = v128.load(u + shift, 16)
    const e0 = erases ? v128.load(de + shift) : none
    const e1 = erases ? v128.load(de + shift, 16) : none
    const f0 = f32x4.neg(f32x4.mul(A, e0)), f1 = f32x4.neg(f32x4.mul(A, e1))
    for (let i = 0; i < dk; i++, g += next, s += next) {
      const x = v128.load32_splat(k + floats(i))
      const g0 = v128.load(g), g1 = v128.load(g, 16)
      const s0 = v128.load(s), s1 = v128.load(s, 16)
      decay = madd(g1, s1, madd(g0, s0, decay))
      const at = sums + (<usize>i << 4)
      const one = madd(u1, g1, madd(u0, g0, v128.load(at)))
      v128.store(at, madd(f1, s1, madd(f0, s0, one)))
      v128.store(g, madd(x, f0, f32x4.mul(A, g0)))
      v128.store(g, madd(x, f1, f32x4.mul(A, g1)), 16)
    }
  }
  for (; c < W; c += 4) {
    const shift = floats(c)
    let g = G + shift
    let s = S + shift
    const u0 = v128.load(u + shift)
    const f0 = f32x4.neg(f32x4.mul(A, erases ? v128.load(de + shift) : none))
    for (let i = 0; i < dk; i++, g += next, s += next) {
      const g0 = v128.load(g)
      const s0 = v128.load(s)
      decay = madd(g0, s0, decay)
      const at = sums + (<usize>i << 4)
      v128.store(at, madd(f0, s0, madd(u0, g0, v128.load(at))))
      v128.store(g, madd(v128.load32_splat(k + floats(i)), f0, f32x4.mul(A, g0)))
    }
  }
  return sum(decay)
}

function addUp(sums: usize, count: i32, to: usize): void {
  for (let i = 0; i < count; i++) store<f32>(to + floats(i), sum(v128.load(sums + (<usize>i << 4))))
}

/** Floats that `recurBack` needs to work with. */
export function recurBackWork(L: i32, dk: i32, dv: i32): i32 {
  const W = padded(dv)
  return ((L + segment - 1) / segment + segment + 2) * dk * W + (2 * segment + 4) * W + 4 * dk + 4
}

/**
 * Gradients of `recur` from those of y and, unless it is 0, of S1. With G the gradient of S_t:
 *
 *   G += q^T dy;   dq = S_t dy;   du = k G;   e = v - a k S;   de = b du (without b: du)
 *   dv = de;   db = du . e;   dk = G u - a S de;   da = <G, S> - de . (k S);   G <- a (G - k^T de)
 *
 * where S is S_(t-1), and what has de only with b. States are computed again from one of every 64 tokens.
 */
export function recurBack(
  q: usize, k: usize, v: usize, a: usize, b: usize, S0: usize, dy: usize, dS1: usize,
  L: i32, dk: i32, dv: i32,
  toQ: usize, toK: usize, toV: usize, toA: usize, toB: usize, toS: usize, work: usize
): void {
  const W = padded(dv)
  const size = floats(dk * W)
  const width = floats(W)
  const parts = (L + segment - 1) / segment
  const starts = work
  const states = starts + <usize>parts * size
  const G = states + <usize>(segment + 1) * size
  const us = G + size
  const knowns = us + <usize>segment * width
  const du = knowns + <usize>segment * width
  const d = du + width
  const sums = d + width
  // The states at the beginning of each part; `states` is where the last one moves on.
  widenRows(S0, dk, dv, states, W)
  if (parts > 0) memory.copy(starts, states, size)
  for (let t = 0; t < (parts - 1) * segment; t++) {
    const A: f32 = a ? load<f32>(a + floats(t)) : 1
    const key = k + floats(t * dk)
    widen(v + floats(t * dv), dv, us, W)
    if (b) {
      recall(key, states, dk, W, knowns)
      missing(us, knowns, W, A, load<f32>(b + floats(t)))
    }
    write(0, key, states, states, dk, W, A, us, 0)
    if ((t + 1) % segment == 0) memory.copy(starts + <usize>((t + 1) / segment) * size, states, size)
  }
  widenRows(dS1, dk, dv, G, W)
  for (let part = parts - 1; part >= 0; part--) {
    const first = part * segment
    const count = min(segment, L - first)
    memory.copy(states, starts + <usize>part * size, size)
    for (let n = 0; n < count; n++) {
      const t = first + n
      const A: f32 = a ? load<f32>(a + floats(t)) : 1
      const key = k + floats(t * dk)
      const u = us + <usize>n * width
      widen(v + floats(t * dv), dv, u, W)
      if (b) {
        const known = knowns + <usize>n * width
        recall(key, states + <usize>n * size, dk, W, known)
        missing(u, known, W, A, load<f32>(b + floats(t)))
      }
      write(0, key, states + <usize>n * size, states + <usize>(n + 1) * size, dk, W, A, u, 0)
    }
    for (let n = count - 1; n >= 0; n--) {
      const t = first + n
      const A: f32 = a ? load<f32>(a + floats(t)) : 1
      const S = states + <usize>n * size
      const T = S + size
      const u = us + <usize>n * width
      const known = knowns + <usize>n * width
      widen(dy + floats(t * dv), dv, d, W)
      fromAnswer(q + floats(t * dk), k + floats(t * dk), d, T, G, dk, W, du, sums)
      addUp(sums, dk, toQ + floats(t * dk))
      let slope: f32 = 0
      if (b) {
        // du becomes de; e is taken from v, since b may be zero.
        const B = f32x4.splat(load<f32>(b + floats(t)))
        const fade = f32x4.splat(A)
        widen(v + floats(t * dv), dv, d, W)
        let strength = f32x4.splat(0)
        let fading = f32x4.splat(0)
        for (let at: usize = 0; at < width; at += 16) {
          const each = v128.load(du + at)
          const kept = v128.load(known + at)
          strength = madd(each, f32x4.sub(v128.load(d + at), f32x4.mul(fade, kept)), strength)
          const de = f32x4.mul(B, each)
          v128.store(du + at, de)
          fading = madd(de, kept, fading)
        }
        store<f32>(toB + floats(t), sum(strength))
        slope = -sum(fading)
      }
      memory.copy(toV + floats(t * dv), du, floats(dv))
      const decay = throughWrite(k + floats(t * dk), u, du, S, G, dk, W, A, b != 0, sums)
      addUp(sums, dk, toK + floats(t * dk))
      if (toA) store<f32>(toA + floats(t), slope + decay)
    }
  }
  if (toS) narrowRows(G, dk, W, toS, dv)
}

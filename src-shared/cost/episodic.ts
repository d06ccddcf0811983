import type { BlockCost, Parts } from './block.ts'
import type { CostInput } from './symbols.ts'

/** Entries that token t sees: M in a full buffer, else min(M, writes before it), one write per s tokens. */
const seen = ({ M, s, buffer }: CostInput, t: number): number =>
  buffer === 'full' ? M : Math.min(M, Math.floor((t - 1) / s))

/** Sum over tokens 1..n of min(cap, floor((t-1)/s)), in closed form. */
function filled(n: number, s: number, cap: number): number {
  const whole = Math.min(Math.floor(n / s), cap)
  // Segments 0..whole-1 are complete below the cap; all later tokens see `whole` entries.
  return (s * whole * (whole - 1)) / 2 + (n - whole * s) * whole
}

function parts({ d, H, K }: CostInput, tokens: number, scored: number, valued: number, writes: number): Parts {
  return {
    projections: 4 * d * d * tokens,
    read: K > 0 ? 2 * d * scored + 2 * d * valued : 4 * d * scored,
    write: 4 * d * d * writes,
    softmax: 5 * H * (K > 0 ? valued : scored)
  }
}

function over(input: CostInput, n: number): Parts {
  const { M, s, K, buffer } = input
  const cap = K > 0 ? Math.min(K, M) : M
  const scored = buffer === 'full' ? n * M : filled(n, s, M)
  const valued = buffer === 'full' ? n * cap : filled(n, s, cap)
  return parts(input, n, scored, valued, Math.ceil(n / s))
}

/**
 * Episodic CMR: a ring buffer of M keys and values. Read: query and output projections 4 d^2, scores and values 4 n d
 * (top-K: 2 n d + 2 K d), softmax 5 H n; write per segment of s tokens: 4 d^2. State: 2 M d.
 */
export const episodic: BlockCost = {
  id: 'episodic',
  title: 'Episodic memory',
  formulas: ({ K }) => ({
    projections: '4d^2',
    read: K > 0 ? '2nd+2Kd' : '4nd',
    write: '4d^2/s',
    softmax: K > 0 ? '5HK' : '5Hn'
  }),
  seen: (input) => seen(input, input.L),
  token(input, t) {
    const n = seen(input, t)
    const valued = input.K > 0 ? Math.min(input.K, n) : n
    // The write that ends a segment falls on its last token; a last, shorter segment is written too.
    const writes = t % input.s === 0 || t === input.L ? 1 : 0
    return parts(input, 1, n, valued, writes)
  },
  sequence: (input) => over(input, input.L),
  chunk: (input) => over(input, input.C),
  parameters: ({ d }) => 3 * d * d + d,
  state: ({ M, d }) => 2 * M * d,
  asymptotic: {
    token: ({ M, d }) => M * d,
    sequence: ({ L, M, d }) => L * M * d,
    chunk: ({ C, M, d }) => C * M * d,
    storage: ({ M, d }) => M * d,
    tex: { token: 'M d', sequence: 'L M d', chunk: 'C M d', storage: 'M d B' }
  }
}

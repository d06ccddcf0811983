import type { BlockCost, Parts } from './block.ts'
import type { CostInput } from './symbols.ts'

const parts = (d: number, H: number, tokens: number, seen: number): Parts => ({
  projections: 8 * d * d * tokens,
  read: 4 * d * seen,
  softmax: 5 * H * seen
})

/** Pairs of token and seen token among n tokens. */
const pairs = (n: number, causal: boolean): number => (causal ? (n * (n + 1)) / 2 : n * n)

/**
 * Multi-head attention: 8 d^2 projections (query, key, value, output), 4 n d scores and values with n = t when causal,
 * n = L when not; softmax 5 H n. State: the KV cache a decoder would keep, 2 L d; read in chunks that do not look back,
 * that of one chunk, 2 C d.
 */
export const attention: BlockCost = {
  id: 'attention',
  title: 'Attention',
  formulas: () => ({ projections: '8d^2', read: '4nd', softmax: '5Hn' }),
  seen: ({ L }) => L,
  token: ({ d, H, L, causal }, t) => parts(d, H, 1, causal ? t : L),
  sequence: ({ d, H, L, causal }) => parts(d, H, L, pairs(L, causal)),
  chunk: ({ d, H, C, causal }) => parts(d, H, C, pairs(C, causal)),
  parameters: ({ d }: CostInput) => 4 * d * d + 4 * d,
  state: ({ L, d }) => 2 * L * d,
  chunkState: ({ C, d }) => 2 * C * d,
  asymptotic: {
    token: ({ L, d }) => L * d,
    sequence: ({ L, d }) => L * L * d,
    chunk: ({ C, d }) => C * C * d,
    storage: ({ L, d }) => L * d,
    chunkStorage: ({ C, d }) => C * d,
    tex: { token: 'L d', sequence: 'L^2 d', chunk: 'C^2 d', storage: 'L d B', chunkStorage: 'C d B' }
  }
}

/** Fused kernels over many rows at once: the nearest of them, sums and means of them. */
import type { MeanAttention, NeighbourRead, SlotKernels, TanhSums } from '../fused-kernels.ts'
import { padded, type Arena } from './arena.ts'
import type { SlotExports } from './load.ts'

type RowKernels = Pick<SlotKernels, 'readNeighbours' | 'tanhSums' | 'meanAttention'>

export const rowKernels = (exports: SlotExports, arena: Arena): RowKernels => ({
  readNeighbours(read: NeighbourRead) {
    const { batch, count, slots, dim, neighbours, heads } = read
    arena.clear()
    const [u, d] = [padded(slots), padded(dim)]
    const [r, q] = [arena.matrix(count, dim), arena.matrix(count, dim)]
    const [D, K, V] = [arena.matrix(slots, dim), arena.matrix(slots, dim), arena.matrix(slots, dim)]
    const R = arena.matrix(count, dim)
    const work = arena.take(4 * exports.neighboursWork(u, d, neighbours))
    const out = new Float32Array(batch * count * dim)
    for (let b = 0; b < batch; b++) {
      arena.write(r, read.cues, b * count * dim)
      arena.write(q, read.queries, b * count * dim)
      arena.write(D, read.directions, b * slots * dim)
      arena.write(K, read.keys, b * slots * dim)
      arena.write(V, read.values, b * slots * dim)
      arena.zero(R)
      exports.neighbours(
        ...[r.at, q.at, D.at, K.at, V.at, count, slots, u, d, neighbours, heads, dim / heads, R.at, work]
      )
      arena.read(R, out, b * count * dim)
    }
    return out
  },

  tanhSums({ batch, items, inner, width, hidden, weight, bias }: TanhSums) {
    arena.clear()
    const H = arena.matrix(items, inner)
    const W = arena.matrix(width, inner)
    const b = arena.matrix(1, width)
    const y = arena.matrix(1, width)
    const work = arena.take(4 * exports.tanhSumsWork(padded(inner)))
    const out = new Float32Array(batch * width)
    for (let trial = 0; trial < batch; trial++) {
      arena.write(H, hidden, trial * items * inner)
      arena.write(W, weight, trial * width * inner)
      arena.write(b, bias, trial * width)
      exports.tanhSums(H.at, items, padded(inner), W.at, padded(width), b.at, y.at, work)
      arena.read(y, out, trial * width)
    }
    return out
  },

  meanAttention({ groups, size, dim, queries, keys }: MeanAttention) {
    arena.clear()
    const [Q, K] = [arena.take(4 * size * dim), arena.take(4 * size * dim)]
    const p = arena.take(4 * size)
    const work = arena.take(4 * exports.meanAttentionWork(size, dim))
    const out = new Float32Array(groups * size)
    for (let g = 0; g < groups; g++) {
      const part = size * dim
      arena.singles(Q, part).set(queries.subarray(g * part, (g + 1) * part))
      arena.singles(K, part).set(keys.subarray(g * part, (g + 1) * part))
      exports.meanAttention(Q, K, size, dim, p, work)
      out.set(arena.singles(p, size), g * size)
    }
    return out
  }
})

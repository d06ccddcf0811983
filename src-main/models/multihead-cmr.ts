import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import { AttentionMaps } from './parts/traces/attention-maps.ts'
import { applyBare, bare, joinHeads, similarities, similarityFlops } from './parts/blocks/block-heads.ts'
import { associationParams, blockParams } from './parts/blocks/block-params.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { applyLinear, linear } from './parts/memory/linear.ts'
import { splitHeads } from './parts/memory/mha.ts'
import { overTrials } from './parts/memory/shared-weights.ts'

/**
 * Multi-head CMR: each head retrieves from learned slots by the context of the token, as CMR retrieves items by context.
 *
 *   c = x W_q^T,   y_h = softmax(sim(c_h, K_h)) V_h,   y = [y_1 ... y_H] W_o^T + b_o
 *
 * x, y: [L, d]; K, V: [H, M, d_h]; sim: c.k / sqrt(d_h), or the cosine. Nothing is written while it runs.
 *
 * Association: slots as above; global: one bank for all heads, K, V: [M, d_h], each head asks it with its own c_h;
 * low-rank: the associative matrix of CMR itself, of rank r:  y_h = c_h M_h^T,  M_h = W1_h W2_h,  W1: [H, d_h, r],
 * W2: [H, r, d_h] (`W_1`, `W_2`, n(1/sqrt(r)) and n(1/sqrt(d_h))); slots and similarity then have no part.
 * Source: the studio's third source document (transformer blocks with CMR), after Polyn, Norman & Kahana (2009).
 */
export default defineModel({
  id: 'multihead-cmr',
  title: 'Multi-head CMR',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Heads that read learned slots by similarity to the token’s context.',
  recall:
    'Recalls what training put into its slots; it writes nothing while it runs, so it cannot recall anything of the present sequence.',
  equations: [
    'c = x\\,W_q^\\top',
    'y = \\bigl[\\operatorname{softmax}(\\operatorname{sim}(c_h, K_h))\\,V_h\\bigr]_{h=1}^{H} W_o^\\top + b_o',
    '\\text{low-rank: } y_h = c_h\\,(W_{1,h} W_{2,h})^\\top'
  ],
  symbols: [
    { symbol: 'x, y', meaning: 'tokens in and out', shape: '[L, d]' },
    { symbol: 'K, V', meaning: 'learned slots', shape: '[H, M, d_h]' },
    { symbol: '\\operatorname{sim}', meaning: 'scaled dot product, or cosine' },
    { symbol: 'W_{1,h}, W_{2,h}', meaning: 'factors of a low-rank association', shape: '[d_h, r], [r, d_h]' }
  ],
  source: 'Unpublished design notes (2025), after S. Polyn, K. Norman & M. Kahana (2009)',
  notes: [
    'The source does not say how slots begin: they are drawn n(1/sqrt(d_h)).',
    'Of the variants that the source names, global shares one bank among the heads, low-rank factorises the association of each.'
  ],
  params: {
    dim: dimension,
    heads: headCount(8),
    memorySlots: blockParams.memorySlots,
    similarity: blockParams.similarity,
    ...associationParams
  },
  revision: 1,
  create({ dim, heads, memorySlots, similarity, association, rank }, { weight, observed }) {
    const size = dim / heads
    const query = bare(weight, 'W_q', dim, dim)
    const maps = new AttentionMaps(['Token', 'Slot'], observed)
    const normal = (name: string, shape: number[], inputs: number): Tensor =>
      weight(name, shape, { kind: 'normal', scale: 1 / Math.sqrt(inputs) })
    const held = associated()
    const out = linear(weight, 'out', dim, dim)
    /** The weights of the association, and what contexts c [B, H, L, d_h] recall by it. */
    function associated(): { weights: Tensor[]; recall(c: Tensor): Tensor } {
      if (association === 'low-rank') {
        const [first, second] = [normal('W_1', [heads, size, rank], rank), normal('W_2', [heads, rank, size], size)]
        return {
          weights: [first, second],
          recall: (c) => tf.matMul(tf.matMul(c, second, false, true), first, false, true)
        }
      }
      const banks = association === 'global' ? [memorySlots, size] : [heads, memorySlots, size]
      const keys = normal('memory_keys', banks, size)
      const values = normal('memory_values', banks, size)
      const forHeads = (bank: Tensor): Tensor =>
        association === 'global' ? bank.expandDims(1).tile([1, heads, 1, 1]) : bank
      return {
        weights: [keys, values],
        recall(c) {
          const shares = tf.softmax(similarities(c, forHeads(keys), similarity), -1)
          maps.keep(shares)
          return tf.matMul(shares, forHeads(values))
        }
      }
    }
    return {
      forward: (x) =>
        tf.tidy(() =>
          overTrials(x, query.shape[0]!, (tokens) =>
            applyLinear(out, joinHeads(held.recall(splitHeads(applyBare(query, tokens), heads))))
          )
        ),
      // Nothing is written while it runs; only the maps to be shown are kept.
      reset: () => maps.clear(),
      traces: () => maps.read(),
      dispose() {
        maps.clear()
        tf.dispose([query, ...held.weights, out.weight, out.bias])
      }
    }
  },
  cost({ dim, heads, memorySlots: M, similarity, association, rank }, { tokens: L = 0 }) {
    const slots = association === 'global' ? (2 * M * dim) / heads : 2 * M * dim
    const reading =
      association === 'low-rank'
        ? 4 * L * rank * dim
        : similarityFlops(L * M, L + M, dim, heads, similarity) + L * M * (5 * heads + 2 * dim)
    return {
      forwardFlops: L * (4 * dim * dim + dim) + reading,
      parameters: 2 * dim * dim + dim + (association === 'low-rank' ? 2 * rank * dim : slots),
      state: 0
    }
  }
})

import * as tf from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import { AttentionMaps } from './parts/traces/attention-maps.ts'
import { applyBare, bare, joinHeads, similarities, similarityFlops } from './parts/blocks/block-heads.ts'
import { blockParams } from './parts/blocks/block-params.ts'
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
    'y = \\bigl[\\operatorname{softmax}(\\operatorname{sim}(c_h, K_h))\\,V_h\\bigr]_{h=1}^{H} W_o^\\top + b_o'
  ],
  symbols: [
    { symbol: 'x, y', meaning: 'tokens in and out', shape: '[L, d]' },
    { symbol: 'K, V', meaning: 'learned slots', shape: '[H, M, d_h]' },
    { symbol: '\\operatorname{sim}', meaning: 'scaled dot product, or cosine' }
  ],
  source: 'Unpublished design notes (2025), after S. Polyn, K. Norman & M. Kahana (2009)',
  notes: ['The source does not say how slots begin: they are drawn n(1/sqrt(d_h)).'],
  params: {
    dim: dimension,
    heads: headCount(8),
    memorySlots: blockParams.memorySlots,
    similarity: blockParams.similarity
  },
  uses: { contexts: false, places: false },
  revision: 1,
  create({ dim, heads, memorySlots, similarity }, { weight, observed }) {
    const size = dim / heads
    const query = bare(weight, 'W_q', dim, dim)
    const slots = { kind: 'normal', scale: 1 / Math.sqrt(size) } as const
    const keys = weight('memory_keys', [heads, memorySlots, size], slots)
    const values = weight('memory_values', [heads, memorySlots, size], slots)
    const out = linear(weight, 'out', dim, dim)
    const maps = new AttentionMaps(['Token', 'Slot'], observed)
    return {
      forward: (x) =>
        tf.tidy(() =>
          overTrials(x, query.shape[0]!, (tokens) => {
            const c = splitHeads(applyBare(query, tokens), heads)
            const shares = tf.softmax(similarities(c, keys, similarity), -1)
            maps.keep(shares)
            return applyLinear(out, joinHeads(tf.matMul(shares, values)))
          })
        ),
      // Nothing is written while it runs; only the maps to be shown are kept.
      reset: () => maps.clear(),
      traces: () => maps.read(),
      dispose() {
        maps.clear()
        tf.dispose([query, keys, values, out.weight, out.bias])
      }
    }
  },
  cost({ dim, heads, memorySlots: M, similarity }, { tokens: L = 0 }) {
    return {
      storeFlops: 0,
      retrieveFlops: 0,
      forwardFlops:
        L * (4 * dim * dim + dim) +
        similarityFlops(L * M, L + M, dim, heads, similarity) +
        L * M * (5 * heads + 2 * dim),
      parameters: 2 * dim * dim + dim + 2 * M * dim,
      state: 0
    }
  }
})

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import { applyBare, bare, joinHeads } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { linear, applyLinear, linearFlops } from './parts/memory/linear.ts'
import { LinearRecurrence, recurrenceFlops } from './parts/blocks/linear-recurrence.ts'
import { splitHeads } from './parts/memory/mha.ts'

/**
 * Linear attention: the softmax of attention replaced by a feature map, so that all the past fits into one matrix.
 *
 *   S_t = S_(t-1) + phi(k_t)^T v_t,   z_t = z_(t-1) + phi(k_t),   y_t = phi(q_t) S_t / (phi(q_t) . z_t)
 *
 * q, k, v: [d_h] a head, linear in x; phi(x) = elu(x) + 1; S: [d_h, d_h], z: [d_h], kept between calls.
 * Source: Katharopoulos et al. (2020), Transformers are RNNs.
 */
export default defineModel({
  id: 'linear-attention',
  title: 'Linear attention',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Attention without the softmax: one matrix a head holds the sum of all outer products.',
  recall:
    'Recalls like a linear associator: well below d_h items a head, ever more blurred beyond. It never forgets and cannot overwrite.',
  equations: [
    'S_t = S_{t-1} + \\phi(k_t)^\\top v_t,\\qquad z_t = z_{t-1} + \\phi(k_t)',
    'y_t = \\phi(q_t)\\,S_t / (\\phi(q_t) \\cdot z_t),\\qquad \\phi(x) = \\operatorname{elu}(x) + 1'
  ],
  symbols: [
    { symbol: 'S', meaning: 'memory of a head', shape: '[d_h, d_h]' },
    { symbol: 'z', meaning: 'sum of keys', shape: '[d_h]' },
    { symbol: '\\phi', meaning: 'feature map' }
  ],
  source: 'A. Katharopoulos et al. (2020), Transformers are RNNs',
  notes: ['A call is computed in chunks, which changes no result beyond rounding.'],
  params: { dim: dimension, heads: headCount(8) },
  uses: { contexts: false, places: false },
  revision: 1,
  create({ dim, heads }, { weight, observed }) {
    const [toQuery, toKey, toValue] = ['W_q', 'W_k', 'W_v'].map((name) => bare(weight, name, dim, dim))
    const out = linear(weight, 'out', dim, dim)
    const memory = new LinearRecurrence(observed)
    const size = dim / heads
    return {
      forward: (x) =>
        tf.tidy(() => {
          const [batch, length] = x.shape as [number, number]
          const of = (w: Tensor): Tensor => splitHeads(applyBare(w, x), heads)
          // A column of ones among the values adds up the keys: z.
          const v = tf.concat([of(toValue), tf.ones([batch, heads, length, 1])], 3)
          const y = memory.run({ q: feature(of(toQuery)), k: feature(of(toKey)), v })
          const [sums, norms] = tf.split(y, [size, 1], 3)
          return applyLinear(out, joinHeads(sums.div(norms)))
        }),
      reset: () => memory.clear(),
      traces: () => memory.traces(size),
      dispose() {
        memory.clear()
        tf.dispose([toQuery, toKey, toValue, out.weight, out.bias])
      }
    }
  },
  cost({ dim: d, heads }, { tokens: L = 0, before }) {
    const size = d / heads
    const sizes = { tokens: L, heads, dk: size, dv: size + 1, decay: 'none', delta: false, before: before > 0 } as const
    return {
      storeFlops: 0,
      retrieveFlops: 0,
      forwardFlops: 6 * L * d * d + 4 * L * d + recurrenceFlops(sizes) + L * d + linearFlops(L, d, d),
      parameters: 4 * d * d + d,
      state: d * (size + 1)
    }
  }
})

/** phi(x) = elu(x) + 1: positive everywhere. */
const feature = (x: Tensor): Tensor => tf.elu(x).add(1)

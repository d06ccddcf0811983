import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import { applyBare, bare, joinHeads } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { LinearRecurrence, recurrenceFlops } from './parts/blocks/linear-recurrence.ts'
import { splitHeads } from './parts/memory/mha.ts'
import { silu } from './parts/blocks/neural-memory.ts'
import { rmsNorm, rmsNormFlops } from './parts/memory/rms-norm.ts'

/**
 * Retention (RetNet): linear attention that forgets at a fixed rate, each head at its own.
 *
 *   S_t = gamma_h S_(t-1) + k_t^T v_t,   y_t = q_t S_t / sqrt(d_h),   gamma_h = 1 - 2^(-5-h), h = 0, 1, ...
 *   out = (silu(x W_g^T) o [norm(y_h)]) W_o^T
 *
 * q, k, v: [d_h] a head, linear in x; S: [d_h, d_h], kept between calls; norm: root-mean-square of each head.
 * Source: Sun et al. (2023), Retentive network.
 */
export default defineModel({
  id: 'retnet',
  title: 'Retention (RetNet)',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'One matrix a head that fades at a fixed rate: slow heads remember long, fast heads the last few tokens.',
  recall:
    'Recalls like a fading linear associator: the newest items best. Its rates are fixed, so it cannot choose what to keep.',
  equations: [
    'S_t = \\gamma_h S_{t-1} + k_t^\\top v_t,\\qquad y_t = q_t S_t / \\sqrt{d_h},\\qquad \\gamma_h = 1 - 2^{-5-h}',
    '\\text{out} = \\bigl(\\operatorname{silu}(x W_g^\\top) \\odot [\\operatorname{norm}(y_h)]\\bigr)\\,W_o^\\top'
  ],
  symbols: [
    { symbol: 'S', meaning: 'memory of a head', shape: '[d_h, d_h]' },
    { symbol: '\\gamma_h', meaning: 'share that stays at each token' }
  ],
  source: 'Y. Sun et al. (2023), Retentive network: a successor to transformer',
  notes: ['The rotation of queries and keys by their position is left out: in a stack, positions are learned.'],
  params: { dim: dimension, heads: headCount(8) },
  uses: { contexts: false, places: false },
  revision: 1,
  create({ dim, heads }, { weight, observed }) {
    const [toQuery, toKey, toValue, gate, out] = ['W_q', 'W_k', 'W_v', 'W_g', 'W_o'].map((name) =>
      bare(weight, name, dim, dim)
    )
    const logDecay = Array.from({ length: heads }, (_, h) => Math.log1p(-(2 ** (-5 - h))))
    const memory = new LinearRecurrence(observed)
    return {
      forward: (x) =>
        tf.tidy(() => {
          const of = (w: Tensor): Tensor => splitHeads(applyBare(w, x), heads)
          const q = of(toQuery).div(Math.sqrt(dim / heads))
          const y = rmsNorm(memory.run({ q, k: of(toKey), v: of(toValue), logDecay }))
          return applyBare(out, silu(applyBare(gate, x)).mul(joinHeads(y)))
        }),
      reset: () => memory.clear(),
      traces: () => memory.traces(),
      dispose() {
        memory.clear()
        tf.dispose([toQuery, toKey, toValue, gate, out])
      }
    }
  },
  cost({ dim: d, heads }, { tokens: L = 0, before }) {
    const size = d / heads
    const sizes = { tokens: L, heads, dk: size, dv: size, decay: 'head', delta: false, before: before > 0 } as const
    return {
      storeFlops: 0,
      retrieveFlops: 0,
      forwardFlops: 10 * L * d * d + 4 * L * d + recurrenceFlops(sizes) + heads * rmsNormFlops(L, size),
      parameters: 5 * d * d,
      state: d * size
    }
  }
})

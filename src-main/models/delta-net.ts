import * as tf from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import { applyBare, bare, joinHeads } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { unit, unitFlops } from './parts/memory/cosine.ts'
import { applyLinear, linear, linearFlops } from './parts/memory/linear.ts'
import { LinearRecurrence, recurrenceFlops } from './parts/blocks/linear-recurrence.ts'
import { splitHeads } from './parts/memory/mha.ts'
import { rmsNorm, rmsNormFlops } from './parts/memory/rms-norm.ts'
import { convolvedMaps, convolutionCost, type ConvolvedMap, ownConvolution } from './parts/blocks/short-convolution.ts'
import { perHead } from './parts/blocks/token-decay.ts'

/**
 * DeltaNet: each token erases what its key recalls, then writes its value; nothing fades.
 *
 *   q, k, v = silu(conv(x W_q,k,v^T))
 *   S_t = S_(t-1) + b_t k_t^T (v_t - k_t S_(t-1)),   y_t = q_t S_t,   b_t = sigma(x_t W_b^T + b)
 *   out = [norm(y_h)] W_o^T
 *
 * q, k: [d_h] a head, unit length, v: [d_h]; b_t: one a head; S: [d_h, d_h], kept between calls; conv: causal, over four
 * tokens, channel by channel (parts/blocks/short-convolution.ts); without it q, k, v are x W^T.
 * Source: Yang, Wang, Zhang, Shen & Kim (2024), Parallelizing linear transformers with the delta rule over sequence
 * length; Schlag, Irie & Schmidhuber (2021), Linear transformers are secretly fast weight programmers.
 */
export default defineModel({
  id: 'delta-net',
  title: 'DeltaNet',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'One matrix a head, written by the delta rule and never fading: a new value for a key replaces the old one.',
  recall:
    'Recalls up to about d_h items a head and replaces the value of a key that comes again. It cannot clear itself: what no key overwrites stays.',
  equations: [
    'q, k, v = \\operatorname{silu}\\bigl(\\operatorname{conv}(x W_{q,k,v}^\\top)\\bigr)',
    'S_t = S_{t-1} + b_t k_t^\\top (v_t - k_t S_{t-1}),\\qquad y_t = q_t S_t,\\qquad b_t = \\sigma(x_t W_b^\\top + b)',
    '\\text{out} = [\\operatorname{norm}(y_h)]\\,W_o^\\top'
  ],
  symbols: [
    { symbol: 'S', meaning: 'memory of a head', shape: '[d_h, d_h]' },
    { symbol: 'q, k, v', meaning: 'query, key and value of a head; q and k at unit length', shape: '[d_h]' },
    { symbol: 'b_t', meaning: 'strength of the write, one a head' }
  ],
  source:
    'S. Yang, B. Wang, Y. Zhang, Y. Shen & Y. Kim (2024), Parallelizing linear transformers with the delta rule over sequence length',
  notes: ['A call is computed in chunks, whose triangular system is solved by blocks.'],
  params: { dim: dimension, heads: headCount(8), convolution: ownConvolution },
  revision: 1,
  create({ dim, heads, convolution }, { weight, observed }) {
    const [query, key, value] = convolvedMaps(weight, dim, convolution)
    const out = bare(weight, 'W_o', dim, dim)
    const strength = linear(weight, 'beta', dim, heads)
    const memory = new LinearRecurrence(observed)
    const clear = (): void => {
      memory.clear()
      for (const map of [query, key, value]) map.clear()
    }
    return {
      forward: (x) =>
        tf.tidy(() => {
          const of = (map: ConvolvedMap): tf.Tensor => splitHeads(map.run(x), heads)
          const y = memory.run({
            ...{ q: unit(of(query)), k: unit(of(key)), v: of(value) },
            beta: perHead(tf.sigmoid(applyLinear(strength, x)))
          })
          return applyBare(out, joinHeads(rmsNorm(y)))
        }),
      reset: clear,
      traces: () => memory.traces(),
      dispose() {
        clear()
        for (const map of [query, key, value]) map.dispose()
        tf.dispose([out, strength.weight, strength.bias])
      }
    }
  },
  cost({ dim: d, heads, convolution }, { tokens: L = 0, before }) {
    const size = d / heads
    const sizes = { tokens: L, heads, dk: size, dv: size, decay: 'none', delta: true, before: before > 0 } as const
    const convolved = convolutionCost(convolution, L, 3 * d)
    return {
      forwardFlops:
        8 * L * d * d +
        convolved.flops +
        2 * unitFlops(L * heads, size) +
        linearFlops(L, d, heads) +
        L * heads +
        recurrenceFlops(sizes) +
        heads * rmsNormFlops(L, size),
      parameters: 4 * d * d + d * heads + heads + convolved.parameters,
      state: d * size + convolved.state
    }
  }
})

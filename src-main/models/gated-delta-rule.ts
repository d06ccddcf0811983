import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import { applyBare, bare, gateMap, joinHeads } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { unit, unitFlops } from './parts/memory/cosine.ts'
import { applyLinear, linear, linearFlops } from './parts/memory/linear.ts'
import { LinearRecurrence, recurrenceFlops } from './parts/blocks/linear-recurrence.ts'
import { splitHeads } from './parts/memory/mha.ts'
import { silu } from './parts/blocks/neural-memory.ts'
import { rmsNorm, rmsNormFlops } from './parts/memory/rms-norm.ts'
import { convolvedMaps, convolutionCost, type ConvolvedMap, ownConvolution } from './parts/blocks/short-convolution.ts'
import { decaysOf, perHead, tokenDecay, tokenDecayFlops, tokenDecayTensors } from './parts/blocks/token-decay.ts'

/**
 * Gated delta rule: each token erases what its key recalls, then writes its value, while all else fades as it decides.
 *
 *   q, k, v = silu(conv(x W_q,k,v^T))
 *   S_t = a_t (S_(t-1) - b_t k_t^T (k_t S_(t-1))) + b_t k_t^T v_t,   y_t = q_t S_t
 *   out = (silu(x W_g^T) o [norm(y_h)]) W_o^T
 *
 * q, k: [d_h] a head, unit length, v: [d_h]; b_t: a sigmoid, a_t: a decay, of the token, one a head; S: [d_h, d_h], kept
 * between calls; conv: causal, over four tokens, channel by channel (parts/blocks/short-convolution.ts); without it q, k, v are
 * x W^T.
 * Source: Yang, Kautz & Hatamizadeh (2024), Gated delta networks.
 */
export default defineModel({
  id: 'gated-delta-rule',
  title: 'Gated delta rule',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'One matrix a head, written by the delta rule: a new value for a key replaces the old one.',
  recall:
    'Recalls up to about d_h items a head and replaces the value of a key that comes again; what fades, and how fast, it learns.',
  equations: [
    'q, k, v = \\operatorname{silu}\\bigl(\\operatorname{conv}(x W_{q,k,v}^\\top)\\bigr)',
    'S_t = a_t\\bigl(S_{t-1} - b_t k_t^\\top (k_t S_{t-1})\\bigr) + b_t k_t^\\top v_t,\\qquad y_t = q_t S_t',
    '\\text{out} = \\bigl(\\operatorname{silu}(x W_g^\\top) \\odot [\\operatorname{norm}(y_h)]\\bigr)\\,W_o^\\top'
  ],
  symbols: [
    { symbol: 'S', meaning: 'memory of a head', shape: '[d_h, d_h]' },
    { symbol: 'a_t', meaning: 'share that stays' },
    { symbol: 'b_t', meaning: 'strength of the write' }
  ],
  source: 'S. Yang, J. Kautz & A. Hatamizadeh (2024), Gated delta networks',
  notes: ['A call is computed in chunks, whose triangular system is solved by blocks.'],
  params: { dim: dimension, heads: headCount(8), convolution: ownConvolution },
  revision: 4,
  create({ dim, heads, convolution }, { weight, observed }) {
    const [query, key, value] = convolvedMaps(weight, dim, convolution)
    const gate = gateMap(weight, 'W_g', dim, dim)
    const out = bare(weight, 'W_o', dim, dim)
    const strength = linear(weight, 'beta', dim, heads)
    // The delta rule clears places by itself: the gate begins slow, so that one head alone does not lose what it holds.
    const decay = tokenDecay(weight, dim, heads, 0.01)
    const memory = new LinearRecurrence(observed)
    const clear = (): void => {
      memory.clear()
      for (const map of [query, key, value]) map.clear()
    }
    return {
      forward: (x) =>
        tf.tidy(() => {
          const of = (map: ConvolvedMap): Tensor => splitHeads(map.run(x), heads)
          const y = memory.run({
            q: unit(of(query)),
            k: unit(of(key)),
            v: of(value),
            logDecay: perHead(decaysOf(decay, x).logDecay),
            beta: perHead(tf.sigmoid(applyLinear(strength, x)))
          })
          return applyBare(out, silu(applyBare(gate, x)).mul(joinHeads(rmsNorm(y))))
        }),
      reset: clear,
      traces: () => memory.traces(),
      dispose() {
        clear()
        for (const map of [query, key, value]) map.dispose()
        tf.dispose([gate, out, strength.weight, strength.bias, ...tokenDecayTensors(decay)])
      }
    }
  },
  cost({ dim: d, heads, convolution }, { tokens: L = 0, before }) {
    const size = d / heads
    const sizes = { tokens: L, heads, dk: size, dv: size, decay: 'token', delta: true, before: before > 0 } as const
    const convolved = convolutionCost(convolution, L, 3 * d)
    return {
      forwardFlops:
        10 * L * d * d +
        convolved.flops +
        2 * unitFlops(L * heads, size) +
        tokenDecayFlops(L, d, heads) +
        linearFlops(L, d, heads) +
        L * heads +
        recurrenceFlops(sizes) +
        heads * rmsNormFlops(L, size) +
        3 * L * d,
      parameters: 5 * d * d + 2 * d * heads + 3 * heads + convolved.parameters,
      state: d * size + convolved.state
    }
  }
})

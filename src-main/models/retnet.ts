import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { choice } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { applyBare, bare, gateMap, joinHeads } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { LinearRecurrence, recurrenceFlops } from './parts/blocks/linear-recurrence.ts'
import { splitHeads } from './parts/memory/mha.ts'
import { silu } from './parts/blocks/neural-memory.ts'
import { rmsNorm, rmsNormFlops } from './parts/memory/rms-norm.ts'
import { rotate, rotateFlops } from './parts/blocks/rotary.ts'
import {
  convolvedMaps,
  convolutionCost,
  optionalConvolution,
  type ConvolvedMap
} from './parts/blocks/short-convolution.ts'

/**
 * Retention (RetNet): linear attention that forgets at a fixed rate, each head at its own.
 *
 *   S_t = gamma_h S_(t-1) + k_t^T v_t,   y_t = q_t S_t / sqrt(d_h),   gamma_h = 1 - 2^(-5-h), h = 0, 1, ...
 *   out = (silu(x W_g^T) o [norm(y_h)]) W_o^T
 *
 * q, k, v: [d_h] a head, linear in x; S: [d_h, d_h], kept between calls; norm: root-mean-square of each head. With rotary
 * positions q_t and k_t are turned by their place t (parts/blocks/rotary.ts), which is counted through all calls; with the
 * convolution q, k, v = silu(conv(x W^T)) (parts/blocks/short-convolution.ts).
 * Source: Sun et al. (2023), Retentive network; positions: Sun et al. (2022), A length-extrapolatable transformer.
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
  notes: ['Without rotary positions, which are an option, the place of a token shows only in how far it has faded.'],
  params: {
    dim: dimension,
    heads: headCount(8),
    positions: choice('Positions', 'none', ['none', 'rotary'], {
      help: 'rotary: queries and keys are turned by their place, as in xPos; none: they are not',
      later: true
    }),
    convolution: optionalConvolution
  },
  revision: 3,
  create({ dim, heads, positions, convolution }, { weight, observed }) {
    const [query, key, value] = convolvedMaps(weight, dim, convolution)
    const gate = gateMap(weight, 'W_g', dim, dim)
    const out = bare(weight, 'W_o', dim, dim)
    const logDecay = Array.from({ length: heads }, (_, h) => Math.log1p(-(2 ** (-5 - h))))
    const memory = new LinearRecurrence(observed)
    let place = 0
    const clear = (): void => {
      memory.clear()
      place = 0
      for (const map of [query, key, value]) map.clear()
    }
    return {
      forward: (x) =>
        tf.tidy(() => {
          const of = (map: ConvolvedMap): Tensor => splitHeads(map.run(x), heads)
          const placed = (y: Tensor): Tensor => (positions === 'rotary' ? rotate(y, place) : y)
          const q = placed(of(query).div(Math.sqrt(dim / heads)))
          const y = rmsNorm(memory.run({ q, k: placed(of(key)), v: of(value), logDecay }))
          place += x.shape[1]!
          return applyBare(out, silu(applyBare(gate, x)).mul(joinHeads(y)))
        }),
      reset: clear,
      traces: () => memory.traces(),
      dispose() {
        clear()
        for (const map of [query, key, value]) map.dispose()
        tf.dispose([gate, out])
      }
    }
  },
  cost({ dim: d, heads, positions, convolution }, { tokens: L = 0, before }) {
    const size = d / heads
    const sizes = { tokens: L, heads, dk: size, dv: size, decay: 'head', delta: false, before: before > 0 } as const
    const convolved = convolutionCost(convolution, L, 3 * d)
    const turned = positions === 'rotary' ? 2 * heads * rotateFlops(L, size) : 0
    return {
      forwardFlops:
        10 * L * d * d + 4 * L * d + convolved.flops + turned + recurrenceFlops(sizes) + heads * rmsNormFlops(L, size),
      parameters: 5 * d * d + convolved.parameters,
      state: d * size + convolved.state
    }
  }
})

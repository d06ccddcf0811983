import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import { joinHeads } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { detached } from './parts/memory/detached.ts'
import { linear, applyLinear, linearFlops } from './parts/memory/linear.ts'
import { LinearRecurrence, recurrenceFlops } from './parts/blocks/linear-recurrence.ts'
import { splitHeads } from './parts/memory/mha.ts'
import {
  convolvedMaps,
  convolutionCost,
  optionalConvolution,
  type ConvolvedMap
} from './parts/blocks/short-convolution.ts'

/**
 * Linear attention: the softmax of attention replaced by a feature map, so that all the past fits into one matrix.
 *
 *   S_t = S_(t-1) + phi(k_t)^T v_t,   z_t = z_(t-1) + phi(k_t),   y_t = phi(q_t) S_t / (phi(q_t) . z_t)
 *
 * q, k, v: [d_h] a head, linear in x; phi(x) = elu(x) + 1, which is e^x below zero and computed so; S: [d_h, d_h],
 * z: [d_h], kept between calls; with the convolution q, k, v = silu(conv(x W^T)) (parts/blocks/short-convolution.ts).
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
  notes: [
    'A call is computed in chunks, which changes no result beyond rounding.',
    'A memory whose keys all lie below -87, where their features leave float32, reads zero.'
  ],
  params: { dim: dimension, heads: headCount(8), convolution: optionalConvolution },
  revision: 2,
  create({ dim, heads, convolution }, { weight, observed }) {
    const [query, key, value] = convolvedMaps(weight, dim, convolution)
    const out = linear(weight, 'out', dim, dim)
    const memory = new LinearRecurrence(observed)
    const size = dim / heads
    const clear = (): void => {
      memory.clear()
      for (const map of [query, key, value]) map.clear()
    }
    return {
      forward: (x) =>
        tf.tidy(() => {
          const [batch, length] = x.shape as [number, number]
          const of = (map: ConvolvedMap): Tensor => splitHeads(map.run(x), heads)
          // A column of ones among the values adds up the keys: z.
          const v = tf.concat([of(value), tf.ones([batch, heads, length, 1])], 3)
          const y = memory.run({ q: queryFeature(of(query)), k: feature(of(key)), v })
          const [sums, norms] = tf.split(y, [size, 1], 3)
          return applyLinear(out, joinHeads(sums.div(tf.maximum(norms, smallest))))
        }),
      reset: clear,
      traces: () => memory.traces(size),
      dispose() {
        clear()
        for (const map of [query, key, value]) map.dispose()
        tf.dispose([out.weight, out.bias])
      }
    }
  },
  cost({ dim: d, heads, convolution }, { tokens: L = 0, before }) {
    const size = d / heads
    const sizes = { tokens: L, heads, dk: size, dv: size + 1, decay: 'none', delta: false, before: before > 0 } as const
    const convolved = convolutionCost(convolution, L, 3 * d)
    return {
      forwardFlops:
        6 * L * d * d +
        convolved.flops +
        10 * L * d +
        2 * L * heads +
        recurrenceFlops(sizes) +
        L * d +
        linearFlops(L, d, d),
      parameters: 4 * d * d + d + convolved.parameters,
      state: d * (size + 1) + convolved.state
    }
  }
})

/** The least normal number of float32: sums of features below it count as this, so that no memory reads 0 / 0. */
const smallest = 2 ** -126

/** phi(x) = elu(x) + 1: x + 1 above zero, e^x below it, where elu(x) + 1 would round to 0 from -17 on. */
const feature = (x: Tensor): Tensor => tf.relu(x).add(tf.minimum(x, 0).exp())

/**
 * phi(q) over a factor that numerator and denominator share: e^m, m = max q, where all of q lies below zero. Products
 * of features far below zero with one another stay within float32.
 */
const queryFeature = (q: Tensor): Tensor => {
  const most = detached(q, (x) => tf.minimum(tf.max(x, -1, true), 0))
  return tf.relu(q).add(tf.minimum(q, 0).sub(most).exp())
}

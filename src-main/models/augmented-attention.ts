import * as tf from '@tensorflow/tfjs'
import { choice, number } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { AttentionMaps } from './parts/traces/attention-maps.ts'
import { attendSelf, selfAttention } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { FastWeightsScan, fastScanFlops } from './parts/blocks/fast-weights-scan.ts'
import { mhaParameters } from './parts/memory/mha.ts'

const read = choice('Read', 'softmax', ['softmax', 'linear'], {
  help: 'softmax weighs the rows of F; linear multiplies by F'
})

/**
 * Attention beside fast weights in one block: what a token finds among the tokens of its call, and what the tokens of
 * all calls have written.
 *
 *   y_t = attention(x)_t + read(x_t W_Q),   then   F <- F + eta (x_t W_K)^T (x_t W_V)
 *   read(r) = softmax(r F^T / sqrt(d)) F,   or r F when linear
 *
 * x, y: [L, d]; attention: causal, as in the block of that name, weights under `attn.`; W_K, W_V, W_Q: [d, d], n(0.1);
 * F: [d, d], zero at the start, kept between calls; eta: learning rate. A token reads before it writes.
 * Source: the studio's first source document, H = A V + A_fast V_fast, after Ba et al. (2016), Using fast weights to attend
 * to the recent past.
 */
export default defineModel({
  id: 'augmented-attention',
  title: 'Attention with fast weights',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary:
    'Attention over the call plus a matrix that every token writes: the one sees the call, the other all before.',
  recall:
    'Within a call it recalls what attention recalls. Beyond it, a linear read gives back a blur of what was written; the softmax read compares the query with the rows of F, not with keys, and needs training to recall.',
  equations: [
    'y_t = \\operatorname{attention}(x)_t + \\operatorname{read}(x_t W_Q),\\qquad F \\leftarrow F + \\eta\\,(x_t W_K)^\\top (x_t W_V)',
    '\\operatorname{read}(r) = \\operatorname{softmax}\\!\\left(r F^\\top / \\sqrt d\\right) F \\ \\text{ or }\\ r F'
  ],
  symbols: [
    { symbol: 'F', meaning: 'fast weights', shape: '[d, d]' },
    { symbol: 'W_K, W_V, W_Q', meaning: 'projections that write and read F', shape: '[d, d]' },
    { symbol: '\\eta', meaning: 'learning rate' }
  ],
  source: 'Unpublished design notes (2025), after J. Ba et al. (2016), Using fast weights to attend to the recent past',
  notes: ['A call is computed in chunks, which changes no result beyond rounding.'],
  params: {
    dim: dimension,
    heads: headCount(8),
    learningRate: number('Learning rate', 0.01, {
      help: 'Strength of one write',
      min: 0,
      max: 10,
      symbol: '\\eta',
      scale: 'log'
    }),
    read
  },
  revision: 1,
  create({ dim, heads, learningRate, read }, { weight, observed }) {
    const attention = selfAttention(weight, 'attn.', dim, heads)
    const maps = new AttentionMaps(['Token', 'Token it looks at'], observed)
    const fast = new FastWeightsScan(weight, { dim, learningRate, read, observed })
    const reset = (): void => {
      maps.clear()
      fast.clear()
    }
    return {
      forward: (x) => tf.tidy(() => attendSelf(attention, x, true, maps).add(fast.run(x))),
      reset,
      traces: async () => [...(await maps.read()), ...(await fast.traces())],
      dispose() {
        reset()
        fast.dispose()
        const { inWeight, inBias, outWeight, outBias } = attention
        tf.dispose([inWeight, inBias, outWeight, outBias])
      }
    }
  },
  cost({ dim: d, heads, read }, { tokens: L = 0, before }) {
    return {
      forwardFlops:
        L * (8 * d * d + 4 * d) + L * L * (4 * d + 7 * heads) + fastScanFlops(L, d, read, before > 0) + L * d,
      parameters: mhaParameters(d) + 3 * d * d,
      // The keys and values of the call's tokens, and F.
      state: 2 * L * d + d * d
    }
  }
})

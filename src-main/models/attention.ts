import * as tf from '@tensorflow/tfjs'
import { boolean, integer } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { AttentionMaps } from './parts/traces/attention-maps.ts'
import { CallWindow } from './parts/blocks/call-window.ts'
import { attendSelf, selfAttention } from './parts/blocks/block-heads.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { mhaParameters } from './parts/memory/mha.ts'

/**
 * Multi-head self-attention over the tokens of one call, or of a window of calls.
 *
 *   head_h = softmax(q_h k_h^T / sqrt(d_h)) v_h,   y = [head_1 ... head_H] W_o^T + b_o
 *
 * x, y: [L, d]; q, k, v: the three row blocks of one packed projection of x. Causal: token t sees tokens 1..t. With
 * a window of w calls, the k and v of the last w - 1 calls stand before those of the present one; with 1, nothing is kept
 * between calls, and the KV cache of the cost model is what a decoder would keep.
 * Source: Vaswani et al. (2017), Attention is all you need.
 */
export default defineModel({
  id: 'attention',
  title: 'Attention',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Every token looks at every earlier one: exact recall within its window, none beyond it.',
  recall:
    'Within one call it can recall any earlier token exactly, at a cost that grows with the square of the length. Between calls it keeps nothing, or with a window of w the keys and values of the last w - 1 calls.',
  equations: [
    'q, k, v = x\\,W_{q,k,v}^\\top + b',
    'y = \\bigl[\\operatorname{softmax}(q_h k_h^\\top / \\sqrt{d_h})\\,v_h\\bigr]_{h=1}^{H} W_o^\\top + b_o'
  ],
  symbols: [
    { symbol: 'x, y', meaning: 'tokens in and out', shape: '[L, d]' },
    { symbol: 'd_h', meaning: 'size of a head, d / H' },
    { symbol: 'W', meaning: 'projections', shape: '[d, d]' }
  ],
  source: 'A. Vaswani et al. (2017), Attention is all you need',
  notes: [],
  params: {
    dim: dimension,
    heads: headCount(8),
    causal: boolean('Causal', true, { help: 'Tokens see only what came before them' }),
    window: {
      ...integer('Window', 1, {
        help: 'Calls, or turns of a conversation, that stay visible, the present one included',
        min: 1,
        max: 1024,
        unit: 'calls'
      }),
      later: true
    }
  },
  revision: 1,
  create({ dim, heads, causal, window: calls }, { weight, observed }) {
    const a = selfAttention(weight, '', dim, heads)
    const window = new CallWindow(calls)
    const maps = new AttentionMaps(['Token', 'Token it looks at'], observed)
    return {
      forward: (x) => tf.tidy(() => attendSelf(a, x, causal, maps, window)),
      reset() {
        maps.clear()
        window.clear()
      },
      traces: () => maps.read(),
      dispose() {
        maps.clear()
        window.clear()
        tf.dispose([a.inWeight, a.inBias, a.outWeight, a.outBias])
      }
    }
  },
  cost({ dim, heads, causal, window }, { tokens = 0, before, call = tokens }) {
    const past = Math.min(before, (window - 1) * call)
    // The plain ops score every pair and mask half of it; a causal kernel needs only the lower half (src-shared/cost).
    const pairs = tokens * (past + tokens)
    return {
      forwardFlops: tokens * (8 * dim * dim + 4 * dim) + pairs * (4 * dim + (causal ? 7 : 6) * heads),
      parameters: mhaParameters(dim),
      // The keys and values of the tokens: what a decoder keeps.
      state: 2 * (past + tokens) * dim
    }
  }
})

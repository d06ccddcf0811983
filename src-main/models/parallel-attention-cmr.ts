import * as tf from '@tensorflow/tfjs'
import { defineModel } from './model.ts'
import {
  attentionAndCmr,
  attentionCmrParams,
  attentionParams,
  cmrKind,
  cmrParams,
  partTraces
} from './parts/blocks/attention-cmr.ts'
import { disposeAll, forward, resetAll } from './parts/memory/joined-memories.ts'
import { applyLinear, linear, linearFlops } from './parts/memory/linear.ts'

/**
 * Attention and CMR in parallel: both see the tokens, a linear layer joins what they say.
 *
 *   y = [attention(x); cmr(x)] W^T + b
 *
 * x, y: [L, d]; W: [d, 2d]; cmr: multihead-cmr (learned slots) or episodic-cmr (a buffer the sequence writes).
 * Source: the studio's third source document.
 */
export default defineModel({
  id: 'parallel-attention-cmr',
  title: 'Attention and CMR in parallel',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Attention within the call and a CMR memory beside it, joined by a linear layer.',
  recall:
    'Within a call it recalls what attention recalls; beyond it, what its memory holds: learned slots, or the newest segments of the sequence.',
  equations: ['y = [\\operatorname{attention}(x);\\ \\operatorname{cmr}(x)]\\,W^\\top + b'],
  symbols: [
    { symbol: 'x, y', meaning: 'tokens in and out', shape: '[L, d]' },
    { symbol: 'W', meaning: 'joins both', shape: '[d, 2d]' }
  ],
  source: 'Unpublished design notes from which this studio began (2025)',
  notes: ['In a stack, the episodic memory can write and read one bank with those of the other layers.'],
  params: attentionCmrParams,
  revision: 1,
  create(p, setup) {
    const { attention, cmr } = attentionAndCmr(p, setup)
    const combine = linear(setup.weight, 'combine', 2 * p.dim, p.dim)
    return {
      forward: (x, options) =>
        tf.tidy(() => applyLinear(combine, tf.concat([forward(attention, x, options), forward(cmr, x, options)], 2))),
      reset: () => resetAll([attention, cmr]),
      traces: () => partTraces(attention, cmr),
      dispose() {
        disposeAll([attention, cmr])
        tf.dispose([combine.weight, combine.bias])
      }
    }
  },
  cost(p, workload, costOf) {
    const a = costOf('attention', attentionParams(p), workload)
    const c = costOf(cmrKind(p), cmrParams(p), workload)
    return {
      forwardFlops: a.forwardFlops! + c.forwardFlops! + linearFlops(workload.tokens ?? 0, 2 * p.dim, p.dim),
      parameters: a.parameters + c.parameters + 2 * p.dim * p.dim + p.dim,
      state: c.state
    }
  }
})

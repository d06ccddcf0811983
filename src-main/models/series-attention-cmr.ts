import * as tf from '@tensorflow/tfjs'
import { choice } from '../../src-shared/shapes/params.ts'
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

const params = {
  ...attentionCmrParams,
  order: choice('Order', 'attention-first', ['attention-first', 'cmr-first'], { help: 'Which of the two comes first' })
}

/**
 * Attention and CMR in series: the output of one is the input of the other.
 *
 *   y = cmr(attention(x)),   or with the CMR first  y = attention(cmr(x))
 *
 * x, y: [L, d]; cmr: multihead-cmr (learned slots) or episodic-cmr (a buffer the sequence writes).
 * Source: the studio's third source document.
 */
export default defineModel({
  id: 'series-attention-cmr',
  title: 'Attention and CMR in series',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'A CMR memory that sees what attention made of the tokens, or attention over what the memory recalled.',
  recall:
    'With attention first, the memory is written and cued by tokens in their context. With the CMR first, attention sees only what the memory recalled: what it does not hold is lost.',
  equations: [
    'y = \\operatorname{cmr}(\\operatorname{attention}(x))\\quad\\text{or}\\quad y = \\operatorname{attention}(\\operatorname{cmr}(x))'
  ],
  symbols: [{ symbol: 'x, y', meaning: 'tokens in and out', shape: '[L, d]' }],
  source: 'Unpublished design notes from which this studio began (2025)',
  notes: ['In a stack, the episodic memory can write and read one bank with those of the other layers.'],
  params,
  revision: 1,
  create(p, setup) {
    const { attention, cmr } = attentionAndCmr(p, setup)
    const [first, second] = p.order === 'attention-first' ? [attention, cmr] : [cmr, attention]
    return {
      forward: (x, options) => tf.tidy(() => forward(second, forward(first, x, options), options)),
      reset: () => resetAll([attention, cmr]),
      traces: () => partTraces(attention, cmr),
      dispose: () => disposeAll([attention, cmr])
    }
  },
  cost(p, workload, costOf) {
    const a = costOf('attention', attentionParams(p), workload)
    const c = costOf(cmrKind(p), cmrParams(p), workload)
    return {
      forwardFlops: a.forwardFlops! + c.forwardFlops!,
      parameters: a.parameters + c.parameters,
      state: c.state
    }
  }
})

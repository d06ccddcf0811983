import * as tf from '@tensorflow/tfjs'
import type { ParamValues, ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { dimension } from './parts/memory/common-params.ts'
import { episodicParams, writeMode } from './parts/slots/episodic-docs.ts'

const { memorySize, contextDim, learningRate } = episodicParams
const params = {
  dim: dimension,
  memorySize,
  contextDim,
  learningRate,
  writeMode: { ...writeMode, later: true as const }
}
const memoryParams = (p: ValuesOf<typeof params>): ParamValues => ({ ...p })

/**
 * A transformer block whose memory is a true-episodic one: every token is stored, then recalled.
 *
 *   per token h:   store(h, h),   y = h + read(h)
 *
 * h, y: [d]; the memory's weights carry the prefix `memory.`; it is kept between calls. Written by copy, a slot holds the
 * token's state itself.
 * Source: the studio's first source document.
 */
export default defineModel({
  id: 'transformer-episodic',
  title: 'Transformer with episodic memory',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Each token is written into a true-episodic memory and read back beside itself.',
  recall:
    'Adds to each token what the memory recalls of tokens like it. The memory is written by gradient steps whose size its learning rate sets; with small rates the read stays near its initial slots. Written by copy it recalls the newest tokens like the one it sees, itself among them.',
  equations: ['\\operatorname{store}(h_t, h_t),\\qquad y_t = h_t + \\operatorname{read}(h_t)'],
  symbols: [{ symbol: 'h, y', meaning: 'tokens in and out', shape: '[d]' }],
  source: 'Unpublished design notes from which this studio began (2025)',
  notes: [],
  params,
  trainable: false,
  revision: 1,
  create(p, setup) {
    const memory = setup.build('true-episodic', memoryParams(p), 'memory.')
    return {
      forward(x) {
        // Not in one tidy: the memory holds on to what it writes.
        const tokens = tf.split(x, x.shape[1]!, 1)
        const reads = tokens.map((h) => {
          memory.store!({ keys: h, values: h })
          return memory.retrieve!({ queries: h })
        })
        const y = tf.tidy(() => x.add(tf.concat(reads, 1)))
        tf.dispose([...tokens, ...reads])
        return y
      },
      reset: () => memory.reset(),
      traces: async () => memory.traces?.() ?? [],
      dispose: () => memory.dispose()
    }
  },
  cost(p, { tokens = 0, before }, costOf) {
    let flops = tokens * p.dim
    for (let t = 0; t < tokens; t++) {
      const one = costOf('true-episodic', memoryParams(p), { stored: 1, before: before + t, queries: 1 })
      flops += one.storeFlops + one.retrieveFlops
    }
    const { parameters, state } = costOf('true-episodic', memoryParams(p), { stored: 1, before: 0, queries: 1 })
    return { storeFlops: 0, retrieveFlops: 0, forwardFlops: flops, parameters, state }
  }
})

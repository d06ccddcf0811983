import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { choice, integer, type ParamValues, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { later, valuesOf } from './parts/blocks/block-params.ts'
import { neuralRateParams, neuralShapeParams } from './parts/blocks/neural-params.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { tracesUnder } from './parts/memory/inner.ts'
import { disposeAll, forward, resetAll } from './parts/memory/joined-memories.ts'
import { lineTrace } from './parts/traces/line-trace.ts'
import { applyLinear, linear, linearFlops } from './parts/memory/linear.ts'

const params = {
  dim: dimension,
  heads: headCount(8),
  placement: choice('Placement', 'context', ['context', 'gate', 'layer'], {
    help: 'context: attention also sees what the memory recalls; gate: a gate mixes both; layer: attention over the memory’s answers'
  }),
  chunk: integer('Chunk', 1, {
    help: 'Tokens that the neural memory learns at once; 1 is sequential',
    min: 1,
    max: 4096,
    unit: 'tokens'
  }),
  ...later(neuralShapeParams),
  ...later(neuralRateParams)
}
type Placed = ValuesOf<typeof params>

const memoryParams = (p: Placed): ParamValues => valuesOf(p, ['dim', 'chunk'], neuralShapeParams, neuralRateParams)
const attentionParams = ({ dim, heads }: Placed): ParamValues => ({ dim, heads })

/**
 * Titans' neural memory with attention, in the three places that its authors give it. With z = memory(x):
 *
 *   context:  y_t = attention over z_1, x_1, ..., z_t, x_t, asked by x_t
 *   gate:     y = g o attention(x) + (1 - g) o z,   g = sigma(x W_g^T + b)
 *   layer:    y = attention(z)
 *
 * x, y, z: [L, d]; g: [L, d], reported over tokens; weights under `neural.` and `attn.`.
 * Source: Behrouz, Zhong & Mirrokni (2025), Titans: memory as a context, as a gate, as a layer.
 */
export default defineModel({
  id: 'titans-attention',
  title: 'Titans with attention',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'A neural memory beside attention: as more context, behind a gate, or as the layer before it.',
  recall:
    'Within a call it recalls what attention recalls, except as a layer, where attention sees only the memory’s answers; beyond the call, what the neural memory learned.',
  equations: [
    '\\text{context: } y_t = \\operatorname{attention}(x_t;\\ z_1, x_1, \\dots, z_t, x_t)',
    '\\text{gate: } y = g \\odot \\operatorname{attention}(x) + (1-g) \\odot z,\\qquad g = \\sigma(x W_g^\\top + b)',
    '\\text{layer: } y = \\operatorname{attention}(z)'
  ],
  symbols: [
    { symbol: 'x, y', meaning: 'tokens in and out', shape: '[L, d]' },
    { symbol: 'z', meaning: 'answers of the neural memory', shape: '[L, d]' },
    { symbol: 'g', meaning: 'gate: 1 is attention', shape: '[L, d]' }
  ],
  source: 'A. Behrouz, P. Zhong & V. Mirrokni (2025), Titans: learning to memorize at test time',
  notes: [
    'Persistent tokens are left out; as context, the memory learns the tokens themselves, not what attention made of them, so that a call is computed at once.'
  ],
  params,
  revision: 1,
  create(p, setup) {
    const memory = setup.build('titans', memoryParams(p), 'neural.')
    const attention = setup.build('attention', attentionParams(p), 'attn.')
    const gate = p.placement === 'gate' ? linear(setup.weight, 'W_g', p.dim, p.dim) : undefined
    const trace = lineTrace('gate', 'Gate: share of attention', ['token', 'g'])
    const parts = [memory, attention]
    return {
      forward: (x) =>
        tf.tidy(() => {
          const z = forward(memory, x)
          if (p.placement === 'layer') return forward(attention, z)
          if (!gate) return inContext(x, z, (both) => forward(attention, both))
          const g = tf.sigmoid(applyLinear(gate, x))
          trace.add(g)
          return g.mul(forward(attention, x)).add(tf.sub(1, g).mul(z))
        }),
      reset() {
        resetAll(parts)
        trace.clear()
      },
      traces: async () => [
        ...(await trace.read()),
        ...(await tracesUnder(memory, 'neural.', 'Neural memory')),
        ...(await tracesUnder(attention, 'attn.', 'Attention'))
      ],
      dispose() {
        disposeAll(parts)
        trace.clear()
        if (gate) tf.dispose([gate.weight, gate.bias])
      }
    }
  },
  cost(p, workload, costOf) {
    const { tokens = 0 } = workload
    const wide = p.placement === 'context' ? { ...workload, tokens: 2 * tokens } : workload
    const costs = [costOf('titans', memoryParams(p), workload), costOf('attention', attentionParams(p), wide)]
    const gate = p.placement === 'gate'
    const sum = (pick: (cost: (typeof costs)[number]) => number): number => pick(costs[0]) + pick(costs[1])
    return {
      forwardFlops:
        sum((c) => c.forwardFlops ?? 0) + (gate ? linearFlops(tokens, p.dim, p.dim) + 5 * tokens * p.dim : 0),
      parameters: sum((c) => c.parameters) + (gate ? p.dim * p.dim + p.dim : 0),
      state: sum((c) => c.state)
    }
  }
})

/** What causal attention says at the tokens when each comes right after the memory's answer to it. */
function inContext(x: Tensor, z: Tensor, attend: (both: Tensor) => Tensor): Tensor {
  const [batch, length, dim] = x.shape as [number, number, number]
  const both = attend(tf.stack([z, x], 2).reshape([batch, 2 * length, dim]))
  return both.reshape([batch, length, 2, dim]).slice([0, 0, 1, 0], [-1, -1, 1, -1]).reshape([batch, length, dim])
}

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { choice, integer, type ParamValues, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { blockParams } from './parts/blocks/block-params.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { tracesUnder } from './parts/memory/inner.ts'
import { disposeAll, forward, resetAll } from './parts/memory/joined-memories.ts'
import { lineTrace } from './parts/traces/line-trace.ts'
import { applyLinear, linear, linearFlops } from './parts/memory/linear.ts'

const params = {
  dim: dimension,
  heads: headCount(8),
  memorySlots: blockParams.memorySlots,
  depth: integer('Depth', 2, { help: 'Layers of the neural memory', min: 1, max: 8, symbol: 'D' }),
  expansion: integer('Expansion', 2, {
    help: 'Width of its hidden layers, in units of d',
    min: 1,
    max: 8,
    symbol: 'e'
  }),
  chunk: integer('Chunk', 1, {
    help: 'Tokens that the neural memory learns at once; 1 is sequential',
    min: 1,
    max: 4096,
    unit: 'tokens'
  }),
  gate: choice('Gate', 'scalar', ['scalar', 'vector'], { help: 'One gate for a token, or one for each dimension' }),
  attention: choice('Third source', 'none', ['none', 'attention'], {
    help: 'With attention as a third source, the gate is a softmax over the sources'
  }),
  force: choice('Force', 'learned', ['learned', 'neural', 'episodic'], {
    help: 'Fix the gate at one source, to see what each part does alone'
  }),
  bank: blockParams.bank
}
type Hybrid = ValuesOf<typeof params>

const neuralParams = ({ dim, depth, expansion, chunk }: Hybrid): ParamValues => ({
  dim,
  depth,
  expansion,
  chunk
})
const episodicParams = ({ dim, heads, memorySlots, bank }: Hybrid): ParamValues => ({ dim, heads, memorySlots, bank })
const sources = (p: Hybrid): [string, ParamValues, string][] => [
  ['titans', neuralParams(p), 'neural.'],
  ['episodic-cmr', episodicParams(p), 'episodic.'],
  ...(p.attention === 'attention'
    ? [['attention', { dim: p.dim, heads: p.heads }, 'attn.'] as [string, ParamValues, string]]
    : [])
]
const titles = ['Neural memory', 'Episodic memory', 'Attention']
/** Numbers the gate computes for a token. */
const gateWidth = (p: Hybrid): number => (p.gate === 'scalar' ? 1 : p.dim) * (p.attention === 'none' ? 1 : 3)

/**
 * Gated hybrid of neural and episodic memory.
 *
 *   g = sigma(x W_g^T + b),   y = g z_neural + (1 - g) z_episodic
 *   with a third source:  g = softmax over sources of x W_g^T + b,   y = sum_s g_s z_s
 *
 * x, y, z: [L, d]; g: [L, 1] or [L, d]; z_neural: titans, z_episodic: episodic-cmr. g is reported over tokens.
 * Source: the studio's third source document, after Behrouz et al. (2025) for memory as a gate.
 */
export default defineModel({
  id: 'hybrid',
  title: 'Gated hybrid',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'A learned gate decides, token by token, between a neural and an episodic memory.',
  recall:
    'Recalls what the chosen part recalls: recent segments exactly from the buffer, gist from the neural memory. Untrained, the gate is about one half and the answer a blend.',
  equations: ['g = \\sigma(x\\,W_g^\\top + b)', 'y = g \\odot z_{\\text{neural}} + (1-g) \\odot z_{\\text{episodic}}'],
  symbols: [
    { symbol: 'g', meaning: 'gate: 1 is neural, 0 episodic', shape: '[L, 1] or [L, d]' },
    { symbol: 'z', meaning: 'outputs of the parts', shape: '[L, d]' }
  ],
  source: 'Unpublished design notes (2025), after A. Behrouz, P. Zhong & V. Mirrokni (2025)',
  notes: ['In a stack, the episodic part can write and read one bank with those of the other layers.'],
  params,
  uses: { contexts: false, places: false },
  revision: 1,
  create(p, setup) {
    const parts = sources(p).map(([kind, values, prefix]) => setup.build(kind, values, prefix))
    const gate = linear(setup.weight, 'W_g', p.dim, gateWidth(p))
    const trace = lineTrace('gate', 'Gate: share of the neural memory', ['token', 'g'])
    const gateOf = (x: Tensor): Tensor => {
      const [batch, length] = x.shape as [number, number]
      const width = p.gate === 'scalar' ? 1 : p.dim
      if (p.force !== 'learned') return tf.fill([batch, length, width], p.force === 'neural' ? 1 : 0)
      const logits = applyLinear(gate, x)
      if (parts.length === 2) return tf.sigmoid(logits)
      return tf.softmax(logits.reshape([batch, length, width, parts.length]), -1)
    }
    return {
      forward: (x) =>
        tf.tidy(() => {
          const z = parts.map((part) => forward(part, x))
          const g = gateOf(x)
          if (g.rank === 3) {
            trace.add(g)
            return g.mul(z[0]).add(tf.sub(1, g).mul(z[1]))
          }
          const shares = tf.unstack(g, 3)
          trace.add(shares[0])
          return tf.addN(shares.map((share, s) => share.mul(z[s])))
        }),
      reset() {
        resetAll(parts)
        trace.clear()
      },
      traces: async () => [
        ...(await trace.read()),
        ...(await Promise.all(parts.map((part, i) => tracesUnder(part, sources(p)[i][2], titles[i])))).flat()
      ],
      dispose() {
        disposeAll(parts)
        trace.clear()
        tf.dispose([gate.weight, gate.bias])
      }
    }
  },
  cost(p, workload, costOf) {
    const { tokens = 0 } = workload
    const costs = sources(p).map(([kind, values]) => costOf(kind, values, workload))
    const width = gateWidth(p)
    const learned = p.force === 'learned' ? linearFlops(tokens, p.dim, width) : 0
    const activation = p.force === 'learned' ? tokens * (costs.length === 2 ? width : 5 * width) : 0
    const mix = costs.length === 2 ? tokens * (3 * p.dim + width) : tokens * (2 * costs.length - 1) * p.dim
    return {
      storeFlops: 0,
      retrieveFlops: 0,
      forwardFlops: costs.reduce((sum, c) => sum + c.forwardFlops!, 0) + learned + activation + mix,
      parameters: costs.reduce((sum, c) => sum + c.parameters, 0) + width * (p.dim + 1),
      state: costs.reduce((sum, c) => sum + c.state, 0)
    }
  }
})

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { choice, integer, type ParamValues, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineModel, type Memory } from './model.ts'
import { bankParams, bankReadParams, blockParams, later, valuesOf } from './parts/blocks/block-params.ts'
import { neuralRateParams, neuralShapeParams } from './parts/blocks/neural-params.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { tracesUnder } from './parts/memory/inner.ts'
import { disposeAll, forward, resetAll } from './parts/memory/joined-memories.ts'
import { lineTrace } from './parts/traces/line-trace.ts'
import { applyLinear, linear, linearFlops } from './parts/memory/linear.ts'
import { product } from './parts/memory/shared-weights.ts'
import { oneHot } from './parts/memory/one-hot.ts'

const params = {
  dim: dimension,
  heads: headCount(8),
  memorySlots: blockParams.memorySlots,
  ...neuralShapeParams,
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
  bank: blockParams.bank,
  ...later({ similarity: blockParams.similarity }),
  ...later(bankParams),
  ...bankReadParams,
  ...later(neuralRateParams),
  neuralInput: choice('Neural memory sees', 'tokens', ['tokens', 'attention'], {
    help: 'The tokens themselves, or what an attention of its own makes of them; the episodic memory is cued by the tokens',
    later: true
  }),
  gateInput: choice('Gate sees', 'token', ['token', 'type'], {
    help: 'token: the token’s vector; type: beside it a learned vector of the token’s type or task, as far as the task tells it',
    needs: { param: 'force', in: ['learned'] },
    later: true
  }),
  types: integer('Token types', 4, {
    help: 'Types of tokens that the gate has a vector for',
    needs: { param: 'gateInput', in: ['type'] },
    min: 1,
    max: 64,
    symbol: 'T',
    later: true
  })
}
type Hybrid = ValuesOf<typeof params>

interface Source {
  kind: string
  params: ParamValues
  prefix: string
  title: string
}
const attentionUnder = (p: Hybrid, prefix: string, title: string): Source => ({
  ...{ kind: 'attention', params: { dim: p.dim, heads: p.heads }, prefix, title }
})
const sources = (p: Hybrid): Source[] => [
  {
    kind: 'titans',
    params: valuesOf(p, ['dim', 'chunk'], neuralShapeParams, neuralRateParams),
    prefix: 'neural.',
    title: 'Neural memory'
  },
  {
    kind: 'episodic-cmr',
    params: valuesOf(p, ['dim', 'heads', 'memorySlots', 'similarity', 'bank'], bankParams, bankReadParams),
    prefix: 'episodic.',
    title: 'Episodic memory'
  },
  ...(p.attention === 'attention' ? [attentionUnder(p, 'attn.', 'Attention')] : [])
]
/** The attention that stands before the neural memory. */
const frontOf = (p: Hybrid): Source | undefined =>
  p.neuralInput === 'attention' ? attentionUnder(p, 'front.', 'Attention before the neural memory') : undefined
/** Whether the type of a token has a part in the gate. */
const typed = (p: Hybrid): boolean => p.gateInput === 'type' && p.force === 'learned'
/** Numbers the gate computes for a token. */
const gateWidth = (p: Hybrid): number => (p.gate === 'scalar' ? 1 : p.dim) * (p.attention === 'none' ? 1 : 3)

/**
 * Gated hybrid of neural and episodic memory.
 *
 *   g = sigma(x W_g^T + b),   y = g z_neural + (1 - g) z_episodic
 *   with a third source:  g = softmax over sources of x W_g^T + b,   y = sum_s g_s z_s
 *
 * x, y, z: [L, d]; g: [L, 1] or [L, d]; z_neural: titans, z_episodic: episodic-cmr. g is reported over tokens; of three
 * sources the share of each. The neural memory may see attention(x) instead of x (weights `front.`), as the source's
 * diagram has it: Input -> self-attention -> neural memory beside Input -> cue -> episodic memory.
 *
 *   with types:  g = sigma([x; e_type] W_g^T + b),   W_g: [.., 2d],  e: [T, d] (`type_embedding.weight`), n(1)
 *
 * The type of a token (key, value, filler, or its task) is said by the task; where none is said it is 0.
 * Source: the studio's third source document, after Behrouz et al. (2025) for memory as a gate.
 */
export default defineModel({
  id: 'hybrid',
  title: 'Gated hybrid',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'A learned gate decides, token by token, between a neural and an episodic memory.',
  recall:
    'Recalls what the chosen part recalls: the newest segments from the buffer, or what the neural memory has learned. Untrained, the gate is about one half and the answer a blend.',
  equations: ['g = \\sigma(x\\,W_g^\\top + b)', 'y = g \\odot z_{\\text{neural}} + (1-g) \\odot z_{\\text{episodic}}'],
  symbols: [
    { symbol: 'g', meaning: 'gate: 1 is neural, 0 episodic', shape: '[L, 1] or [L, d]' },
    { symbol: 'z', meaning: 'outputs of the parts', shape: '[L, d]' },
    { symbol: 'e_{\\text{type}}', meaning: 'learned vector of a token’s type, if the gate sees it', shape: '[T, d]' }
  ],
  source: 'Unpublished design notes (2025), after A. Behrouz, P. Zhong & V. Mirrokni (2025)',
  notes: [
    'In a stack, the episodic part can write and read one bank with those of the other layers.',
    'A gate that sees types is as specific as the source asks (per token type or task): the type moves its logits by a learned vector.'
  ],
  params,
  revision: 1,
  create(p, setup) {
    const given = sources(p)
    const make = ({ kind, params, prefix }: Source): Memory => setup.build(kind, params, prefix)
    const front = frontOf(p)
    const parts = given.map(make)
    const before = front && make(front)
    const all = before ? [before, ...parts] : parts
    const gate = linear(setup.weight, 'W_g', (typed(p) ? 2 : 1) * p.dim, gateWidth(p))
    const embedding = typed(p)
      ? setup.weight('type_embedding.weight', [p.types, p.dim], { kind: 'normal', scale: 1 })
      : undefined
    const traces = [
      lineTrace('gate', 'Gate: share of the neural memory', ['token', 'g']),
      ...(given.length > 2
        ? given
            .slice(1)
            .map(({ prefix, title }) =>
              lineTrace(`gate.${prefix.slice(0, -1)}`, `Gate: share of ${title.toLowerCase()}`, ['token', 'g'])
            )
        : [])
    ]
    const seen = (x: Tensor, types: Int32Array | undefined): Tensor =>
      embedding ? tf.concat([x, typeVectors(embedding, x, types)], 2) : x
    const gateOf = (x: Tensor, types: Int32Array | undefined): Tensor => {
      const [batch, length] = x.shape as [number, number]
      const width = p.gate === 'scalar' ? 1 : p.dim
      if (p.force !== 'learned') return tf.fill([batch, length, width], p.force === 'neural' ? 1 : 0)
      const logits = applyLinear(gate, seen(x, types))
      if (parts.length === 2) return tf.sigmoid(logits)
      return tf.softmax(logits.reshape([batch, length, width, parts.length]), -1)
    }
    return {
      forward: (x, options) =>
        tf.tidy(() => {
          const z = parts.map((part, i) => forward(part, i === 0 && before ? forward(before, x, options) : x, options))
          const g = gateOf(x, options?.types)
          if (g.rank === 3) {
            traces[0].add(g)
            return g.mul(z[0]).add(tf.sub(1, g).mul(z[1]))
          }
          const shares = tf.unstack(g, 3)
          shares.forEach((share, s) => traces[s].add(share))
          return tf.addN(shares.map((share, s) => share.mul(z[s])))
        }),
      reset() {
        resetAll(all)
        for (const trace of traces) trace.clear()
      },
      traces: async () => [
        ...(await Promise.all(traces.map((trace) => trace.read()))).flat(),
        ...(front && before ? await tracesUnder(before, front.prefix, front.title) : []),
        ...(await Promise.all(parts.map((part, i) => tracesUnder(part, given[i].prefix, given[i].title)))).flat()
      ],
      dispose() {
        disposeAll(all)
        for (const trace of traces) trace.clear()
        tf.dispose([gate.weight, gate.bias, ...(embedding ? [embedding] : [])])
      }
    }
  },
  cost(p, workload, costOf) {
    const { tokens = 0 } = workload
    const front = frontOf(p)
    const costs = sources(p).map(({ kind, params }) => costOf(kind, params, workload))
    const all = front ? [...costs, costOf(front.kind, front.params, workload)] : costs
    const width = gateWidth(p)
    const inputs = (typed(p) ? 2 : 1) * p.dim
    const learned = p.force === 'learned' ? linearFlops(tokens, inputs, width) : 0
    const types = typed(p) ? 2 * tokens * p.types * p.dim : 0
    const activation = p.force === 'learned' ? tokens * (costs.length === 2 ? width : 5 * width) : 0
    const mix = costs.length === 2 ? tokens * (3 * p.dim + width) : tokens * (2 * costs.length - 1) * p.dim
    return {
      forwardFlops: all.reduce((sum, c) => sum + c.forwardFlops!, 0) + learned + types + activation + mix,
      parameters:
        all.reduce((sum, c) => sum + c.parameters, 0) + width * (inputs + 1) + (typed(p) ? p.types * p.dim : 0),
      state: all.reduce((sum, c) => sum + c.state, 0)
    }
  }
})

/**
 * The learned vector of each token's type [B, L, d].
 * @throws StudioError bad-input for a type that has none
 */
function typeVectors(embedding: Tensor, x: Tensor, types: Int32Array | undefined): Tensor {
  const [batch, length] = x.shape as [number, number]
  const count = embedding.shape[1]!
  const most = types?.reduce((a, b) => Math.max(a, b), 0) ?? 0
  if (most >= count)
    throw new StudioError(
      'bad-input',
      `The task tells tokens of ${most + 1} types; the gate has vectors for ${count}. Set Token types to ${most + 1} or more.`,
      { field: 'types' }
    )
  const which = tf.tensor1d(types ?? new Int32Array(batch * length), 'int32')
  const one = oneHot(which, count).reshape([batch, length, count])
  return product(one, embedding.transpose([0, 2, 1]))
}

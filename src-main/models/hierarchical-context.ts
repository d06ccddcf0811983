import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Cost } from '../../src-shared/cost/cost.ts'
import { integer, type ParamValues, type ValuesOf } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { valuesOf } from './parts/blocks/block-params.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { hierarchyParams } from './parts/hierarchy/hierarchy.ts'
import { keyValue, tracesOf } from './parts/memory/inner.ts'
import { disposeAll, resetAll } from './parts/memory/joined-memories.ts'

const { maxLevels, spatialDim, temporalDim } = hierarchyParams
const params = {
  dim: dimension,
  maxLevels,
  spatialDim,
  temporalDim,
  heads: headCount(4),
  scales: {
    type: 'numbers' as const,
    label: 'Scales',
    help: 'How fast time runs for each memory; one memory a scale',
    default: [1, 10, 100],
    min: 0.001,
    max: 1_000_000,
    symbol: 'p_i',
    later: true as const
  },
  segment: integer('Segment', 1, {
    help: 'Tokens that are stored together, so that a memory whose levels span them grows parents over them; each token is answered once its segment is stored',
    min: 1,
    max: 4096,
    symbol: 's',
    unit: 'tokens',
    later: true
  })
}
type HierarchicalContext = ValuesOf<typeof params>

const kind = 'hierarchical'
const memoryParams = (p: HierarchicalContext): ParamValues =>
  valuesOf(p, ['dim', 'maxLevels', 'spatialDim', 'temporalDim', 'heads'])

/**
 * Hierarchical context: every token is written into hierarchical memories, for each of which time runs at its own pace (by
 * default at its own, ten and a hundred times as fast), and read back beside itself.
 *
 *   per segment of s tokens:   store_i(h_t, h_t for all t of it) at places t and times p_i t
 *   then for each of them:     y_t = h_t + mean_i read_i(h_t; t, p_i t)
 *
 * h, y: [d]; p = 1, 10, 100; t counts on from call to call. With s = 1 a token is stored alone and no tree grows; the tokens
 * of a longer segment get a parent at the first level l with 2^l >= p_i, and their answers see it: what a segment says waits
 * for its end. A call ends its segment. The memories' weights carry the prefixes `memories.i.`.
 * Source: the studio's first source document.
 */
export default defineModel({
  id: 'hierarchical-context',
  title: 'Hierarchical context',
  family: 'Sequence blocks',
  interfaces: ['sequence'],
  summary: 'Each token is written into hierarchical memories at several paces of time and read back beside itself.',
  recall:
    'A token is read at its own place and time, where it has just been written: it recalls itself with its place code added. Earlier tokens are reached only where their extents contain its place: with segments, through the parent of its own segment, a blend of it that its untrained networks make.',
  equations: [
    '\\operatorname{store}_i(h_t, h_t)\\ \\text{at}\\ (t,\\ p_i t),\\qquad y_t = h_t + \\tfrac{1}{n}\\sum_{i \\le n} \\operatorname{read}_i(h_t;\\ t,\\ p_i t)'
  ],
  symbols: [
    { symbol: 'h, y', meaning: 'tokens in and out', shape: '[d]' },
    { symbol: 'p_i', meaning: 'paces of time of the n memories: 1, 10, 100' },
    { symbol: 's', meaning: 'tokens stored together', unit: 'tokens' }
  ],
  source: 'Unpublished design notes from which this studio began (2025)',
  notes: ['Its trees are built outside the tensors, so it cannot be trained.'],
  params,
  trainable: false,
  revision: 1,
  create(p, setup) {
    const { scales, segment } = p
    const memories = scales.map((_, i) =>
      keyValue(setup, { kind, params: memoryParams(p) }, `memories.${i}.`, 'memory')
    )
    let count = 0
    /** Store a segment, then answer its tokens. */
    const readBack = (h: Tensor): Tensor => {
      const positions = Array.from({ length: h.shape[1]! }, () => count++)
      const answers = memories.map((memory, i) => {
        const times = positions.map((t) => scales[i] * t)
        memory.store({ keys: h, values: h, positions, times, importances: positions.map(() => 1) })
        return memory.retrieve({ queries: h, positions, times })
      })
      const mean = tf.tidy(() => tf.addN(answers).div(scales.length))
      tf.dispose(answers)
      return mean
    }
    return {
      forward(x) {
        // Not in one tidy: the memories hold on to what they write.
        const parts = tf.tidy(() => tf.split(x, sizesOf(x.shape[1]!, segment), 1))
        const reads = parts.map(readBack)
        const y = tf.tidy(() => x.add(tf.concat(reads, 1)))
        tf.dispose([...parts, ...reads])
        return y
      },
      reset() {
        resetAll(memories)
        count = 0
      },
      traces: () => tracesOf(memories, 'memories', 'Memory'),
      dispose: () => disposeAll(memories)
    }
  },
  cost(p, { tokens = 0 }, costOf) {
    const { scales, segment, maxLevels, dim } = p
    const inner = memoryParams(p)
    const of = (stored: number): Cost => costOf(kind, inner, { stored, before: 0, queries: stored })
    const flops = ({ storeFlops, retrieveFlops }: Cost): number => storeFlops + retrieveFlops
    // At its own place and time a token finds its own leaf, and the parent that its segment has got where a level spans its pace.
    const spans = (pace: number): boolean => maxLevels > 1 && pace <= 2 ** (maxLevels - 1)
    const [one, sizes] = [of(1), sizesOf(tokens, segment)]
    const each = scales.map((pace) =>
      sizes.reduce(
        (sum, size) => {
          const cost = spans(pace) ? of(size) : undefined
          return {
            flops: sum.flops + (cost ? flops(cost) : size * flops(one)),
            state: sum.state + (cost ? cost.state : size * one.state)
          }
        },
        { flops: 0, state: 0 }
      )
    )
    return {
      forwardFlops: each.reduce((sum, { flops }) => sum + flops, 0) + tokens * (scales.length + 1) * dim,
      parameters: scales.length * one.parameters,
      state: each.reduce((sum, { state }) => sum + state, 0)
    }
  }
})

/** Tokens of each segment of a call; the last may be shorter. */
const sizesOf = (length: number, segment: number): number[] =>
  Array.from({ length: Math.ceil(length / segment) }, (_, i) => Math.min(segment, length - i * segment))

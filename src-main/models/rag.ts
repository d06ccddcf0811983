import * as tf from '@tensorflow/tfjs'
import { integer } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { unit, unitFlops } from './parts/memory/cosine.ts'
import { HeatMap } from './parts/traces/heat-map.ts'
import { applyLinear, linearFlops } from './parts/memory/linear.ts'
import { attend, identityMha, mha, mhaOf, mhaParameters, mhaTensors } from './parts/memory/mha.ts'
import { identity, projectionParams, train } from './parts/memory/projections.ts'
import { Rows } from './parts/memory/rows.ts'
import { slotKernels } from '../tensors/fused-kernels.ts'
import { fusedMaps, fusedNeighbours } from '../tensors/fused-memory-ops.ts'

/**
 * Retrieval-augmented memory: the nearest stored keys of a query, fused by cross-attention.
 *
 *   r = q W_q,   i_1 ... i_k = the k keys with the largest cos(r, K_i),   retrieve(q) = MHA(r, K_(i), V_(i))
 *
 * q: [Q, d]; W_q: [d, d], n(0.1); K, V: the newest memorySize pairs; MHA: `cross_attention` with H heads. Zeros while
 * nothing is stored. Keys are brought to unit length and projected when they are stored; the length of r does not
 * change the order, so it is left out of the search.
 * Source: RAGEpisodicMemory of the seed documents, after Lewis et al. (2020).
 */
export default defineModel({
  id: 'rag',
  title: 'Retrieval-augmented memory',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'Finds the nearest stored keys and fuses their values by cross-attention.',
  recall:
    'With the untrained random projections the search looks in the wrong direction and the fused values are mixed by random matrices, so it scores at chance by construction. With identity projections the right item is found and blended with its nearest neighbours. Beyond memorySize the oldest items are lost.',
  equations: [
    'r = q\\,W_q,\\qquad i_1,\\dots,i_k = \\operatorname{top-}k_i\\,\\cos(r, K_i)',
    '\\operatorname{retrieve}(q) = \\operatorname{MHA}\\bigl(r,\\ K_{i_1..i_k},\\ V_{i_1..i_k}\\bigr)'
  ],
  symbols: [
    { symbol: 'K, V', meaning: 'stored keys and values, the newest M', shape: '[N, d]' },
    { symbol: 'W_q', meaning: 'query projection', shape: '[d, d]' },
    { symbol: 'k', meaning: 'neighbours that are fused' }
  ],
  source:
    'RAGEpisodicMemory of unpublished design notes (2025), after P. Lewis et al. (2020), Retrieval-augmented generation for knowledge-intensive NLP tasks',
  notes: ['Retrieves zeros while nothing is stored.', 'With fewer than k items stored, all of them are fused.'],
  params: {
    dim: dimension,
    memorySize: integer('Capacity', 1000, {
      help: 'Pairs held; then the oldest leaves',
      min: 1,
      max: 100_000,
      symbol: 'M',
      scale: 'log'
    }),
    topK: integer('Neighbours', 5, { help: 'Nearest keys that are fused', min: 1, max: 100, symbol: 'k' }),
    heads: headCount(4),
    ...projectionParams
  },
  scripted: 5,
  revision: 1,
  create({ dim, memorySize, topK, heads, projections, trainSteps, trainRate }, { batch, weight }) {
    let weights =
      projections === 'identity'
        ? [identity(batch, dim), ...mhaTensors(identityMha(batch, dim, heads))]
        : [
            weight('W_q', [dim, dim], { kind: 'normal', scale: 0.1 }),
            ...mhaTensors(mha(weight, 'cross_attention', dim, heads))
          ]
    if (projections === 'trained')
      // All items of the episode are fused: which keys are nearest has no gradient.
      weights = train(
        weights,
        { dim, weight, steps: trainSteps, rate: trainRate },
        ([project, ...rest], keys, values) => attend(mhaOf(heads, rest), tf.matMul(keys, project), keys, values)
      )
    const [queryProjection, ...attentionTensors] = weights
    const attention = mhaOf(heads, attentionTensors)
    const headOf = tf.tidy(() => headIndicator(dim, heads))
    const rows = new Rows(memorySize)
    const seen = new HeatMap('similarity', 'Cosine of the last projected queries with the stored keys', [
      'query',
      'item'
    ])
    /** Attention of the queries, projected and scaled, over the k rows whose directions are nearest to r: [B, Q, d]. */
    function fuseNearest(r: tf.Tensor, asked: tf.Tensor, held: tf.Tensor[], k: number): tf.Tensor {
      const [directions, keys, values] = held
      const count = r.shape[1]!
      const size = rows.size
      const nearest = tf.topk(tf.matMul(r, directions, false, true), k, false).indices
      const first = tf.range(0, batch, 1, 'int32').mul(tf.scalar(size, 'int32')).reshape([batch, 1, 1])
      const index = nearest.add(first).flatten() as tf.Tensor1D
      const take = (x: tf.Tensor): tf.Tensor2D => tf.gather(x.reshape([batch * size, dim]), index)
      // Every head's scores of the k rows of a query, by a product with the heads' indicator [d, H].
      // Each query k times over: cheaper than a product that broadcasts.
      const each = tf.tensor1d(
        Int32Array.from({ length: batch * count * k }, (_, i) => Math.floor(i / k)),
        'int32'
      )
      const products = tf.gather(asked.reshape([batch * count, dim]), each).mul(take(keys))
      const scores = tf.matMul(products, headOf).reshape([batch * count, k, heads])
      const shares = tf.softmax(scores.transpose([0, 2, 1]), -1).transpose([0, 2, 1])
      const spread = tf.matMul(shares.reshape([-1, heads]), headOf, false, true)
      const fused = tf.sum(spread.mul(take(values)).reshape([batch * count, k, dim]), 1)
      return fused.reshape([batch, count, dim])
    }

    /** The whole read in three ops, where the backend has them. */
    function readByOps(queries: tf.Tensor, [directions, keys, values]: tf.Tensor[]): tf.Tensor | undefined {
      const turned = { weight: queryProjection, columns: true }
      const asked = fusedMaps([
        { inputs: [queries], layers: [turned] },
        { inputs: [queries], layers: [turned, attention.inputs[0]] }
      ])
      if (!asked) return undefined
      const given = { cues: asked[0], queries: asked[1], directions, keys, values }
      const fused = fusedNeighbours(given, { neighbours: Math.min(topK, rows.size), heads })
      return fused && applyLinear(attention.output, fused)
    }

    return {
      store: ({ keys, values }) =>
        tf.tidy(() => {
          const [, key, value] = attention.inputs
          const fused = fusedMaps([
            { inputs: [keys], layers: [{ then: 'unit' }] },
            { inputs: [keys], layers: [key] },
            { inputs: [values], layers: [value] }
          ])
          rows.append(...(fused ?? [unit(keys), applyLinear(key, keys), applyLinear(value, values)]))
        }),
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          const held = rows.read()
          if (!held) return tf.zerosLike(queries)
          const [directions, keys, values] = held
          seen.keep(queries)
          const byOps = readByOps(queries, held)
          if (byOps) return byOps
          const r = tf.matMul(queries, queryProjection)
          const asked = applyLinear(attention.inputs[0], r).div(Math.sqrt(dim / heads))
          const [count, slots, neighbours] = [queries.shape[1]!, rows.size, Math.min(topK, rows.size)]
          const kernels = slotKernels()
          const at = (x: tf.Tensor): Float32Array => x.dataSync<'float32'>()
          const fused = kernels
            ? tf.tensor(
                kernels.readNeighbours({
                  ...{ batch, count, slots, dim, neighbours, heads },
                  ...{ cues: at(r), queries: at(asked), directions: at(directions), keys: at(keys), values: at(values) }
                }),
                queries.shape
              )
            : fuseNearest(r, asked, held, neighbours)
          return applyLinear(attention.output, fused)
        }),
      reset() {
        rows.clear()
        seen.clear()
      },
      traces: () =>
        seen.read((queries) => {
          const held = rows.read()
          return held && tf.matMul(unit(tf.matMul(queries, queryProjection)), held[0], false, true)
        }),
      dispose() {
        rows.clear()
        seen.clear()
        tf.dispose([weights, headOf])
      }
    }
  },
  cost({ dim, memorySize, topK, heads }, { stored, before, queries }) {
    const size = Math.min(stored + before, memorySize)
    const k = Math.min(topK, size)
    return {
      storeFlops: unitFlops(stored, dim) + stored * dim + 2 * linearFlops(stored, dim, dim),
      retrieveFlops:
        size === 0
          ? 0
          : 2 * queries * dim * dim +
            queries * size * (2 * dim + 1) +
            2 * linearFlops(queries, dim, dim) +
            queries * dim +
            queries * k * (dim * (3 + 4 * heads) + 5 * heads),
      parameters: dim * dim + mhaParameters(dim),
      state: 3 * size * dim
    }
  }
})

/** [d, H] with a one where the dimension belongs to the head. */
function headIndicator(dim: number, heads: number): tf.Tensor2D {
  const head = tf
    .range(0, dim)
    .div(dim / heads)
    .floor()
  return tf.equal(head.expandDims(1), tf.range(0, heads).expandDims(0)).toFloat() as tf.Tensor2D
}

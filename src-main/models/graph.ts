import * as tf from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { copyOf } from './parts/slots/adam.ts'
import { dimension, headCount } from './parts/memory/common-params.ts'
import { unit, unitFlops } from './parts/memory/cosine.ts'
import { linearFlops, mlp, mlpParameters } from './parts/memory/linear.ts'
import { attend, attendFlops, mha, mhaParameters, mhaTensors } from './parts/memory/mha.ts'
import { slotKernels } from '../tensors/fused-kernels.ts'
import { fusedMaps, fusedProduct } from '../tensors/fused-memory-ops.ts'
import { fusedGraph } from '../tensors/fused-ops.ts'
import { State } from './parts/memory/state.ts'
import { oneHot } from './parts/memory/one-hot.ts'

/**
 * Graph memory: nodes that drift towards what is stored, read through one graph convolution and attention.
 *
 *   store, per item: j = argmax cos(k, n_j),   n_j <- n_j + rate tanh(net([n_j; v]))
 *   retrieve(q): A = sigma(n W_e n^T),   n' = A n W_g^T,   MHA(q, n', n')
 *
 * n: nodes [n, d]; W_e, W_g: [d, d], all n(0.1); net = Linear(2d, d) ReLU Linear(d, d); MHA: `graph_attention`.
 * The value's share of the first layer of net is one product for all items; the rest runs item after item.
 * Source: GraphStructuredMemory of the seed documents.
 */
export default defineModel({
  id: 'graph',
  title: 'Graph memory',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'A fixed set of nodes; the one nearest to a key moves a little, steered by an untrained network.',
  recall:
    'Cannot recall by construction: the update network and the attention are untrained, nodes move by at most updateRate per item, and no value is ever kept. It scores at chance.',
  equations: [
    'j = \\arg\\max_j \\cos(k, n_j),\\qquad n_j \\leftarrow n_j + \\eta\\tanh\\bigl(\\operatorname{net}([n_j; v])\\bigr)',
    "A = \\sigma(n W_e n^\\top),\\quad n' = A\\,n\\,W_g^\\top,\\quad \\operatorname{retrieve}(q) = \\operatorname{MHA}(q, n', n')"
  ],
  symbols: [
    { symbol: 'n', meaning: 'nodes', shape: '[n, d]' },
    { symbol: 'W_e, W_g', meaning: 'edge and convolution weights', shape: '[d, d]' },
    { symbol: 'A', meaning: 'adjacency', shape: '[n, n]' },
    { symbol: '\\eta', meaning: 'update rate' }
  ],
  source: 'GraphStructuredMemory of unpublished design notes (2025)',
  notes: ['Before anything is stored it answers from its initial nodes.'],
  params: {
    dim: dimension,
    nodes: integer('Nodes', 50, { help: 'Nodes of the graph', min: 1, max: 2000, symbol: 'n', scale: 'log' }),
    heads: headCount(4),
    updateRate: number('Update rate', 0.01, {
      help: 'How far one item moves its node',
      min: 0,
      max: 10,
      symbol: '\\eta',
      scale: 'log'
    })
  },
  scripted: 6,
  revision: 1,
  create({ dim, nodes: count, heads, updateRate }, { batch, weight }) {
    const nodes = new State(weight('nodes', [count, dim], { kind: 'normal', scale: 0.1 }))
    const edges = weight('W_e', [dim, dim], { kind: 'normal', scale: 0.1 })
    const convolution = weight('W_g', [dim, dim], { kind: 'normal', scale: 0.1 })
    const attention = mha(weight, 'graph_attention', dim, heads)
    const [first, second] = mlp(weight, 'node_update_net', [2 * dim, dim, dim])
    // The first layer acts on [node; value]: its two column blocks, ready for rows from the left.
    const [fromNode, fromValue] = tf.tidy(() => tf.split(first.weight.transpose([0, 2, 1]), 2, 1))
    const lastLayer = tf.tidy(() => second.weight.transpose([0, 2, 1]).clone())
    return {
      store({ keys, values }) {
        const kernels = slotKernels()
        nodes.update((initial) => {
          if (kernels) {
            const moved = copyOf(initial)
            kernels.writeGraph({
              ...{ batch, count, dim, items: keys.shape[1]!, nodes: moved, rate: updateRate },
              directions: copyOf(unit(keys)),
              shares: copyOf(tf.matMul(values, fromValue).add(first.bias.expandDims(1))),
              first: copyOf(fromNode),
              second: copyOf(lastLayer),
              bias: copyOf(second.bias)
            })
            return tf.tensor(moved, initial.shape)
          }
          const fused = fusedGraph(
            {
              ...{ nodes: initial, directions: unit(keys), first: fromNode, second: lastLayer },
              ...{ shares: tf.matMul(values, fromValue), firstBias: first.bias, secondBias: second.bias }
            },
            updateRate
          )
          if (fused) return fused
          const directions = tf.unstack(unit(keys).expandDims(2), 1)
          const shares = tf.unstack(tf.matMul(values, fromValue).add(first.bias.expandDims(1)).expandDims(2), 1)
          const bias = second.bias.expandDims(1)
          return directions.reduce<tf.Tensor>((n, direction, i) => {
            const next = tf.tidy(() => {
              const winner = oneHot(tf.argMax(tf.matMul(direction, unit(n), false, true), 2), count)
              const node = tf.matMul(winner, n)
              const hidden = tf.relu(tf.matMul(node, fromNode).add(shares[i]))
              const move = tf.tanh(tf.matMul(hidden, lastLayer).add(bias)).mul(updateRate)
              return n.add(tf.matMul(winner, move, true, false))
            })
            if (i > 0) n.dispose()
            return next
          }, initial)
        })
      },
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          const n = nodes.value
          const maps = fusedMaps([
            { inputs: [n], layers: [{ weight: edges, columns: true }] },
            { inputs: [n], layers: [{ weight: convolution }] }
          ])
          const [towards, turned] = maps ?? [tf.matMul(n, edges), tf.matMul(n, convolution, false, true)]
          const adjacency =
            fusedProduct(towards, n, { right: true, sigmoid: true }) ?? tf.sigmoid(tf.matMul(towards, n, false, true))
          const convolved = tf.matMul(adjacency, turned)
          return attend(attention, queries, convolved, convolved)
        }),
      reset: () => nodes.reset(),
      dispose() {
        nodes.dispose()
        tf.dispose([edges, convolution, mhaTensors(attention), fromNode, fromValue, lastLayer])
        tf.dispose([first, second].flatMap((layer) => [layer.weight, layer.bias]))
      }
    }
  },
  cost: ({ dim, nodes, heads }, { stored, queries }) => ({
    storeFlops:
      unitFlops(stored, dim) +
      linearFlops(stored, dim, dim) +
      stored * (nodes * (13 * dim + 5) + 4 * dim * dim + 5 * dim),
    retrieveFlops:
      4 * nodes * dim * dim + 4 * nodes * nodes * dim + nodes * nodes + attendFlops(queries, nodes, dim, heads),
    parameters: nodes * dim + 2 * dim * dim + mhaParameters(dim) + mlpParameters([2 * dim, dim, dim]),
    state: nodes * dim
  })
})

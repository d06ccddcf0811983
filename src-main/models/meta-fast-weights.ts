import * as tf from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineModel } from './model.ts'
import { dimension } from './parts/memory/common-params.ts'
import { applyMlp, mlp, mlpFlops, mlpParameters } from './parts/memory/linear.ts'
import { slotKernels } from '../tensors/fused-kernels.ts'
import { fusedMaps, fusedTanhSums } from '../tensors/fused-memory-ops.ts'
import { State } from './parts/memory/state.ts'

/** Numbers of the updates that are held at once, of one trial. */
const updatesHeld = 2 ** 21

/**
 * Meta-learned fast weights: a hypernetwork turns each key into a change of the memory matrix.
 *
 *   F <- F + s reshape(tanh(net(k)), [d, d])   item by item,    retrieve(q) = q F
 *
 * net = Linear(d, h) ReLU Linear(h, h) ReLU Linear(h, d^2); F: [d, d], zeros; s: updateScale. The changes do not depend
 * on F, so a store adds up all of them.
 * Source: MetaLearnedFastWeights of the seed documents, after Ha, Dai and Le (2017), HyperNetworks.
 */
export default defineModel({
  id: 'meta-fast-weights',
  title: 'Meta-learned fast weights',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'A hypernetwork reads each key and proposes a change of the memory matrix.',
  recall:
    'Cannot recall by construction: the change depends on the key alone, never on the value, so no training of the hypernetwork can make it return stored values. It scores at chance.',
  equations: [
    'F \\leftarrow F + s\\,\\operatorname{reshape}\\bigl(\\tanh(\\operatorname{net}(k))\\bigr)',
    '\\operatorname{retrieve}(q) = q\\,F'
  ],
  symbols: [
    { symbol: 'F', meaning: 'fast weights', shape: '[d, d]' },
    { symbol: '\\operatorname{net}', meaning: 'hypernetwork of three layers with h hidden units', shape: '[d] → [d²]' },
    { symbol: 's', meaning: 'update scale' }
  ],
  source:
    'MetaLearnedFastWeights of unpublished design notes (2025), after D. Ha, A. Dai and Q. V. Le (2017), HyperNetworks',
  notes: ['The source computes the change from the key only; it is kept as it is.'],
  params: {
    dim: { ...dimension, max: 512 },
    hiddenDim: integer('Hidden units', 128, {
      help: 'Width of the hypernetwork',
      min: 1,
      max: 2048,
      symbol: 'h',
      scale: 'log'
    }),
    updateScale: number('Update scale', 0.01, {
      help: 'Strength of one write',
      min: 0,
      max: 10,
      symbol: 's',
      scale: 'log'
    })
  },
  scripted: 4,
  revision: 1,
  create({ dim, hiddenDim, updateScale }, { batch, weight }) {
    const [first, second, last] = mlp(weight, 'hypernetwork', [dim, hiddenDim, hiddenDim, dim * dim])
    const fast = new State(weight('fast_weights', [dim, dim], { kind: 'zeros', state: true }))
    const part = Math.max(1, Math.floor(updatesHeld / (dim * dim)))

    /** What the last layer sees of each key, [B, N, h]. */
    const hiddenOf = (keys: tf.Tensor): tf.Tensor => {
      const both = [first, second].map((layer) => ({ ...layer, then: 'relu' as const }))
      return fusedMaps([{ inputs: [keys], layers: both }])?.[0] ?? tf.relu(applyMlp([first, second], keys))
    }

    /** Sum of all changes, [B, d, d]. hidden: [B, N, h] */
    function changes(hidden: tf.Tensor): tf.Tensor {
      const kernels = slotKernels()
      const [items, inner] = hidden.shape.slice(1)
      const at = (x: tf.Tensor): Float32Array => x.dataSync<'float32'>()
      if (kernels)
        return tf.tensor(
          kernels.tanhSums({
            ...{ batch, items, inner, width: dim * dim },
            ...{ hidden: at(hidden), weight: at(last.weight), bias: at(last.bias) }
          }),
          [batch, dim, dim]
        )
      return tf.tidy(() =>
        tf.concat(
          Array.from({ length: batch }, (_, trial) => changesOf(trial, hidden)),
          0
        )
      )
    }

    /** One trial's share, [1, d, d]: a trial at a time, as the changes are many; the sum as a product with ones. */
    function changesOf(trial: number, hidden: tf.Tensor): tf.Tensor {
      return tf.tidy(() => {
        const own = (x: tf.Tensor): tf.Tensor => x.slice([trial, 0, 0], [1, -1, -1])
        const items = hidden.shape[1]!
        const [h, w, b] = [own(hidden), own(last.weight), own(last.bias.expandDims(1))]
        let sum: tf.Tensor = tf.zeros([1, 1, dim * dim])
        for (let at = 0; at < items; at += part)
          sum = tf.tidy(() => {
            const size = Math.min(part, items - at)
            const logits = tf.matMul(h.slice([0, at, 0], [1, size, -1]), w, false, true).add(b)
            return sum.add(tf.matMul(tf.ones([1, 1, size]), tf.tanh(logits)))
          })
        return sum.reshape([1, dim, dim])
      })
    }

    return {
      store({ keys }) {
        fast.update((start) => {
          const hidden = hiddenOf(keys)
          const fused = fusedTanhSums(hidden, last.weight, last.bias, start, updateScale)
          return fused ?? start.add(changes(hidden).mul(updateScale))
        })
      },
      retrieve: ({ queries }) => tf.matMul(queries, fast.value),
      reset: () => fast.reset(),
      dispose() {
        fast.dispose()
        tf.dispose([first, second, last].flatMap((layer) => [layer.weight, layer.bias]))
      }
    }
  },
  cost: ({ dim, hiddenDim }, { stored, queries }) => ({
    storeFlops: mlpFlops(stored, [dim, hiddenDim, hiddenDim, dim * dim]) + stored * 3 * dim * dim,
    retrieveFlops: 2 * queries * dim * dim,
    parameters: mlpParameters([dim, hiddenDim, hiddenDim, dim * dim]),
    state: dim * dim
  })
})

import * as tf from '@tensorflow/tfjs'
import { integer, number } from '../../src-shared/shapes/params.ts'
import { defineModel, type StoreInput } from './model.ts'
import { copyOf } from './parts/slots/adam.ts'
import { dimension } from './parts/memory/common-params.ts'
import { Drift, driftFlops, driftParams, shiftFlops } from './parts/memory/drift.ts'
import { HeatMap } from './parts/traces/heat-map.ts'
import { applyMlp, mlp, mlpFlops, mlpParameters } from './parts/memory/linear.ts'
import { lineTrace } from './parts/traces/line-trace.ts'
import { attend, readSlots } from './parts/memory/attention-read.ts'
import { slotKernels, type SlotKernels } from '../tensors/fused-kernels.ts'
import { fusedMaps, fusedRing } from '../tensors/fused-memory-ops.ts'
import { State } from './parts/memory/state.ts'
import { oneHot } from './parts/memory/one-hot.ts'

/**
 * Gated episodic memory: slots that are written by copy, when a gate lets an item in.
 *
 *   store, per item:  c <- rho c + U k,   g = sigma(net([k; c])),   if g > threshold: next slot <- (k, v)
 *   retrieve(q) = softmax((q + c W_c^T) K_u^T) V_u   over used slots u
 *
 * K, V: [M, d], n(0.1); c: [c], zeros; U: [c, d], W_c: [d, c], n(0.1); net = Linear(d+c, h) ReLU Linear(h, 1).
 * The slots are taken round-robin. Contexts and gates do not depend on the slots, so all of them come first; an item
 * stays if fewer than M open items follow it, and lands in slot (pointer + its rank among the open ones) mod M. Zeros
 * while no slot is used.
 * Source: GatedEpisodicMemory of the seed documents.
 */
export default defineModel({
  id: 'gated-episodic',
  title: 'Gated episodic memory',
  family: 'Associative memories',
  interfaces: ['key-value'],
  summary: 'A ring of slots that copies an item in when a small network opens the gate for it.',
  recall:
    'What the gate lets in is recalled well until M later items have overwritten it. The gate is untrained, so what it lets in is arbitrary: near one half of all items, sometimes nearly none or nearly all. The context that is added to the query disturbs recall a little.',
  equations: [
    'c \\leftarrow \\rho\\,c + U k,\\qquad g = \\sigma(\\operatorname{net}([k; c]))',
    '(K, V)_{\\text{next}} \\leftarrow (k, v)\\ \\text{ if } g > \\theta',
    '\\operatorname{retrieve}(q) = \\operatorname{softmax}\\!\\left((q + c\\,W_c^\\top) K_u^\\top\\right) V_u'
  ],
  symbols: [
    { symbol: 'K, V', meaning: 'slots; u: those in use', shape: '[M, d]' },
    { symbol: 'c', meaning: 'context', shape: '[c]' },
    { symbol: 'U, W_c', meaning: 'into and out of the context', shape: '[c, d], [d, c]' },
    { symbol: 'g', meaning: 'gate, 0 to 1' },
    { symbol: '\\rho, \\theta', meaning: 'context decay and gate threshold' }
  ],
  source: 'GatedEpisodicMemory of unpublished design notes (2025)',
  notes: ['A retrieve does not move the context.', 'An empty memory reads zeros.'],
  params: {
    dim: dimension,
    ...driftParams,
    memorySize: integer('Slots', 100, { help: 'Items held at once', min: 1, max: 10_000, symbol: 'M', scale: 'log' }),
    threshold: number('Gate threshold', 0.5, {
      help: 'An item is kept when its gate is above this',
      min: 0,
      max: 1,
      symbol: '\\theta'
    }),
    gateHidden: integer('Gate width', 64, { help: 'Hidden units of the gate network', min: 1, max: 1024, scale: 'log' })
  },
  scripted: 3,
  revision: 1,
  create({ dim, contextDim, decay, memorySize, threshold, gateHidden }, { batch, weight }) {
    const slots = (name: string): State => new State(weight(name, [memorySize, dim], { kind: 'normal', scale: 0.1 }))
    const keys = slots('mem_keys')
    const values = slots('mem_values')
    const drift = new Drift(weight, 'context_drift.', dim, contextDim, decay)
    const gate = mlp(weight, 'gate_network', [dim + contextDim, gateHidden, 1])
    /** 1 where a slot is used [B, 1, M]; the slot that is next [B, 1]. */
    const used = new State(tf.zeros([batch, 1, memorySize]))
    const next = new State(tf.zeros([batch, 1]))
    const gates = lineTrace('gate', 'Write gate', ['item', 'gate'])
    const seen = new HeatMap('attention', 'Attention of the last queries over the slots', ['query', 'slot'])
    /** What keeps the softmax off the slots that are not used [B, 1, M], and 1 where any is [B, 1, 1]; made once a write. */
    let reach: { mask: tf.Tensor; any: tf.Tensor } | undefined
    const reached = (): { mask: tf.Tensor; any: tf.Tensor } =>
      (reach ??= { mask: tf.keep(used.value.sub(1).mul(1e9)), any: tf.keep(tf.max(used.value, 2, true)) })
    const forgetReach = (): void => {
      if (reach) tf.dispose([reach.mask, reach.any])
      reach = undefined
    }
    const states = [keys, values, used, next]

    /** Every item's slot at once: those that stay, by one product with the items. g: [B, N, 1]. */
    function sortOpen(g: tf.Tensor, input: StoreInput): void {
      const open = tf.greater(g, threshold).squeeze<tf.Tensor2D>([2]).toFloat()
      const rank = tf.cumsum(open, 1)
      const total = rank.slice([0, rank.shape[1]! - 1], [-1, 1])
      const stays = open.mul(tf.less(total.sub(rank), memorySize).toFloat())
      const slot = tf.mod(next.value.add(rank).sub(1), memorySize)
      // [B, N, M]: which item lands in which slot; -1 is none.
      const lands = oneHot(slot.mul(stays).add(stays.sub(1)).toInt(), memorySize)
      const into = (x: tf.Tensor): tf.Tensor => tf.matMul(lands, x, true, false)
      const written = into(tf.onesLike(open).expandDims(2))
      const kept = tf.sub(1, written)
      keys.update((old) => old.mul(kept).add(into(input.keys)))
      values.update((old) => old.mul(kept).add(into(input.values)))
      used.update((old) => tf.maximum(old, written.transpose([0, 2, 1])))
      next.update((old) => tf.mod(old.add(total), memorySize))
    }

    /** The same item by item. */
    function copyOpen(kernels: SlotKernels, g: tf.Tensor, input: StoreInput): void {
      const at = (x: tf.Tensor): Float32Array => x.dataSync<'float32'>()
      const changed = states.map((state) => copyOf(state.value))
      const [newKeys, newValues, newUsed, newNext] = changed
      kernels.writeRing({
        ...{ batch, items: g.shape[1]!, slots: memorySize, dim, threshold },
        ...{ gates: at(g), itemKeys: at(input.keys), itemValues: at(input.values) },
        ...{ keys: newKeys, values: newValues, used: newUsed, next: newNext }
      })
      states.forEach((state, i) => state.update(({ shape }) => tf.tensor(changed[i], shape)))
    }

    /** The same by one op, where the backend has it. */
    function copyByOp(g: tf.Tensor, input: StoreInput): boolean {
      const [k, v, u, n] = states.map((state) => state.value)
      const items = { gates: g, itemKeys: input.keys, itemValues: input.values }
      const made = fusedRing({ ...items, keys: k, values: v, used: u, next: n }, threshold)
      states.forEach((state, i) => made && state.update(() => made[i]))
      return made !== undefined
    }

    /** g of every item, [B, N, 1]. */
    function gatesOf(k: tf.Tensor, contexts: tf.Tensor): tf.Tensor {
      const [first, last] = gate
      const fused = fusedMaps([
        {
          inputs: [k, contexts],
          layers: [
            { ...first, then: 'relu' },
            { ...last, then: 'sigmoid' }
          ]
        }
      ])
      return fused?.[0] ?? tf.sigmoid(applyMlp(gate, tf.concat([k, contexts], -1)))
    }

    return {
      store(input) {
        forgetReach()
        tf.tidy(() => {
          const g = gatesOf(input.keys, drift.over(input.keys))
          gates.add(g)
          const kernels = slotKernels()
          if (kernels) copyOpen(kernels, g, input)
          else if (!copyByOp(g, input)) sortOpen(g, input)
        })
      },
      retrieve: ({ queries }) =>
        tf.tidy(() => {
          const shifted = drift.shift(queries)
          seen.keep(shifted)
          const { mask, any } = reached()
          const { read } = readSlots(shifted, keys.value, values.value, { bias: mask })
          return read.mul(any)
        }),
      reset() {
        forgetReach()
        states.forEach((state) => state.reset())
        drift.reset()
        gates.clear()
        seen.clear()
      },
      traces: async () => [
        ...(await gates.read()),
        ...(await seen.read((queries) => attend(queries, keys.value, undefined, reached().mask)))
      ],
      dispose() {
        forgetReach()
        states.forEach((state) => state.dispose())
        drift.dispose()
        tf.dispose(gate.flatMap((layer) => [layer.weight, layer.bias]))
        gates.clear()
        seen.clear()
      }
    }
  },
  cost: ({ dim, contextDim, memorySize, gateHidden }, { stored, queries }) => ({
    storeFlops:
      driftFlops(stored, dim, contextDim) +
      mlpFlops(stored, [dim + contextDim, gateHidden, 1]) +
      // gate, compare, rank, stays, slot
      11 * stored +
      // which slots are written
      2 * stored * memorySize +
      // the copy into keys and values
      4 * stored * memorySize * dim +
      4 * memorySize * dim +
      2 * memorySize,
    retrieveFlops:
      shiftFlops(queries, dim, contextDim) + queries * (4 * memorySize * dim + 6 * memorySize + dim) + 3 * memorySize,
    parameters: 2 * memorySize * dim + 2 * dim * contextDim + mlpParameters([dim + contextDim, gateHidden, 1]),
    state: 2 * memorySize * dim + memorySize + contextDim + 1
  })
})

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../../model.ts'
import { fusedSlotSteps } from '../../../tensors/fused-memory-ops.ts'
import { Adam, adamFlops } from '../slots/adam.ts'

/** What nodes hold, [B, n, d]: the content their parents are made of, and what a query is compared with. */
export interface Contents {
  keys: Tensor
  values: Tensor
  compared: Tensor
  /** What a query is compared with at unit length, where it is made along. */
  directions?: Tensor
}

/** Makes the contents of new nodes from the keys and values they are given; `firstId` is the first node's number. */
export type NodeContent = (keys: Tensor, values: Tensor, firstId: number) => Contents

/** Nodes that keep the vectors they are given; a query is compared with their key. */
export const plainContent: NodeContent = (keys, values) => ({ keys, values, compared: keys })

/**
 * Nodes that write their one pair into a slot memory of their own (true-episodic or true-matrix).
 *
 * Such a memory is written once, so one slot is in use, and the softmax over one slot is 1: it answers V_0 to any query.
 * The loss mean((V_0 - v)^2) has a gradient in V_0 alone, so the key slot and the context slots stay as drawn, and the
 * write is `steps` Adam steps on V_0, done for all nodes at once. Content for the parent: K_0 and V_0; a query is
 * compared with what it would get, V_0.
 */
export function slotContent(
  weight: WeightSource,
  slots: { dims: readonly number[]; memorySize: number; contextDim: number; steps: number }
): NodeContent {
  const { dims, memorySize, contextDim, steps } = slots
  const dim = dims.reduce((a, b) => a * b)
  return (_, values, firstId) => {
    const [batch, count] = values.shape as [number, number, number]
    /** Slot 0 of what each node's memory draws: its other slots, and its contexts, are never used. */
    const drawn = Array.from({ length: count }, (_, i) => {
      const draw = (name: string, shape: readonly number[], first: number): Tensor =>
        weight(`nodes.${firstId + i}.${name}`, shape, { kind: 'normal', scale: 0.1, first })
      const key = draw('mem_keys', [memorySize, ...dims], 1)
      const value = draw('mem_values', [memorySize, ...dims], 1)
      draw('mem_contexts', [memorySize, contextDim], 0).dispose()
      return { key, value }
    })
    const joined = (rows: Tensor[]): Tensor => tf.concat(rows, 1).reshape([batch, count, dim])
    const keys = joined(drawn.map(({ key }) => key))
    const adam = new Adam(0.01)
    let slot = joined(drawn.map(({ value }) => value))
    const fused = fusedSlotSteps(slot, values, adam.ahead(['slot'], steps)!.rates)
    if (fused) return { keys, values: fused[0], compared: fused[0], directions: fused[1] }
    for (let step = 0; step < steps; step++)
      slot = adam.step({ slot }, { slot: tf.tidy(() => slot.sub(values).mul(2 / dim)) }).slot
    adam.reset()
    return { keys, values: slot, compared: slot }
  }
}

/** FLOPs of `slotContent` for n nodes. */
export const slotContentFlops = (nodes: number, dim: number, steps: number): number =>
  nodes * dim * steps * (adamFlops + 2)

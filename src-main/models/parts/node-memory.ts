import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../model.ts'
import { Adam, adamFlops } from './adam.ts'

/** What nodes hold, [B, n, d]: the content their parents are made of, and what a query is compared with. */
export interface Contents {
  keys: Tensor
  values: Tensor
  compared: Tensor
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
  const init = { kind: 'normal', scale: 0.1 } as const
  /** Slot 0 of what a memory of its own draws: its other slots are never used. */
  const firstSlot = (name: string): Tensor =>
    tf.tidy(() => {
      const all = weight(name, [memorySize, ...dims], init)
      return all.reshape([all.shape[0], memorySize, dim]).slice([0, 0, 0], [-1, 1, -1])
    })
  return (_, values, firstId) => {
    const keys: Tensor[] = []
    const begin: Tensor[] = []
    for (let id = firstId; id < firstId + values.shape[1]!; id++) {
      keys.push(firstSlot(`nodes.${id}.mem_keys`))
      begin.push(firstSlot(`nodes.${id}.mem_values`))
      weight(`nodes.${id}.mem_contexts`, [memorySize, contextDim], init).dispose()
    }
    const adam = new Adam(0.01)
    let slot: Tensor = tf.concat(begin, 1)
    for (let step = 0; step < steps; step++)
      slot = adam.step({ slot }, { slot: tf.tidy(() => slot.sub(values).mul(2 / dim)) }).slot
    adam.reset()
    return { keys: tf.concat(keys, 1), values: slot, compared: slot }
  }
}

/** FLOPs of `slotContent` for n nodes. */
export const slotContentFlops = (nodes: number, dim: number, steps: number): number =>
  nodes * dim * steps * (adamFlops + 2)

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { copyOf, type Adam } from './adam.ts'
import { jointGradient, type Slots } from './slot-gradient.ts'
import { fusedJoint } from '../../../tensors/fused-ops.ts'
import { slotKernels, type JointWrite, type SlotKernels } from '../../../tensors/fused-kernels.ts'

type Pair = Pick<Slots, 'keys' | 'values'>

/** The gradient of Q, and minus the gradient of T; [B, N, d] each. */
export interface Back {
  keys: Tensor
  miss: Tensor
}

/**
 * Adam steps of slots on mean((softmax(Q K^T) V - T)^2) over all items at once, on the fused kernel where there is one.
 * Q, T: [B, N, d]; consumes the old slots.
 */
export function writeJointly(slots: Pair, adam: Adam, Q: Tensor, T: Tensor, steps: number): Pair {
  const kernels = slotKernels()
  if (kernels) return fuse(kernels, slots, adam, Q, T, steps)
  const fused = writeByOp({ keys: slots.keys, values: slots.values }, adam, Q, T, steps)
  if (fused) return fused
  let now = slots
  for (let step = 0; step < steps; step++) {
    const { scores, miss, ...gradients } = jointGradient(now, Q, T)
    tf.dispose([scores, miss])
    now = adam.step(now, gradients)
  }
  return now
}

/** One such step that also says what it means for what made the items, as it was before the step. */
export function writeJointlyBack(slots: Pair, adam: Adam, Q: Tensor, T: Tensor): { slots: Pair; back: Back } {
  const kernels = slotKernels()
  if (!kernels) {
    const { scores, miss, ...gradients } = jointGradient(slots, Q, T)
    const back = { keys: tf.matMul(scores, slots.keys), miss }
    scores.dispose()
    return { slots: adam.step(slots, gradients), back }
  }
  const back = { keys: new Float32Array(Q.size), miss: new Float32Array(Q.size) }
  return {
    slots: fuse(kernels, slots, adam, Q, T, 1, back),
    back: { keys: tf.tensor(back.keys, Q.shape), miss: tf.tensor(back.miss, Q.shape) }
  }
}

/**
 * All steps by one op, where the backend has it: of slots, or, in this order, of keys, values, keyWeight, keyBias, valueWeight and
 * valueBias, where X and Y pass through projections that learn along. Consumes the old parameters.
 */
export function writeByOp<P extends Pair>(
  parameters: P,
  adam: Adam,
  X: Tensor,
  Y: Tensor,
  steps: number
): P | undefined {
  const names = Object.keys(parameters)
  const own = Object.values(parameters) as Tensor[]
  const ahead = adam.ahead(names, steps)
  if (!ahead) return undefined
  const rates = tf.tensor2d(ahead.rates)
  const made = fusedJoint({ parameters: own, items: [X, Y], rates, means: ahead.means })
  rates.dispose()
  if (!made) return undefined
  tf.dispose(own)
  names.forEach((name, i) => {
    const at = names.length + 2 * i
    adam.remember(name, made[at], made[at + 1], ahead.after[i])
  })
  return Object.fromEntries(names.map((name, i) => [name, made[i]])) as unknown as P
}

function fuse(
  kernels: SlotKernels,
  slots: Pair,
  adam: Adam,
  Q: Tensor,
  T: Tensor,
  steps: number,
  back?: JointWrite['back']
): Pair {
  const [batch, items, dim] = Q.shape as [number, number, number]
  const parts = { keys: adam.toArrays('keys', slots.keys), values: adam.toArrays('values', slots.values) }
  kernels.writeJointly({
    batch,
    slots: slots.keys.shape[1]!,
    dim,
    keys: parts.keys,
    slotValues: parts.values,
    items,
    itemKeys: copyOf(Q),
    itemValues: copyOf(T),
    learningRate: adam.learningRate,
    steps,
    back
  })
  return {
    keys: adam.fromArrays('keys', slots.keys, parts.keys),
    values: adam.fromArrays('values', slots.values, parts.values)
  }
}

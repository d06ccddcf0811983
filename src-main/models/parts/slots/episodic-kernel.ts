/** The bridge from an episodic memory's tensors to the fused kernels: to arrays where data lie at hand, else to an op. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { StoreInput } from '../../model.ts'
import { copyOf, type Adam } from './adam.ts'
import type { WritePlan, WriteSteps } from './write-plan.ts'
import type { Part, Slots } from './slot-gradient.ts'
import { fusedEpisodes } from '../../../tensors/fused-ops.ts'
import type { EpisodicWrite, SlotKernels } from '../../../tensors/fused-kernels.ts'

/** EpisodicSlots' write loop on the fused kernel; consumes the slots and returns the new ones. */
export function writeWithKernel(
  kernels: SlotKernels,
  slots: Slots,
  adam: Adam,
  input: StoreInput,
  steps: WriteSteps | WritePlan,
  loss: Pick<EpisodicWrite, 'orthogonality' | 'recency' | 'used'>
): Slots {
  const [batch, items, dim] = input.keys.shape as [number, number, number]
  const planned = 'maxOuter' in steps
  const keys = adam.toArrays('keys', slots.keys)
  const values = adam.toArrays('values', slots.values)
  const contexts = input.contexts && adam.toArrays('contexts', slots.contexts)
  kernels.writeEpisodes({
    batch,
    items,
    dim,
    slots: slots.keys.shape[1]!,
    contextDim: slots.contexts.shape[2]!,
    keys,
    slotValues: values,
    contexts,
    itemKeys: copyOf(input.keys),
    itemValues: copyOf(input.values),
    itemContexts: input.contexts && copyOf(input.contexts),
    ...loss,
    learningRate: adam.learningRate,
    outerSteps: planned ? steps.maxOuter : steps.outer,
    innerSteps: planned ? steps.maxInner : steps.inner,
    ...(planned && {
      plan: { inner: copyOf(steps.inner), outer: copyOf(steps.outer), threshold: copyOf(steps.threshold) }
    })
  })
  return {
    keys: adam.fromArrays('keys', slots.keys, keys),
    values: adam.fromArrays('values', slots.values, values),
    contexts: contexts ? adam.fromArrays('contexts', slots.contexts, contexts) : slots.contexts
  }
}

/** The same by one op, for backends whose data lie elsewhere. */
export function writeByOp(
  slots: Slots,
  adam: Adam,
  input: StoreInput,
  steps: WriteSteps | WritePlan,
  { orthogonality, recency, used }: Pick<EpisodicWrite, 'orthogonality' | 'recency' | 'used'>
): Slots {
  const [batch, items] = input.keys.shape as [number, number]
  const count = slots.keys.shape[1]!
  const plan = 'maxOuter' in steps ? steps : undefined
  const [outer, inner] = plan
    ? [plan.maxOuter, plan.maxInner]
    : [(steps as WriteSteps).outer, (steps as WriteSteps).inner]
  const names: Part[] = input.contexts ? ['keys', 'values', 'contexts'] : ['keys', 'values']
  const made = tf.tidy(() => {
    const { history, means, unbias } = adam.forOp(names, batch)
    return fusedEpisodes(
      {
        ...{ slots: names.map((name) => slots[name]), items: names.map((name) => input[name] as Tensor) },
        recency: tf.tensor2d(recency, [recency.length / count, count]),
        used: tf.tensor1d(used ? Float32Array.from(used) : new Float32Array(items).fill(count)),
        ...{ unbias, means, plan: plan ? [plan.inner, plan.outer, plan.threshold] : [] }
      },
      { history, outer, inner, learningRate: adam.learningRate, orthogonality }
    )
  })
  const n = names.length
  for (const [i, name] of names.entries()) {
    const unbias = made.slice(3 * n + 2 * i, 3 * n + 2 * i + 2)
    adam.fromOp(name, made[n + 2 * i], made[n + 2 * i + 1], unbias, plan ? undefined : items * outer * inner)
    slots[name].dispose()
  }
  return { ...slots, ...Object.fromEntries(names.map((name, i) => [name, made[i]])) }
}

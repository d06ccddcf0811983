/** The bridge from an episodic memory's tensors to the fused kernel's arrays, for backends whose data lie at hand. */
import type { StoreInput } from '../../model.ts'
import { copyOf, type Adam } from './adam.ts'
import type { WritePlan, WriteSteps } from './write-plan.ts'
import type { Slots } from './slot-gradient.ts'
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

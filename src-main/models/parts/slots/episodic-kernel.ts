/** The bridge from an episodic memory's tensors to the fused kernels: to arrays where data lie at hand, else to an op. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { StoreInput } from '../../model.ts'
import { copyOf, type Adam } from './adam.ts'
import { stepsOf, type WritePlan, type WriteSteps } from './write-plan.ts'
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
  const plan = planned && stepsOf(steps)
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
    ...(plan && {
      plan: { inner: copyOf(plan.inner), outer: copyOf(plan.outer), threshold: copyOf(plan.threshold) }
    })
  })
  if (plan) tf.dispose([plan.inner, plan.outer, plan.threshold])
  return {
    keys: adam.fromArrays('keys', slots.keys, keys),
    values: adam.fromArrays('values', slots.values, values),
    contexts: contexts ? adam.fromArrays('contexts', slots.contexts, contexts) : slots.contexts
  }
}

/** What a write by one op begins from. */
export interface Before {
  /** The slots as they are, none at first, and as they are while untouched. */
  slots: Slots | undefined
  initial: Slots
  /** Slots in use after the write, and which episode is first copied into each of them: -1 for none. */
  used: number
  copied?: readonly number[] | undefined
}

/**
 * The same by one op, for backends whose data lie elsewhere; untouched slots come into use in it, and episodes are copied in it.
 * Consumes the slots. Contexts that the write does not touch stay as they were, at first all of the untouched ones.
 */
export function writeByOp(
  { slots, initial, used: count, copied }: Before,
  adam: Adam,
  input: StoreInput,
  steps: WriteSteps | WritePlan | undefined,
  { orthogonality, recency, used }: Pick<EpisodicWrite, 'orthogonality' | 'recency' | 'used'>,
  contextWeight: number
): Slots {
  const [batch, items] = input.keys.shape as [number, number]
  const plan = steps && 'maxOuter' in steps ? steps : undefined
  const { outer, inner } = plan
    ? { outer: plan.maxOuter, inner: plan.maxInner }
    : ((steps as WriteSteps | undefined) ?? { outer: 0, inner: 0 })
  const names: Part[] = input.contexts ? ['keys', 'values', 'contexts'] : ['keys', 'values']
  const made = tf.tidy(() => {
    const { history, means, unbias } = adam.forOp(names, batch)
    const grown = names.some((name) => (slots?.[name].shape[1] ?? 0) < count)
    return fusedEpisodes(
      {
        initial: grown ? names.map((name) => initial[name]) : [],
        slots: slots ? names.map((name) => slots[name]) : [],
        items: names.map((name) => input[name] as Tensor),
        recency: tf.tensor2d(recency, [recency.length / count, count]),
        used: tf.tensor1d(used ? Float32Array.from(used) : new Float32Array(items).fill(count)),
        copied: copied ? [tf.tensor1d([...copied])] : [],
        ...{ unbias, means, plan: plan ? [plan.wanted] : [] }
      },
      { slots: count, history, outer, inner, learningRate: adam.learningRate, orthogonality, contextWeight }
    )
  })
  const n = names.length
  for (const [i, name] of names.entries()) {
    const [mean, square] = [made[n + 2 * i], made[n + 2 * i + 1]]
    const unbias = made.slice(3 * n + 2 * i, 3 * n + 2 * i + 2)
    if (steps) adam.fromOp(name, mean, square, unbias, plan ? undefined : items * outer * inner)
    else tf.dispose([mean, square, ...unbias])
    slots?.[name].dispose()
  }
  const contexts = slots?.contexts ?? (input.contexts ? undefined : initial.contexts.clone())
  return { contexts, ...Object.fromEntries(names.map((name, i) => [name, made[i]])) } as Slots
}

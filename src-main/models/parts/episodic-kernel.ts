/** The bridge from an episodic memory's tensors to the fused kernel's arrays, for backends whose data lie at hand. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { StoreInput } from '../model.ts'
import { disposeMoments, type Adam } from './adam.ts'
import type { WritePlan, WriteSteps } from './episodic-core.ts'
import type { Slots } from './slot-gradient.ts'
import type { EpisodicWrite, KernelParameter, SlotKernels } from './slot-kernels.ts'

/** An array of the caller's own: what dataSync gives may be the tensor's. */
export const copyOf = (x: Tensor): Float32Array => Float32Array.from(x.dataSync<'float32'>())

/** A parameter with its moments as arrays that a kernel may change. */
export function toKernel(adam: Adam, name: string, parameter: Tensor): KernelParameter {
  const [batch, rows, width] = parameter.shape as [number, number, number]
  const moments = adam.moments.get(name)
  const wide = (x: Tensor | undefined): Float32Array => {
    const all = new Float32Array(parameter.size)
    if (!x) return all
    const data = x.dataSync<'float32'>()
    const old = x.shape[1]! * width
    for (let b = 0; b < batch; b++) all.set(data.subarray(b * old, (b + 1) * old), b * rows * width)
    return all
  }
  const unbias = (moments?.unbias ?? [0, 0]).map((u) => (typeof u === 'number' ? u : u.dataSync<'float32'>()))
  const at = (part: (typeof unbias)[number], b: number): number => (typeof part === 'number' ? part : part[b]!)
  return {
    values: copyOf(parameter),
    mean: wide(moments?.mean),
    square: wide(moments?.square),
    unbias: Float64Array.from({ length: 2 * batch }, (_, i) => at(unbias[i % 2]!, Math.floor(i / 2)))
  }
}

/** Takes a parameter back: consumes the old tensor, keeps the moments in Adam. */
export function fromKernel(
  adam: Adam,
  name: string,
  old: Tensor,
  { values, mean, square, unbias }: KernelParameter
): Tensor {
  const moments = adam.moments.get(name)
  if (moments) disposeMoments(moments)
  const part = (which: 0 | 1): number | Tensor => {
    const all = unbias.filter((_, i) => i % 2 === which)
    return all.every((u) => u === all[0]) ? all[0]! : tf.tensor(Float32Array.from(all), [all.length, 1, 1])
  }
  adam.moments.set(name, {
    mean: tf.tensor(mean, old.shape, 'float32'),
    square: tf.tensor(square, old.shape, 'float32'),
    unbias: [part(0), part(1)]
  })
  old.dispose()
  return tf.tensor(values, old.shape, 'float32')
}

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
  const keys = toKernel(adam, 'keys', slots.keys)
  const values = toKernel(adam, 'values', slots.values)
  const contexts = input.contexts && toKernel(adam, 'contexts', slots.contexts)
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
    keys: fromKernel(adam, 'keys', slots.keys, keys),
    values: fromKernel(adam, 'values', slots.values, values),
    contexts: contexts ? fromKernel(adam, 'contexts', slots.contexts, contexts) : slots.contexts
  }
}

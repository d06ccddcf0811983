/**
 * Fused kernels of the CPU backends. Importing this file offers them to the memories; they are loaded at the first
 * use, and where they are missing the plain ops run.
 */
import * as tf from '@tensorflow/tfjs'
import { provideSlotKernels, type SlotKernels } from '../fused-kernels.ts'
import { kernelsHere, kernelsInUse, setKernels } from './load.ts'
import { slotKernelsOf } from './slots.ts'

export { setKernels }

/** Backends whose tensors lie in this process's memory. */
const suited = ['wasm', 'cpu']

let slots: SlotKernels | undefined

/** Whether there are fused kernels for the CPU backends here, and if not, why: for `doctor`. */
export function kernelStatus(): { available: boolean; detail: string } {
  const found = kernelsHere()
  return 'reason' in found ? { available: false, detail: found.reason } : { available: true, detail: found.file }
}

provideSlotKernels(() => {
  if (!suited.includes(tf.getBackend())) return undefined
  const found = kernelsInUse()
  return found && (slots ??= slotKernelsOf(found))
})

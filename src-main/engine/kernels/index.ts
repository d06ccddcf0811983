/**
 * Fused kernels of the CPU backends. Importing this file offers them to the slot memories; they are loaded at the first
 * write, and where they are missing the plain ops run.
 */
import * as tf from '@tensorflow/tfjs'
import { provideSlotKernels, type SlotKernels } from '../../models/parts/slot-kernels.ts'
import { loadSlotExports } from './load.ts'
import { slotKernelsOf } from './slots.ts'

/** Backends whose tensors lie in this process's memory. */
const suited = ['wasm', 'cpu']

let on = true
let loaded: { kernels: SlotKernels; file: string } | { reason: string } | undefined

function load(): NonNullable<typeof loaded> {
  if (!loaded) {
    const found = loadSlotExports()
    loaded = 'reason' in found ? found : { kernels: slotKernelsOf(found.exports), file: found.file }
  }
  return loaded
}

/** Use the fused kernels (the default) or the plain ops that are their oracle: for tests and the benchmark. */
export function setKernels(use: boolean): void {
  on = use
}

/** Whether there are fused kernels for the CPU backends here, and if not, why: for `doctor`. */
export function kernelStatus(): { available: boolean; detail: string } {
  const found = load()
  return 'reason' in found ? { available: false, detail: found.reason } : { available: true, detail: found.file }
}

provideSlotKernels(() => {
  if (!on || !suited.includes(tf.getBackend())) return undefined
  const found = load()
  return 'reason' in found ? undefined : found.kernels
})

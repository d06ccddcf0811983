/** What a GPU is asked to do: counted where commands and answers pass. */
import * as tf from '@tensorflow/tfjs'

export interface Counts {
  /** Compute dispatches. */
  dispatches: number
  /** Bytes that were copied back to be read. */
  readBack: number
}

/** Counts from now on, on the backend in use; zeros where it is no WebGPU. */
export function countGpu(): () => Counts {
  const counts: Counts = { dispatches: 0, readBack: 0 }
  if (tf.getBackend() === 'webgpu') {
    const { device } = tf.backend() as unknown as { device: GPUDevice }
    const begin = device.createCommandEncoder.bind(device)
    device.createCommandEncoder = (descriptor) => {
      const encoder = begin(descriptor)
      const [pass, copy] = [encoder.beginComputePass.bind(encoder), encoder.copyBufferToBuffer.bind(encoder)]
      encoder.beginComputePass = (about) => {
        const made = pass(about)
        const dispatch = made.dispatchWorkgroups.bind(made)
        made.dispatchWorkgroups = (...sizes) => {
          counts.dispatches++
          return dispatch(...sizes)
        }
        return made
      }
      encoder.copyBufferToBuffer = ((...args: Parameters<typeof copy>) => {
        const into = args.find((arg, i) => i > 0 && typeof arg === 'object') as GPUBuffer
        if (into.usage & GPUBufferUsage.MAP_READ) counts.readBack += Number(args.at(-1))
        return copy(...args)
      }) as typeof copy
      return encoder
    }
  }
  return () => ({ ...counts })
}

export const between = (before: Counts, after: Counts): Counts => ({
  dispatches: after.dispatches - before.dispatches,
  readBack: after.readBack - before.readBack
})

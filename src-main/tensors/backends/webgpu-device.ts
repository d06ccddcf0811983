/** The device that tfjs computes on: what goes wrong there, and where the package has to be mended. */
import * as tf from '@tensorflow/tfjs'
import { replaceKernel } from '../replace-kernel.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'

/** What went wrong on the GPU, and whether it lacked memory: then less at once may do. */
export interface GpuError {
  message: string
  memory: boolean
}

let gpuError: GpuError | undefined

/**
 * The first thing that went wrong on the GPU since the last call: a shader that does not compile, or a device that is
 * gone, gives zeros and not an exception. A lost device stays lost: its error is said again at every call.
 */
export function takeGpuError(): GpuError | undefined {
  const error = lost ?? gpuError
  gpuError = undefined
  return error
}

let lost: GpuError | undefined
let watched: GPUDevice | undefined

const firstLine = (message: string): string => message.trim().split('\n')[0]

/** Listen to the device that tfjs computes on. Called once it is initialised. */
export function watchGpu(): void {
  const { device } = tf.backend() as unknown as { device: GPUDevice }
  if (device === watched) return
  watched = device
  device.onuncapturederror = ({ error }) => {
    const memory = error.constructor.name === 'GPUOutOfMemoryError'
    // Lacking memory explains the errors that follow from it, and some that were told before it.
    if (!gpuError || (memory && !gpuError.memory)) gpuError = { message: firstLine(error.message), memory }
  }
  void device.lost.then(({ reason, message }) => {
    lost = { message: `the device was lost, ${reason}${message ? `: ${firstLine(message)}` : ''}`, memory: false }
  })
  boundBuffers(device)
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`

/** Refuse buffers that the device cannot hold or bind, which would otherwise hold nothing and read as zeros. */
function boundBuffers(device: GPUDevice): void {
  const make = device.createBuffer.bind(device)
  device.createBuffer = (descriptor) => {
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits
    const bound = (descriptor.usage & GPUBufferUsage.STORAGE) !== 0
    const most = bound ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize
    if (descriptor.size > most)
      throw new StudioError(
        'device-limit',
        `A tensor of ${mebibytes(descriptor.size)} is more than the ${mebibytes(most)} that this GPU takes in one; use fewer seeds at once, smaller sizes, or the backend wasm.`
      )
    return make(descriptor)
  }
}

/** Resolves when the GPU has done what it was given: what went wrong with it has been told by then. */
export async function gpuIdle(): Promise<void> {
  await watched?.queue.onSubmittedWorkDone()
}

/**
 * The package's shader for transposing whole numbers does not compile (it writes i32 through a function for f32): they go
 * through float32, exact up to 2^24.
 */
export function mendTranspose(): void {
  const cast = tf.getKernel('Cast', 'webgpu')
  replaceKernel('Transpose', 'webgpu', (call, own) => {
    const x = call.inputs.x as tf.TensorInfo
    if (x.dtype !== 'int32') return own(call)
    const backend = call.backend as { disposeData(id: object): void }
    const as = (input: tf.TensorInfo, dtype: tf.DataType): tf.TensorInfo =>
      cast.kernelFunc({ inputs: { x: input }, attrs: { dtype }, backend }) as tf.TensorInfo
    const floats = as(x, 'float32')
    const turned = own({ ...call, inputs: { x: floats } }) as tf.TensorInfo
    const out = as(turned, 'int32')
    backend.disposeData(floats.dataId)
    backend.disposeData(turned.dataId)
    return out
  })
}

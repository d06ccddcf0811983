/** The device that tfjs computes on: what goes wrong there, and where the package has to be mended. */
import * as tf from '@tensorflow/tfjs'

let gpuError: string | undefined

/**
 * The first thing that went wrong on the GPU since the last call: a shader that does not compile, or a device that is
 * gone, gives zeros and not an exception. A lost device stays lost: its error is said again at every call.
 */
export function takeGpuError(): string | undefined {
  const error = lost ?? gpuError
  gpuError = undefined
  return error
}

let lost: string | undefined
let watched: GPUDevice | undefined

/** Listen to the device that tfjs computes on. Called once it is initialised. */
export function watchGpu(): void {
  const { device } = tf.backend() as unknown as { device: GPUDevice }
  if (device === watched) return
  watched = device
  device.onuncapturederror = ({ error }) => {
    gpuError ??= error.message.trim().split('\n')[0]
  }
  void device.lost.then(({ reason, message }) => {
    lost = `the device was lost, ${reason}${message ? `: ${message.trim().split('\n')[0]}` : ''}`
  })
}

/**
 * The package's shader for transposing whole numbers does not compile (it writes i32 through a function for f32): they go
 * through float32, exact up to 2^24.
 */
export function mendTranspose(): void {
  const [transpose, cast] = [tf.getKernel('Transpose', 'webgpu'), tf.getKernel('Cast', 'webgpu')]
  tf.unregisterKernel('Transpose', 'webgpu')
  tf.registerKernel({
    ...transpose,
    kernelFunc(call) {
      const x = call.inputs.x as tf.TensorInfo
      if (x.dtype !== 'int32') return transpose.kernelFunc(call)
      const backend = call.backend as { disposeData(id: object): void }
      const as = (input: tf.TensorInfo, dtype: tf.DataType): tf.TensorInfo =>
        cast.kernelFunc({ inputs: { x: input }, attrs: { dtype }, backend }) as tf.TensorInfo
      const floats = as(x, 'float32')
      const turned = transpose.kernelFunc({ ...call, inputs: { x: floats } }) as tf.TensorInfo
      const out = as(turned, 'int32')
      backend.disposeData(floats.dataId)
      backend.disposeData(turned.dataId)
      return out
    }
  })
}

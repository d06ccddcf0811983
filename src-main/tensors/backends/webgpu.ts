import * as tf from '@tensorflow/tfjs'
import { reasonOf, type BackendModule } from './backend.ts'

/** Dawn's own choice elsewhere (Metal, Direct3D 12); on Linux it must be told. */
const options = process.platform === 'linux' ? ['backend=vulkan'] : []

/** Programs that imitate a GPU: right, but slow. */
const imitations = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i

async function adapter(): Promise<GPUAdapter> {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  const gpu = create(options)
  const found = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!found) throw new Error('No GPU adapter was found; its Vulkan, Metal or Direct3D driver may be missing.')
  // tfjs looks for navigator.gpu when its package is loaded; Node's navigator has none.
  Object.defineProperty(globalThis, 'navigator', {
    value: Object.assign(Object.create(globalThis.navigator ?? null), { gpu }) as Navigator,
    configurable: true
  })
  return found
}

/** WebGPU through Dawn: any vendor's GPU. */
export const webgpu: BackendModule = {
  name: 'webgpu',
  async detect() {
    const found = { name: 'webgpu' as const, software: false, adapter: '' }
    try {
      const { info } = await adapter()
      const text = [info.description, info.vendor, info.device].join(' ')
      const software = imitations.test(text)
      const title = info.device && !info.device.startsWith('0x') ? info.device : `${info.vendor} ${info.architecture}`
      const name = /swiftshader/i.test(text) ? 'SwiftShader' : /llvmpipe/i.test(text) ? 'llvmpipe' : title
      const driver = info.description && info.description !== name ? ` (${info.description})` : ''
      return { ...found, available: true, software, adapter: `${name}${driver}${software ? ', software' : ''}` }
    } catch (error) {
      return { ...found, available: false, reason: reasonOf(error) }
    }
  },
  async setUp() {
    await adapter()
    await import('@tensorflow/tfjs-backend-webgpu')
    mendTranspose()
  }
}

let gpuError: string | undefined

/**
 * The first thing that went wrong on the GPU since the last call: a shader that does not compile gives zeros, not an
 * exception.
 */
export function takeGpuError(): string | undefined {
  const error = gpuError
  gpuError = undefined
  return error
}

/** Listen to the device that tfjs computes on. Called once it is initialised. */
export function watchGpu(): void {
  const { device } = tf.backend() as unknown as { device: GPUDevice }
  device.onuncapturederror = ({ error }) => {
    gpuError ??= error.message.trim().split('\n')[0]
  }
}

/**
 * The package's shader for transposing whole numbers does not compile (it writes i32 through a function for f32): they go
 * through float32, exact up to 2^24.
 */
function mendTranspose(): void {
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

/** Let go of Dawn, whose background thread would keep the process alive. */
export function releaseWebgpu(): void {
  if (globalThis.navigator && 'gpu' in globalThis.navigator)
    Object.defineProperty(globalThis, 'navigator', { value: undefined, configurable: true })
}

import { driverAdvice, loadProblem, type BackendModule } from './backend.ts'

/** Dawn's own choice elsewhere (Metal, Direct3D 12); on Linux it must be told. */
const options = process.platform === 'linux' ? ['backend=vulkan'] : []

/** The GPU, whose devices let a shader bind as many buffers as it can: as the package asks for one, it would be eight. */
function generous(gpu: GPU): GPU {
  const ask = gpu.requestAdapter.bind(gpu)
  gpu.requestAdapter = async (about) => {
    const found = await ask(about)
    const request = found?.requestDevice.bind(found)
    if (found && request)
      found.requestDevice = (wanted) => {
        const { maxStorageBuffersPerShaderStage } = found.limits
        return request({ ...wanted, requiredLimits: { ...wanted?.requiredLimits, maxStorageBuffersPerShaderStage } })
      }
    return found
  }
  return gpu
}

/** Programs that imitate a GPU: right, but slow. */
const imitations = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i

async function adapter(): Promise<GPUAdapter> {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  const gpu = generous(create(options))
  const found = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!found) throw new Error(`No GPU was found; if there is one, ${driverAdvice()}.`)
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
      return { ...found, available: false, reason: loadProblem(error) }
    }
  },
  async setUp() {
    await adapter()
    await import('@tensorflow/tfjs-backend-webgpu')
    const { mendTranspose } = await import('./webgpu-device.ts')
    const { mendOps } = await import('./mended-ops.ts')
    const { registerWebgpuOps } = await import('../kernels/webgpu/ops.ts')
    mendTranspose()
    registerWebgpuOps()
    mendOps('webgpu')
  }
}

/** Let go of Dawn, whose background thread would keep the process alive. */
export function releaseWebgpu(): void {
  if (globalThis.navigator && 'gpu' in globalThis.navigator)
    Object.defineProperty(globalThis, 'navigator', { value: undefined, configurable: true })
}

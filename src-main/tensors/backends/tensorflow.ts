import { createRequire } from 'node:module'
import { loadProblem, type BackendModule } from './backend.ts'

const ofPackages = createRequire(import.meta.url)
const packageName = '@tensorflow/tfjs-node-gpu'

/** Its JavaScript calls a function that Node 23 removed from `util`. */
function load(): void {
  const util = ofPackages('node:util') as { isNullOrUndefined?: (value: unknown) => boolean }
  util.isNullOrUndefined ??= (value) => value === null || value === undefined
  ofPackages(packageName)
}

/** TensorFlow's own library on CUDA: an optional package that needs CUDA 11. */
export const tensorflow: BackendModule & { isInstalled(): boolean } = {
  name: 'tensorflow',
  isInstalled() {
    try {
      ofPackages.resolve(packageName)
      return true
    } catch {
      return false
    }
  },
  async detect() {
    const found = { name: 'tensorflow' as const, software: false, adapter: '' }
    if (!tensorflow.isInstalled())
      return {
        ...found,
        available: false,
        reason: `The package ${packageName} is not installed: npm run cuda installs it.`
      }
    try {
      load()
      const tf = await import('@tensorflow/tfjs')
      await tf.setBackend('tensorflow')
      const gpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice
      return { ...found, available: true, adapter: gpu ? 'CUDA' : 'CPU (no CUDA device was found)' }
    } catch (error) {
      return { ...found, available: false, reason: `${packageName} does not load: ${loadProblem(error)}` }
    }
  },
  setUp() {
    load()
    return Promise.resolve()
  }
}

/** The one place that knows which backends there are and which one runs. */
import * as tf from '@tensorflow/tfjs'
import { StudioError, toErrorData } from '../../../src-shared/shapes/errors.ts'
import { reasonOf, type BackendModule, type BackendName } from './backend.ts'
import '../kernels/index.ts'
import { cpu } from './cpu.ts'
import { tensorflow } from './tensorflow.ts'
import { wasm } from './wasm.ts'
import { webgpu } from './webgpu.ts'
import { gpuIdle, takeGpuError, watchGpu } from './webgpu-device.ts'

export { violation } from './wasm-guard.ts'

// No advice about other backends on the console: the choice is made here.
tf.env().set('PROD', true)

/** Best first. */
export const backends: readonly BackendModule[] = [tensorflow, webgpu, wasm, cpu]

const ready = new Map<BackendName, Promise<void>>()

/**
 * Make a backend the one that computes in this thread.
 * @throws StudioError backend-unavailable
 */
export async function useBackend(name: BackendName): Promise<void> {
  const module = backends.find((candidate) => candidate.name === name) as BackendModule
  try {
    if (!ready.has(name)) ready.set(name, module.setUp())
    await ready.get(name)
    if (tf.getBackend() !== name && !(await tf.setBackend(name))) throw new Error('it could not be initialised')
    await tf.ready()
    if (name === 'webgpu') watchGpu()
  } catch (error) {
    ready.delete(name)
    throw new StudioError(
      'backend-unavailable',
      `The backend ${name} does not run here: ${reasonOf(error).split('\n')[0]}.`,
      { field: 'backend' }
    )
  }
}

/**
 * To be called when a result has been read: some backends compute on after an error.
 * @throws StudioError engine-failed for what went wrong since the last call
 */
export function checkBackend(): void {
  const error = backendError()
  if (error) throw error
}

/** What went wrong on the GPU since the last call. */
export function backendError(): StudioError | undefined {
  const error = takeGpuError()
  if (error === undefined) return undefined
  return error.memory
    ? outOfMemory(error.message)
    : new StudioError('engine-failed', `The GPU failed (${error.message}); choose another backend.`)
}

const outOfMemory = (said: string): StudioError =>
  new StudioError(
    'device-limit',
    `The GPU has no memory left (${said}); use fewer seeds at once, smaller sizes, or the backend wasm.`
  )

/** How backends say, in an error of their own, that something is too large for the device. */
const tooLarge = /exceeds WebGPU (maximum|limits)/
const memoryGone = /OOM when allocating|resource.?exhausted|failed to allocate memory/i

/**
 * The same as an error with a code, if that is what befell a batch on a GPU, with nothing of it left behind: less at once
 * may do. @param error what the batch threw
 */
export async function deviceLimit(error: unknown): Promise<StudioError | undefined> {
  const { code, message } = toErrorData(error)
  const own = error instanceof StudioError && code === 'device-limit' ? error : undefined
  if (tf.getBackend() === 'webgpu') await gpuIdle()
  const befell = backendError()
  if (befell?.data.code === 'device-limit') return befell
  if (befell) throw befell
  if (own) return own
  if (tooLarge.test(message))
    return new StudioError(
      'device-limit',
      'A step takes more workgroups than this GPU gives; use fewer seeds at once, smaller sizes, or the backend wasm.'
    )
  return memoryGone.test(message) ? outOfMemory(message.split('\n')[0]) : undefined
}

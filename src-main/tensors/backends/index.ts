/** The one place that knows which backends there are and which one runs. */
import * as tf from '@tensorflow/tfjs'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { reasonOf, type BackendModule, type BackendName } from './backend.ts'
import '../kernels/index.ts'
import { cpu } from './cpu.ts'
import { tensorflow } from './tensorflow.ts'
import { wasm } from './wasm.ts'
import { webgpu } from './webgpu.ts'
import { takeGpuError, watchGpu } from './webgpu-device.ts'

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
      {
        field: 'backend'
      }
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
  return error === undefined
    ? undefined
    : new StudioError('engine-failed', `The GPU failed (${error}); choose another backend.`)
}

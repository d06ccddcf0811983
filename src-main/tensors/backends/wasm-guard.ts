/**
 * Watches the kernels of the wasm backend. One that reads or writes outside its memory ends in a RuntimeError, after it
 * may have spoilt other tensors: from then on nothing that this memory holds can be trusted.
 */
import * as tf from '@tensorflow/tfjs'
import { replaceKernel } from '../replace-kernel.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'

let violated: StudioError | undefined

/** The first violation of the memory, as an error that names the operation; once there is one, it stays. */
export const violation = (): StudioError | undefined => violated

/** To be called once, when all kernels are registered. */
export function guardKernels(): void {
  for (const { kernelName } of tf.getKernelsForBackend('wasm'))
    replaceKernel(kernelName, 'wasm', (args, own) => {
      try {
        return own(args)
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError)
          throw (violated ??= new StudioError(
            'model-failed',
            `The operation ${kernelName} of the wasm backend went outside its memory (${error.message}); choose another backend.`,
            { cause: error.stack }
          ))
        throw error
      }
    })
}

/**
 * A copy of a tensor on the wasm backend, which shares its numbers as copies on other backends do: numbers of a tensor
 * never change. Its own kernel copies them, and gradients save a copy of whatever they need later.
 */
import type { TensorInfo } from '@tensorflow/tfjs'
import { replaceKernel } from '../replace-kernel.ts'
import type { WasmBackend } from './wasm-backend.ts'

/** Put it in place of the backend's own kernel. Call it once, after the backend's package is imported. */
export function replaceIdentity(): void {
  replaceKernel('Identity', 'wasm', (args, own) => {
    const { x } = args.inputs as { x: TensorInfo }
    if (x.dtype === 'string') return own(args)
    ;(args.backend as WasmBackend).incRef(x.dataId)
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
  })
}

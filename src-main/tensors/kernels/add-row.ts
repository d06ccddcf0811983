/**
 * Adding one row to all rows of a matrix on the wasm backend: a bias, a context. Its own kernel finds the place of every
 * single entry anew where shapes differ, ten times slower than where they are the same.
 */
import type { TensorInfo } from '@tensorflow/tfjs'
import { replaceKernel } from '../replace-kernel.ts'
import { kernelsInUse, type SlotExports } from './load.ts'
import { addressOf, memoryOf, type WasmBackend } from './wasm-backend.ts'

/** Put it in place of the backend's own kernel. Call it once, after the backend's package is imported. */
export function replaceAdd(): void {
  let exports: SlotExports | undefined
  replaceKernel('Add', 'wasm', (args, own) => {
    const { a, b } = args.inputs as { a: TensorInfo; b: TensorInfo }
    const kernels = a.dtype === 'float32' && b.dtype === 'float32' ? kernelsInUse() : undefined
    if (!kernels || !repeatsRows(a.shape, b.shape)) return own(args)
    const backend = args.backend as WasmBackend
    exports ??= kernels.on(memoryOf(backend))
    const out = backend.makeOutput(a.shape, 'float32')
    const [batch, rows, width] = a.shape
    const [A, B, C] = [a, b, out].map((tensor) => addressOf(backend, tensor))
    for (let i = 0; i < batch; i++) {
      const at = 4 * i * rows * width
      exports.addRow(A + at, B + 4 * i * width, rows, width, C + at)
    }
    return out
  })
}

/** [B, N, d] and [B, 1, d], with something in them. */
const repeatsRows = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === 3 && b.length === 3 && a[0] === b[0] && b[1] === 1 && a[2] === b[2] && a[0] * a[1] * a[2] > 0

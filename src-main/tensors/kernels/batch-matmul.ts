/**
 * Batched matrix products on the wasm backend. Its own kernel is fast only for one pair of matrices without
 * transposition, and knows no fused multiply-add; this one works on the tensors where they lie.
 */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { replaceKernel } from '../replace-kernel.ts'
import { kernelsInUse, type SlotExports } from './load.ts'
import { addressOf, memoryOf, type WasmBackend } from './wasm-backend.ts'

/** Put it in place of the backend's own kernel. Call it once, after the backend's package is imported. */
export function replaceBatchMatMul(): void {
  let exports: SlotExports | undefined
  replaceKernel('BatchMatMul', 'wasm', (args, own) => {
    const { a, b } = args.inputs as { a: TensorInfo; b: TensorInfo }
    const { transposeA, transposeB } = args.attrs as { transposeA: boolean; transposeB: boolean }
    const backend = args.backend as WasmBackend
    const [m, k] = lastTwo(a, transposeA)
    const [inner, n] = lastTwo(b, transposeB)
    const outer = a.shape.slice(0, -2)
    const kernels = kernelsInUse()
    if (
      !kernels ||
      inner !== k ||
      outer.join() !== b.shape.slice(0, -2).join() ||
      a.dtype !== 'float32' ||
      b.dtype !== 'float32' ||
      m * n * k === 0
    )
      return own(args)
    exports ??= kernels.on(memoryOf(backend))
    const out = backend.makeOutput([...outer, m, n], 'float32')
    const work = backend.makeOutput([exports.matmulWork(n, k)], 'float32')
    const [A, B, C, W] = [a, b, out, work].map((tensor) => addressOf(backend, tensor))
    const batch = tf.util.sizeFromShape(outer)
    exports.matmuls(
      ...[batch, m, n, k],
      ...[A, transposeA ? 1 : k, transposeA ? m : 1],
      ...[B, transposeB ? 1 : n, transposeB ? k : 1],
      ...[C, W]
    )
    backend.disposeData(work.dataId)
    return out
  })
}

/** Rows and columns as the product sees them. */
function lastTwo({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2)
  return transposed ? [columns, rows] : [rows, columns]
}

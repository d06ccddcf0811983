/**
 * Batched matrix products on the wasm backend. Its own kernel takes the fast (XNNPACK) path only for one pair of
 * matrices without transposition; everything else runs a scalar loop, ten times slower. This one transposes first and
 * gives each pair of a batch to the fast path, as views into the batch: nothing is copied.
 */
import * as tf from '@tensorflow/tfjs'
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'

/** The parts of the wasm backend that are used here, some of which its types leave out. */
interface Backend extends Pick<BackendWasm, 'dataIdMap' | 'makeOutput' | 'disposeData'> {
  wasm: {
    tfjs: { disposeData(id: number): void }
    cwrap(name: string, result: null, args: string[]): (...args: unknown[]) => void
  }
}

/** Below this many multiply-adds per pair, or rows of the left matrix, the backend's scalar loop is as fast. */
const worthwhile = { products: 48_000, rows: 4 }

/** Put it in place of the backend's own kernel. Call it once, after the backend's package is imported. */
export function replaceBatchMatMul(): void {
  const own = tf.getKernel('BatchMatMul', 'wasm') as KernelConfig
  let product: (...args: unknown[]) => void
  tf.unregisterKernel('BatchMatMul', 'wasm')
  tf.registerKernel({
    ...own,
    setupFunc(backend) {
      own.setupFunc?.(backend)
      product = (backend as Backend).wasm.cwrap('BatchMatMul', null, [
        ...['number', 'array', 'number'],
        ...['number', 'array', 'number'],
        ...['number', 'number', 'number']
      ])
    },
    kernelFunc(args) {
      const { a, b } = args.inputs as { a: TensorInfo; b: TensorInfo }
      const { transposeA, transposeB } = args.attrs as { transposeA: boolean; transposeB: boolean }
      const backend = args.backend as Backend
      const [rows, inner] = lastTwo(a, transposeA)
      const columns = lastTwo(b, transposeB)[1]
      const outer = a.shape.slice(0, -2)
      const batch = tf.util.sizeFromShape(outer)
      if (
        rows < worthwhile.rows ||
        rows * inner * columns < worthwhile.products ||
        (batch === 1 && !transposeA && !transposeB) ||
        outer.join() !== b.shape.slice(0, -2).join() ||
        lastTwo(b, transposeB)[0] !== inner ||
        a.dtype !== 'float32' ||
        b.dtype !== 'float32'
      )
        return own.kernelFunc(args)
      const left = transposeA ? flipped(a, backend) : a
      const right = transposeB ? flipped(b, backend) : b
      const out = backend.makeOutput([...outer, rows, columns], 'float32')
      const matrices = [matrix(left, rows, inner), matrix(right, inner, columns), matrix(out, rows, columns)] as const
      for (let i = 0; i < batch; i++) {
        const [x, y, z] = matrices.map((whole) => view(whole, i, backend))
        product(x.id, x.shape, 3, y.id, y.shape, 3, 0, 0, z.id)
        for (const each of [x, y, z]) each.release()
      }
      if (transposeA) backend.disposeData(left.dataId)
      if (transposeB) backend.disposeData(right.dataId)
      return out
    }
  })
}

/** Rows and columns as the product sees them. */
function lastTwo({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2)
  return transposed ? [columns, rows] : [rows, columns]
}

/** The same with the last two axes exchanged: a tensor of its own. */
function flipped(x: TensorInfo, backend: Backend): TensorInfo {
  const rank = x.shape.length
  const perm = x.shape.map((_, i) => (i < rank - 2 ? i : i === rank - 1 ? rank - 2 : rank - 1))
  const { kernelFunc } = tf.getKernel('Transpose', 'wasm') as KernelConfig
  return kernelFunc({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo
}

interface Matrix {
  of: TensorInfo
  rows: number
  columns: number
}
const matrix = (of: TensorInfo, rows: number, columns: number): Matrix => ({ of, rows, columns })

/** Matrix i of a batch as a tensor that lies in the batch's own memory; release it without freeing that. */
function view(
  { of, rows, columns }: Matrix,
  i: number,
  backend: Backend
): { id: number; shape: Uint8Array; release(): void } {
  const start = backend.dataIdMap.get(of.dataId).memoryOffset + 4 * i * rows * columns
  const { dataId } = backend.makeOutput([1, rows, columns], 'float32', start)
  const { id } = backend.dataIdMap.get(dataId)
  return {
    id,
    shape: new Uint8Array(Int32Array.of(1, rows, columns).buffer),
    release() {
      backend.wasm.tfjs.disposeData(id)
      backend.dataIdMap.delete(dataId)
    }
  }
}

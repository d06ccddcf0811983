/**
 * Operations of the backends that are known to be wrong, made right. Which they are was found by comparing every case of
 * tests/support/op-cases.ts on wasm, webgpu and cpu; what a backend does not have at all, it refuses by name.
 */
import * as tf from '@tensorflow/tfjs'
import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs'
import { replaceKernel } from '../replace-kernel.ts'
import type { WasmBackend } from '../kernels/wasm-backend.ts'
import type { WebgpuBackend } from '../kernels/webgpu/dispatch.ts'
import type { BackendName } from './backend.ts'

type Args = Parameters<KernelConfig['kernelFunc']>[0]
type Kernel = KernelConfig['kernelFunc']

/** What is done in place of a kernel; undefined: the kernel itself is right. */
type Mend = (args: Args, own: Kernel) => TensorInfo | undefined

const sizeOf = ({ shape }: Pick<TensorInfo, 'shape'>): number => shape.reduce((a, b) => a * b, 1)
const wasmOf = ({ backend }: Args): WasmBackend => backend as WasmBackend

/** Another kernel of the wasm backend. */
const call = ({ backend }: Args, name: string, inputs: NamedTensorInfoMap, attrs: NamedAttrMap = {}): TensorInfo =>
  tf.getKernel(name, 'wasm').kernelFunc({ inputs, attrs, backend }) as TensorInfo

/** The result of some kernels, the tensors between disposed. */
function within(args: Args, body: (keep: (tensor: TensorInfo) => TensorInfo) => TensorInfo): TensorInfo {
  const between: TensorInfo[] = []
  const out = body((tensor) => {
    between.push(tensor)
    return tensor
  })
  for (const { dataId } of between) wasmOf(args).disposeData(dataId)
  return out
}

function filled(args: Args, shape: number[], dtype: tf.DataType, value: number): TensorInfo {
  if (tf.getBackend() === 'webgpu') {
    const values = tf.util.getTypedArrayFromDType(dtype as tf.NumericDataType, sizeOf({ shape }))
    return (args.backend as WebgpuBackend).makeTensorInfo(shape, dtype, values.fill(value))
  }
  const out = wasmOf(args).makeOutput(shape, dtype)
  wasmOf(args).typedArrayFromHeap(out).fill(value)
  return out
}

/** wasm counts a negative axis from the wrong end and writes outside its memory; cpu loses a dimension. */
const fromTheFront: Mend = (args, own) => {
  const axis = args.attrs!.axis as number
  const rank = (args.inputs.x as TensorInfo).shape.length
  return axis < 0 ? (own({ ...args, attrs: { ...args.attrs, axis: axis + rank } }) as TensorInfo) : undefined
}

/** Of nothing, they give what happens to lie in memory. */
const ofNothing =
  (value: number, dtype?: tf.DataType): Mend =>
  (args) => {
    const x = args.inputs.x as TensorInfo
    if (sizeOf(x) > 0) return undefined
    const axes = tf.util.parseAxisParam((args.attrs!.axis ?? x.shape.map((_, i) => i)) as number[], x.shape)
    const kept = args.attrs!.keepDims === true
    const shape = x.shape.flatMap((n, i) => (axes.includes(i) ? (kept ? [1] : []) : [n]))
    return filled(args, shape, dtype ?? x.dtype, value)
  }

/** With nothing between the two, the product is zero and not what lies in memory. */
const nothingBetween: Mend = (args) => {
  const { a, b } = args.inputs as { a: TensorInfo; b: TensorInfo }
  if (sizeOf(a) > 0 && sizeOf(b) > 0) return undefined
  const { transposeA, transposeB } = args.attrs as { transposeA: boolean; transposeB: boolean }
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  return filled(args, [...outer, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!], a.dtype, 0)
}

/** Rows of nothing have another shape. */
const gatheredNothing: Mend = (args) => {
  const { x, indices } = args.inputs as { x: tf.Tensor; indices: tf.Tensor }
  if (sizeOf(x) > 0 && sizeOf(indices) > 0) return undefined
  const { axis, batchDims } = args.attrs as { axis: number; batchDims: number }
  const [at] = tf.util.parseAxisParam(axis, x.shape)
  const { outputShape } = tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, at, batchDims)
  return wasmOf(args).makeOutput(outputShape, x.dtype)
}

/** Slopes are taken from the wrong places where they have fewer of them; nothing is divided by zero. */
const prelu: Mend = (args) => {
  const { x, alpha } = args.inputs as { x: TensorInfo; alpha: TensorInfo }
  return within(args, (keep) => {
    const zero = keep(filled(args, [], 'float32', 0))
    const below = keep(call(args, 'Minimum', { a: x, b: zero }))
    return call(args, 'Add', {
      a: keep(call(args, 'Maximum', { a: x, b: zero })),
      b: keep(call(args, 'Multiply', { a: below, b: alpha }))
    })
  })
}

/** NaN in the second of the two is lost: half of it both ways round, so that a run that diverged shows it. */
const keepsNaN: Mend = (args, own) => {
  const { a, b } = args.inputs as { a: TensorInfo; b: TensorInfo }
  // A single number is a bound that somebody wrote.
  if (b.dtype !== 'float32' || sizeOf(b) <= 1) return undefined
  return within(args, (keep) => {
    const half = keep(filled(args, [], 'float32', 0.5))
    const one = keep(own(args) as TensorInfo)
    const other = keep(own({ ...args, inputs: { a: b, b: a } }) as TensorInfo)
    return call(args, 'Add', {
      a: keep(call(args, 'Multiply', { a: one, b: half })),
      b: keep(call(args, 'Multiply', { a: other, b: half }))
    })
  })
}

/** A number becomes a truth value by being cut to a whole one: 0.5 would be false. */
const isNotZero: Mend = (args) => {
  const x = args.inputs.x as TensorInfo
  if (args.attrs!.dtype !== 'bool' || x.dtype === 'bool') return undefined
  return within(args, (keep) => call(args, 'NotEqual', { a: x, b: keep(filled(args, [], x.dtype, 0)) }))
}

/** Of nothing, nothing comes. */
const emptyHanded: Mend = (args) => {
  const x = (args.inputs.logits ?? args.inputs.x) as TensorInfo
  return sizeOf(x) > 0 ? undefined : filled(args, x.shape, x.dtype, 0)
}

const axes = { Cumsum: fromTheFront, Cumprod: fromTheFront }
const reductions = {
  Sum: ofNothing(0),
  Mean: ofNothing(0, 'float32'),
  Prod: ofNothing(1),
  All: ofNothing(1),
  Any: ofNothing(0)
}
const mends: Readonly<Partial<Record<BackendName, Readonly<Record<string, Mend>>>>> = {
  cpu: axes,
  webgpu: {
    ...reductions,
    BatchMatMul: nothingBetween,
    Softmax: emptyHanded,
    LogSoftmax: emptyHanded,
    Cumsum: emptyHanded,
    Cumprod: emptyHanded
  },
  wasm: {
    ...axes,
    ...reductions,
    BatchMatMul: nothingBetween,
    GatherV2: gatheredNothing,
    Prelu: prelu,
    Maximum: keepsNaN,
    Minimum: keepsNaN,
    Cast: isNotZero
  }
}

/** To be called once, when a backend's kernels are registered. */
export function mendOps(backend: BackendName): void {
  for (const [name, mend] of Object.entries(mends[backend] ?? {}))
    replaceKernel(name, backend, (args, own) => mend(args, own) ?? own(args))
}

/** One compute shader of our own on the tensors of tfjs' webgpu backend, in the order of its own commands. */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { deferring, later, laterJoined, laterParted } from './deferred.ts'
import {
  bufferOf,
  checkGroups,
  copyTogether,
  eachCode,
  eachGroups,
  runSteps,
  typeOf,
  type WebgpuBackend
} from './program.ts'

export { threads, type WebgpuBackend } from './program.ts'

/** WGSL behind which a workgroup sees what all of it has written. */
export const settled = `storageBarrier();
    workgroupBarrier();`

/** WGSL of 1 / (1 + e^-x), by e^-|x|. */
export const sigmoid = `
fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1.0, x >= 0.0) / (1.0 + e);
}
`

export interface Shader {
  /** What the code depends on: shaders of one key are compiled once. */
  key: string
  /**
   * WGSL with the entry `main`. Before it stand the bindings, `a0`, `a1`, ... of inputs and `r0`, `r1`, ... of results, arrays of
   * f32 (i32 for an input of whole numbers), and `size`, whose fields are those below.
   */
  code: string
  inputs: readonly TensorInfo[]
  /** Shapes of what it makes, and of what kind it is if not of float32. */
  results: readonly number[][]
  dtype?: 'float32' | 'int32'
  whole: Readonly<Record<string, number>>
  single: Readonly<Record<string, number>>
  /** Workgroups; which of them runs is `group(id)` of its `workgroup_id`, to be held to this number. */
  groups: number
  /** It may take long, and is begun at once. */
  long?: boolean
  /** It reads its inputs again and again. */
  again?: boolean
}

/** Run it. @throws StudioError device-limit where it takes more workgroups than the device gives */
export function dispatch(backend: WebgpuBackend, shader: Shader): TensorInfo[] {
  const { inputs, results: shapes, dtype = 'float32', groups, long = false, again = long, ...given } = shader
  checkGroups(backend, groups)
  const step = { ...given, types: inputs.map((input) => typeOf(input.dtype)), groups, long }
  if (deferring()) return later(backend, { ...step, again }, inputs, shapes, dtype)
  const results = shapes.map((shape) => backend.makeTensorInfo(shape, dtype))
  runSteps(backend, [{ ...step, inputs: inputs.map((tensor) => ({ tensor })), results }])
  return results
}

/** Bytes of a tensor of such a shape. */
const bytesOf = (shape: readonly number[]): number => 4 * tf.util.sizeFromShape([...shape])

/** Tensors of float32 one after another in one, for shaders that take more than a device binds. */
export function joined(backend: WebgpuBackend, tensors: readonly TensorInfo[]): TensorInfo {
  if (deferring()) return laterJoined(backend, tensors)
  const whole = backend.makeTensorInfo([tensors.reduce((sum, { shape }) => sum + bytesOf(shape), 0) / 4], 'float32')
  const casts = tensors.map((tensor) => asFloat(backend, tensor))
  copyTogether(
    backend,
    casts.map(({ dataId }) => dataId),
    whole.dataId
  )
  casts.forEach(({ dataId }, i) => {
    if (dataId !== tensors[i]!.dataId) backend.disposeData(dataId)
  })
  return whole
}

/** What the package casts to float32 it leaves as the whole numbers that it was. */
function asFloat(backend: WebgpuBackend, tensor: TensorInfo): TensorInfo {
  if (backend.tensorMap.get(tensor.dataId).dtype === 'float32') return tensor
  return dispatchEach(backend, {
    key: 'cast',
    code: 'fn one(i: i32) { r0[i] = a0[i]; }',
    inputs: [tensor],
    results: [tensor.shape],
    whole: {},
    single: {},
    total: tf.util.sizeFromShape(tensor.shape)
  })[0]!
}

/** The same of tensors that have names, and where each begins, for `size`. */
export function laid(
  backend: WebgpuBackend,
  names: readonly string[],
  tensors: readonly TensorInfo[]
): { all: TensorInfo; at: Record<string, number> } {
  let begin = 0
  const at = names.map((name, i): [string, number] => {
    const entry: [string, number] = [name, begin]
    begin += bytesOf(tensors[i]!.shape) / 4
    return entry
  })
  return { all: joined(backend, tensors), at: Object.fromEntries(at) }
}

/**
 * WGSL that joins a value of each thread of a workgroup, by default their sum: all have it as `name` afterwards. It uses the
 * workgroup's array `part`.
 */
export const gather = (
  name: string,
  value: string,
  count: number,
  join: (a: string, b: string) => string = (a, b) => `${a} + ${b}`
): string => `
  part[local] = ${value};
  workgroupBarrier();
  for (var half = ${count / 2}u; half > 0u; half /= 2u) {
    if (local < half) { part[local] = ${join('part[local]', 'part[local + half]')}; }
    workgroupBarrier();
  }
  let ${name} = part[0];
  workgroupBarrier();
`

/** Tensors of these shapes that lie one after another in what a shader made, which is given back. */
export function parted(backend: WebgpuBackend, whole: TensorInfo, shapes: readonly number[][]): TensorInfo[] {
  if (deferring()) return laterParted(backend, whole, shapes)
  const from = bufferOf(backend, whole.dataId)
  const made = shapes.map((shape) => backend.makeTensorInfo(shape, 'float32'))
  const into = made.map(({ dataId }) => bufferOf(backend, dataId))
  backend.ensureCommandEncoderReady()
  backend.endComputePassEncoder()
  let at = 0
  for (const [i, buffer] of into.entries()) {
    const bytes = bytesOf(shapes[i]!)
    backend.commandEncoder.copyBufferToBuffer(from, at, buffer, 0, bytes)
    at += bytes
  }
  backend.disposeData(whole.dataId)
  return made
}

/** A shader that does one thing for each of `total`: WGSL with `fn one(i: i32)`. */
export type EachShader = Omit<Shader, 'groups'> & { total: number }

/** Run it, a thread for each. */
export function dispatchEach(backend: WebgpuBackend, { total, ...shader }: EachShader): TensorInfo[] {
  return dispatch(backend, {
    ...shader,
    code: eachCode(shader.code),
    whole: { ...shader.whole, total },
    groups: eachGroups(total)
  })
}

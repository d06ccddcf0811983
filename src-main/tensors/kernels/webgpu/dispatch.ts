/** One compute shader of our own on the tensors of tfjs' webgpu backend, in the order of its own commands. */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'

/** The parts of the backend that are used here, some of which its types leave out. */
export interface WebgpuBackend {
  device: GPUDevice
  makeTensorInfo(shape: number[], dtype: TensorInfo['dtype'], values?: tf.TypedArray): TensorInfo
  uploadToGPU(id: object): void
  disposeData(id: object): boolean
  tensorMap: { get(id: object): { resource: GPUBuffer; dtype: TensorInfo['dtype'] } }
  makeUniforms(uniforms: { type: 'int32' | 'float32'; data: number[] }[]): GPUBufferBinding
  commandQueueOwnedIds: WeakSet<object>
  ensureCommandEncoderReady(): void
  endComputePassEncoder(): void
  submitQueue(): void
  commandEncoder: GPUCommandEncoder
  computePassEncoder: GPUComputePassEncoder | null
  dispatchCountInPass: number
}

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
}

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>()

/** Threads of a workgroup. */
export const threads = 64

/**
 * The inputs as they say that they are: what the package casts to float32 it leaves as the whole numbers that it was. What is made
 * for that is given back after `use`.
 */
function asFloats<T>(
  backend: WebgpuBackend,
  inputs: readonly TensorInfo[],
  use: (inputs: readonly TensorInfo[]) => T
): T {
  const casts: TensorInfo[] = []
  const floats = inputs.map((tensor) => {
    if (tensor.dtype !== 'float32' || backend.tensorMap.get(tensor.dataId).dtype === 'float32') return tensor
    const [cast] = dispatchEach(backend, {
      key: 'cast',
      code: 'fn one(i: i32) { r0[i] = f32(a0[i]); }',
      inputs: [{ ...tensor, dtype: 'int32' }],
      results: [tensor.shape],
      whole: {},
      single: {},
      total: tf.util.sizeFromShape(tensor.shape)
    })
    casts.push(cast)
    return cast
  })
  const made = use(floats)
  for (const { dataId } of casts) backend.disposeData(dataId)
  return made
}

/** Run it. @throws StudioError device-limit where it takes more workgroups than the device gives */
export const dispatch = (backend: WebgpuBackend, shader: Shader): TensorInfo[] =>
  asFloats(backend, shader.inputs, (inputs) => run(backend, { ...shader, inputs }))

function run(backend: WebgpuBackend, shader: Shader): TensorInfo[] {
  const { device } = backend
  const { inputs, results, dtype = 'float32', whole, single, groups } = shader
  const widest = device.limits.maxComputeWorkgroupsPerDimension
  const across = Math.min(groups, widest)
  const down = Math.ceil(groups / across)
  if (down > widest)
    throw new StudioError('device-limit', 'A step takes more workgroups than this GPU gives; use fewer seeds at once.')
  const made = results.map((shape) => backend.makeTensorInfo(shape, dtype))
  const all = [...made, ...inputs].map((tensor) => bufferOf(backend, tensor))
  const numbers = backend.makeUniforms([
    ...Object.values({ ...whole, across }).map((value) => ({ type: 'int32' as const, data: [value] })),
    ...Object.values(single).map((value) => ({ type: 'float32' as const, data: [value] }))
  ])
  const pipeline = pipelineOf(device, shader)
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      ...all.map((buffer, binding) => ({ binding, resource: { buffer } })),
      { binding: all.length, resource: numbers }
    ]
  })
  backend.ensureCommandEncoderReady()
  backend.computePassEncoder ??= backend.commandEncoder.beginComputePass()
  backend.computePassEncoder.setPipeline(pipeline)
  backend.computePassEncoder.setBindGroup(0, bindGroup)
  backend.computePassEncoder.dispatchWorkgroups(across, down)
  backend.dispatchCountInPass++
  if (shader.long || backend.dispatchCountInPass >= tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
    backend.endComputePassEncoder()
    backend.submitQueue()
  }
  return made
}

/** Where a tensor lies, for commands that are yet to be begun. */
function bufferOf(backend: WebgpuBackend, { dataId }: TensorInfo): GPUBuffer {
  backend.uploadToGPU(dataId)
  backend.commandQueueOwnedIds.add(dataId)
  return backend.tensorMap.get(dataId).resource
}

/** Bytes of a tensor of such a shape. */
const bytesOf = (shape: readonly number[]): number => 4 * tf.util.sizeFromShape([...shape])

/** Tensors one after another in one, for shaders that take more than a device binds. */
export const joined = (backend: WebgpuBackend, tensors: readonly TensorInfo[]): TensorInfo =>
  asFloats(backend, tensors, (floats) => join(backend, floats))

function join(backend: WebgpuBackend, tensors: readonly TensorInfo[]): TensorInfo {
  const bytes = tensors.map(({ shape }) => bytesOf(shape))
  const whole = backend.makeTensorInfo([bytes.reduce((sum, n) => sum + n, 0) / 4], 'float32')
  const into = bufferOf(backend, whole)
  const from = tensors.map((tensor) => bufferOf(backend, tensor))
  backend.ensureCommandEncoderReady()
  backend.endComputePassEncoder()
  let at = 0
  for (const [i, buffer] of from.entries()) {
    backend.commandEncoder.copyBufferToBuffer(buffer, 0, into, at, bytes[i]!)
    at += bytes[i]!
  }
  return whole
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
  const from = bufferOf(backend, whole)
  const made = shapes.map((shape) => backend.makeTensorInfo(shape, 'float32'))
  const into = made.map((tensor) => bufferOf(backend, tensor))
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
    code: `${shader.code}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group(id) * ${threads} + i32(local);
  if (i < size.total) { one(i); }
}
`,
    whole: { ...shader.whole, total },
    groups: Math.max(1, Math.ceil(total / threads))
  })
}

function pipelineOf(device: GPUDevice, shader: Shader): GPUComputePipeline {
  const known = pipelines.get(device) ?? new Map<string, GPUComputePipeline>()
  pipelines.set(device, known)
  const name = [shader.key, shader.inputs.length, shader.results.length].join()
  const made =
    known.get(name) ??
    device.createComputePipeline({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code: headOf(shader) + shader.code }), entryPoint: 'main' }
    })
  known.set(name, made)
  return made
}

function headOf({ inputs, results, dtype, whole, single }: Shader): string {
  const binding = (at: number, access: string, name: string, type = 'f32'): string =>
    `@group(0) @binding(${at}) var<storage, ${access}> ${name}: array<${type}>;\n`
  return [
    ...results.map((_, i) => binding(i, 'read_write', `r${i}`, dtype === 'int32' ? 'i32' : 'f32')),
    ...inputs.map(({ dtype }, i) => binding(results.length + i, 'read', `a${i}`, dtype === 'int32' ? 'i32' : 'f32')),
    `struct Size { ${[...Object.keys({ ...whole, across: 0 }).map((name) => `${name}: i32`), ...Object.keys(single).map((name) => `${name}: f32`)].join(', ')} };\n`,
    `@group(0) @binding(${results.length + inputs.length}) var<uniform> size: Size;\n`,
    'fn group(id: vec3u) -> i32 { return i32(id.y) * size.across + i32(id.x); }\n'
  ].join('')
}

/** One compute shader of our own on the tensors of tfjs' webgpu backend, in the order of its own commands. */
import type { TensorInfo } from '@tensorflow/tfjs'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'

/** The parts of the backend that are used here, some of which its types leave out. */
export interface WebgpuBackend {
  device: GPUDevice
  makeTensorInfo(shape: number[], dtype: 'float32', values?: Float32Array): TensorInfo
  uploadToGPU(id: object): void
  disposeData(id: object): void
  tensorMap: Map<object, { resource: GPUBuffer }> | { get(id: object): { resource: GPUBuffer } }
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
   * f32, and `size`, whose fields are those below.
   */
  code: string
  inputs: readonly TensorInfo[]
  /** Shapes of what it makes. */
  results: readonly number[][]
  whole: Readonly<Record<string, number>>
  single: Readonly<Record<string, number>>
  /** Workgroups; which of them runs is `group(id)` of its `workgroup_id`, to be held to this number. */
  groups: number
  /** Copies into the results that come before. */
  before?: (encoder: GPUCommandEncoder, results: readonly GPUBuffer[]) => void
}

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>()

/** Threads of a workgroup. */
export const threads = 64

/** Run it. @throws StudioError device-limit where it takes more workgroups than the device gives */
export function dispatch(backend: WebgpuBackend, shader: Shader): TensorInfo[] {
  const { device } = backend
  const { inputs, results, whole, single, groups } = shader
  const widest = device.limits.maxComputeWorkgroupsPerDimension
  const across = Math.min(groups, widest)
  const down = Math.ceil(groups / across)
  if (down > widest)
    throw new StudioError('device-limit', 'A step takes more workgroups than this GPU gives; use fewer seeds at once.')
  const made = results.map((shape) => backend.makeTensorInfo(shape, 'float32'))
  const all = [...made, ...inputs]
  for (const { dataId } of all) {
    backend.uploadToGPU(dataId)
    backend.commandQueueOwnedIds.add(dataId)
  }
  const numbers = backend.makeUniforms([
    ...Object.values({ ...whole, across }).map((value) => ({ type: 'int32' as const, data: [value] })),
    ...Object.values(single).map((value) => ({ type: 'float32' as const, data: [value] }))
  ])
  const pipeline = pipelineOf(device, shader)
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      ...all.map(({ dataId }, binding) => ({ binding, resource: { buffer: backend.tensorMap.get(dataId)!.resource } })),
      { binding: all.length, resource: numbers }
    ]
  })
  backend.ensureCommandEncoderReady()
  if (shader.before) {
    backend.endComputePassEncoder()
    shader.before(
      backend.commandEncoder,
      made.map(({ dataId }) => backend.tensorMap.get(dataId)!.resource)
    )
  }
  backend.computePassEncoder ??= backend.commandEncoder.beginComputePass()
  backend.computePassEncoder.setPipeline(pipeline)
  backend.computePassEncoder.setBindGroup(0, bindGroup)
  backend.computePassEncoder.dispatchWorkgroups(across, down)
  backend.dispatchCountInPass++
  // What it computes may take long: it is begun at once.
  backend.endComputePassEncoder()
  backend.submitQueue()
  return made
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

function headOf({ inputs, results, whole, single }: Shader): string {
  const binding = (at: number, access: string, name: string): string =>
    `@group(0) @binding(${at}) var<storage, ${access}> ${name}: array<f32>;\n`
  return [
    ...results.map((_, i) => binding(i, 'read_write', `r${i}`)),
    ...inputs.map((_, i) => binding(results.length + i, 'read', `a${i}`)),
    `struct Size { ${[...Object.keys({ ...whole, across: 0 }).map((name) => `${name}: i32`), ...Object.keys(single).map((name) => `${name}: f32`)].join(', ')} };\n`,
    `@group(0) @binding(${results.length + inputs.length}) var<uniform> size: Size;\n`,
    'fn group(id: vec3u) -> i32 { return i32(id.y) * size.across + i32(id.x); }\n'
  ].join('')
}

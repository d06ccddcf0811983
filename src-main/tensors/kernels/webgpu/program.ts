/**
 * Compute shaders as they are run: one alone, or several that need nothing of one another as one dispatch, each with
 * workgroups of its own. What a shader reads may be an expression of other tensors that is made where it is read.
 */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'

/** The parts of the backend that are used here, some of which its types leave out. */
export interface WebgpuBackend {
  device: GPUDevice
  makeTensorInfo(shape: number[], dtype: TensorInfo['dtype'], values?: tf.TypedArray): TensorInfo
  uploadToGPU(id: object): void
  disposeData(id: object): boolean
  incRef(id: object): void
  nextDataId(): number
  bufferManager: { acquireBuffer(bytes: number, usage: number): GPUBuffer; releaseBuffer(buffer: GPUBuffer): void }
  tensorMap: {
    get(id: object): Held
    set(id: object, held: Held): void
  }
  makeUniforms(uniforms: { type: 'int32' | 'float32'; data: number[] }[]): GPUBufferBinding
  commandQueueOwnedIds: WeakSet<object>
  ensureCommandEncoderReady(): void
  endComputePassEncoder(): void
  submitQueue(): void
  commandEncoder: GPUCommandEncoder
  computePassEncoder: GPUComputePassEncoder | null
  dispatchCountInPass: number
}

export type NumberType = 'f32' | 'i32'

/** What the backend holds of a tensor: a buffer, or numbers that were not yet brought there. */
export interface Held {
  resource?: GPUBuffer | null
  values?: tf.TypedArray | null
  dtype: TensorInfo['dtype']
  refCount: number
}

/** An entry of a tensor that is not held but made where it is read. */
export interface Expression {
  /**
   * The body of a WGSL function of the place `i`. `$0(at)` is an entry of the first of `of`, `#0` the first of `numbers`.
   * Programs of one text are compiled once.
   */
  text: string
  type: NumberType
  of: readonly Source[]
  /** What the text takes each of them for. */
  types: readonly NumberType[]
  numbers: readonly number[]
}

/** Where a shader reads: a tensor, a number, or an expression. */
export type Source = { tensor: TensorInfo } | { number: number } | Expression

/** A shader and what it reads; see `Shader` of dispatch.ts, whose parts these are. */
export interface Step {
  key: string
  code: string
  inputs: readonly Source[]
  /** What the code takes each input for. */
  types: readonly NumberType[]
  results: readonly TensorInfo[]
  whole: Readonly<Record<string, number>>
  single: Readonly<Record<string, number>>
  groups: number
  long: boolean
}

/** What WGSL has a tensor's entries as. */
export const typeOf = (dtype: TensorInfo['dtype']): NumberType => (dtype === 'float32' ? 'f32' : 'i32')

/** How every shader begins: threads of a workgroup, then this. */
const entry = /@compute @workgroup_size\((\d+)\)\s*fn main\([^{]*\)\s*\{/
export const widthOf = ({ code }: Pick<Step, 'code'>): string => entry.exec(code)![1]!

/** Threads of a workgroup. */
export const threads = 64

/** A shader that does one thing for each of `size.total`: WGSL with `fn one(i: i32)`. */
export const eachCode = (code: string): string => `${code}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group(id) * ${threads} + i32(local);
  if (i < size.total) { one(i); }
}
`
export const eachGroups = (total: number): number => Math.max(1, Math.ceil(total / threads))

/** Tensors that a step binds. */
export function boundBy(steps: readonly Step[]): Set<object> {
  const bound = new Set<object>()
  const add = (source: Source): void => {
    if ('tensor' in source) bound.add(source.tensor.dataId)
    else if ('of' in source) source.of.forEach(add)
  }
  for (const { inputs, results } of steps) {
    inputs.forEach(add)
    for (const { dataId } of results) bound.add(dataId)
  }
  return bound
}

/** @throws StudioError device-limit for more workgroups than the device gives */
export function checkGroups({ device }: WebgpuBackend, groups: number): number {
  const widest = device.limits.maxComputeWorkgroupsPerDimension
  const down = Math.ceil(groups / Math.min(groups, widest))
  if (down > widest)
    throw new StudioError('device-limit', 'A step takes more workgroups than this GPU gives; use fewer seeds at once.')
  return down
}

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>()

/** Run steps as one dispatch, in the order of the backend's own commands. */
export function runSteps(backend: WebgpuBackend, steps: readonly Step[]): void {
  const { device } = backend
  const groups = steps.reduce((sum, step) => sum + step.groups, 0)
  const down = checkGroups(backend, groups)
  const across = Math.ceil(groups / down)
  const { key, text, tensors, whole, single } = written(backend, steps)
  const known = pipelines.get(device) ?? new Map<string, GPUComputePipeline>()
  pipelines.set(device, known)
  const pipeline =
    known.get(key) ??
    device.createComputePipeline({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code: text() }), entryPoint: 'main' }
    })
  known.set(key, pipeline)
  const buffers = tensors.map((id) => bufferOf(backend, id))
  const numbers = backend.makeUniforms([
    ...[across, ...whole].map((value) => ({ type: 'int32' as const, data: [value] })),
    ...single.map((value) => ({ type: 'float32' as const, data: [value] }))
  ])
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      ...buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
      { binding: buffers.length, resource: numbers }
    ]
  })
  backend.ensureCommandEncoderReady()
  backend.computePassEncoder ??= backend.commandEncoder.beginComputePass()
  backend.computePassEncoder.setPipeline(pipeline)
  backend.computePassEncoder.setBindGroup(0, bindGroup)
  backend.computePassEncoder.dispatchWorkgroups(across, down)
  backend.dispatchCountInPass++
  const most = tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')
  if (steps.some(({ long }) => long) || backend.dispatchCountInPass >= most) {
    backend.endComputePassEncoder()
    backend.submitQueue()
  }
}

/** Where a tensor lies, for commands that are yet to be begun. */
export function bufferOf(backend: WebgpuBackend, id: object): GPUBuffer {
  backend.uploadToGPU(id)
  backend.commandQueueOwnedIds.add(id)
  return backend.tensorMap.get(id).resource!
}

/** Copy tensors one after another into one. */
export function copyTogether(backend: WebgpuBackend, tensors: readonly object[], whole: object): void {
  const into = bufferOf(backend, whole)
  const from = tensors.map((id) => bufferOf(backend, id))
  backend.ensureCommandEncoderReady()
  backend.endComputePassEncoder()
  let at = 0
  for (const buffer of from) {
    backend.commandEncoder.copyBufferToBuffer(buffer, 0, into, at, buffer.size)
    at += buffer.size
  }
}

interface Written {
  /** What the text depends on. */
  key: string
  text: () => string
  /** In the order of their bindings. */
  tensors: object[]
  whole: number[]
  single: number[]
}

/** Steps as one program. */
function written(backend: WebgpuBackend, steps: readonly Step[]): Written {
  const tensors: object[] = []
  const places = new Map<object, number>()
  const keys: string[] = []
  const head: string[] = []
  const [whole, single]: [number[], number[]] = [[], []]
  const texts: (() => string)[] = []
  const bind = (id: object, access: 'read' | 'read_write'): number => {
    const known = places.get(id)
    if (known !== undefined) return known
    const at = tensors.push(id) - 1
    places.set(id, at)
    const type = typeOf(backend.tensorMap.get(id).dtype)
    keys.push(`${at}${type}${access}`)
    head.push(`@group(0) @binding(${at}) var<storage, ${access}> b${at}: array<${type}>;`)
    return at
  }
  const wholeAt = (value: number): string => `size.w${whole.push(value) - 1}`
  const singleAt = (value: number): string => `size.s${single.push(value) - 1}`
  const cast = (type: string, given: string, of: string): string => (type === given ? of : `${type}(${of})`)

  let count = 0
  /** Writes a function of the place `i`, and says its name. */
  const define = (type: NumberType, key: string, body: () => string): string => {
    const name = `e${count++}`
    keys.push(`${name}${type}=${key}`)
    texts.push(() => `fn ${name}(i: i32) -> ${type} { ${body()} }`)
    return name
  }
  const known = new Map<object, Partial<Record<NumberType, string>>>()
  /** The name of a function that reads it as such a number. */
  const reader = (source: Source, type: NumberType): string => {
    const about = 'tensor' in source ? source.tensor.dataId : source
    const names = known.get(about) ?? {}
    known.set(about, names)
    return (names[type] ??= write(source, type))
  }
  const write = (source: Source, type: NumberType): string => {
    if ('number' in source) {
      const value = singleAt(source.number)
      return define(type, value, () => `return ${cast(type, 'f32', value)};`)
    }
    if ('tensor' in source) {
      const at = bind(source.tensor.dataId, 'read')
      return define(type, String(at), () => `return ${cast(type, heldAs(source.tensor), `b${at}[i]`)};`)
    }
    if (source.type !== type) {
      const own = reader(source, source.type)
      return define(type, own, () => `return ${type}(${own}(i));`)
    }
    const of = source.of.map((each, i) => reader(each, source.types[i]!))
    const numbers = source.numbers.map(wholeAt)
    return define(type, `${source.text}(${of.join()};${numbers.join()})`, () =>
      source.text
        .replace(/\$(\d+)\(/g, (_, n: string) => `${of[Number(n)]}(`)
        .replace(/#(\d+)/g, (_, n: string) => numbers[Number(n)]!)
    )
  }
  const heldAs = ({ dataId }: TensorInfo): NumberType => typeOf(backend.tensorMap.get(dataId).dtype)

  const begins: string[] = []
  let begin = 0
  steps.forEach((step, member) => {
    const results = step.results.map(({ dataId }) => bind(dataId, 'read_write'))
    const inputs = step.inputs.map((source, i) => {
      const type = step.types[i]!
      if ('tensor' in source && heldAs(source.tensor) === type) return { at: bind(source.tensor.dataId, 'read') }
      return { by: reader(source, type) }
    })
    const names = new Map([
      ...Object.entries(step.whole).map(([name, value]): [string, string] => [name, wholeAt(value)]),
      ...Object.entries(step.single).map(([name, value]): [string, string] => [name, singleAt(value)])
    ])
    keys.push(
      `${step.key}(${inputs.map(({ at, by }) => at ?? by).join()};${results.join()};${[...names].map((pair) => pair.join('=')).join()})`
    )
    if (member > 0) begins.push(wholeAt(begin))
    begin += step.groups
    texts.push(() => memberOf(step.code, member, inputs, results, names))
  })
  const end = wholeAt(begin)
  return {
    ...{ key: keys.join('\n'), tensors, whole, single },
    text: () =>
      [
        ...head,
        `struct Size { ${['across: i32', ...whole.map((_, i) => `w${i}: i32`), ...single.map((_, i) => `s${i}: f32`)].join(', ')} };`,
        `@group(0) @binding(${tensors.length}) var<uniform> size: Size;`,
        ...texts.map((text) => text()),
        `@compute @workgroup_size(${widthOf(steps[0]!)})`,
        'fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) local: u32) {',
        '  let which = i32(id.y) * size.across + i32(id.x);',
        `  if (which >= ${end}) { return; }`,
        ...steps.map((_, member) => {
          const own = `m${member}_main(which${member ? ` - ${begins[member - 1]}` : ''}, local);`
          return member + 1 < steps.length ? `  if (which < ${begins[member]}) { ${own} return; }` : `  ${own}`
        }),
        '}'
      ].join('\n')
  }
}

/** The code of one of several, in names of its own. */
function memberOf(
  code: string,
  member: number,
  inputs: readonly { at?: number; by?: string }[],
  results: readonly number[],
  names: ReadonlyMap<string, string>
): string {
  let own = code.replace(entry, 'fn main(groupAt: i32, local: u32) {').replace(/\bgroup\(id\)/g, 'groupAt')
  for (const name of new Set([...own.matchAll(/\b(?:fn|var<workgroup>) (\w+)/g)].map(([, name]) => name!)))
    own = own.replace(new RegExp(`(?<!\\.)\\b${name}\\b`, 'g'), `m${member}_${name}`)
  inputs.forEach(({ at, by }, i) => {
    own = by === undefined ? own.replace(new RegExp(`\\ba${i}\\[`, 'g'), `b${at}[`) : called(own, `a${i}`, by)
  })
  return own
    .replace(/\br(\d+)\[/g, (_, i: string) => `b${results[Number(i)]}[`)
    .replace(/\bsize\.(\w+)/g, (_, name: string) => names.get(name)!)
}

/** `name[at]` written as `by(at)`. */
function called(code: string, name: string, by: string): string {
  const begin = code.search(new RegExp(`\\b${name}\\[`))
  if (begin < 0) return code
  let end = begin + name.length
  for (let open = 0; ; end++) {
    if (code[end] === '[') open++
    else if (code[end] === ']' && --open === 0) break
  }
  const at = code.slice(begin + name.length + 1, end)
  return called(`${code.slice(0, begin)}${by}(${at})${code.slice(end + 1)}`, name, by)
}

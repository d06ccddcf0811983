/**
 * Work that waits until something needs it. What is asked for while `deferred` runs its body is promised and not begun: by
 * then it is known what is needed, what is read by whom, and what needs nothing of one another. So entries of a tensor
 * that is cheap to make are made where they are read, what nobody reads is not made at all, and shaders that can run side
 * by side are one dispatch.
 */
import * as tf from '@tensorflow/tfjs'
import type { TensorInfo } from '@tensorflow/tfjs'
import {
  boundBy,
  copyTogether,
  eachCode,
  eachGroups,
  runSteps,
  typeOf,
  widthOf,
  type Expression,
  type Held,
  type Source,
  type Step,
  type WebgpuBackend
} from './program.ts'

/** The most that an expression may cost where a shader reads an entry, and how many tensors it may be of. */
const few = { cost: 24, leaves: 6 }
/** The same where it reads an entry again and again. */
const many = { cost: 8, leaves: 4 }
/** The same where each entry is read once. */
const once = { cost: 64, leaves: 8 }

/** What one piece of work is and makes. */
interface Work {
  of: readonly TensorInfo[]
  made: Promised[]
  /** Entries by an expression, a shader, or tensors copied one after another. */
  how: Entries | { shader: Shader } | 'copies'
  /** It no longer holds what it is of. */
  over: boolean
}

interface Entries {
  expression: Omit<Expression, 'of'>
  cost: number
  /** The tensors that it is of in the end. */
  leaves: ReadonlySet<object>
}

type Shader = Omit<Step, 'inputs' | 'results'> & { again: boolean }

/** What the backend holds in the place of a tensor that is promised. */
class Promised implements Held {
  refCount = 1
  values: tf.TypedArray | null = null
  /** How many of the references are those of work that waits. */
  waiting = 0
  /** It is to be held as a whole, however cheap it is. */
  solid = false
  buffer: GPUBuffer | null = null
  readonly backend: WebgpuBackend
  readonly info: TensorInfo
  readonly work: Work

  constructor(backend: WebgpuBackend, info: TensorInfo, work: Work) {
    this.backend = backend
    this.info = info
    this.work = work
  }

  get dtype(): TensorInfo['dtype'] {
    return this.info.dtype
  }

  /** Whoever asks for the buffer has it made. */
  get resource(): GPUBuffer | null {
    if (this.buffer) return this.buffer
    if (this.refCount > 0) compute(this.backend, [this])
    else if (this.work.made.every(({ refCount }) => refCount <= 0)) letGo(this.backend, this.work)
    return this.buffer
  }

  set resource(buffer: GPUBuffer | null) {
    this.buffer = buffer
  }
}

let waiting: Set<Promised> | undefined

/** Whether work is to wait. */
export const deferring = (): boolean => waiting !== undefined

/** Run the body, then what it left to be done. Promises that an error leaves behind are kept when somebody asks. */
export function deferred<T>(backend: WebgpuBackend, body: () => T): T {
  if (waiting) return body()
  waiting = new Set()
  try {
    const made = body()
    const left = [...waiting]
    compute(
      backend,
      left.filter(({ buffer, refCount, waiting }) => !buffer && refCount > waiting)
    )
    return made
  } finally {
    waiting = undefined
  }
}

/** The promise that a tensor is, if it is one that was not kept yet. */
function promisedBy(backend: WebgpuBackend, { dataId }: TensorInfo): Promised | undefined {
  const held = backend.tensorMap.get(dataId)
  return held instanceof Promised && !held.buffer ? held : undefined
}

function promise(
  backend: WebgpuBackend,
  of: readonly TensorInfo[],
  how: Work['how'],
  shapes: readonly number[][],
  dtype: TensorInfo['dtype']
): TensorInfo[] {
  const work: Work = { of, made: [], how, over: false }
  for (const info of of) {
    backend.incRef(info.dataId)
    const held = backend.tensorMap.get(info.dataId)
    if (held instanceof Promised) held.waiting++
  }
  return shapes.map((shape) => {
    const info = { dataId: { id: backend.nextDataId() }, shape: [...shape], dtype }
    const made = new Promised(backend, info, work)
    backend.tensorMap.set(info.dataId, made)
    work.made.push(made)
    waiting?.add(made)
    return info
  })
}

/** Give a reference back that was not the engine's, which counts tensors itself. */
function giveBack(backend: WebgpuBackend, id: object): void {
  if (backend.disposeData(id)) tf.engine().removeDataId(id, tf.engine().backend)
}

/** Work that is done, or that nobody asks for any more. */
function letGo(backend: WebgpuBackend, work: Work): void {
  if (work.over) return
  work.over = true
  for (const { dataId } of work.of) {
    const held = backend.tensorMap.get(dataId)
    if (held instanceof Promised) held.waiting--
    giveBack(backend, dataId)
  }
}

/** A shader that is run later. */
export const later = (
  backend: WebgpuBackend,
  shader: Shader,
  inputs: readonly TensorInfo[],
  results: readonly number[][],
  dtype: TensorInfo['dtype']
): TensorInfo[] => promise(backend, inputs, { shader }, results, dtype)

/** Tensors that are copied one after another into one later. */
export function laterJoined(backend: WebgpuBackend, tensors: readonly TensorInfo[]): TensorInfo {
  const count = tensors.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape), 0)
  const floats = tensors.map((tensor) =>
    backend.tensorMap.get(tensor.dataId).dtype === 'float32'
      ? tensor
      : laterEach(backend, { text: 'return $0(i);', of: [tensor], shape: tensor.shape, cost: 0 })
  )
  const [made] = promise(backend, floats, 'copies', [[count]], 'float32')
  floats.forEach(({ dataId }, i) => {
    if (dataId !== tensors[i]!.dataId) backend.disposeData(dataId)
  })
  return made!
}

/** Tensors of these shapes that lie one after another in another, which is given back. */
export function laterParted(backend: WebgpuBackend, whole: TensorInfo, shapes: readonly number[][]): TensorInfo[] {
  let begin = 0
  const parts = shapes.map((shape) => {
    const numbers = [begin]
    begin += tf.util.sizeFromShape(shape)
    return laterEach(backend, { text: 'return $0(i + #0);', of: [whole], numbers, shape, cost: 1 })
  })
  backend.disposeData(whole.dataId)
  return parts
}

export interface Each {
  /** See `Expression`. */
  text: string
  of: readonly TensorInfo[]
  numbers?: readonly number[]
  shape: readonly number[]
  dtype?: TensorInfo['dtype']
  /** About how many operations an entry takes, without what it is of; what grows beyond `once` is held in parts. */
  cost: number
}

/** A tensor whose entries are made where they are read. */
export function laterEach(
  backend: WebgpuBackend,
  { text, of, numbers = [], shape, dtype = 'float32', cost }: Each
): TensorInfo {
  const parts = of.map((info) => promisedBy(backend, info))
  const sums = (): { cost: number; leaves: Set<object> } => ({
    cost: parts.reduce((sum, part) => sum + (inlined(part)?.cost ?? 0), cost),
    leaves: new Set(
      of.flatMap((info, i) => {
        const inner = inlined(parts[i])
        return inner ? [...inner.leaves] : numberIn(backend, info) === undefined ? [info.dataId] : []
      })
    )
  })
  let sum = sums()
  while (sum.cost > once.cost || sum.leaves.size > once.leaves) {
    const open = parts.filter((part) => inlined(part)) as Promised[]
    if (open.length === 0) break
    const weight = (part: Promised): number => inlined(part)!.cost + 8 * inlined(part)!.leaves.size
    open.reduce((a, b) => (weight(b) > weight(a) ? b : a)).solid = true
    sum = sums()
  }
  const expression = { text, type: typeOf(dtype), types: of.map((info) => typeOf(info.dtype)), numbers }
  return promise(backend, of, { expression, ...sum }, [[...shape]], dtype)[0]!
}

/** An expression that is not to be held as a whole. */
function inlined(part: Promised | undefined): Entries | undefined {
  if (!part || part.buffer || part.solid) return undefined
  const { how } = part.work
  return typeof how === 'object' && 'expression' in how ? how : undefined
}

/** A single number that was not brought to the GPU. */
function numberIn(backend: WebgpuBackend, { dataId, dtype, shape }: TensorInfo): number | undefined {
  const held = backend.tensorMap.get(dataId)
  if (held instanceof Promised || held.resource || dtype !== 'float32' || tf.util.sizeFromShape(shape) !== 1)
    return undefined
  return held.values?.[0]
}

/** How a promise is kept. */
interface Plan {
  work: Work
  step: Omit<Step, 'results'> | undefined
  /** What it binds: an expression may give its tensors back as soon as it is held as a whole for somebody else. */
  reads: readonly object[]
  needs: Set<Plan>
  /** The longest way from here to the end. */
  height: number
}

/** Make these tensors, and what they need. */
function compute(backend: WebgpuBackend, wanted: readonly Promised[]): void {
  const plans = new Map<Work, Plan>()
  const planOf = (promised: Promised): Plan => {
    const { work } = promised
    const known = plans.get(work)
    if (known) return known
    const plan: Plan = { work, step: undefined, reads: [], needs: new Set(), height: 0 }
    plans.set(work, plan)
    plan.step = stepOf(plan, promised)
    plan.reads = plan.step ? [...boundBy([{ ...plan.step, results: [] }])] : []
    for (const id of plan.reads) backend.incRef(id)
    return plan
  }
  const source = (plan: Plan, info: TensorInfo, room: typeof once): Source => {
    const number = numberIn(backend, info)
    if (number !== undefined) return { number }
    const promised = promisedBy(backend, info)
    const inner = inlined(promised)
    if (promised && inner && inner.cost <= room.cost && inner.leaves.size <= room.leaves) return entries(plan, promised)
    if (promised) plan.needs.add(planOf(promised))
    return { tensor: info }
  }
  const entries = (plan: Plan, { work }: Promised): Expression => {
    const { expression } = work.how as { expression: Omit<Expression, 'of'> }
    return { ...expression, of: work.of.map((info) => source(plan, info, once)) }
  }
  const stepOf = (plan: Plan, promised: Promised): Plan['step'] => {
    const { how, of } = plan.work
    if (how === 'copies') {
      for (const info of of) {
        const part = promisedBy(backend, info)
        if (part) plan.needs.add(planOf(part))
      }
      return undefined
    }
    if ('expression' in how) {
      const total = tf.util.sizeFromShape(promised.info.shape)
      return {
        ...{ key: 'entries', code: eachCode('fn one(i: i32) { r0[i] = a0[i]; }') },
        ...{ inputs: [entries(plan, promised)], types: [how.expression.type] },
        ...{ whole: { total }, single: {}, groups: eachGroups(total), long: false }
      }
    }
    for (;;) {
      const step = { ...how.shader, inputs: of.map((info) => source(plan, info, how.shader.again ? many : few)) }
      if (boundBy([{ ...step, results: [] }]).size + plan.work.made.length <= room(backend)) return step
      const parts = of.map((info) => inlined(promisedBy(backend, info)) && promisedBy(backend, info))
      const open = parts.filter((part) => part !== undefined)
      if (open.length === 0) return step
      open.reduce((a, b) => (inlined(b)!.leaves.size > inlined(a)!.leaves.size ? b : a)).solid = true
    }
  }
  for (const promised of wanted) if (!promised.buffer) planOf(promised)
  // Plans stand after those that needed them first: heights are found from the ends.
  const height = (plan: Plan, least: number): void => {
    if (least <= plan.height) return
    plan.height = least
    for (const need of plan.needs) height(need, least + 1)
  }
  for (const plan of plans.values()) height(plan, Math.max(1, plan.height))
  const open = new Set(plans.values())
  try {
    follow(backend, open)
  } finally {
    for (const { reads } of open) for (const id of reads) giveBack(backend, id)
  }
}

/** Buffers that a shader may bind. */
const room = ({ device }: WebgpuBackend): number => device.limits.maxStorageBuffersPerShaderStage

/** Run plans, each after what it needs: what most waits for first, and with it what fits. */
function follow(backend: WebgpuBackend, open: Set<Plan>): void {
  while (open.size) {
    const ready = [...open].filter(({ needs }) => [...needs].every((need) => !open.has(need)))
    const copies = ready.filter(({ step }) => !step)
    for (const plan of copies) keep(backend, [plan], open)
    if (copies.length) continue
    ready.sort((a, b) => b.height - a.height)
    const width = widthOf(ready[0]!.step!)
    const group: Plan[] = []
    const steps: Step[] = []
    for (const plan of ready) {
      if (widthOf(plan.step!) !== width) continue
      const step = { ...plan.step!, results: plan.work.made.map(({ info }) => info) }
      if (group.length && boundBy([...steps, step]).size > room(backend)) continue
      group.push(plan)
      steps.push(step)
    }
    keep(backend, group, open)
  }
}

function keep(backend: WebgpuBackend, group: readonly Plan[], open: Set<Plan>): void {
  // What was disposed of, and is made only because the shader makes it with something else.
  const unread: TensorInfo[] = []
  const made = (promised: Promised): TensorInfo => {
    if (promised.refCount > 0) {
      promised.buffer = bufferFor(backend, promised.info)
      return promised.info
    }
    const { shape, dtype } = promised.info
    const other = backend.makeTensorInfo(shape, dtype)
    unread.push(other)
    return other
  }
  try {
    const results = group.map(({ work }) => work.made.map(made))
    const { step, work } = group[0]!
    if (step)
      runSteps(
        backend,
        group.map(({ step }, i) => ({ ...step!, results: results[i]! }))
      )
    else
      copyTogether(
        backend,
        work.of.map(({ dataId }) => dataId),
        results[0]![0]!.dataId
      )
  } catch (error) {
    // Nothing was made: who asks again has it made.
    for (const promised of group.flatMap(({ work }) => work.made)) {
      if (promised.buffer) backend.bufferManager.releaseBuffer(promised.buffer)
      promised.buffer = null
    }
    throw error
  } finally {
    for (const { dataId } of unread) backend.disposeData(dataId)
  }
  for (const plan of group) {
    open.delete(plan)
    for (const id of plan.reads) giveBack(backend, id)
    letGo(backend, plan.work)
  }
}

/** A buffer as the backend has them for tensors. */
const bufferFor = (backend: WebgpuBackend, { shape }: TensorInfo): GPUBuffer =>
  backend.bufferManager.acquireBuffer(
    4 * tf.util.sizeFromShape(shape),
    GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  )

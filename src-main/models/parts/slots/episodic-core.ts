import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { MemorySetup, RetrieveInput, StoreInput, Trace, WeightSource } from '../../model.ts'
import { Adam } from './adam.ts'
import { readSlots } from '../memory/attention-read.ts'
import { writeByOp, writeWithKernel } from './episodic-kernel.ts'
import { stepsOf, type WritePlan, type WriteSteps } from './write-plan.ts'
import { slotGradient, type Part, type Slots } from './slot-gradient.ts'
import { slotKernels, type EpisodicWrite } from '../../../tensors/fused-kernels.ts'
import { writesByOp } from '../../../tensors/fused-ops.ts'
import { attentionTrace, tracedQueries, usedTrace } from './slot-traces.ts'

/** Weight of the context match in a slot's score. */
const contextWeight = 0.5
/** Weight of recency in a slot's score. */
const recencyWeight = 0.3

export interface EpisodicOptions {
  /** Length d of keys and values. */
  dim: number
  /** Slots M. */
  memorySize: number
  /** Length c of contexts. */
  contextDim: number
  learningRate: number
  /** Weight lambda of ||V V^T - I||^2 in a step's loss. */
  orthogonalityWeight: number
  /** Decay rate of recency, per unit of time. */
  timeWeight: number
}

/**
 * Slots with keys, values, contexts and times: what true-episodic, true-matrix, adaptive-episodic and the nodes of a
 * hierarchy are made of. Slots are taken round-robin, so the used ones are always the first u.
 *
 *   s_m = q . K_m + 1/2 ctx . C_m + 0.3 exp(-timeWeight (now - t_m)),   read(q, ctx) = softmax(s) V      over used m
 *   one step: Adam on mean((read(k_i, ctx_i) - v_i)^2) + lambda ||V V^T - I||_F^2
 *
 * K, V: [B, u, d]; C: [B, u, c]; t: [u], the same for all trials of the batch; Adam's state belongs to the memory. The
 * second term of the loss counts only when more than one slot is used; without contexts C takes no step.
 */
export class EpisodicSlots {
  readonly options: EpisodicOptions
  readonly batch: number
  readonly #initial: Slots
  readonly #adam: Adam
  /**
   * The used slots; undefined while there are none. Where an op writes them, contexts that no write has touched stay all that there
   * are.
   */
  #slots: Slots | undefined
  #times: number[] = []
  #pointer = 0
  #now = 0
  /** Attention of the last retrieve over the used slots. */
  #attention: Tensor | undefined

  /** @param initial the untouched slots: keys and values [B, M, d], contexts [B, M, c]; owned from now on */
  constructor(options: EpisodicOptions, batch: number, initial: Slots) {
    this.options = options
    this.batch = batch
    this.#initial = initial
    this.#adam = new Adam(options.learningRate)
  }

  /** Number of used slots u. */
  get used(): number {
    return this.#times.length
  }

  /** [B, Q, d]; zeros while nothing is stored. */
  retrieve({ queries, contexts, time }: RetrieveInput): Tensor {
    const slots = this.#slots
    if (!slots) return tf.zeros([this.batch, queries.shape[1]!, this.options.dim])
    const scaled = contexts?.mul(contextWeight)
    const { read, attention } = readSlots(queries, slots.keys, slots.values, {
      contexts: scaled && { queries: scaled, slots: this.#usedContexts(slots) },
      bias: this.#recency(time),
      kept: tracedQueries
    })
    scaled?.dispose()
    this.#attention?.dispose()
    this.#attention = attention
    return read
  }

  /**
   * True-episodic's store: all episodes take their slots, then come outer x episodes x inner Adam steps.
   * @param copy whether keys, values and contexts are first copied into the slots
   * @param steps undefined for no steps
   */
  storeTogether(input: StoreInput, copy: boolean, steps: WriteSteps | WritePlan | undefined): void {
    const count = input.keys.shape[1]!
    if (count === 0) return
    const first = this.#pointer
    this.#take(count, (i) => input.times?.[i] ?? this.#now + i)
    const orthogonality = this.used > 1 ? this.options.orthogonalityWeight : 0
    const copied = copy ? this.#sources(first, count) : undefined
    if (writesByOp()) this.#writeByOp(input, steps, { orthogonality, recency: this.#recency() }, copied)
    else {
      this.#growSlots()
      if (copied) this.#copyInto(copied, input)
      if (steps) this.#write(input, steps, orthogonality)
    }
    this.#now = input.times ? Math.max(...input.times) : this.#now + count
  }

  /** True-matrix's store: each episode takes the next slot, is written on its error alone, then its slot is stamped. */
  storeOneByOne(input: StoreInput, steps: number): void {
    const count = input.keys.shape[1]!
    const together = writesTogether()
    const used = new Int32Array(count)
    const ages: Float32Array[] = []
    for (let i = 0; i < count; i++) {
      const slot = this.#pointer
      this.#take(1, () => this.#times[slot] ?? 0)
      used[i] = this.used
      if (together) ages.push(this.#recency())
      else {
        this.#growSlots()
        const one = episode(input, i)
        this.#write(one, { outer: 1, inner: steps }, 0)
        tf.dispose(one as unknown as Tensor[])
      }
      this.#times[slot] = input.times?.[i] ?? this.#now
      this.#now = input.times ? Math.max(...input.times.slice(0, i + 1)) : this.#now + 1
    }
    if (!together || count === 0) return
    const recency = new Float32Array(count * this.used)
    ages.forEach((age, i) => recency.set(age, i * this.used))
    const [given, loss] = [
      { outer: 1, inner: steps },
      { orthogonality: 0, recency, used }
    ]
    if (writesByOp()) this.#writeByOp(input, given, loss)
    else {
      this.#growSlots()
      this.#fuse(input, given, loss)
    }
  }

  /** Mean of the used slots' keys and of their values: [B, d] each, zeros while nothing is stored. */
  usedMeans(): { keys: Tensor; values: Tensor } {
    const { batch, options } = this
    const slots = this.#slots
    if (!slots) return { keys: tf.zeros([batch, options.dim]), values: tf.zeros([batch, options.dim]) }
    return { keys: slots.keys.mean(1), values: slots.values.mean(1) }
  }

  /** Slots used, and which of them the last retrieve read. */
  async traces(): Promise<Trace[]> {
    const used = usedTrace(this.batch, this.used)
    return this.#attention ? [used, await attentionTrace(this.#attention)] : [used]
  }

  reset(): void {
    this.#adam.reset()
    tf.dispose([this.#slots, this.#attention].filter((held) => held !== undefined))
    this.#slots = undefined
    this.#attention = undefined
    this.#times = []
    this.#pointer = 0
    this.#now = 0
  }

  dispose(): void {
    this.reset()
    tf.dispose(this.#initial)
  }

  /** Marks the next `count` slots used and stamps them. */
  #take(count: number, stamp: (i: number) => number): void {
    const size = this.options.memorySize
    for (let i = 0; i < count; i++) this.#times[(this.#pointer + i) % size] = stamp(i)
    this.#pointer = (this.#pointer + count) % size
  }

  /** Brings in the untouched slots that have come into use. */
  #growSlots(): void {
    const before = this.#slots?.keys.shape[1] ?? 0
    if (this.used > before) this.#replace((part, old) => grow(old, this.#initial[part], this.used))
  }

  /**
   * Which of so many episodes is copied into each slot, from the slot `first` on; -1 for none. Of episodes that share a slot the
   * last one stays.
   */
  #sources(first: number, count: number): number[] {
    const source = Array.from({ length: this.used }, () => -1)
    for (let i = 0; i < count; i++) source[(first + i) % this.options.memorySize] = i
    return source
  }

  #copyInto(source: readonly number[], input: StoreInput): void {
    const order = source.map((i, slot) => (i < 0 ? slot : this.used + i))
    this.#replace((part, old) => {
      const episodes = input[part]
      return episodes ? tf.gather(tf.concat([old!, episodes], 1), order, 1) : old!.clone()
    })
  }

  #replace(make: (part: Part, old: Tensor | undefined) => Tensor): void {
    const old = this.#slots
    const part = (name: Part): Tensor => tf.tidy(() => make(name, old?.[name]))
    this.#slots = { keys: part('keys'), values: part('values'), contexts: part('contexts') }
    if (old) tf.dispose(old as unknown as tf.TensorContainer)
  }

  /** 0.3 exp(-timeWeight (now - t)) of every used slot: [u]. */
  #recency(time = this.#now): Float32Array {
    return Float32Array.from(this.#times, (t) => recencyWeight * Math.exp(-this.options.timeWeight * (time - t)))
  }

  /** The contexts of the used slots alone. */
  #usedContexts(slots: Slots): Tensor {
    if (slots.contexts.shape[1] === this.used) return slots.contexts
    const contexts = tf.tidy(() => grow(slots.contexts, this.#initial.contexts, this.used))
    slots.contexts.dispose()
    this.#slots = { ...slots, contexts }
    return contexts
  }

  #write(input: StoreInput, steps: WriteSteps | WritePlan, orthogonality: number): void {
    if (writesTogether()) this.#fuse(input, steps, { orthogonality, recency: this.#recency() })
    else this.#writeWithOps(input, steps, orthogonality)
  }

  #fuse(
    input: StoreInput,
    steps: WriteSteps | WritePlan,
    loss: Pick<EpisodicWrite, 'orthogonality' | 'recency' | 'used'>
  ): void {
    const contexts = input.contexts?.mul(contextWeight)
    this.#slots = writeWithKernel(slotKernels()!, this.#slots!, this.#adam, { ...input, contexts }, steps, loss)
    contexts?.dispose()
  }

  /** All of a store by one op: growth, copies and steps. */
  #writeByOp(
    input: StoreInput,
    steps: WriteSteps | WritePlan | undefined,
    loss: Pick<EpisodicWrite, 'orthogonality' | 'recency' | 'used'>,
    copied?: readonly number[]
  ): void {
    const before = { slots: this.#slots, initial: this.#initial, used: this.used, copied }
    this.#slots = writeByOp(before, this.#adam, input, steps, loss, contextWeight)
  }

  /** The plain-op write loop: the oracle of the fused kernels. */
  #writeWithOps(input: StoreInput, steps: WriteSteps | WritePlan, lambda: number): void {
    const plan = 'maxOuter' in steps ? steps : undefined
    const [outer, inner] = 'maxOuter' in steps ? [steps.maxOuter, steps.maxInner] : [steps.outer, steps.inner]
    const planOf = plan && stepsOf(plan)
    const recency = tf.tensor1d(this.#recency())
    const episodes = Array.from({ length: input.keys.shape[1]! }, (_, i) => {
      const { keys, values, contexts } = episode(input, i)
      const scaled = contexts?.mul(contextWeight)
      contexts?.dispose()
      return { key: keys, value: values, context: scaled }
    })
    for (let o = 0; o < outer; o++)
      episodes.forEach((one, i) => {
        for (let s = 0; s < inner; s++) {
          const { gradients, error } = slotGradient(this.#slots!, one, recency, lambda)
          const active = planOf && tf.tidy(() => planned(planOf, i, o, s, error))
          this.#slots = this.#adam.step(this.#slots!, gradients, active)
          tf.dispose(active ? [error, active] : error)
        }
      })
    tf.dispose([recency, planOf as unknown as Tensor[], episodes as unknown as Tensor[]])
  }
}

/** Whether a fused kernel writes all episodes of a store at once. */
const writesTogether = (): boolean => slotKernels() !== undefined || writesByOp()

/** Slots whose initial values are drawn as the reference draws them, under `prefix`. */
export function drawSlots(
  weight: WeightSource,
  prefix: string,
  size: number,
  shape: readonly number[],
  contextDim: number
): Slots {
  const scale = { kind: 'normal', scale: 0.1 } as const
  const flat = (name: string): Tensor => {
    const drawn = weight(`${prefix}${name}`, [size, ...shape], scale)
    const result = drawn.reshape([drawn.shape[0]!, size, -1])
    drawn.dispose()
    return result
  }
  const keys = flat('mem_keys')
  const values = flat('mem_values')
  return { keys, values, contexts: weight(`${prefix}mem_contexts`, [size, contextDim], scale) }
}

/** A memory's slots from its set-up; `shape` of one key: [d], or [rows, columns] for a matrix memory. */
export function episodicSlots(
  options: EpisodicOptions,
  { batch, weight }: Pick<MemorySetup, 'batch' | 'weight'>,
  shape: readonly number[] = [options.dim],
  prefix = ''
): EpisodicSlots {
  return new EpisodicSlots(options, batch, drawSlots(weight, prefix, options.memorySize, shape, options.contextDim))
}

/** Episode i alone: [B, 1, .] each. */
function episode(input: StoreInput, i: number): Pick<StoreInput, Part> {
  const row = (x: Tensor): Tensor => x.slice([0, i, 0], [-1, 1, -1])
  return { keys: row(input.keys), values: row(input.values), contexts: input.contexts && row(input.contexts) }
}

/** Rows 0..u of a part: what there is and, behind it, untouched slots. */
function grow(old: Tensor | undefined, initial: Tensor, used: number): Tensor {
  const before = old?.shape[1] ?? 0
  if (before >= used) return old!.slice([0, 0, 0], [-1, used, -1])
  const fresh = initial.slice([0, before, 0], [-1, used - before, -1])
  return old ? tf.concat([old, fresh], 1) : fresh
}

/** [B, 1, 1] of 0 and 1: which trials take this step of episode i. */
function planned(
  { inner, outer, threshold }: ReturnType<typeof stepsOf>,
  i: number,
  o: number,
  s: number,
  error: Tensor
): Tensor {
  const of = (x: Tensor): Tensor => x.slice([0, i], [-1, 1]).reshape([-1, 1, 1])
  const due = tf.logicalAnd(of(inner).greater(s), of(outer).greater(o))
  return tf.logicalAnd(due, error.greaterEqual(of(threshold))).toFloat()
}

/** Recorders of what a memory holds over time. They keep nothing unless somebody will look. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Trace } from '../../model.ts'
import { framedSteps, matrixTraces, type MatrixTraces } from './frames.ts'

type Naming = Pick<MatrixTraces, 'name' | 'title' | 'axes'>

/** A matrix that changes step by step within one call: its frames are those of the last call. */
export class StepFrames {
  readonly #naming: Naming
  readonly #observed: boolean
  #frames: { label: string; state: Tensor }[] = []
  #due: number[] = []
  #length = 0
  #step = ''

  constructor(naming: Naming, observed: boolean) {
    this.#naming = naming
    this.#observed = observed
  }

  /** A call of so many steps begins with this state [B, rows, columns]. @param step what a step is: "token" */
  begin(state: Tensor, length: number, step: string): void {
    if (!this.#observed) return
    this.clear()
    this.#due = framedSteps(length)
    this.#length = length
    this.#step = step
    this.#add(`before ${step} 1 of ${length}`, state)
  }

  /** After how many steps a frame is due, where steps are taken so many at once. */
  stops(atOnce: number): number[] {
    return [...new Set(this.#due.map((due) => Math.min(this.#length, (Math.floor(due / atOnce) + 1) * atOnce)))]
  }

  /** The state after so many steps. */
  after(steps: number, state: Tensor): void {
    if (this.#due.length === 0 || this.#due[0] >= steps) return
    while (this.#due.length && this.#due[0] < steps) this.#due.shift()
    this.#add(`after ${this.#step} ${steps} of ${this.#length}`, state)
  }

  #add(label: string, state: Tensor): void {
    this.#frames.push({ label, state: tf.keep(state.clone()) })
  }

  read(): Promise<Trace[]> {
    return read(this.#frames, this.#naming)
  }

  clear(): void {
    tf.dispose(this.#frames.map(({ state }) => state))
    this.#frames = []
    this.#due = []
  }
}

/**
 * A matrix that changes with every store call. Of many calls every second, fourth ... is kept; the state as it is when
 * the frames are read comes last. A memory that stored once has nothing to show over time.
 */
export class StoreFrames {
  readonly #naming: Naming
  readonly #observed: boolean
  #frames: { label: string; call: number; state: Tensor }[] = []
  #calls = 0
  #stride = 1

  constructor(naming: Naming, observed: boolean) {
    this.#naming = naming
    this.#observed = observed
  }

  /** The state [B, rows, columns] after one more store call. */
  after(state: Tensor): void {
    if (!this.#observed) return
    this.#calls++
    if (this.#calls % this.#stride !== 0) return
    this.#frames.push({ label: `after store ${this.#calls}`, call: this.#calls, state: tf.keep(state.clone()) })
    if (this.#frames.length <= 16) return
    this.#stride *= 2
    const [kept, left] = [true, false].map((keep) =>
      this.#frames.filter(({ call }) => (call % this.#stride === 0) === keep)
    )
    tf.dispose(left.map(({ state }) => state))
    this.#frames = kept
  }

  /** @param now the state as it is */
  async read(now: Tensor): Promise<Trace[]> {
    if (this.#calls < 2) return []
    const last = this.#frames.at(-1)?.call === this.#calls ? [] : [{ label: `after store ${this.#calls}`, state: now }]
    return read([...this.#frames, ...last], this.#naming)
  }

  clear(): void {
    tf.dispose(this.#frames.map(({ state }) => state))
    this.#frames = []
    this.#calls = 0
    this.#stride = 1
  }
}

/** States [B, rows, columns], or [B, H, rows, columns] of several heads. */
export async function read(
  states: readonly { label: string; state: Tensor }[],
  naming: Naming,
  columns?: number
): Promise<Trace[]> {
  if (states.length === 0) return []
  const shape = states[0].state.shape as number[]
  const [batch, heads, rows, width] = shape.length === 4 ? shape : [shape[0], 1, shape[1], shape[2]]
  const shown = columns ?? width
  const frames = await Promise.all(
    states.map(async ({ label, state }) => ({
      label,
      data: (await state.data()).filter((_, i) => i % width < shown)
    }))
  )
  return matrixTraces(frames, { ...naming, batch, heads, rows, columns: shown })
}

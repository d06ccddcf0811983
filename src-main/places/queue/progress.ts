/** What a batch tells while a worker computes it, at most twenty messages a second from all of a worker's batches. */
import { z } from 'zod'
import { errorSchema, type ErrorData } from '../../../src-shared/shapes/errors.ts'

const pointSchema = z.object({
  cell: z.int(),
  seed: z.int(),
  x: z.number(),
  series: z.record(z.string().max(200), z.number().nullable())
})

export const toldSchema = z.object({
  points: z.array(pointSchema).max(100_000).default([]),
  log: z.array(z.string().max(10_000)).max(10_000).default([]),
  /** Why a worker leaves a batch to others. */
  refused: z.object({ worker: z.string(), error: errorSchema }).optional()
})
export type Told = z.input<typeof toldSchema>

const messageMs = 50

export class Progress {
  readonly #send: (id: string, told: Told) => Promise<void>
  readonly #waiting = new Map<string, Told>()
  #timer: NodeJS.Timeout | undefined
  #last = -Infinity

  /** @param send to the queue; what cannot be sent is left out: the answer holds all that matters */
  constructor(send: (id: string, told: Told) => Promise<void>) {
    this.#send = send
  }

  add(id: string, { points = [], log = [], refused }: Told): void {
    const told = this.#waiting.get(id)
    if (!told) this.#waiting.set(id, { points: [...points], log: [...log], ...(refused && { refused }) })
    else {
      told.points!.push(...points)
      told.log!.push(...log)
      if (refused) told.refused = refused
    }
    this.#schedule()
  }

  /** A batch ends: what waits of it is sent where there is room for a message, or says why it is left to others. */
  async end(id: string): Promise<void> {
    const room = performance.now() - this.#last >= messageMs
    if (room || this.#waiting.get(id)?.refused) await this.#sendNow(id)
    this.#waiting.delete(id)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#waiting.clear()
  }

  #schedule(): void {
    if (this.#timer || this.#waiting.size === 0) return
    this.#timer = setTimeout(() => this.#next(), Math.max(0, this.#last + messageMs - performance.now()))
  }

  /** One batch at a time: the one that has waited longest. */
  #next(): void {
    this.#timer = undefined
    const [first] = this.#waiting
    if (!first) return
    void this.#sendNow(first[0])
    this.#schedule()
  }

  async #sendNow(id: string): Promise<void> {
    const told = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (!told) return
    this.#last = performance.now()
    await this.#send(id, told).catch(() => undefined)
  }
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Why a batch failed, as its worker or BullMQ wrote it. */
export function errorIn(reason: string | undefined): ErrorData {
  const read = errorSchema.safeParse(jsonOf(reason ?? ''))
  if (read.success) return read.data
  if (/stalled/.test(reason ?? ''))
    return { code: 'engine-crashed', message: 'Every worker that took this batch was lost.' }
  return { code: 'engine-failed', message: `A worker failed: ${(reason ?? 'no reason given').slice(0, 500)}` }
}

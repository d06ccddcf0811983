/** Worker threads, a call at a time each; one that dies is replaced. */
import { Worker } from 'node:worker_threads'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { BatchNote, WorkerAnswer, WorkerCalls, WorkerOptions, WorkerRequest } from '../worker-calls.ts'

/** Workers that may die in a row, without one answer in between, before the pool gives up. */
const deathsInARow = 6

/** How long a call may go on after it was told to stop, before its worker is ended. */
const graceMs = 600

type CallName = keyof WorkerCalls
export interface CallLimits {
  /** Identifies the calls that `stop` ends. */
  owner?: unknown
  /** The worker is ended when a call takes longer than this and the grace. */
  deadlineMs?: number
  /** Told what a batch says while it is under way. */
  onNote?: (note: BatchNote) => void
}

/** One thread and the call that it is busy with. */
class Seat {
  private readonly worker: Worker
  private pending:
    | { id: number; resolve: (value: never) => void; reject: (error: Error) => void; onNote?: CallLimits['onNote'] }
    | undefined
  private calls = 0
  private ending: string | undefined
  owner: unknown

  constructor(file: string, options: WorkerOptions, onDeath: (cause: string, wanted: boolean) => void) {
    this.worker = new Worker(file, { workerData: options, execArgv: ['--disable-warning=ExperimentalWarning'] })
    let cause = ''
    this.worker.on('message', (answer: WorkerAnswer) => this.settle(answer))
    this.worker.on('error', (error) => (cause = error.message))
    this.worker.on('exit', (code) => {
      const why = this.ending ?? `A worker of the engine ended: ${cause || `exit code ${code}`}.`
      this.pending?.reject(new StudioError(this.ending ? 'cancelled' : 'engine-crashed', why))
      this.pending = undefined
      onDeath(why, this.ending !== undefined)
    })
  }

  ask<N extends CallName>(
    name: N,
    input: WorkerCalls[N]['input'],
    onNote?: CallLimits['onNote']
  ): Promise<WorkerCalls[N]['output']> {
    return new Promise((resolve, reject) => {
      const id = ++this.calls
      this.pending = { id, resolve, reject, onNote }
      this.worker.postMessage({ id, name, input } satisfies WorkerRequest)
    })
  }

  private settle(answer: WorkerAnswer): void {
    if (answer.id !== this.pending?.id) return
    const { resolve, reject, onNote } = this.pending
    if ('note' in answer) return onNote?.(answer.note)
    this.pending = undefined
    if (answer.ok) resolve(answer.value as never)
    else reject(new StudioError(answer.error.code, answer.error.message, answer.error))
  }

  end(why: string): Promise<number> {
    this.ending = why
    return this.worker.terminate()
  }
}

export class Pool {
  readonly size: number
  private readonly file: string
  private options: WorkerOptions
  private readonly onDeath: (cause: string) => void
  private readonly seats = new Set<Seat>()
  private readonly free: Seat[] = []
  private readonly waiting: { resolve: (seat: Seat) => void; reject: (error: Error) => void }[] = []
  private readonly stale = new WeakSet<Seat>()
  private closed = false
  private deaths = 0
  private broken: StudioError | undefined

  /** @param onDeath told why a worker that nobody ended is gone */
  constructor(file: string, size: number, options: WorkerOptions, onDeath: (cause: string) => void) {
    this.file = file
    this.size = size
    this.options = options
    this.onDeath = onDeath
    for (let i = 0; i < size; i++) this.open()
  }

  private open(): void {
    const seat: Seat = new Seat(this.file, this.options, (cause, wanted) => this.bury(seat, cause, wanted))
    this.seats.add(seat)
    this.release(seat)
  }

  private bury(seat: Seat, cause: string, wanted: boolean): void {
    this.seats.delete(seat)
    const at = this.free.indexOf(seat)
    if (at >= 0) this.free.splice(at, 1)
    if (this.closed) return
    if (wanted) return this.open()
    this.onDeath(cause)
    if (++this.deaths < deathsInARow) return this.open()
    this.broken = new StudioError('engine-crashed', `The engine's workers end as soon as they start. ${cause}`)
    for (const { reject } of this.waiting.splice(0)) reject(this.broken)
  }

  private release(seat: Seat): void {
    seat.owner = undefined
    if (!this.seats.has(seat)) return
    const next = this.waiting.shift()
    if (next) next.resolve(seat)
    else this.free.push(seat)
  }

  private seat(): Promise<Seat> {
    if (this.broken) return Promise.reject(this.broken)
    const seat = this.free.pop()
    return seat ? Promise.resolve(seat) : new Promise((resolve, reject) => this.waiting.push({ resolve, reject }))
  }

  /**
   * Ask the next free worker.
   * @throws StudioError what the worker answered; engine-crashed when it died; cancelled when it was ended
   */
  async ask<N extends CallName>(
    name: N,
    input: WorkerCalls[N]['input'],
    limits: CallLimits = {}
  ): Promise<WorkerCalls[N]['output']> {
    const seat = await this.seat()
    seat.owner = limits.owner
    const timer =
      limits.deadlineMs === undefined
        ? undefined
        : setTimeout(() => void seat.end('It took too long.'), limits.deadlineMs + graceMs)
    try {
      if (this.stale.has(seat) && name !== 'load') {
        this.stale.delete(seat)
        await seat.ask('load', this.options)
      }
      const value = await seat.ask(name, input, limits.onNote)
      this.deaths = 0
      return value
    } finally {
      clearTimeout(timer)
      this.release(seat)
    }
  }

  /** From now on every worker knows the models of this folder. */
  reload(options: WorkerOptions): void {
    this.options = options
    for (const seat of this.seats) this.stale.add(seat)
  }

  /** End the workers that are still busy for an owner once the grace has passed. */
  async stop(owner: unknown): Promise<void> {
    const busy = [...this.seats].filter((seat) => seat.owner === owner)
    if (busy.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, graceMs))
    await Promise.all(busy.filter((seat) => seat.owner === owner).map((seat) => seat.end('The run was cancelled.')))
  }

  async close(): Promise<void> {
    this.closed = true
    await Promise.all([...this.seats].map((seat) => seat.end('The engine stops.')))
  }
}

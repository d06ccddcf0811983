/** Workers behind lines (threads, or a process), a call at a time each; one that dies is replaced. */
import { StudioError, toErrorData } from '../../../src-shared/shapes/errors.ts'
import type { BatchNote, WorkerAnswer, WorkerCalls, WorkerOptions } from '../worker-calls.ts'
import type { Line, OpenLine } from './lines.ts'
import type { Owner } from './owner.ts'

/** Workers that may die in a row before they were ready, until the pool gives up. */
const deathsInARow = 6

/** How long a call may go on after it was told to stop, before its worker is ended. */
const graceMs = 600

type CallName = keyof WorkerCalls
export interface CallLimits {
  /** Whose call it is: `stop` ends it. */
  owner?: Owner
  /** The worker is ended when a call takes longer than this and the grace. */
  deadlineMs?: number
  /** Told what a batch says while it is under way. */
  onNote?: (note: BatchNote) => void
}

/** The worker of a call died of it, or had to be replaced because its memory cannot be trusted any more. */
export class WorkerLost extends StudioError {
  /** It answered before: with an error, after which it had to go. */
  readonly answered: boolean
  constructor(thrown: StudioError, answered: boolean) {
    super(thrown.data.code, thrown.message, thrown.data)
    this.answered = answered
  }
}

interface Pending {
  id: number
  resolve: (value: never) => void
  reject: (error: Error) => void
  onNote?: CallLimits['onNote']
}

/** One worker and the call that it is busy with. */
class Seat {
  readonly #line: Line
  #pending: Pending | undefined
  #calls = 0
  #ending: string | undefined
  /** The model's file that it reads just now. */
  loading: string | undefined
  ready = false
  owner: Owner | undefined
  stale = false

  constructor(open: OpenLine, options: WorkerOptions, onDeath: (cause: string, wanted: boolean) => void) {
    this.#line = open(options, {
      answer: (answer) => this.#settle(answer),
      exit: (how) => {
        const wanted = this.#ending !== undefined
        const why = this.#ending ?? `A worker of the engine ended: ${how}.`
        this.#reject(new StudioError(wanted ? 'cancelled' : 'engine-crashed', why), wanted)
        onDeath(why, wanted)
      }
    })
  }

  get alive(): boolean {
    return this.#ending === undefined
  }

  ask<N extends CallName>(
    name: N,
    input: WorkerCalls[N]['input'],
    onNote?: CallLimits['onNote']
  ): Promise<WorkerCalls[N]['output']> {
    return new Promise((resolve, reject) => {
      const id = ++this.#calls
      this.#pending = { id, resolve, reject, onNote }
      this.#line.post({ id, name, input, cancelled: this.owner?.flag })
    })
  }

  /** Say that the call under way is not wanted any more. */
  cancel(): void {
    if (this.#pending) this.#line.post({ cancel: this.#pending.id })
  }

  #reject(error: StudioError, wanted: boolean): void {
    this.#pending?.reject(wanted ? error : new WorkerLost(error, false))
    this.#pending = undefined
  }

  #settle(answer: WorkerAnswer): void {
    if ('state' in answer) {
      this.loading = answer.state === 'loading' ? answer.file : undefined
      this.ready = answer.state === 'ready'
      return
    }
    if (answer.id !== this.#pending?.id) return
    const { resolve, reject, onNote } = this.#pending
    if ('note' in answer) return onNote?.(answer.note)
    this.#pending = undefined
    if (answer.ok) return resolve(answer.value as never)
    const error = new StudioError(answer.error.code, answer.error.message, answer.error)
    if (!answer.spoilt) return reject(error)
    this.end('Its memory cannot be trusted.')
    reject(new WorkerLost(error, true))
  }

  end(why: string): void {
    this.#ending ??= why
    this.#line.end()
  }
}

export interface PoolEvents {
  /** Why a worker that nobody ended is gone. */
  onDeath(cause: string): void
  /** A model's file ended the worker that read it: the pool's options from now on. */
  onBadFile(file: string, cause: string): WorkerOptions
}

export class Pool {
  readonly #open: OpenLine
  #options: WorkerOptions
  readonly #events: PoolEvents
  readonly #seats = new Set<Seat>()
  readonly #free: Seat[] = []
  readonly #waiting: { resolve: (seat: Seat) => void; reject: (error: Error) => void }[] = []
  #closed = false
  #deaths = 0
  #broken: StudioError | undefined

  constructor(open: OpenLine, size: number, options: WorkerOptions, events: PoolEvents) {
    this.#open = open
    this.#options = options
    this.#events = events
    for (let i = 0; i < size; i++) this.#add()
  }

  #add(): void {
    const seat: Seat = new Seat(this.#open, this.#options, (cause, wanted) => this.#bury(seat, cause, wanted))
    this.#seats.add(seat)
    this.#release(seat)
  }

  #bury(seat: Seat, cause: string, wanted: boolean): void {
    this.#seats.delete(seat)
    const at = this.#free.indexOf(seat)
    if (at >= 0) this.#free.splice(at, 1)
    if (this.#closed) return
    if (wanted) return this.#add()
    this.#events.onDeath(cause)
    if (seat.loading !== undefined) {
      this.#options = this.#events.onBadFile(seat.loading, cause)
      return this.#add()
    }
    if (seat.ready) this.#deaths = 0
    else this.#deaths++
    if (this.#deaths < deathsInARow) return this.#add()
    this.#broken = new StudioError('engine-crashed', `The engine's workers end as soon as they start. ${cause}`)
    for (const { reject } of this.#waiting.splice(0)) reject(this.#broken)
  }

  #release(seat: Seat): void {
    seat.owner = undefined
    // One that was ended is not handed on; its successor will be.
    if (!this.#seats.has(seat) || !seat.alive) return
    if (seat.stale) return seat.end('The models were loaded again.')
    const next = this.#waiting.shift()
    if (next) next.resolve(seat)
    else this.#free.push(seat)
  }

  #seat(): Promise<Seat> {
    if (this.#broken) return Promise.reject(this.#broken)
    const seat = this.#free.pop()
    return seat ? Promise.resolve(seat) : new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /**
   * Ask the next free worker.
   * @throws StudioError what the worker answered; WorkerLost when it died of it; cancelled when it was ended
   */
  async ask<N extends CallName>(
    name: N,
    input: WorkerCalls[N]['input'],
    { owner, deadlineMs, onNote }: CallLimits = {}
  ): Promise<WorkerCalls[N]['output']> {
    const seat = await this.#seat()
    if (owner?.cancelled) {
      this.#release(seat)
      throw new StudioError('cancelled', 'It was cancelled.')
    }
    seat.owner = owner
    const timer =
      deadlineMs === undefined ? undefined : setTimeout(() => seat.end('It took too long.'), deadlineMs + graceMs)
    try {
      return await seat.ask(name, input, onNote)
    } catch (error) {
      // Whatever a call that is not wanted any more ended with.
      if (owner?.cancelled)
        throw new StudioError('cancelled', 'It was cancelled.', { cause: toErrorData(error).message })
      throw error
    } finally {
      clearTimeout(timer)
      this.#release(seat)
    }
  }

  /** From now on every worker is one that was started with these options. */
  reload(options: WorkerOptions): void {
    this.#options = options
    for (const seat of this.#seats) seat.stale = true
    for (const seat of this.#free.splice(0)) seat.end('The models were loaded again.')
  }

  /** Cancel an owner's calls; the workers that are still busy with them once the grace has passed are ended. */
  async stop(owner: Owner): Promise<void> {
    owner.cancel()
    const busy = [...this.#seats].filter((seat) => seat.owner === owner)
    if (busy.length === 0) return
    for (const seat of busy) seat.cancel()
    await new Promise((resolve) => setTimeout(resolve, graceMs))
    for (const seat of busy) if (seat.owner === owner) seat.end('It was cancelled.')
  }

  close(): void {
    this.#closed = true
    for (const seat of this.#seats) seat.end('The engine stops.')
  }
}

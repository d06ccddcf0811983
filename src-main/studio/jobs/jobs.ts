/**
 * All that runs in the background: runs, reruns, fits, measurements, imports, exports. A job is a document that is kept
 * as it grows, tells its progress, can be cancelled, and ends as done, cancelled, failed or interrupted, with the reason
 * in memory and store alike; what cannot be stored then is kept and tried again. Of some kinds a job is refused while
 * enough others compute; of others it waits for its turn, and can be paused.
 */
import { errorOf, StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { Unsaved } from './unsaved.ts'

export type EndStatus = 'done' | 'cancelled' | 'failed' | 'interrupted'

export interface JobDocument {
  id: string
  status: 'queued' | 'running' | 'paused' | EndStatus
  error: ErrorData | null
}

/** Jobs that wait for each other. */
export interface Turns<D> {
  /** What must succeed before a waiting one computes; what it throws interrupts it. */
  prepare(document: D): Promise<void>
  /** It is paused while it computes. */
  hold?(document: D): void
  /** It has its turn again after that. */
  goOn?(document: D): void
  /** Whether other computers compute it: it has its turn at once, and goes on without the studio. */
  elsewhere?(document: D): boolean
  /** The studio goes, and leaves it to them. */
  leave?(document: D): void
}

export interface JobsDeps<D extends JobDocument> {
  /** What it is, after "this": `measurement`. */
  what: string
  /** What is said, behind that, to one that the end of the studio interrupts. */
  after?: string
  /** Store it as it stands: at its begin, at its steps, at its end. */
  save(document: D): void
  tell(document: D): void
  /** What is looked at before an end is stored, where that takes long; the end of the studio does not wait for it. */
  conclude?(document: D, status: EndStatus): Promise<void>
  /** Stop what computes for it; its work then ends. */
  giveUp(document: D): unknown
  /** Where a document is large: milliseconds between two steps that are stored; each one if left out. */
  everyMs?: number
  /** So many compute at once; one if left out. */
  atOnce?: number
  /** With these, others wait for their turn; without, they are refused. */
  turns?: Turns<D>
}

interface Ending {
  status: EndStatus
  error: ErrorData | null
}

/** One job under way. It is done when its work returns, whatever was asked of it meanwhile. */
export class Job<D extends JobDocument> {
  readonly document: D
  readonly ended = Promise.withResolvers<D>()
  /** How it will end, once it was told to. */
  stopping: Ending | undefined
  /** Its work waits for its turn: what then begins. */
  waiting: { begin(): void; reject(error: Error): void } | undefined
  saved = -Infinity
  readonly #progress: () => void

  constructor(document: D, progress: (job: Job<D>) => void) {
    this.document = document
    this.#progress = () => progress(this)
  }

  /** Whether somebody wants no more of it. */
  get cancelled(): boolean {
    return this.stopping !== undefined
  }

  /** Its work looks here between two steps. @throws StudioError cancelled when it was told to end */
  check(): void {
    if (this.stopping) throw new StudioError('cancelled', 'It was cancelled.')
  }

  /** Store how far it is, then tell it. */
  progress(): void {
    this.#progress()
  }

  /** End its work: what came between is no fault of its own, and it may be taken up again. */
  interrupt(error: ErrorData): never {
    this.stopping ??= { status: 'interrupted', error }
    throw errorOf(error)
  }

  /** Begin as soon as it has its turn: at once when it has it already. */
  turn<T>(begin: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        try {
          resolve(begin())
        } catch (error) {
          reject(error as Error)
        }
      }
      if (this.document.status === 'running') go()
      else this.waiting = { begin: go, reject }
    })
  }
}

export class Jobs<D extends JobDocument> {
  readonly #deps: JobsDeps<D>
  readonly #jobs = new Map<string, Job<D>>()
  readonly unsaved: Unsaved<D>
  #preparing = false
  #closed = false
  #idle: (() => void) | undefined

  constructor(deps: JobsDeps<D>) {
    this.#deps = deps
    this.unsaved = new Unsaved((document) => {
      deps.save(document)
      deps.tell(document)
    })
  }

  /** One that waits or computes. */
  get(id: string): Job<D> | undefined {
    return this.#jobs.get(id)
  }

  /** Those that wait or compute, in the order in which they came. */
  get active(): D[] {
    return [...this.#jobs.values()].map(({ document }) => document)
  }

  /** Call back once, when nothing computes or waits to. */
  whenIdle(then: () => void): void {
    if (this.#jobs.size === 0) then()
    else this.#idle = then
  }

  /** Stored documents as they stand: one that nothing computes any more was interrupted. */
  shown(stored: readonly D[]): D[] {
    const error: ErrorData = { code: 'cancelled', message: `The studio ended during this ${this.#deps.what}.` }
    return stored.map((document) => {
      if (document.status !== 'running' || this.#jobs.has(document.id)) return document
      return this.unsaved.get(document.id) ?? { ...document, status: 'interrupted', error }
    })
  }

  /** @throws StudioError conflict while as many as may be are under way, unless they wait for each other */
  refuseMore(): void {
    const { what, atOnce = 1, turns } = this.#deps
    if (turns || this.#jobs.size < atOnce) return
    const text =
      atOnce === 1 ? `A ${what} is under way; wait for its end` : `${atOnce} ${what}s are under way; wait for one`
    throw new StudioError('conflict', `${text} or cancel it.`)
  }

  /**
   * Begin one and answer when it is stored; its work goes on by itself.
   * @param prepare what must succeed before it counts as begun
   * @throws StudioError conflict while as many as may be are under way; what `prepare` throws
   */
  async start(
    document: D,
    work: (job: Job<D>) => Promise<void>,
    prepare?: (document: D) => Promise<void>
  ): Promise<string> {
    this.refuseMore()
    if (this.#jobs.has(document.id)) throw new StudioError('conflict', `This ${this.#deps.what} is under way already.`)
    const job = new Job(document, (job) => this.#progress(job))
    this.#jobs.set(document.id, job)
    try {
      if (prepare) await prepare(document)
      job.check()
      this.#keep(job)
    } catch (error) {
      this.#jobs.delete(document.id)
      throw error
    }
    void this.#run(job, work)
    return document.id
  }

  /**
   * Begin one and answer when it is done.
   * @throws StudioError as `start` does; what ended it otherwise
   */
  async whole(document: D, work: (job: Job<D>) => Promise<void>): Promise<void> {
    const started = this.start(document, work)
    const ended = this.#jobs.get(document.id)?.ended.promise
    await started
    const { what } = this.#deps
    if ((await ended)?.status !== 'done')
      throw errorOf(document.error ?? { code: 'cancelled', message: `This ${what} was cancelled.` })
  }

  /** @throws StudioError not-found when it is not under way */
  async cancel(id: string): Promise<void> {
    const job = this.#jobs.get(id)
    if (!job) throw new StudioError('not-found', `This ${this.#deps.what} has ended already.`)
    await this.stop(job, 'cancelled', null)
  }

  /** It ends when what computes for it has stopped, at once when nothing does. */
  async stop(job: Job<D>, status: EndStatus, error: ErrorData | null): Promise<void> {
    if (job.stopping) return
    job.stopping = { status, error }
    if (job.waiting) return this.#end(job, job.stopping)
    job.document.error = error
    this.#deps.tell(job.document)
    await this.#deps.giveUp(job.document)
  }

  /** Another one may have its turn meanwhile. */
  pause(job: Job<D>): void {
    if (!job.waiting) this.#deps.turns?.hold?.(job.document)
    this.#turn(job, 'paused')
    void this.#next()
  }

  /** A paused one waits for its turn again. */
  resume(job: Job<D>): void {
    this.#turn(job, 'queued')
    void this.#next()
  }

  /** Compute no more; what is under way is interrupted and stays as far as it is stored. */
  close(): void {
    this.#closed = true
    const { what, after = '' } = this.#deps
    const error: ErrorData = { code: 'cancelled', message: `The studio was closed during this ${what}${after}.` }
    for (const job of [...this.#jobs.values()]) {
      if (this.#elsewhere(job) && !job.stopping) {
        this.#jobs.delete(job.document.id)
        this.#deps.turns?.leave?.(job.document)
        continue
      }
      job.stopping = { status: 'interrupted', error }
      this.#end(job, job.stopping)
    }
    this.unsaved.close()
  }

  async #run(job: Job<D>, work: (job: Job<D>) => Promise<void>): Promise<void> {
    let ending: Ending = { status: 'done', error: null }
    const working = work(job)
    void this.#next()
    try {
      await working
    } catch (thrown) {
      // What works beside the step that failed goes no further.
      job.stopping ??= { status: 'failed', error: toErrorData(thrown) }
      ending = job.stopping
    }
    if (this.#jobs.get(job.document.id) === job)
      // What cannot be looked at now is when it is stored.
      await this.#deps.conclude?.(job.document, ending.status).catch(() => undefined)
    this.#end(job, ending)
  }

  #end(job: Job<D>, { status, error }: Ending): void {
    const { document } = job
    // The studio was closed meanwhile, or it waited and was cancelled.
    if (this.#jobs.get(document.id) !== job) return
    this.#jobs.delete(document.id)
    Object.assign(document, { status, error })
    try {
      this.#deps.save(document)
    } catch (failure) {
      // The disk is full or cannot be written: what was kept before stays, and this is why there is no more of it.
      Object.assign(document, { status: 'interrupted', error: error ?? toErrorData(failure) })
      this.unsaved.keep(document)
    }
    this.#deps.tell(document)
    job.waiting?.reject(new StudioError('cancelled', 'It has ended.'))
    job.ended.resolve(document)
    if (this.#jobs.size === 0) {
      const idle = this.#idle
      this.#idle = undefined
      idle?.()
    }
    void this.#next()
  }

  #progress(job: Job<D>): void {
    const { everyMs = 0 } = this.#deps
    if (!this.#jobs.has(job.document.id) || performance.now() - job.saved < everyMs) return
    this.#keep(job)
  }

  #keep(job: Job<D>): void {
    this.#deps.save(job.document)
    job.saved = performance.now()
    this.#deps.tell(job.document)
  }

  #turn(job: Job<D>, status: D['status']): void {
    job.document.status = status
    try {
      this.#keep(job)
    } catch (thrown) {
      void this.stop(job, 'interrupted', toErrorData(thrown))
    }
  }

  /** Begin the one that has waited longest, when nothing else computes. */
  async #next(): Promise<void> {
    const { turns } = this.#deps
    if (!turns || this.#preparing) return
    this.#preparing = true
    try {
      for (;;) {
        const jobs = [...this.#jobs.values()]
        if (this.#closed) return
        const busy = jobs.some((job) => !this.#elsewhere(job) && (job.document.status === 'running' || job.stopping))
        const next = jobs.find((job) => job.document.status === 'queued' && !(busy && !this.#elsewhere(job)))
        if (!next) return
        const refused = await turns.prepare(next.document).then(() => undefined, toErrorData)
        // Meanwhile it may have been cancelled or paused.
        if (this.#jobs.get(next.document.id) !== next || next.document.status !== 'queued' || next.stopping) continue
        if (refused) void this.stop(next, 'interrupted', refused)
        else this.#begin(next, turns)
      }
    } finally {
      this.#preparing = false
    }
  }

  #elsewhere({ document }: Job<D>): boolean {
    return this.#deps.turns?.elsewhere?.(document) === true
  }

  #begin(job: Job<D>, turns: Turns<D>): void {
    this.#turn(job, 'running')
    if (job.stopping) return
    const { waiting } = job
    job.waiting = undefined
    if (waiting) waiting.begin()
    else turns.goOn?.(job.document)
  }
}

/**
 * What runs in the background, one of its kind at a time: it is kept as a document that grows, tells its progress at
 * most twenty times a second, can be cancelled, and ends as done, cancelled, failed or interrupted, with the reason in
 * memory and store alike.
 */
import { StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'

export interface JobDocument {
  id: string
  status: 'running' | 'done' | 'cancelled' | 'failed' | 'interrupted'
  error: ErrorData | null
}

export interface JobsDeps<D extends JobDocument> {
  /** What it is, after "this": `measurement`. */
  what: string
  save(document: D): void
  tell(document: D): void
  /** Give up what computes for it now. */
  giveUp(): Promise<unknown>
  /** Where a document is large: milliseconds between two that are stored; each step if left out. */
  everyMs?: number
}

/** Between two messages. */
const messageMs = 50

/** One job under way. */
export interface Job<D extends JobDocument> {
  readonly document: D
  /** Whether somebody wants no more of it; its work looks here between two steps. */
  cancelled: boolean
  /** Store how far it is, then tell it. */
  progress(): void
}

export class Jobs<D extends JobDocument> {
  readonly #deps: JobsDeps<D>
  #current: Job<D> | undefined
  #closed = false
  #saved = -Infinity
  #told = -Infinity
  #timer: NodeJS.Timeout | undefined
  /** Those whose end could not be stored, as they ended. */
  readonly #unsaved = new Map<string, D>()

  constructor(deps: JobsDeps<D>) {
    this.#deps = deps
  }

  get current(): D | undefined {
    return this.#current?.document
  }

  /** Stored documents as they stand: one that nothing computes any more was interrupted. */
  shown(stored: readonly D[]): D[] {
    const error: ErrorData = { code: 'cancelled', message: `The studio ended during this ${this.#deps.what}.` }
    return stored.map((document) => {
      if (document.status !== 'running' || document.id === this.current?.id) return document
      return this.#unsaved.get(document.id) ?? { ...document, status: 'interrupted', error }
    })
  }

  /** @throws StudioError conflict while another one is under way */
  refuseSecond(): void {
    if (this.#current)
      throw new StudioError('conflict', `A ${this.#deps.what} is under way; wait for its end or cancel it.`)
  }

  /**
   * Begin one and answer when it is stored; its work goes on by itself.
   * @param prepare what must succeed before it counts as begun
   * @throws StudioError conflict while another one is under way; what `prepare` throws
   */
  async start(
    document: D,
    work: (job: Job<D>) => Promise<void>,
    prepare: (document: D) => Promise<void> = () => Promise.resolve()
  ): Promise<string> {
    this.refuseSecond()
    const job: Job<D> = { document, cancelled: false, progress: () => this.#progress(document) }
    this.#current = job
    try {
      await prepare(document)
      this.#keep(document)
    } catch (error) {
      this.#current = undefined
      throw error
    }
    void this.#run(job, work)
    return document.id
  }

  /** @throws StudioError not-found when it is not under way */
  async cancel(id: string): Promise<void> {
    const job = this.#current
    if (job?.document.id !== id) throw new StudioError('not-found', `This ${this.#deps.what} has ended already.`)
    job.cancelled = true
    await this.#deps.giveUp()
  }

  /** Compute no more; what is under way is interrupted and stays as far as it is stored. */
  close(): void {
    const job = this.#current
    if (job && !this.#closed) {
      job.cancelled = true
      const { what } = this.#deps
      this.#end(job.document, 'interrupted', {
        code: 'cancelled',
        message: `The studio was closed during this ${what}.`
      })
    }
    this.#closed = true
  }

  async #run(job: Job<D>, work: (job: Job<D>) => Promise<void>): Promise<void> {
    let [status, error]: [JobDocument['status'], ErrorData | null] = ['done', null]
    try {
      await work(job)
      if (job.cancelled) status = 'cancelled'
    } catch (thrown) {
      if (job.cancelled) status = 'cancelled'
      else [status, error] = ['failed', toErrorData(thrown)]
      // What works beside the step that failed goes no further.
      job.cancelled = true
    }
    this.#current = undefined
    if (!this.#closed) this.#end(job.document, status, error)
  }

  #end(document: D, status: JobDocument['status'], error: ErrorData | null): void {
    Object.assign(document, { status, error })
    try {
      this.#keep(document)
    } catch (failure) {
      // The disk is full or cannot be written: what was kept before stays, and this is why there is no more of it.
      Object.assign(document, { status: 'interrupted', error: toErrorData(failure) })
      this.#unsaved.set(document.id, document)
      this.#tell(document)
    }
  }

  #progress(document: D): void {
    const { everyMs = 0 } = this.#deps
    const now = performance.now()
    if (this.#closed || now - this.#saved < everyMs) return
    this.#deps.save(document)
    this.#saved = now
    this.#timer ??= setTimeout(() => this.#tell(document), Math.max(0, this.#told + messageMs - now))
  }

  #keep(document: D): void {
    if (this.#closed) return
    this.#deps.save(document)
    this.#saved = performance.now()
    this.#tell(document)
  }

  #tell(document: D): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#told = performance.now()
    this.#deps.tell(structuredClone(document))
  }
}

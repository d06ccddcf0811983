/** This machine: the engine process, watched: started, asked, and started again after a crash, but never in a loop. */
import { errorOf, StudioError } from '../../src-shared/shapes/errors.ts'
import type {
  EngineOptions,
  EngineProcess,
  FromEngine,
  RequestName,
  Requests,
  RunJob,
  ToEngine
} from '../engine/protocol.ts'
import type { BatchListener, Place, PlaceState, Ready } from './place.ts'
import { plural } from '../../src-shared/text/numbers.ts'

/** So many crashes within a minute, and the engine stays down until something is asked of it. */
const crashLimit = 3
const crashWindowMs = 60_000

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

export class Here implements Place {
  readonly #start: (options: EngineOptions) => EngineProcess
  readonly #options: () => EngineOptions
  readonly #onState: (state: PlaceState) => void
  /** The batches that compute, by their `runId`. */
  readonly #batches = new Map<string, BatchListener>()
  readonly #waiting = new Map<number, Waiting>()
  #process: EngineProcess | undefined
  #ready: PromiseWithResolvers<Ready> | undefined
  #known: Ready | undefined
  #state: PlaceState = { state: 'starting', message: 'The engine has not been needed yet.' }
  #crashes: number[] = []
  #nextId = 1
  /** Processes whose end the studio asked for. */
  readonly #dismissed = new WeakSet<EngineProcess>()

  constructor(
    start: (options: EngineOptions) => EngineProcess,
    options: () => EngineOptions,
    onState: (state: PlaceState) => void
  ) {
    this.#start = start
    this.#options = options
    this.#onState = onState
  }

  get state(): PlaceState {
    return this.#state
  }
  /** What the engine said about itself when it was last ready. */
  get known(): Ready | undefined {
    return this.#known
  }

  /** The engine's report, starting the process when there is none. */
  ready(): Promise<Ready> {
    if (!this.#ready) this.#launch()
    return (this.#ready as PromiseWithResolvers<Ready>).promise
  }

  async request<N extends RequestName>(name: N, input: Requests[N]['input']): Promise<Requests[N]['output']> {
    await this.ready()
    const id = this.#nextId++
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    this.#process?.post({ type: 'request', id, name, input } as ToEngine)
    const value = (await answer) as Requests[N]['output']
    if (name === 'reload' && this.#known) Object.assign(this.#known, value)
    return value
  }

  run(job: RunJob, listener: BatchListener): void {
    this.#batches.set(job.runId, listener)
    this.#process?.post({ type: 'run', job })
  }
  tell(type: 'pause' | 'resume' | 'cancel', runId: string): void {
    this.#process?.post({ type, runId })
  }

  /** End the process and start a fresh one: for new options, or when it does not answer a cancel. */
  restart(why: string): void {
    const old = this.#process
    if (old) this.#dismissed.add(old)
    old?.kill()
    this.#lost(new StudioError('engine-crashed', why), () => this.#launch())
  }

  /** Ask the process to stop; after `patienceMs` end it. */
  async stop(patienceMs = 1000): Promise<void> {
    const old = this.#process
    if (!old) return
    this.#dismissed.add(old)
    const exited = new Promise<void>((resolve) => old.onExit(() => resolve()))
    old.post({ type: 'stop' })
    const timer = setTimeout(() => old.kill(), patienceMs)
    await exited
    clearTimeout(timer)
    this.#lost(new StudioError('engine-crashed', 'The studio was closed.'))
  }

  #launch(): void {
    const ready = Promise.withResolvers<Ready>()
    ready.promise.catch(() => {})
    this.#ready = ready
    this.#set('starting', 'The engine is starting.')
    let started: EngineProcess
    try {
      started = this.#start(this.#options())
    } catch (error) {
      this.#ready = undefined
      const failure = new StudioError('engine-crashed', `The engine could not be started: ${(error as Error).message}.`)
      this.#set('crashed', failure.message)
      ready.reject(failure)
      return
    }
    this.#process = started
    started.onMessage((message) => {
      if (this.#process === started) this.#hear(message)
    })
    started.onExit((code, detail) => {
      if (this.#process === started && !this.#dismissed.has(started)) this.#crashed(code, detail)
    })
  }

  #hear(message: FromEngine): void {
    switch (message.type) {
      case 'ready': {
        const { backends, workers, catalog, errors } = message
        this.#known = { backends, workers, catalog, errors }
        this.#ready?.resolve(this.#known)
        const using = backends.filter((b) => b.available).map((b) => b.name)
        this.#set('ready', `The engine is ready: ${using.join(', ')}; ${plural(workers, 'worker')}.`)
        return
      }
      case 'trials':
        return this.#batches.get(message.runId)?.trials(message.trials)
      case 'points':
        return this.#batches.get(message.runId)?.points?.(message.points)
      case 'checkpoint':
        return this.#batches.get(message.runId)?.checkpoint?.(message.cell, message.trials)
      case 'log':
        return this.#batches.get(message.runId)?.log?.(message.text)
      case 'fellBack': {
        const { runId, from, to, trials, reason } = message
        return this.#batches.get(runId)?.fellBack?.({ from, to, trials, reason })
      }
      case 'holding':
        return this.#batches.get(message.runId)?.holding?.(message.under)
      case 'catalog':
        if (this.#known) Object.assign(this.#known, { catalog: message.catalog, errors: message.errors })
        return
      case 'ended': {
        const batch = this.#batches.get(message.runId)
        this.#batches.delete(message.runId)
        return batch?.ended(message)
      }
      case 'answer': {
        const waiting = this.#waiting.get(message.id)
        this.#waiting.delete(message.id)
        if (message.result.ok) waiting?.resolve(message.result.value)
        else waiting?.reject(errorOf(message.result.error))
      }
    }
  }

  #crashed(code: number | null, detail: string): void {
    const how = code === null ? 'was ended from outside' : `stopped with exit code ${code}`
    // What a process that dies says of it stands in the line that names an error.
    const line = detail
      .split('\n')
      .find((text) => /\berror\b|cannot/i.test(text))
      ?.trim()
    const why = line ? ` (${line.slice(0, 300)})` : ''
    const error = new StudioError(
      'engine-crashed',
      `The engine ${how}${why}. Every trial it had reported is stored; resume the run to compute the rest.`,
      { ...(detail && { cause: detail }) }
    )
    const now = performance.now()
    this.#crashes = [...this.#crashes.filter((time) => now - time < crashWindowMs), now]
    this.#lost(error, () => {
      if (this.#crashes.length < crashLimit) this.#launch()
      else
        this.#set(
          'crashed',
          `The engine stopped ${crashLimit} times within a minute; it is started again when something is asked of it. ${detail}`.trim()
        )
    })
  }

  /** The next process is on its way (or not) before anyone hears that the last one is gone. */
  #lost(error: StudioError, next: () => void = () => {}): void {
    this.#process = undefined
    this.#ready?.reject(error)
    this.#ready = undefined
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    const batches = [...this.#batches.values()]
    this.#batches.clear()
    next()
    for (const batch of batches) batch.ended({ how: 'gone', error: error.data })
  }

  #set(state: PlaceState['state'], message: string): void {
    this.#state = { state, message }
    this.#onState(this.#state)
  }
}

/** The engine process, watched: started, asked, and started again after a crash, but never in a loop. */
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import type { Backend, StudioInfo } from '../../src-shared/shapes/machine.ts'
import { StudioError, type ErrorData } from '../../src-shared/shapes/errors.ts'
import type {
  EngineOptions,
  EngineProcess,
  FromEngine,
  RequestName,
  Requests,
  RunJob,
  ToEngine
} from '../engine/protocol.ts'

export type EngineState = StudioInfo['engine']

/** So many crashes within a minute, and the engine stays down until something is asked of it. */
const crashLimit = 3
const crashWindowMs = 60_000

export interface Ready {
  backends: Backend[]
  workers: number
  catalog: Catalog
  errors: ErrorData[]
}

export interface EngineListener {
  trials(message: Extract<FromEngine, { type: 'trials' }>): void
  points(message: Extract<FromEngine, { type: 'points' }>): void
  checkpoint(message: Extract<FromEngine, { type: 'checkpoint' }>): void
  log(runId: string, text: string): void
  fellBack(message: Extract<FromEngine, { type: 'fellBack' }>): void
  ended(message: Extract<FromEngine, { type: 'ended' }>): void
  /** Everything that ran in the process is lost. `wanted` when the studio ended it itself. */
  gone(error: ErrorData, wanted: boolean): void
  state(state: EngineState): void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

export class Engine {
  readonly #start: (options: EngineOptions) => EngineProcess
  readonly #options: () => EngineOptions
  readonly #listener: EngineListener
  readonly #waiting = new Map<number, Waiting>()
  #process: EngineProcess | undefined
  #ready: PromiseWithResolvers<Ready> | undefined
  #known: Ready | undefined
  #state: EngineState = { state: 'starting', message: 'The engine has not been needed yet.' }
  #crashes: number[] = []
  #nextId = 1
  /** Processes whose end the studio asked for. */
  readonly #dismissed = new WeakSet<EngineProcess>()

  constructor(
    start: (options: EngineOptions) => EngineProcess,
    options: () => EngineOptions,
    listener: EngineListener
  ) {
    this.#start = start
    this.#options = options
    this.#listener = listener
  }

  get state(): EngineState {
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

  run(job: RunJob): void {
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
    this.#lost(new StudioError('engine-crashed', why), true, () => this.#launch())
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
    this.#lost(new StudioError('engine-crashed', 'The studio was closed.'), true)
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
        this.#set('ready', `The engine is ready: ${using.join(', ')}; ${workers} workers.`)
        return
      }
      case 'trials':
        return this.#listener.trials(message)
      case 'points':
        return this.#listener.points(message)
      case 'checkpoint':
        return this.#listener.checkpoint(message)
      case 'log':
        return this.#listener.log(message.runId, message.text)
      case 'fellBack':
        return this.#listener.fellBack(message)
      case 'catalog':
        if (this.#known) Object.assign(this.#known, { catalog: message.catalog, errors: message.errors })
        return
      case 'ended':
        return this.#listener.ended(message)
      case 'answer': {
        const waiting = this.#waiting.get(message.id)
        this.#waiting.delete(message.id)
        if (message.result.ok) waiting?.resolve(message.result.value)
        else {
          const { code, message: text, ...about } = message.result.error
          waiting?.reject(new StudioError(code, text, about))
        }
      }
    }
  }

  #crashed(code: number | null, detail: string): void {
    const how = code === null ? 'was ended from outside' : `stopped with exit code ${code}`
    const error = new StudioError(
      'engine-crashed',
      `The engine ${how}. Every trial it had reported is stored; resume the run to compute the rest.`,
      { ...(detail && { cause: detail }) }
    )
    const now = performance.now()
    this.#crashes = [...this.#crashes.filter((time) => now - time < crashWindowMs), now]
    this.#lost(error, false, () => {
      if (this.#crashes.length < crashLimit) this.#launch()
      else
        this.#set(
          'crashed',
          `The engine stopped ${crashLimit} times within a minute; it is started again when something is asked of it. ${detail}`.trim()
        )
    })
  }

  /** The next process is on its way (or not) before anyone hears that the last one is gone. */
  #lost(error: StudioError, wanted: boolean, next: () => void = () => {}): void {
    this.#process = undefined
    this.#ready?.reject(error)
    this.#ready = undefined
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    next()
    this.#listener.gone(error.data, wanted)
  }

  #set(state: EngineState['state'], message: string): void {
    this.#state = { state, message }
    this.#listener.state(this.#state)
  }
}

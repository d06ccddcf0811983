/** A real engine, driven by its protocol: for tests and campaigns. */
import { readdirSync, readFileSync } from 'node:fs'
import { expandGrid } from '../../src-shared/grid/expand.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { checkExperiment } from '../../src-shared/shapes/experiment.ts'
import { startEngine } from '../../src-main/engine/process/launch.ts'
import type {
  EngineOptions,
  EngineProcess,
  FromEngine,
  RequestName,
  Requests,
  RunJob
} from '../../src-main/engine/protocol.ts'

type Kind = FromEngine['type']
type Message<K extends Kind> = Extract<FromEngine, { type: K }>

export class EngineDriver {
  readonly process: EngineProcess
  readonly heard: FromEngine[] = []
  readonly exit: Promise<string>
  readonly #listeners = new Set<() => void>()
  #gone: string | undefined
  #runs = 0

  constructor(options: Partial<EngineOptions> = {}) {
    this.process = startEngine({ workers: 2, modelFolder: '', backend: 'auto', ...options })
    this.process.onMessage((message) => {
      this.heard.push(message)
      for (const look of [...this.#listeners]) look()
    })
    this.exit = new Promise((resolve) =>
      this.process.onExit((_, detail) => {
        this.#gone = detail
        resolve(detail)
        for (const look of [...this.#listeners]) look()
      })
    )
  }

  /** The first message of a kind that fits, past or future. @throws when the engine is gone before */
  hear<K extends Kind>(type: K, fits: (message: Message<K>) => boolean = () => true): Promise<Message<K>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.heard.find((message) => message.type === type && fits(message as Message<K>))
        if (!found && this.#gone === undefined) return
        this.#listeners.delete(look)
        if (found) resolve(found as Message<K>)
        else reject(new Error(`The engine is gone: ${this.#gone}`))
      }
      this.#listeners.add(look)
      look()
    })
  }

  ready(): Promise<Message<'ready'>> {
    return this.hear('ready')
  }

  async ask<N extends RequestName>(name: N, input: Requests[N]['input']): Promise<Requests[N]['output']> {
    const id = ++this.#runs
    this.process.post({ type: 'request', id, name, input } as Parameters<EngineProcess['post']>[0])
    const { result } = await this.hear('answer', (message) => message.id === id)
    if (!result.ok) throw new Error(result.error.message)
    return result.value as Requests[N]['output']
  }

  /** Hand over an experiment. @returns the run's id */
  async run(experiment: Record<string, unknown>): Promise<string> {
    const { catalog } = await this.ready()
    const checked = checkExperiment({ format: 'engram-experiment/1', name: 'test', ...experiment })
    const { grid, errors } = expandGrid(checked, catalog)
    if (!grid) throw new Error(errors[0].message)
    const runId = `run-${++this.#runs}`
    const job: RunJob = {
      runId,
      task: checked.task.kind,
      generator: checked.generator,
      backend: checked.backend,
      cells: grid.cells.map((cell, index) => ({ ...cell, index, seeds: grid.seeds }))
    }
    this.process.post({ type: 'run', job })
    return runId
  }

  end(runId: string): Promise<Message<'ended'>> {
    return this.hear('ended', (message) => message.runId === runId)
  }

  outcomes(runId: string): TrialOutcome[] {
    return this.heard.flatMap((m) => (m.type === 'trials' && m.runId === runId ? m.trials : []))
  }

  log(runId: string): string[] {
    return this.heard.flatMap((m) => (m.type === 'log' && m.runId === runId ? [m.text] : []))
  }
}

/** Processes whose command line ends in a program of the built engine: their numbers. Linux only. */
export function programsRunning(program: string, under?: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      const parent = Number(/\) \w (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1])
      const isIt = command.some((part) => part.endsWith(`/engine/${program}.js`))
      return isIt && (under === undefined || parent === under) ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

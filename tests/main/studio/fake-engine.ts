/** An engine process that computes nothing: it answers by arithmetic, and stops, hangs or crashes when a test says so. */
import { modelIn, type Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { Cell } from '../../../src-shared/grid/cell.ts'
import { trialIdentity } from '../../../src-shared/grid/identity.ts'
import { integer } from '../../../src-shared/shapes/params.ts'
import type { EngineProcess, FromEngine, RunJob, ToEngine } from '../../../src-main/engine/protocol.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'

export const fakeCatalog: Catalog = {
  models: ['alpha', 'beta'].map((id) => ({
    id,
    title: id,
    family: 'Fakes',
    interfaces: ['key-value'],
    summary: '',
    recall: '',
    equations: [],
    symbols: [],
    source: '',
    notes: [],
    params: { size: integer('Size', 8, { help: '', min: 1, max: 64 }) },
    uses: { contexts: false, places: false },
    revision: 1,
    origin: 'built-in'
  })),
  tasks: [
    {
      id: 'count',
      title: 'Count',
      family: 'Fakes',
      summary: '',
      protocol: [],
      diagram: [],
      source: '',
      params: { items: integer('Items', 5, { help: '', min: 1, max: 1000 }) },
      defaultSweep: {},
      metrics: [
        { name: 'score', label: 'Score', direction: 'higher', tex: '', help: '' },
        { name: 'time', label: 'Time', direction: 'lower', tex: '', help: '' }
      ],
      mainMetric: 'score',
      series: [{ name: 'curve', label: 'Curve', x: { label: 'step' }, direction: 'none', help: '' }],
      derived: [],
      needs: { interface: 'key-value' },
      revision: 1
    }
  ]
}

export interface Manners {
  /** Trials in one message. */
  batch?: number
  /** Milliseconds between messages. */
  pace?: number
  /** Crash (once each) after so many trials reported in all. */
  crashAfter?: number[]
  /** Exit at once, never ready. */
  stillborn?: boolean
  /** FLOPs that a trial is said to cost for each of its items. */
  flops?: number
  /** Ignore cancel. */
  deaf?: boolean
}

/** The value every test can predict: alpha scores its items, beta twice that. */
export const scoreOf = (cell: Pick<Cell, 'model' | 'taskParams'>, seed: number): number =>
  Number(cell.taskParams.items) * (cell.model === 'beta' ? 2 : 1) + seed / 1000

export function outcomeOf(cell: Cell & { index: number }, seed: number, generator: RunJob['generator']): TrialOutcome {
  const { hash } = trialIdentity(fakeCatalog.tasks[0], cell, (kind) => modelIn(fakeCatalog, kind), seed, generator)
  const base = { cell: cell.index, seed, hash, elapsedMs: 1.5, backend: 'cpu' }
  const none = { metrics: {}, series: {}, traces: [] }
  if (seed === 13) return { ...base, ...none, status: 'diverged', error: { code: 'diverged', message: 'NaN' } }
  if (seed === 17) return { ...base, ...none, status: 'failed', error: { code: 'model-failed', message: 'Boom' } }
  return {
    ...base,
    status: 'done',
    error: null,
    metrics: { score: scoreOf(cell, seed), time: NaN },
    series: { curve: { x: [0, 0.1, 0.2], y: [seed, NaN, 0.5] } },
    traces: [{ name: 'gate', title: 'Gate', kind: 'line', value: { shape: [2], data: [0, seed] } }]
  }
}

/** One fake machine: the engines started on it share what it has crashed over. */
export class FakeMachine {
  readonly manners: Manners
  starts = 0
  reported = 0
  readonly heard: ToEngine[] = []
  current: FakeEngine | undefined

  constructor(manners: Manners = {}) {
    this.manners = manners
  }
  start = (): EngineProcess => {
    this.starts++
    this.current = new FakeEngine(this)
    return this.current
  }
}

class FakeEngine implements EngineProcess {
  readonly #machine: FakeMachine
  readonly #messages: ((message: FromEngine) => void)[] = []
  readonly #exits: ((code: number | null, detail: string) => void)[] = []
  readonly #jobs = new Map<string, { todo: TrialOutcome[]; paused: boolean }>()
  readonly #timer: NodeJS.Timeout
  #alive = true

  constructor(machine: FakeMachine) {
    this.#machine = machine
    this.#timer = setInterval(() => this.#work(), machine.manners.pace ?? 2)
    setImmediate(() => {
      if (machine.manners.stillborn) return this.exit(1, 'cannot load')
      const backends = [{ name: 'cpu' as const, available: true, adapter: 'fake' }]
      this.#say({ type: 'ready', backends, workers: 1, catalog: fakeCatalog, errors: [] })
    })
  }
  onMessage(listener: (message: FromEngine) => void): void {
    this.#messages.push(listener)
  }
  onExit(listener: (code: number | null, detail: string) => void): void {
    this.#exits.push(listener)
  }
  kill(): void {
    setImmediate(() => this.exit(null, 'SIGKILL'))
  }
  exit(code: number | null, detail: string): void {
    if (!this.#alive) return
    this.#alive = false
    clearInterval(this.#timer)
    for (const listener of this.#exits) listener(code, detail)
  }
  post(message: ToEngine): void {
    this.#machine.heard.push(message)
    if (!this.#alive) return
    setImmediate(() => this.#hear(message))
  }

  #say(message: FromEngine): void {
    if (this.#alive) for (const listener of this.#messages) listener(message)
  }
  #hear(message: ToEngine): void {
    switch (message.type) {
      case 'run': {
        const { runId, cells, generator } = message.job
        const todo = cells.flatMap((cell) => cell.seeds.map((seed) => outcomeOf(cell, seed, generator)))
        this.#jobs.set(runId, { todo, paused: false })
        return this.#say({ type: 'log', runId, text: `cpu, ${todo.length} trials` })
      }
      case 'pause':
      case 'resume': {
        const job = this.#jobs.get(message.runId)
        if (job) job.paused = message.type === 'pause'
        return
      }
      case 'cancel':
        if (this.#machine.manners.deaf) return
        this.#jobs.delete(message.runId)
        return this.#say({ type: 'ended', runId: message.runId, how: 'cancelled', error: null })
      case 'stop':
        return this.exit(0, '')
      case 'request': {
        const value =
          message.name === 'costs'
            ? message.input.cells.map((cell) => ({
                storeFlops: Number(cell.taskParams.items) * (this.#machine.manners.flops ?? 1),
                retrieveFlops: 1,
                parameters: 0,
                state: 0
              }))
            : message.name === 'estimate'
              ? { ms: 42, backend: 'cpu' }
              : message.name === 'peaks'
                ? { backend: 'cpu', peaks: { flopsPerSecond: 1e9, bytesPerSecond: 1e9 } }
                : message.name === 'measure'
                  ? {
                      timesMs: [message.input.input.L, message.input.input.L + 1],
                      parameterBytes: 4,
                      stateBytes: 8,
                      peakBytes: 16
                    }
                  : { catalog: fakeCatalog, errors: [] }
        this.#say({ type: 'answer', id: message.id, result: { ok: true, value } })
      }
    }
  }
  #work(): void {
    const { manners } = this.#machine
    for (const [runId, job] of this.#jobs) {
      if (job.paused) continue
      const trials = job.todo.splice(0, manners.batch ?? 4)
      if (trials.length) this.#say({ type: 'trials', runId, trials })
      this.#machine.reported += trials.length
      if (manners.crashAfter?.length && this.#machine.reported >= manners.crashAfter[0]) {
        manners.crashAfter.shift()
        return this.exit(null, 'SIGSEGV')
      }
      if (!job.todo.length) {
        this.#jobs.delete(runId)
        this.#say({ type: 'ended', runId, how: 'done', error: null })
      }
    }
  }
}

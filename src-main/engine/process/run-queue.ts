/** Runs in the order in which they came, batch by batch, over the workers. */
import { StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { trialIdentity } from '../../../src-shared/grid/identity.ts'
import { modelIn, taskIn, type Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { BackendName } from '../../tensors/backends/backend.ts'
import type { BatchListener, Computed } from './compute.ts'
import { Owner } from './owner.ts'
import type { CellJob, FromEngine, LivePoint, RunJob } from '../protocol.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import { loadWeights } from '../../tensors/weights/files.ts'
import type { BatchJob, BatchNote, CellWeight } from '../worker-calls.ts'
import { plural } from '../../../src-shared/text/numbers.ts'

/** What the queue needs of the engine. */
export interface QueueDeps {
  /** Batches that may be under way at once. */
  concurrency: number
  weigh(job: RunJob): Promise<CellWeight[]>
  /** The backend of a batch. @throws StudioError backend-unavailable */
  choose(job: RunJob, batch: BatchJob, flops: number, owner: Owner, log: (text: string) => void): BackendName
  batch(job: BatchJob, owner: Owner, listener: BatchListener): Promise<Computed>
  /** Told what a batch took. */
  timed(batch: BatchJob, flops: number, outcomes: readonly TrialOutcome[]): void
  /** End what is still busy for an owner. */
  stop(owner: Owner): Promise<void>
  catalog(): Catalog
  send(message: FromEngine): void
}

const largestBatch = 32
const smallestBatch = 4
const largestTraining = 8

/**
 * The seeds of a model in training are spread over all cores, as evenly as they divide. Two that are trained side by side
 * share the cost of every operation, and one alone is computed as two.
 */
const trainingBatch = (seeds: number, cores: number): number => {
  const batches = Math.max(Math.ceil(seeds / largestTraining), Math.min(cores, Math.floor(seeds / 2)), 1)
  return Math.ceil(seeds / batches)
}
/** What the tensors of one batch may hold at once. */
const batchBytes = 2 ** 29
/** 20 messages a second. */
const messageMs = 50

interface Run {
  job: RunJob
  owner: Owner
  waiting: { batch: BatchJob; flops: number }[]
  /** The batches under way. */
  busy: Set<BatchJob>
  paused: boolean
  outcomes: TrialOutcome[]
  points: LivePoint[]
  error: ErrorData | null
  /** Trials without an outcome for a reason that lies in the machine, and the first such reason. */
  lost: number
  reason?: ErrorData
  prepared: boolean
}

export class RunQueue {
  readonly #runs = new Map<string, Run>()
  readonly #deps: QueueDeps
  #busy = 0
  #timer: NodeJS.Timeout | undefined

  constructor(deps: QueueDeps) {
    this.#deps = deps
  }

  async start(job: RunJob): Promise<void> {
    const run: Run = {
      job,
      owner: new Owner(),
      waiting: [],
      busy: new Set(),
      paused: false,
      outcomes: [],
      points: [],
      error: null,
      lost: 0,
      prepared: false
    }
    this.#runs.set(job.runId, run)
    try {
      run.waiting = batchesOf(job, await this.#deps.weigh(job), this.#deps.concurrency, this.trains(job))
      const trials = run.waiting.reduce((sum, { batch }) => sum + batch.seeds.length, 0)
      if (!job.whole)
        this.#log(
          run,
          `${plural(trials, 'trial')} in ${plural(run.waiting.length, 'batch', 'batches')}, at most ${this.#deps.concurrency} at once`
        )
    } catch (error) {
      run.error = toErrorData(error)
    }
    run.prepared = true
    this.#pump()
  }

  pause(runId: string): void {
    const run = this.#runs.get(runId)
    if (!run) return
    run.paused = true
    this.#hold(run)
  }

  /** Say what a paused run still has to end. */
  #hold({ job, paused, busy }: Run): void {
    if (!paused) return
    const under = [...busy].map(({ cell, seeds }) => ({ cell: cell.index, trials: seeds.length }))
    this.#deps.send({ type: 'holding', runId: job.runId, under })
  }

  resume(runId: string): void {
    const run = this.#runs.get(runId)
    if (!run) return
    run.paused = false
    this.#pump()
  }

  /** Trials that have ended are reported; the rest end within a second. */
  async cancel(runId: string): Promise<void> {
    const run = this.#runs.get(runId)
    if (!run) return
    run.owner.cancel()
    run.waiting = []
    this.#pump()
    await this.#deps.stop(run.owner)
  }

  cancelAll(): Promise<unknown> {
    return Promise.all([...this.#runs.keys()].map((runId) => this.cancel(runId)))
  }

  #pump(): void {
    for (const run of this.#runs.values()) {
      while (!run.paused && run.waiting.length > 0 && this.#busy < this.#deps.concurrency) void this.#next(run)
      if (run.prepared && run.waiting.length === 0 && run.busy.size === 0) this.#end(run)
    }
  }

  async #next(run: Run): Promise<void> {
    const { batch, flops } = run.waiting.shift() as Run['waiting'][number]
    this.#busy++
    run.busy.add(batch)
    try {
      const { outcomes, lost, reason } = await this.#compute(run, batch, flops)
      for (const outcome of outcomes) run.outcomes.push(outcome)
      run.lost += lost
      run.reason ??= reason
      this.#flushSoon()
    } catch (error) {
      const data = toErrorData(error)
      if (data.code !== 'cancelled') {
        run.error ??= data
        run.waiting = []
      }
    } finally {
      this.#busy--
      run.busy.delete(batch)
      this.#hold(run)
      this.#pump()
    }
  }

  async #compute(run: Run, batch: BatchJob, flops: number): Promise<Computed> {
    const { runId } = run.job
    const log = (text: string): void => this.#log(run, text)
    const backend = this.#deps.choose(run.job, batch, flops, run.owner, log)
    const job: BatchJob = { ...batch, backend }
    const computed = await this.#deps.batch(job, run.owner, {
      note: (note) => this.#note(run, batch, note),
      log,
      fellBack: (from, to, trials, reason) => this.#deps.send({ type: 'fellBack', runId, from, to, trials, reason })
    })
    this.#deps.timed(job, flops, computed.outcomes)
    return computed
  }

  #note(run: Run, { cell }: BatchJob, note: BatchNote): void {
    const { job, points } = run
    const { runId } = job
    if (note.type === 'printed') return this.#log(run, `${cell.label} printed: ${note.text}`)
    if (note.type === 'checkpoint')
      return this.#deps.send({ type: 'checkpoint', runId, cell: cell.index, trials: note.states })
    for (const { seed, x, loss, accuracy } of note.points)
      points.push({ cell: cell.index, seed, x, series: { loss, accuracy } })
    this.#flushSoon()
  }

  /** Whether a job's task trains its models. */
  trains({ task }: RunJob): boolean {
    return taskIn(this.#deps.catalog(), task)?.needs.training === true
  }

  #log(run: Run, text: string): void {
    this.#deps.send({ type: 'log', runId: run.job.runId, text })
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => this.#flush(), messageMs)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const run of this.#runs.values()) {
      // No array of its own for each message: the notes of a batch hold on to it.
      if (run.points.length) this.#deps.send({ type: 'points', runId: run.job.runId, points: run.points.splice(0) })
      if (run.outcomes.length === 0) continue
      this.#deps.send({ type: 'trials', runId: run.job.runId, trials: run.outcomes })
      run.outcomes = []
    }
  }

  #end(run: Run): void {
    this.#flush()
    this.#runs.delete(run.job.runId)
    const { cancelled } = run.owner
    const error = run.error ?? unfinished(run)
    const how = cancelled ? 'cancelled' : error ? 'failed' : 'done'
    this.#deps.send({ type: 'ended', runId: run.job.runId, how, error: cancelled ? null : error })
  }
}

/** What a run ends with whose trials could not all be computed on this machine. */
function unfinished({ lost, reason }: Run): ErrorData | null {
  if (lost === 0 || !reason) return null
  const message = `${plural(lost, 'trial')} could not be computed: ${reason.message} Resume the run to compute them.`
  return { ...reason, message }
}

/** The run's cells cut into batches, the first of every cell before the second of any, so that all curves grow at once. */
export function batchesOf(
  job: RunJob,
  weights: readonly CellWeight[],
  concurrency: number,
  trains = false
): { batch: BatchJob; flops: number }[] {
  const trials = job.cells.reduce((sum, cell) => sum + cell.seeds.length, 0)
  // Four batches for every worker keep all of them busy to the end.
  const short = Math.min(largestBatch, Math.max(smallestBatch, Math.ceil(trials / (4 * concurrency))))
  const rounds: { round: number; batch: BatchJob; flops: number }[] = []
  for (const [i, cellJob] of job.cells.entries()) {
    const { seeds, checkpoints = [], ...cell } = cellJob as CellJob
    const even = trains ? trainingBatch(seeds.length, concurrency) : short
    const size = Math.max(1, Math.min(even, Math.floor(batchBytes / weights[i].bytes)))
    for (let start = 0; start < seeds.length; start += size) {
      const batch: BatchJob = {
        task: job.task,
        cell,
        seeds: seeds.slice(start, start + size),
        generator: job.generator,
        backend: 'cpu' as BackendName,
        ...(trains && { training: { checkpoints } })
      }
      rounds.push({ round: start / size, batch, flops: weights[i].flops })
    }
  }
  return rounds.sort((a, b) => a.round - b.round)
}

/** The outcome of a trial that its worker did not survive. */
export async function failedTrial(
  { cell, task, generator, backend }: BatchJob,
  seed: number,
  error: ErrorData,
  catalog: Catalog
): Promise<TrialOutcome> {
  const weights = cell.weights === undefined ? undefined : (await loadWeights(cell.weights)).hash
  const { hash } = trialIdentity(
    taskIn(catalog, task) ?? { id: task, revision: 0, params: {} },
    cell,
    (id) => modelIn(catalog, id),
    seed,
    generator,
    weights
  )
  const none = { metrics: {}, series: {}, traces: [], elapsedMs: 0 }
  return { ...none, cell: cell.index, seed, hash, status: 'failed', error, backend }
}

/** @throws StudioError backend-unavailable */
export function refuseBackend(name: string, reason: string | undefined): never {
  throw new StudioError('backend-unavailable', `The backend ${name} is not available here: ${reason ?? 'unknown'}`, {
    field: 'backend'
  })
}

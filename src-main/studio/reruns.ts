/** The rerun check: a sample of a run's trials goes to the engine once more, and is held to what is stored. */
import { ulid } from 'ulid'
import type { Backend } from '../../src-shared/shapes/machine.ts'
import { errorOf, StudioError } from '../../src-shared/shapes/errors.ts'
import { compareOutcomes, toleranceText } from '../../src-shared/exchange/agreement.ts'
import { isReference } from '../../src-shared/exchange/reference.ts'
import { drawTrials, type RerunCheck, type RerunTrial } from '../../src-shared/exchange/rerun.ts'
import type { TrialRecord } from '../../src-shared/exchange/results-file.ts'
import type { Run } from '../../src-shared/shapes/run.ts'
import { seeded } from '../../src-shared/statistics/random.ts'
import type { RunJob } from '../engine/protocol.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import type { Ending, Place } from '../places/place.ts'
import type { Store } from '../store/store.ts'
import type { Events } from './events.ts'
import { Jobs, type Job, type JobDocument } from './jobs/jobs.ts'
import type { Machine } from './machine.ts'

export interface RerunDeps {
  store: Store
  place: Place
  events: Events
  machine: Machine
}

export interface RerunRequest {
  id: string
  /** Trials of each model. */
  sample: number
  /** Seed of the draw that chooses them. */
  draw: number
  /** Instead of the backend that each trial was computed on. */
  backend?: Backend['name'] | undefined
}

/** One check while it is made. */
interface Checking extends JobDocument {
  run: string
  done: number
  total: number
  /** What the place computes for it now. */
  batch?: string
  check?: RerunCheck
}

export class Reruns {
  readonly #deps: RerunDeps
  readonly #jobs: Jobs<Checking>

  constructor(deps: RerunDeps) {
    const { store, place, events } = deps
    this.#deps = deps
    this.#jobs = new Jobs({
      what: 'rerun check',
      save({ check }) {
        if (check) store.write.addRerunCheck(check)
      },
      tell: ({ run, done, total }) => events.newest('rerun.progress', run, () => ({ id: run, done, total })),
      giveUp: ({ batch }) => batch !== undefined && place.tell('cancel', batch),
      turns: { prepare: async () => void (await place.ready()) }
    })
  }

  /**
   * Compute the sample, compare it, store the check.
   * @throws StudioError conflict without a finished trial, not-supported for a reference run, backend-unavailable, cancelled
   */
  async check(request: RerunRequest): Promise<RerunCheck> {
    const { store } = this.#deps
    const run = store.read.run(request.id)
    if (isReference(run))
      throw new StudioError('not-supported', 'A reference run was computed elsewhere; it cannot be run again here.')
    const chosen = drawTrials(store.read.trialRecords(run.id), request.sample, seeded(request.draw))
    const checking: Checking = {
      ...{ id: ulid(), status: 'queued', error: null },
      ...{ run: run.id, done: 0, total: chosen.length }
    }
    await this.#jobs.whole(checking, (job) => job.turn(() => this.#compare(job, request, run, chosen)))
    return checking.check!
  }

  /** Give up the checks of a run that are under way. */
  async cancel(run: string): Promise<void> {
    for (const { id, run: its } of this.#jobs.active) if (its === run) await this.#jobs.cancel(id)
  }

  close(): void {
    this.#jobs.close()
  }

  async #compare(
    job: Job<Checking>,
    { sample, draw, backend }: RerunRequest,
    { id, experiment }: Run,
    chosen: readonly TrialRecord[]
  ): Promise<void> {
    const { store, machine } = this.#deps
    const cells = store.read.cells(id)
    const trials: RerunTrial[] = []
    for (const [name, own] of Map.groupBy(chosen, (trial) => backend ?? trial.backend)) {
      const outcomes = await this.#compute(job, {
        runId: `rerun-${ulid()}`,
        task: experiment.task.kind,
        generator: experiment.generator,
        backend: name as RunJob['backend'],
        cells: [...Map.groupBy(own, ({ cell }) => cell)].map(([index, list]) => ({
          ...cells[index],
          index,
          seeds: list.map(({ seed }) => seed)
        }))
      })
      const byPlace = new Map(outcomes.map((outcome) => [`${outcome.cell} ${outcome.seed}`, outcome]))
      trials.push(...own.map((trial) => judged(trial, byPlace.get(`${trial.cell} ${trial.seed}`))))
    }
    const { version, commit } = machine
    const time = new Date().toISOString()
    job.document.check = {
      ...{ id: ulid(), runId: id, time, version, commit, sample, draw },
      ...{ tolerance: toleranceText, trials }
    }
  }

  async #compute(job: Job<Checking>, batch: RunJob): Promise<TrialOutcome[]> {
    job.check()
    const { document } = job
    document.batch = batch.runId
    const outcomes: TrialOutcome[] = []
    const { how, error } = await new Promise<Ending>((ended) =>
      this.#deps.place.run(batch, {
        trials(trials) {
          outcomes.push(...trials)
          document.done += trials.length
          job.progress()
        },
        ended
      })
    )
    job.check()
    if (how === 'done') return outcomes
    throw errorOf(error ?? { code: 'cancelled', message: 'The check was ended before its last trial.' })
  }
}

function judged(before: TrialRecord, after: TrialOutcome | undefined): RerunTrial {
  if (!after) throw new StudioError('engine-failed', 'The engine left out a trial of the check; try again.')
  const { model, point, seed, backend, hash } = before
  const place = { model, point, seed, before: backend, after: after.backend }
  if (after.hash !== hash) return { ...place, verdict: 'changed', worst: null }
  const metrics = Object.fromEntries(Object.entries(after.metrics).filter(([, value]) => Number.isFinite(value)))
  const { agreement, worst } = compareOutcomes(before, { status: after.status, metrics })
  return { ...place, verdict: agreement, worst }
}

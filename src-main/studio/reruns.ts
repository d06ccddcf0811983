/** The rerun check: a sample of a run's trials goes to the engine once more, and is held to what is stored. */
import { ulid } from 'ulid'
import type { Backend } from '../../src-shared/shapes/machine.ts'
import { errorOf, StudioError } from '../../src-shared/shapes/errors.ts'
import { compareOutcomes, toleranceText } from '../../src-shared/exchange/agreement.ts'
import { isReference } from '../../src-shared/exchange/reference.ts'
import { drawTrials, type RerunCheck, type RerunTrial } from '../../src-shared/exchange/rerun.ts'
import type { TrialRecord } from '../../src-shared/exchange/results-file.ts'
import { seeded } from '../../src-shared/statistics/random.ts'
import type { RunJob } from '../engine/protocol.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import type { Place } from '../places/place.ts'
import type { Store } from '../store/store.ts'
import type { Machine } from './machine.ts'

export interface RerunDeps {
  store: Store
  place: Place
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

export class Reruns {
  readonly #deps: RerunDeps

  constructor(deps: RerunDeps) {
    this.#deps = deps
  }

  /**
   * Compute the sample, compare it, store the check.
   * @throws StudioError conflict without a finished trial, not-supported for a reference run, backend-unavailable
   */
  async check({ id, sample, draw, backend }: RerunRequest): Promise<RerunCheck> {
    const { store, machine } = this.#deps
    const run = store.read.run(id)
    if (isReference(run))
      throw new StudioError('not-supported', 'A reference run was computed elsewhere; it cannot be run again here.')
    const cells = store.read.cells(id)
    const chosen = drawTrials(store.read.trialRecords(id), sample, seeded(draw))
    const trials: RerunTrial[] = []
    for (const [name, own] of Map.groupBy(chosen, (trial) => backend ?? trial.backend)) {
      const outcomes = await this.#compute({
        runId: `rerun-${ulid()}`,
        task: run.experiment.task.kind,
        generator: run.experiment.generator,
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
    const check: RerunCheck = {
      id: ulid(),
      runId: id,
      time,
      version,
      commit,
      sample,
      draw,
      tolerance: toleranceText,
      trials
    }
    store.write.addRerunCheck(check)
    return check
  }

  async #compute(job: RunJob): Promise<TrialOutcome[]> {
    const { place } = this.#deps
    await place.ready()
    return new Promise((resolve, reject) => {
      const outcomes: TrialOutcome[] = []
      place.run(job, {
        trials: (trials) => void outcomes.push(...trials),
        ended({ how, error }) {
          if (how === 'done') resolve(outcomes)
          else reject(errorOf(error ?? { code: 'cancelled', message: 'The check was ended before its last trial.' }))
        }
      })
    })
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

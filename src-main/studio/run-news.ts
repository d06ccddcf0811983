/** What a run's batch gives while it computes: stored first, then told. */
import type { Cell } from '../../src-shared/grid/cell.ts'
import { plural } from '../../src-shared/text/numbers.ts'
import { toErrorData, type ErrorData } from '../../src-shared/shapes/errors.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import type { BatchListener } from '../places/place.ts'
import type { ActiveRun } from './active-run.ts'
import type { Job } from './jobs/jobs.ts'
import { tuningTrials } from './tuning.ts'
import type { Store } from '../store/store.ts'
import type { Events } from './events.ts'

export interface RunNewsDeps {
  store: Store
  events: Events
  /** A line of a run's log. */
  log: (id: string, text: string) => void
  /** What comes of a run can no longer be stored. */
  stop: (id: string, error: ErrorData) => void
}

export function runNews(
  job: Job<ActiveRun>,
  { store, events, stop, log }: RunNewsDeps
): Required<Pick<BatchListener, 'trials' | 'points' | 'checkpoint' | 'holding'>> {
  const run = job.document
  const counted = (): void => events.newest('run.progress', run.id, () => run.progress())
  const lost = (error: unknown): void => stop(run.id, toErrorData(error))
  /** Some trials came a second time: those that do not agree with what is stored are kept beside it. */
  const sayDrifted = (): void => {
    const found = store.read.drifts(run.id).length
    if (found > run.drifted) log(run.id, driftedText(found))
    run.drifted = found
  }
  // What arrives after a run was given up is kept with what could not be stored.
  const givenUp = (): boolean => job.stopping?.status === 'interrupted'
  // What was tried and could not be stored is tried again.
  const keep = (trials: readonly TrialOutcome[]): void => void (run.stage === 'report' && run.keep(trials))
  return {
    holding(under) {
      run.hold(under)
      counted()
    },
    trials(trials) {
      if (givenUp()) return keep(trials)
      let added: TrialOutcome[]
      try {
        run.usedBackends(trials)
        if (run.stage === 'tuning' && run.tuning) {
          run.count(store.write.addTuningTrials(run.id, tuningTrials(trials, run.tuning.metric)))
          store.write.changeRun(run.id, { elapsedMs: run.elapsedMs, backend: run.backend })
          return counted()
        }
        added = store.write.addTrials(run.id, trials, run.elapsedMs, run.backend)
        if (added.length < trials.length) sayDrifted()
      } catch (error) {
        keep(trials)
        return lost(error)
      }
      run.count(added)
      events.trials(
        run.id,
        added.map((trial) => ({
          ...named(run.cells[trial.cell]),
          seed: trial.seed,
          status: trial.status,
          metrics: finiteOnly(trial.metrics),
          series: Object.fromEntries(
            Object.entries(trial.series).map(([name, { x, y }]) => [name, { x, y: y.map(finiteOrNull) }])
          )
        }))
      )
      counted()
    },
    points(points) {
      // The clock goes on while models train.
      counted()
      // What is tuned on is in no figure.
      if (run.stage === 'tuning') return
      events.points(
        run.id,
        points.flatMap(({ cell, seed, x, series }) =>
          Object.entries(series).map(([name, y]) => ({
            ...named(run.cells[cell]),
            ...{ seed, name, x: [x], y: [finiteOrNull(y)] }
          }))
        )
      )
    },
    checkpoint(cell, trials) {
      if (givenUp()) return
      try {
        store.write.putCheckpoints(run.id, cell, trials)
      } catch (error) {
        lost(error)
      }
    }
  }
}

export const driftedText = (count: number): string =>
  `${plural(count, 'trial was', 'trials were')} answered twice and not alike; both answers are kept.`

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** What a live trial is called by. */
const named = ({ label, model, point }: Cell): Pick<Cell, 'label' | 'model' | 'point'> => ({ label, model, point })

function finiteOnly(metrics: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)))
}

/** How a run computes: batch by batch on a place, tuning before its report; every message is stored before it is told. */
import { setTimeout as wait } from 'node:timers/promises'
import { errorOf, StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import { taskIn } from '../../src-shared/shapes/catalog.ts'
import type { BackendChoice } from '../../src-shared/shapes/experiment.ts'
import type { Progress } from '../../src-shared/shapes/run.ts'
import { proposedCell } from '../../src-shared/grid/expand.ts'
import { tuningTable } from '../../src-shared/findings/tuning.ts'
import type { RunJob } from '../engine/protocol.ts'
import type { BatchPlace, Ending, Place } from '../places/place.ts'
import type { ActiveRun } from './active-run.ts'
import type { Computers } from './computers.ts'
import { conclusion, judged, type Concluding } from './conclusion.ts'
import type { Job } from './jobs/jobs.ts'
import { trialFlops } from './plan.ts'
import type { Look } from './reading/reads.ts'
import { missingOf, untriedOf } from './run-grid.ts'
import { proposals, type TunerOf } from './tuner.ts'
import { runNews, type RunNewsDeps } from './run-news.ts'
import { settled, winnerLines } from './tuning.ts'
import { plural } from '../../src-shared/text/numbers.ts'

export interface RunWorkDeps extends Omit<RunNewsDeps, 'log'> {
  place: Place
  /** Other computers. */
  computers: Pick<Computers, 'at'>
  /** The user's backend, for experiments that leave it open. */
  backend: () => BackendChoice
  /** Who proposes what a run tries, where that is no grid. */
  tuner?: TunerOf
  look: Look
}

/** Between two tries to reach other computers. */
const awayMs = 1000

export class RunWork {
  readonly #deps: RunWorkDeps

  constructor(deps: RunWorkDeps) {
    this.#deps = deps
  }

  /** There is an engine, and what each trial costs is known, if it can be. @throws StudioError engine-crashed */
  async prepare(run: ActiveRun): Promise<void> {
    const { place } = this.#deps
    if (run.ended !== null) return
    if (place.state.state === 'crashed') throw new StudioError('engine-crashed', place.state.message)
    try {
      await place.ready()
    } catch {
      // It is being started again, or its state says why it is not.
      return this.prepare(run)
    }
    if (run.weighed) return
    try {
      await this.#weigh(run)
    } catch {
      return this.prepare(run)
    }
  }

  /** @throws StudioError engine-crashed; any other cost that cannot be told spoils the forecast, not the run */
  async #weigh(run: ActiveRun): Promise<void> {
    try {
      const costs = await this.#deps.place.request('costs', { task: run.run.task, cells: [...run.cells] })
      run.weigh(costs.map(trialFlops))
    } catch (error) {
      if (toErrorData(error).code === 'engine-crashed') throw error
      run.weigh()
    }
  }

  /** All of its trials that are missing. */
  async compute(job: Job<ActiveRun>): Promise<void> {
    const run = job.document
    let told = false
    for (;;) {
      await job.turn(() => this.#propose(job))
      job.check()
      const ending = await job.turn(() => this.#batch(job))
      if (!ending) return
      const { how, error } = ending
      if (how === 'done' && run.stage === 'report' && run.complete) return
      job.check()
      if (how === 'failed' && error?.code === 'connection-lost' && run.patient) {
        if (!told) this.log(run.id, `${error.message} The run waits for it.`)
        told = true
        await wait(awayMs)
        continue
      }
      if (how === 'failed' && error) throw errorOf(error)
      if (how === 'gone') {
        if (run.status === 'running' && error) job.interrupt(error)
        // What was paused begins anew when it is resumed.
        continue
      }
      if (how === 'done' && run.stage === 'tuning' && this.#tried(run)) continue
      job.interrupt({
        code: 'engine-failed',
        message: 'The engine ended this run before its last trial; resume it to compute the rest.'
      })
    }
  }

  /** Have looked at all its trials before its end is stored, which then takes no time of others. */
  async conclude(run: ActiveRun, whole: boolean): Promise<void> {
    if (run.unsaved.length === 0) run.conclusion = await this.#deps.look('conclusion', this.#concluding(run, whole))
  }

  /** Store a run's state: while it computes, and how it ended. @throws StudioError what the store says */
  save(run: ActiveRun): void {
    const { store } = this.#deps
    const { id, status, ended, elapsedMs, backend, error } = run
    if (ended === null) return store.write.changeRun(id, { status, elapsedMs, ended, error })
    if (run.unsaved.length) {
      store.write.addTrials(id, run.unsaved, elapsedMs, backend)
      run.unsaved.length = 0
    }
    const { best, judgements } = run.conclusion ?? conclusion(store.read, this.#concluding(run, status === 'done'))
    store.write.changeRun(id, {
      ...{ status, ended, elapsedMs, backend, error, best },
      provenance: { ...run.provenance, backend, ended, exit: status }
    })
    for (const line of judged(store, id, judgements, ended)) this.log(id, line)
    this.log(id, error?.message ?? endOf(run.progress()))
  }

  /** The studio goes, and other computers go on. */
  leave(run: ActiveRun): void {
    const { id, elapsedMs, backend, provenance } = run
    run.left = true
    try {
      this.#deps.store.write.changeRun(id, { elapsedMs, backend, provenance })
    } catch {
      // What came is stored; only who computed it is not told.
    }
  }

  placeOf(run: ActiveRun): BatchPlace {
    const { place, computers } = this.#deps
    return run.only ?? (run.place === 'here' ? place : computers.at(run.place))
  }

  /** The user's own choice for this machine says nothing of another one. */
  #backendOf(run: ActiveRun): BackendChoice {
    return run.place === 'here' ? this.#deps.backend() : 'auto'
  }

  /** A line that cannot be stored is told all the same: what else cannot be stored says so itself. */
  log(id: string, text: string): void {
    const time = new Date().toISOString()
    try {
      this.#deps.store.write.addLog(id, time, text)
    } catch (thrown) {
      this.#deps.stop(id, toErrorData(thrown))
    }
    this.#deps.events.now('run.log', { runId: id, time, text })
  }

  /** Ask what to try next, when all that was proposed so far has been tried and proposals are still made. */
  async #propose(job: Job<ActiveRun>): Promise<void> {
    const run = job.document
    const { store, place, tuner: tunerOf } = this.#deps
    const { experiment } = run.run
    const tuner = tunerOf?.(experiment)
    const tuning = store.read.tuning(run.id)
    if (!tuner || !tuning || run.settled || !this.#tried(run)) return
    try {
      const { catalog } = await place.ready()
      const cells = (await proposals(tuner, run.reported, tuning)).map(({ for: index, values }) =>
        proposedCell(experiment, catalog, { cell: run.reported[index], index }, values)
      )
      job.check()
      store.write.addTuningCells(run.id, tuning.first + tuning.cells.length, cells)
      run.add(cells)
      await this.#weigh(run)
    } catch (error) {
      job.interrupt(toErrorData(error))
    }
  }

  /** Hand the place what is missing, and wait for its end; undefined where nothing is. */
  #batch(job: Job<ActiveRun>): Promise<Ending> | undefined {
    const run = job.document
    const { store } = this.#deps
    const untried = this.#untried(run)
    const left = missingOf(run, store.read, this.#backendOf(run))
    const batch = untried ?? left
    if (batch.cells.length === 0) return undefined
    run.handOver(untried ? 'tuning' : 'report', [...(untried?.cells ?? []), ...left.cells])
    return new Promise((resolve) => {
      // After the run has ended here, nothing of it is heard.
      const here = (): boolean => run.ended === null && !run.left
      const heard = runNews(job, { ...this.#deps, log: (id, text) => this.log(id, text) })
      run.abandon = () => resolve({ how: 'cancelled', error: null })
      this.placeOf(run).run(batch, {
        trials: (trials) => void (here() && heard.trials(trials)),
        points: (points) => void (here() && heard.points(points)),
        checkpoint: (cell, trials) => void (here() && heard.checkpoint(cell, trials)),
        log: (text) => void (here() && this.log(run.id, text)),
        fellBack: (fallback) => run.fellBack(fallback),
        holding: (under) => void (here() && heard.holding(under)),
        computedBy: (computer, trials) => run.computers.add(computer, trials),
        ended(ending) {
          run.abandon = undefined
          resolve(ending)
        }
      })
    })
  }

  /** Whether every trial of tuning is stored. */
  #tried({ id }: ActiveRun): boolean {
    const tuning = this.#deps.store.read.tuning(id)
    return !tuning || tuning.trials.length >= tuning.cells.length * tuning.seeds.length
  }

  /** What tuning has still to try. When that is nothing, the report's cells take what won. */
  #untried(run: ActiveRun): RunJob | undefined {
    const { store } = this.#deps
    const tuning = store.read.tuning(run.id)
    if (!tuning || run.settled) return undefined
    const job = untriedOf(run, tuning, store.read, this.#backendOf(run))
    if (job.cells.length) return job
    const cells = settled(run.reported, tuning)
    store.write.settleCells(run.id, cells)
    run.settle(cells)
    for (const line of winnerLines(tuningTable(tuning, run.run.experiment.tuning))) this.log(run.id, line)
    this.#deps.events.changed([run.id])
    return undefined
  }

  #concluding({ id, run }: ActiveRun, whole: boolean): Concluding {
    const { known } = this.#deps.place
    return { id, task: known && taskIn(known.catalog, run.task), whole }
  }
}

const endOf = ({ status, done, diverged, failed, trials }: Progress): string =>
  `${status[0].toUpperCase()}${status.slice(1)}: ${done + diverged + failed} of ${plural(trials, 'trial has', 'trials have')} ended.`

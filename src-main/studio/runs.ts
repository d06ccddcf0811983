/** The life of runs, as their calls tell it: started, paused, resumed, extended, cancelled. One computes, others wait. */
import { ulid } from 'ulid'
import { modelIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import type { Cell, Grid } from '../../src-shared/grid/cell.ts'
import type { PlaceChoice } from '../../src-shared/shapes/place.ts'
import type { Provenance, RunRow } from '../../src-shared/shapes/run.ts'
import { errorOf, StudioError, type ErrorData } from '../../src-shared/shapes/errors.ts'
import { checkExperiment, limits, seedsOf, withSeeds, type Experiment } from '../../src-shared/shapes/experiment.ts'
import { runRecord } from '../../src-shared/exchange/results-file.ts'
import { isReference } from '../../src-shared/exchange/reference.ts'
import { contentHash } from '../../src-shared/grid/identity.ts'
import { plural } from '../../src-shared/text/numbers.ts'
import type { RunJob } from '../engine/protocol.ts'
import type { Ready } from '../places/place.ts'
import type { SlurmFolder } from '../places/slurm/folder.ts'
import { GatheredFolder, outcomesIn } from '../places/slurm/slurm.ts'
import type { Mended } from '../store/check.ts'
import { ActiveRun } from './active-run.ts'
import type { Computers } from './computers.ts'
import { Jobs, type Job } from './jobs/jobs.ts'
import type { Machine } from './machine.ts'
import { optunaLibraries } from './optuna.ts'
import { planned, type MisfitsOf, type MoreChecks } from './plan.ts'
import { missingOf, refuseChanged } from './run-grid.ts'
import { driftedText } from './run-news.ts'
import { RunWork, type RunWorkDeps } from './run-work.ts'
import { newTuning } from './tuning.ts'
import { unsavedFile, type UnsavedFile } from './unsaved-file.ts'

export interface RunDeps extends Omit<RunWorkDeps, 'stop'> {
  computers: Pick<Computers, 'at' | 'ready'>
  machine: Machine
  /** What else may be wrong with a grid. */
  more: MoreChecks
  misfits: MisfitsOf
}

/** A cancel that the engine has not answered after this long ends the engine's process instead. */
const cancelPatienceMs = 900

/** Trials of a run that is written whole beside its unsaved ones. */
const mostWithStored = 100_000

export class Runs {
  readonly #deps: RunDeps
  readonly #jobs: Jobs<ActiveRun>
  readonly #work: RunWork

  constructor(deps: RunDeps) {
    const { events } = deps
    this.#deps = deps
    this.#work = new RunWork({
      ...deps,
      stop: (id, error) => {
        const job = this.#jobs.get(id)
        if (job) void this.#jobs.stop(job, 'interrupted', error)
      }
    })
    this.#jobs = new Jobs<ActiveRun>({
      what: 'run',
      after: '; resume it to compute the rest',
      save: (run) => this.#work.save(run),
      conclude: (run, status) => this.#work.conclude(run, status === 'done'),
      tell(run) {
        events.newest('run.progress', run.id, () => run.progress())
        events.changed([run.id])
      },
      giveUp: (run) => this.#giveUp(run),
      turns: {
        prepare: (run) => this.#work.prepare(run),
        hold: (run) => this.#work.placeOf(run).tell('pause', run.id),
        goOn: (run) => this.#work.placeOf(run).tell('resume', run.id),
        elsewhere: (run) => run.place !== 'here',
        leave: (run) => this.#work.leave(run)
      }
    })
  }

  isActive(id: string): boolean {
    return this.#jobs.get(id) !== undefined
  }

  /** Whether anything computes or waits to. */
  get busy(): boolean {
    return this.#jobs.active.length > 0
  }

  /** Call back once, when nothing computes. */
  whenIdle(then: () => void): void {
    this.#jobs.whenIdle(then)
  }

  /** @throws StudioError what is wrong with the experiment, engine-crashed, disk-full, read-only */
  async start(json: unknown, name: string | undefined, on: PlaceChoice = { kind: 'here' }): Promise<string> {
    const { catalog, backends } = await this.#deps.place.ready()
    const { experiment, grid } = planned(json, catalog, this.#deps.more)
    const [misfit] = await this.#deps.misfits(experiment.task.kind, grid)
    if (misfit) throw errorOf(misfit)
    const tunedWith = await optunaLibraries(experiment, this.#deps.place)
    await this.#deps.computers.ready(on.kind)
    const id = ulid()
    this.#add(id, experiment, grid, { name, place: placed(on), catalog, backends, tunedWith })
    await this.#enqueue(id)
    return id
  }

  /**
   * Take up what a cluster has computed in a folder, in the run that its plan names; what is missing stays missing, and
   * what is there already is compared.
   * @returns the run
   * @throws StudioError not-found or bad-file for what is no plan, conflict while that run computes
   */
  async gather(folder: SlurmFolder): Promise<string> {
    const { store, place } = this.#deps
    const { run: id } = folder.plan()
    const { catalog, backends } = await place.ready()
    if (this.isActive(id)) throw new StudioError('conflict', 'This run is taken up already.')
    if (!store.read.hasRun(id)) {
      const { experiment, grid } = planned(folder.experiment(), catalog, this.#deps.more)
      this.#add(id, experiment, grid, { name: undefined, place: {}, catalog, backends, tunedWith: {} })
    } else {
      await this.#compareWith(id, folder)
      if (store.read.run(id).status === 'done') return id
    }
    await this.#enqueue(id, { only: new GatheredFolder(folder, place) })
    return id
  }

  /** What the report of a stored run misses; undefined before its tuning has set its parameters, or without such a run. */
  left(id: string): RunJob | undefined {
    const { read } = this.#deps.store
    if (!read.hasRun(id)) return undefined
    const run = new ActiveRun(read.run(id), read.cells(id), read.tuning(id))
    return run.settled ? missingOf(run, read, 'auto') : undefined
  }

  /** Hold what a folder says of trials that are stored to what is stored. */
  async #compareWith(id: string, folder: SlurmFolder): Promise<void> {
    const { store, place } = this.#deps
    const { experiment, elapsedMs, backend } = store.read.run(id)
    const seeds = seedsOf(experiment)
    const cells = store.read.cells(id).map((cell, index) => ({ ...cell, index, seeds }))
    const { task, generator } = experiment
    const job = { runId: id, task: task.kind, generator, backend: experiment.backend, cells }
    const stored = store.read.seedsStored(id)
    const before = store.read.drifts(id).length
    for await (const outcomes of outcomesIn(folder, place, job)) {
      const again = outcomes.filter(({ cell, seed }) => stored.get(cell)?.has(seed))
      store.write.addTrials(id, again, elapsedMs, backend)
    }
    const drifted = store.read.drifts(id).length - before
    if (drifted) this.#work.log(id, driftedText(drifted))
  }

  /** What was left to other computers is theirs still: hear of it again. */
  takeUp(): void {
    // One that cannot be taken up stands in the history as it was.
    for (const id of this.#deps.store.read.runsElsewhere())
      void this.#enqueue(id, { patient: true }).catch(() => undefined)
  }

  #add(id: string, experiment: Experiment, grid: Grid, { name, place, catalog, backends, tunedWith }: AddedRun): void {
    const { store, machine } = this.#deps
    const created = new Date().toISOString()
    const provenance: Provenance = {
      ...machine,
      libraries: { ...machine.libraries, ...pythonLibraries(catalog, grid.cells), ...tunedWith },
      experimentHash: contentHash(experiment),
      backend: '',
      adapter: backends
        .filter(({ available }) => available)
        .map((b) => `${b.name}: ${b.adapter}`)
        .join('; '),
      generator: experiment.generator,
      ...place,
      started: created,
      ended: null,
      exit: 'queued'
    }
    const { cells, seeds } = grid
    store.write.addRun({
      id,
      name: name ?? experiment.name,
      created,
      experiment,
      cells,
      seeds: seeds.length,
      provenance
    })
    if (grid.tuning) store.write.addTuning(id, newTuning(grid.tuning, cells.length))
  }

  pause(id: string): void {
    const job = this.#expect(id)
    if (job.stopping || job.document.status === 'paused')
      throw new StudioError('conflict', 'Only a run that waits or computes can be paused.')
    this.#jobs.pause(job)
    this.#work.log(id, 'Paused.')
  }

  /** Go on with a paused run, or with one that ended before its grid was complete, at the first missing trial. */
  async resume(id: string): Promise<void> {
    const paused = this.#jobs.get(id)
    if (paused) {
      if (paused.document.status !== 'paused' || paused.stopping)
        throw new StudioError('conflict', 'This run is not paused; wait until it has ended to resume it.')
      this.#jobs.resume(paused)
      return this.#work.log(id, 'Resumed.')
    }
    const { store } = this.#deps
    this.#jobs.unsaved.save(id)
    // What is damaged comes back from a backup, or is missing and computed again.
    const mended = (await this.#deps.look('hasDamage', { id })) ? store.mend() : undefined
    const run = store.read.run(id)
    const { status } = run
    if (run.trashed) throw new StudioError('conflict', 'This run is in the trash; restore it first.')
    if (mended) this.#work.log(id, mendedText(mended, id))
    if (mended && status === 'done') return this.#deps.events.changed([id])
    if (isReference(run) || (status === 'done' && store.read.machineFailures(id) === 0))
      throw new StudioError('conflict', `This run is ${status}; there is nothing to resume.`)
    refuseChanged(id, store.read, (await this.#deps.place.ready()).catalog)
    if (this.isActive(id)) return
    // What failed because of the machine is no result: it is computed again.
    const dropped = store.write.dropMachineFailures(id)
    const said = dropped
      ? `Resumed; ${plural(dropped, 'trial that the machine failed on is', 'trials that the machine failed on are')} computed again.`
      : 'Resumed.'
    await this.#enqueue(id, { said })
  }

  /**
   * Go on with a run that has ended until it has so many seeds.
   * @throws StudioError conflict while it computes, in the trash or with as many already; too-large
   */
  async extend(id: string, count: number): Promise<void> {
    const { store } = this.#deps
    this.#jobs.unsaved.save(id)
    const run = store.read.run(id)
    if (this.isActive(id)) throw new StudioError('conflict', 'This run still computes; add seeds when it has ended.')
    if (run.trashed) throw new StudioError('conflict', 'This run is in the trash; restore it first.')
    if (count <= run.seeds)
      throw new StudioError('conflict', `This run has ${plural(run.seeds, 'seed')} already.`, { field: 'seeds' })
    const trials = store.read.cells(id).length * count
    if (trials > limits.trials)
      throw new StudioError(
        'too-large',
        `That would be ${plural(trials, 'trial')}; at most ${limits.trials} are allowed.`
      )
    refuseChanged(id, store.read, (await this.#deps.place.ready()).catalog)
    if (this.isActive(id)) return
    const experiment = checkExperiment(withSeeds(run.experiment, count))
    const provenance = { ...run.provenance, experimentHash: contentHash(experiment) }
    store.write.extendRun(id, experiment, count, trials)
    store.write.changeRun(id, { status: 'queued', provenance })
    await this.#enqueue(id, { said: `Continued from ${run.seeds} to ${plural(count, 'seed')}.` })
  }

  cancel(id: string): void {
    void this.#jobs.stop(this.#expect(id), 'cancelled', null)
  }

  /** A stored run as it stands: one whose end could not be stored has ended all the same. */
  shown<R extends RunRow & { error?: ErrorData | null }>(run: R): R {
    const unsaved = this.#jobs.unsaved.get(run.id)
    if (!unsaved) return run
    const { status, ended, error } = unsaved
    const trials = unsaved.unsaved.length
    return { ...run, status, ended, ...('error' in run && { error }), ...(trials && { unsaved: trials }) }
  }

  /** What could not be stored, as files for another place. @param only of this run */
  unsaved(only?: string): UnsavedFile[] {
    const { store, machine } = this.#deps
    return this.#jobs.unsaved.all
      .filter(({ id, unsaved }) => unsaved.length && (only === undefined || id === only))
      .map(({ run, reported, error, unsaved }) => {
        let record = runRecord(run, reported, [], [])
        // What was stored may be in a file that has no name any more: as long as it is open, it can be read.
        if (error?.code === 'store-gone' && run.trials <= mostWithStored)
          try {
            record = store.read.record(run.id)
          } catch {
            // Then it is what is kept here that can be saved.
          }
        return unsavedFile(record, unsaved, machine.version)
      })
  }

  /** Runs that compute become interrupted; nothing is started any more. */
  close(): void {
    this.#jobs.close()
  }

  #expect(id: string): Job<ActiveRun> {
    const job = this.#jobs.get(id)
    if (job) return job
    const { status } = this.#deps.store.read.run(id)
    throw new StudioError('conflict', `This run is ${status}; it does not compute now.`)
  }

  /** What is stored of a run waits from now on. */
  async #enqueue(id: string, { said, only, patient = false }: Enqueued = {}): Promise<void> {
    const { read } = this.#deps.store
    const stored = read.run(id)
    const points = this.#deps.tuner?.(stored.experiment)?.points
    const run = new ActiveRun(stored, read.cells(id), read.tuning(id), points)
    run.only = only
    run.patient = patient
    if (said !== undefined) this.#work.log(id, said)
    await this.#jobs.start(run, (job) => this.#work.compute(job))
  }

  /** Tell the engine to stop; its process is ended when it does not answer. */
  #giveUp(run: ActiveRun): void {
    const { place } = this.#deps
    this.#work.placeOf(run).tell('cancel', run.id)
    setTimeout(() => {
      // It has stopped, and may still be looked at.
      if (this.#jobs.get(run.id)?.document !== run || !run.abandon) return
      if (run.place === 'here' && !run.only) place.restart('The engine did not stop in time and was started again.')
      else run.abandon()
    }, cancelPatienceMs).unref()
  }
}

interface Enqueued extends Partial<Pick<ActiveRun, 'only' | 'patient'>> {
  /** A line for its log. */
  said?: string
}

interface AddedRun extends Pick<Ready, 'catalog' | 'backends'> {
  name: string | undefined
  place: Pick<Provenance, 'place' | 'slurm'>
  /** Versions of what proposes what is tried. */
  tunedWith: Record<string, string>
}

/** Where a run is computed, as its provenance says it. */
function placed(on: PlaceChoice): Pick<Provenance, 'place' | 'slurm'> {
  if (on.kind === 'here') return {}
  if (on.kind === 'queue') return { place: 'queue' }
  const { kind, ...slurm } = on
  return { place: kind, slurm }
}

/** The versions of the user's Python, where it computes a model of the run. */
function pythonLibraries(catalog: Catalog, cells: readonly Cell[]): Record<string, string> {
  const takesPart = cells.some(({ model }) => modelIn(catalog, model)?.origin.endsWith('.py'))
  const { python, numpy, torch } = (takesPart && catalog.python) || {}
  return { ...(python && { python }), ...(numpy && { numpy }), ...(torch && { torch }) }
}

const mendedText = ({ restored, missing }: Mended, id: string): string =>
  `Damage in the data file: ${plural(restored, 'entry was', 'entries were')} restored from backups, ` +
  `${plural(missing.find(({ run }) => run === id)?.trials ?? 0, 'trial is', 'trials are')} computed again.`

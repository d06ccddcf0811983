/** Runs in progress: one computes at a time, others wait; every message of the engine is stored before it is told. */
import { misfits } from './weights-files.ts'
import { ulid } from 'ulid'
import { modelIn, taskIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import type { Cell, Grid } from '../../src-shared/grid/cell.ts'
import type { Progress, Provenance, RunRow, RunStatus } from '../../src-shared/shapes/run.ts'
import { errorOf, StudioError, toErrorData, type ErrorData } from '../../src-shared/shapes/errors.ts'
import {
  type BackendChoice,
  checkExperiment,
  limits,
  withSeeds,
  type Experiment
} from '../../src-shared/shapes/experiment.ts'
import { tuningTable } from '../../src-shared/findings/tuning.ts'
import { contentHash } from '../../src-shared/grid/identity.ts'
import type { PlaceChoice } from '../../src-shared/shapes/place.ts'
import type { BatchListener, BatchPlace, Ending, Place, Ready } from '../places/place.ts'
import type { SlurmFolder } from '../places/slurm/folder.ts'
import { GatheredFolder } from '../places/slurm/slurm.ts'
import type { RunJob } from '../engine/protocol.ts'
import type { Mended } from '../store/check.ts'
import type { Store } from '../store/store.ts'
import { ActiveRun, type EndStatus } from './active-run.ts'
import { withComputer, type Computers } from './computers.ts'
import type { Events } from './events.ts'
import type { Machine } from './machine.ts'
import { judgeRun } from './predictions.ts'
import { planned, trialFlops, type MoreChecks } from './plan.ts'
import { missingOf, refuseChanged, untriedOf } from './run-grid.ts'
import { runNews } from './run-news.ts'
import { newTuning, settled, winnerLines } from './tuning.ts'
import { UnsavedEnds, type UnsavedEnd } from './unsaved-ends.ts'

/** A cancel that the engine has not answered after this long ends the engine's process instead. */
const cancelPatienceMs = 900

export interface RunDeps {
  store: Store
  place: Place
  /** Other computers. */
  computers: Pick<Computers, 'at' | 'ready'>
  events: Events
  machine: Machine
  /** The user's backend, for experiments that leave it open. */
  backend: () => BackendChoice
  /** What else may be wrong with a grid. */
  more: MoreChecks
}

const resumable: readonly RunStatus[] = ['interrupted', 'cancelled', 'failed']
const now = (): string => new Date().toISOString()

export class Runs {
  readonly #deps: RunDeps
  readonly #active = new Map<string, ActiveRun>()
  #starting = false
  #closed = false
  #idle: (() => void) | undefined
  readonly #unsaved: UnsavedEnds

  constructor(deps: RunDeps) {
    this.#deps = deps
    this.#unsaved = new UnsavedEnds(deps.store.write, (id, { error }) => {
      this.#log(id, error?.message ?? 'Interrupted.')
      deps.events.changed([id])
    })
  }

  isActive(id: string): boolean {
    return this.#active.has(id)
  }

  /** Whether anything computes or waits to. */
  get busy(): boolean {
    return this.#active.size > 0
  }

  /** Call back once, when nothing computes. */
  whenIdle(then: () => void): void {
    if (this.#active.size === 0) then()
    else this.#idle = then
  }

  /** @throws StudioError what is wrong with the experiment, engine-crashed, disk-full, read-only */
  async start(json: unknown, name: string | undefined, on: PlaceChoice = { kind: 'here' }): Promise<string> {
    const { catalog, backends } = await this.#deps.place.ready()
    const { experiment, grid } = planned(json, catalog, this.#deps.more)
    const [misfit] = await misfits(experiment.task.kind, grid, this.#deps.place)
    if (misfit) throw errorOf(misfit)
    await this.#deps.computers.ready(on.kind)
    const id = ulid()
    this.#add(id, experiment, grid, { name, place: placed(on), catalog, backends })
    this.#enqueue(id)
    return id
  }

  /**
   * Take up what a cluster has computed in a folder, in the run that its plan names; what is missing stays missing.
   * @returns the run
   * @throws StudioError not-found or bad-file for what is no plan, conflict while that run computes
   */
  async gather(folder: SlurmFolder): Promise<string> {
    const { store, place } = this.#deps
    const { run: id } = folder.plan()
    const { catalog, backends } = await place.ready()
    if (this.#active.has(id)) throw new StudioError('conflict', 'This run is taken up already.')
    if (!store.read.hasRun(id)) {
      const { experiment, grid } = planned(folder.experiment(), catalog, this.#deps.more)
      this.#add(id, experiment, grid, { name: undefined, place: {}, catalog, backends })
    } else if (store.read.run(id).status === 'done') return id
    else store.write.changeRun(id, { status: 'queued', ended: null, error: null })
    this.#enqueue(id, new GatheredFolder(folder, place))
    return id
  }

  #add(
    id: string,
    experiment: Experiment,
    grid: Grid,
    {
      name,
      place,
      catalog,
      backends
    }: { name: string | undefined; place: Pick<Provenance, 'place' | 'slurm'> } & Pick<Ready, 'catalog' | 'backends'>
  ): void {
    const { store, machine } = this.#deps
    const created = now()
    const provenance: Provenance = {
      ...machine,
      libraries: { ...machine.libraries, ...pythonLibraries(catalog, grid.cells) },
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
    const run = this.#expect(id)
    if (run.stopping || run.status === 'paused')
      throw new StudioError('conflict', 'Only a run that waits or computes can be paused.')
    if (run.attached) this.#placeOf(run).tell('pause', id)
    this.#turn(run, 'paused')
    this.#log(id, 'Paused.')
    void this.#next()
  }

  /** Go on with a paused run, or with one that ended before its grid was complete, at the first missing trial. */
  async resume(id: string): Promise<void> {
    const paused = this.#active.get(id)
    if (paused) {
      if (paused.status !== 'paused' || paused.stopping)
        throw new StudioError('conflict', 'This run is not paused; wait until it has ended to resume it.')
      this.#turn(paused, 'queued')
      this.#log(id, 'Resumed.')
      return this.#next()
    }
    const { store } = this.#deps
    this.#unsaved.save(id)
    // What is damaged comes back from a backup, or is missing and computed again.
    const mended = store.read.hasDamage(id) ? store.mend() : undefined
    const { status, trashed, provenance } = store.read.run(id)
    if (trashed) throw new StudioError('conflict', 'This run is in the trash; restore it first.')
    if (mended) this.#log(id, mendedText(mended, id))
    if (mended && status === 'done') return this.#deps.events.changed([id])
    const away = (provenance.place ?? 'here') !== 'here' && ['queued', 'running', 'paused'].includes(status)
    if (!away && !resumable.includes(status) && store.read.machineFailures(id) === 0)
      throw new StudioError('conflict', `This run is ${status}; there is nothing to resume.`)
    refuseChanged(id, store.read, (await this.#deps.place.ready()).catalog)
    if (this.#active.has(id)) return
    // What failed because of the machine is no result: it is computed again.
    const dropped = store.write.dropMachineFailures(id)
    store.write.changeRun(id, { status: 'queued', ended: null, error: null })
    this.#log(id, dropped ? `Resumed; ${dropped} trials that the machine failed on are computed again.` : 'Resumed.')
    this.#enqueue(id)
  }

  /**
   * Go on with a run that has ended until it has so many seeds.
   * @throws StudioError conflict while it computes, in the trash or with as many already; too-large
   */
  async extend(id: string, count: number): Promise<void> {
    const { store } = this.#deps
    this.#unsaved.save(id)
    const run = store.read.run(id)
    if (this.#active.has(id)) throw new StudioError('conflict', 'This run still computes; add seeds when it has ended.')
    if (run.trashed) throw new StudioError('conflict', 'This run is in the trash; restore it first.')
    if (count <= run.seeds)
      throw new StudioError('conflict', `This run has ${run.seeds} seeds already.`, { field: 'seeds' })
    const trials = store.read.cells(id).length * count
    if (trials > limits.trials)
      throw new StudioError('too-large', `That would be ${trials} trials; at most ${limits.trials} are allowed.`)
    refuseChanged(id, store.read, (await this.#deps.place.ready()).catalog)
    if (this.#active.has(id)) return
    const experiment = checkExperiment(withSeeds(run.experiment, count))
    const provenance = { ...run.provenance, experimentHash: contentHash(experiment) }
    store.write.extendRun(id, experiment, count, trials)
    store.write.changeRun(id, { status: 'queued', ended: null, error: null, provenance })
    this.#log(id, `Continued from ${run.seeds} to ${count} seeds.`)
    this.#enqueue(id)
  }

  cancel(id: string): void {
    const run = this.#expect(id)
    if (!run.stopping) this.#stop(run, 'cancelled', null)
  }

  /** A stored run as it stands: one whose end could not be stored has ended all the same. */
  shown<R extends RunRow & { error?: ErrorData | null }>(run: R): R {
    return this.#unsaved.shown(run)
  }

  /** Runs that compute become interrupted; nothing is started any more. */
  close(): void {
    this.#closed = true
    const error: ErrorData = {
      code: 'cancelled',
      message: 'The studio was closed during this run; resume it to compute the rest.'
    }
    for (const run of [...this.#active.values()])
      if (run.place === 'here') this.#finish(run, 'interrupted', error)
      else this.#leave(run)
    this.#unsaved.close()
  }

  /** What was left to other computers is theirs still: hear of it again. */
  takeUp(): void {
    for (const id of this.#deps.store.read.runsElsewhere())
      if (!this.#active.has(id))
        try {
          this.#enqueue(id)
        } catch {
          // It stands in the history as interrupted, with the reason.
        }
  }

  /** The studio goes; other computers go on with a run. */
  #leave(run: ActiveRun): void {
    clearTimeout(run.stopping?.timer)
    this.#active.delete(run.id)
    if (run.stopping) return this.#finish(run, run.stopping.status, run.stopping.error)
    const { elapsedMs, backend } = run
    try {
      this.#deps.store.write.changeRun(run.id, { elapsedMs, backend, provenance: whereFrom(run) })
    } catch {
      // What came is stored; who computed it is told by the log.
    }
  }

  #placeOf(run: ActiveRun): BatchPlace {
    const { place, computers } = this.#deps
    return run.only ?? (run.place === 'here' ? place : computers.at(run.place))
  }

  /** What the place says of a run's batch. After the run has ended here, nothing of it is heard. */
  #hear(run: ActiveRun): BatchListener {
    const heard = runNews(run, this.#deps, {
      lost: (error) => this.#stop(run, 'interrupted', error),
      counted: () => this.#tell(run),
      drifted: (trials) => {
        if (trials <= run.drifted) return
        run.drifted = trials
        this.#log(run.id, `${trials} trials were answered twice and not alike; both answers are kept.`)
      }
    })
    const here = (): boolean => this.#active.get(run.id) === run
    return {
      trials: (trials) => void (here() && heard.trials(trials)),
      points: (points) => void (here() && heard.points(points)),
      checkpoint: (cell, trials) => void (here() && heard.checkpoint(cell, trials)),
      log: (text) => void (here() && this.#log(run.id, text)),
      fellBack: (fallback) => run.fellBack(fallback),
      computedBy: (computer, trials) => void (run.computers = withComputer(run.computers, computer, trials)),
      ended: (ending) => void (here() && this.#ended(run, ending))
    }
  }

  #ended(run: ActiveRun, { how, error }: Ending): void {
    if (how === 'gone') run.attached = false
    if (how === 'done' && run.stage === 'report' && run.complete) return this.#finish(run, 'done', null)
    if (run.stopping) return this.#finish(run, run.stopping.status, run.stopping.error)
    // What was paused begins anew when it is resumed.
    if (how === 'gone') return run.status === 'running' ? this.#finish(run, 'interrupted', error) : void this.#next()
    if (how !== 'done') return this.#finish(run, how, error)
    if (run.stage === 'tuning' && this.#tried(run)) {
      run.attached = false
      return run.status === 'running' ? this.#begin(run) : void this.#next()
    }
    this.#finish(run, 'interrupted', {
      code: 'engine-failed',
      message: 'The engine ended this run before its last trial; resume it to compute the rest.'
    })
  }

  #expect(id: string): ActiveRun {
    const run = this.#active.get(id)
    if (run) return run
    const { status } = this.#deps.store.read.run(id)
    throw new StudioError('conflict', `This run is ${status}; it does not compute now.`)
  }

  /** A run that stands in the store as queued: it waits here, or is interrupted with the reason why it cannot. */
  #enqueue(id: string, only?: BatchPlace): void {
    const { read } = this.#deps.store
    let run: ActiveRun
    try {
      run = new ActiveRun(read.run(id), read.cells(id), read.tuning(id))
      run.only = only
    } catch (thrown) {
      this.#unsaved.keep(id, { end: { status: 'interrupted', ended: now(), error: toErrorData(thrown) }, trials: [] })
      throw thrown
    }
    this.#active.set(id, run)
    this.#tell(run)
    this.#deps.events.changed([id])
    void this.#next()
  }

  /** Begin the run that has waited longest, when nothing computes. */
  async #next(): Promise<void> {
    if (this.#starting || this.#closed) return
    this.#starting = true
    try {
      for (;;) {
        const runs = [...this.#active.values()]
        // Here one computes at a time; other computers see to their own order.
        const busy = runs.some((run) => run.place === 'here' && (run.status === 'running' || run.stopping))
        const next = runs.find((run) => run.status === 'queued' && !(busy && run.place === 'here'))
        if (!next) return
        const { state } = this.#deps.place
        if (state.state === 'crashed') {
          this.#finish(next, 'interrupted', { code: 'engine-crashed', message: state.message })
          continue
        }
        // A start that fails shows in the state at the next turn.
        const ready = await this.#weigh(next).then(
          () => true,
          () => false
        )
        if (this.#closed) return
        if (ready && this.#active.get(next.id) === next && next.status === 'queued') this.#begin(next)
      }
    } finally {
      this.#starting = false
    }
  }

  /** @throws StudioError engine-crashed when there is no engine to run on */
  async #weigh(run: ActiveRun): Promise<void> {
    const { place } = this.#deps
    await place.ready()
    if (run.weighed) return
    try {
      const { cells } = run
      const costs = await place.request('costs', { task: run.run.task, cells: [...cells] })
      run.weigh(costs.map(trialFlops))
    } catch (error) {
      // A cost that cannot be told spoils the forecast, not the run.
      if (toErrorData(error).code === 'engine-crashed') throw error
      run.weigh()
    }
  }

  #begin(run: ActiveRun): void {
    try {
      if (run.attached) this.#placeOf(run).tell('resume', run.id)
      else {
        const { store } = this.#deps
        const untried = this.#untried(run)
        const left = missingOf(run, store.read, this.#backendOf(run))
        const job = untried ?? left
        if (job.cells.length === 0) return this.#finish(run, 'done', null)
        this.#placeOf(run).run(job, this.#hear(run))
        run.handOver(untried ? 'tuning' : 'report', [...(untried?.cells ?? []), ...left.cells])
      }
      this.#turn(run, 'running')
    } catch (error) {
      if (run.attached) this.#stop(run, 'interrupted', toErrorData(error))
      else this.#finish(run, 'interrupted', toErrorData(error))
    }
  }

  /** The user's own choice for this machine says nothing of another one. */
  #backendOf(run: ActiveRun): BackendChoice {
    return run.place === 'here' ? this.#deps.backend() : 'auto'
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
    for (const line of winnerLines(tuningTable(tuning))) this.#log(run.id, line)
    this.#deps.events.changed([run.id])
    return undefined
  }

  /** Tell the engine to stop; the run ends when it has, or when its process is ended for not answering. */
  #stop(run: ActiveRun, status: EndStatus, error: ErrorData | null): void {
    if (!run.attached) return this.#finish(run, status, error)
    this.#placeOf(run).tell('cancel', run.id)
    const timer = setTimeout(
      () =>
        run.place === 'here'
          ? this.#deps.place.restart('The engine did not stop in time and was started again.')
          : this.#finish(run, status, error),
      cancelPatienceMs
    )
    run.stopping = { status, error, timer }
    this.#tell(run)
  }

  #turn(run: ActiveRun, status: ActiveRun['status']): void {
    run.turn(status)
    try {
      this.#deps.store.write.changeRun(run.id, { status, elapsedMs: run.elapsedMs })
    } catch (thrown) {
      return this.#stop(run, 'interrupted', toErrorData(thrown))
    }
    this.#tell(run)
    this.#deps.events.changed([run.id])
  }

  #finish(run: ActiveRun, status: EndStatus, error: ErrorData | null): void {
    clearTimeout(run.stopping?.timer)
    this.#active.delete(run.id)
    const { store, events } = this.#deps
    const ended = now()
    const { backend, elapsedMs } = run
    let [told, shown] = [status, error]
    const end = (): UnsavedEnd['end'] => ({
      ...{ status: told, ended, elapsedMs, backend, error: shown },
      provenance: {
        ...whereFrom(run),
        ...{ backend, ended, exit: told }
      }
    })
    try {
      if (run.unsaved.length) throw errorOf(error ?? { code: 'internal', message: 'Some trials could not be stored.' })
      store.write.changeRun(run.id, { ...end(), best: this.#best(run) })
      if (status === 'done') for (const line of judgeRun(store, run.id, ended)) this.#log(run.id, line)
      this.#log(run.id, error?.message ?? endOf(run.progress(), status))
    } catch (failure) {
      shown ??= toErrorData(failure)
      told = 'interrupted'
      this.#unsaved.keep(run.id, { end: end(), trials: run.unsaved })
    }
    events.progress({
      ...run.progress(),
      ...{ status: told, elapsedMs, leftMs: told === 'done' ? 0 : null, error: shown }
    })
    events.changed([run.id])
    events.flush()
    if (this.#active.size === 0) {
      const idle = this.#idle
      this.#idle = undefined
      idle?.()
    }
    void this.#next()
  }

  #best(run: ActiveRun): ReturnType<Store['read']['bestModel']> {
    const { known } = this.#deps.place
    const task = known && taskIn(known.catalog, run.run.task)
    const metric = task?.metrics.find(({ name }) => name === task.mainMetric)
    return metric ? this.#deps.store.read.bestModel(run.id, metric.name, metric.direction) : null
  }

  #tell(run: ActiveRun): void {
    this.#deps.events.progress(run.progress())
  }

  /** A line that cannot be stored is told all the same: what else cannot be stored says so itself. */
  #log(id: string, text: string): void {
    const time = now()
    try {
      this.#deps.store.write.addLog(id, time, text)
    } catch (thrown) {
      const run = this.#active.get(id)
      if (run && !run.stopping) this.#stop(run, 'interrupted', toErrorData(thrown))
    }
    this.#deps.events.now('run.log', { runId: id, time, text })
  }
}

/** Where a run is computed, as its provenance says it. */
function placed(on: PlaceChoice): Pick<Provenance, 'place' | 'slurm'> {
  if (on.kind === 'here') return {}
  if (on.kind === 'queue') return { place: 'queue' }
  const { kind, ...slurm } = on
  return { place: kind, slurm }
}

/** What is known of where a run's numbers come from. */
function whereFrom({ run, fallbacks, computers }: ActiveRun): Provenance {
  return {
    ...run.provenance,
    ...(fallbacks.length && { fallbacks }),
    ...(computers.length && { computers: [...computers] })
  }
}

/** The versions of the user's Python, where it computes a model of the run. */
function pythonLibraries(catalog: Catalog, cells: readonly Cell[]): Record<string, string> {
  const takesPart = cells.some(({ model }) => modelIn(catalog, model)?.origin.endsWith('.py'))
  const { python, numpy, torch } = (takesPart && catalog.python) || {}
  return { ...(python && { python }), ...(numpy && { numpy }), ...(torch && { torch }) }
}

const mendedText = ({ restored, missing }: Mended, id: string): string =>
  `Damage in the data file: ${restored} entries were restored from backups, ` +
  `${missing.find(({ run }) => run === id)?.trials ?? 0} trials are computed again.`

const endOf = ({ done, diverged, failed, trials }: Progress, status: EndStatus): string =>
  `${status[0].toUpperCase()}${status.slice(1)}: ${done + diverged + failed} of ${trials} trials have ended.`

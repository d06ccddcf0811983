/** The application behind every host: what each call of the contract does. */
import { basename, join } from 'node:path'
import type { CallName, CallOutput, EventData, EventName, Handlers } from '../../src-shared/contract/index.ts'
import { slurmSchema } from '../../src-shared/shapes/place.ts'
import type { StudioInfo } from '../../src-shared/shapes/machine.ts'
import type { Catalog } from '../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { EngineOptions, EngineProcess, RunJob } from '../engine/protocol.ts'
import { Here } from '../places/here.ts'
import type { Place, Ready } from '../places/place.ts'
import { systemKeychain, type Keychain } from '../places/queue/keychain.ts'
import { SlurmFolder } from '../places/slurm/folder.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { Computers } from './computers.ts'
import { Events } from './events.ts'
import { exampleFigure, examples } from './examples.ts'
import { Exports } from './exports/exports.ts'
import { Imports } from './imports.ts'
import { Fits } from './fits.ts'
import { machine } from './machine.ts'
import { Measurements } from './measurements.ts'
import { matchModels } from './match.ts'
import { plan, planned, runCosts, type CostsOf, type MisfitsOf, type MoreChecks } from './plan.ts'
import {
  ownReads,
  readNames,
  reads,
  type Look,
  type OwnReadName,
  type OwnReads,
  type ReadName
} from './reading/reads.ts'
import { Reader } from './reading/reader.ts'
import { Recall } from './recall.ts'
import { References } from './references.ts'
import { Reruns } from './reruns.ts'
import { Runs } from './runs.ts'
import { Choices, settingsCalls, type HostDialogs, type Named } from './settings.ts'
import { startSuite, suites } from './suites.ts'
import { optuna } from './optuna.ts'
import type { TunerOf } from './tuner.ts'
import type { UnsavedFile } from './unsaved-file.ts'
import { VectorSets } from './vectors.ts'
import { WeightsFiles } from './weights-files.ts'

/** What is remembered in the data folder of drivers that crashed when they were asked. */
export const probesName = 'probes.json'

export interface StudioOptions extends HostDialogs, Named {
  dataFolder: string
  host: StudioInfo['host']
  startEngine: (options: EngineOptions) => EngineProcess
  emit: <N extends EventName>(name: N, data: EventData<N>) => void
  /** Who proposes what an experiment tunes, where that is no grid. */
  tuner?: TunerOf
  /** Address of the queue, in place of the one in the settings; without a password. */
  queue?: string
  /** Where its password is kept, in place of the system's keychain. */
  keychain?: Keychain
  /** Look only: also when another studio has the folder open. */
  readOnly?: boolean
}

/** What was left when the studio closed. */
export interface Closed {
  /** What went wrong with the last backup, if anything did. */
  notice: string | undefined
  /** What could not be stored to the last. */
  unsaved: UnsavedFile[]
}

/** Answers to every call; some of them may be JSON already. */
export type Answers = { [N in CallName]: (input: never) => unknown }

export interface Studio {
  handlers: Handlers
  /** The same for pages: what reads much is read by threads of their own and answered in JSON, an `Encoded`. */
  pages: Answers
  /** Whether a run waits or computes. */
  busy(): boolean
  /** Take up what a cluster has computed in a folder. @returns the run */
  gather(folder: string): Promise<string>
  /** What gives batches to a cluster. */
  batches: {
    engine: Place
    vectorFolder: string
    version: string
    misfits: MisfitsOf
    /** What a run's report misses; undefined while it is not known or not there. */
    left(run: string): RunJob | undefined
  }
  /** The store itself, for what is no call of the contract: its check, its mending. */
  store: Pick<Store, 'check' | 'damages' | 'mend' | 'tryWrite'>
  /** What was repaired when the store was opened. */
  notice: string | undefined
  /** Trials that are in no store, as files to be written elsewhere. */
  unsaved(): UnsavedFile[]
  close(): Promise<Closed>
}

/**
 * Open the studio over a data folder. The desktop and serve start the engine at once, the CLI when it is needed.
 * @throws StudioError store-locked, store-newer, disk-full, read-only
 */
/** Trials of a run that is not looked through by the thread that answers calls. */
const manyTrials = 2000

export async function createStudio(options: StudioOptions): Promise<Studio> {
  const { dataFolder, host, readOnly = false } = options
  const store = openStore({ folder: dataFolder, readOnly })
  const events = new Events(options.emit)
  const about = machine()
  const choices = new Choices(store, options)
  const vectors = new VectorSets(dataFolder)
  const weights = new WeightsFiles(dataFolder)
  const more: MoreChecks = (grid) => [...vectors.problems(grid), ...weights.problems(grid)]
  const place: Place = new Here(
    options.startEngine,
    () => {
      const { workers, modelFolder, python, backend } = choices.settings
      const probeFile = readOnly ? undefined : join(dataFolder, probesName)
      return { workers, modelFolder, python, vectorFolder: vectors.folder, backend, probeFile }
    },
    (state) => events.now('engine.state', state)
  )
  const misfits: MisfitsOf = (task, grid) => weights.misfits(task, grid, place)
  const { tuner = optuna(place) } = options
  const computers = new Computers({
    engine: place,
    version: about.version,
    vectorFolder: vectors.folder,
    slurmFolder: process.env.ENGRAM_SLURM || join(dataFolder, 'slurm'),
    runOf(run) {
      const { experiment, trials, provenance } = store.read.run(run)
      return { experiment, trials, wish: provenance.slurm ?? slurmSchema.parse({}) }
    },
    queue: () => options.queue ?? choices.settings.queue,
    keychain: options.keychain ?? systemKeychain
  })
  const reader = new Reader(dataFolder)
  const runs = new Runs({
    ...{ store, place, computers, events, machine: about, more, misfits, tuner },
    backend: () => choices.settings.backend,
    look: (name, of) => look(name, of)
  })
  const reruns = new Reruns({ store, place, events, machine: about })
  const exports = new Exports({
    dataFolder,
    version: about.version,
    tell: (progress) => events.newest('export.progress', progress.id, () => progress)
  })
  const imports = new Imports({ store, events })
  const references = new References({ store, events, tasks: async () => (await place.ready()).catalog.tasks })
  const measurements = new Measurements({ store, place, events, machine: about, busy: () => runs.busy })
  const fits: Fits = new Fits({ store, place, events, recall: () => recall })
  const recall = new Recall({ store, fitted: () => fits.dataset })
  if (!readOnly)
    store.write.sweepUnfinished(new Date().toISOString(), {
      code: 'engine-crashed',
      message: 'The studio ended during this run. Every trial it had stored is there; resume it to compute the rest.'
    })
  if (host !== 'cli') place.ready().catch(() => {})
  if (host !== 'cli' && !readOnly) runs.takeUp()

  const refuseActive = (ids: readonly string[]): void => {
    if (ids.some((id) => runs.isActive(id)))
      throw new StudioError('conflict', 'A run that waits or computes cannot be moved to the trash; cancel it first.')
  }
  const changed = (ids: readonly string[]): null => {
    events.changed(ids)
    return null
  }

  const tasks = (): Promise<Catalog['tasks']> =>
    place.ready().then(
      ({ catalog }) => catalog.tasks,
      () => []
    )
  const readInThread = async (name: ReadName, input: unknown): Promise<unknown> => {
    // At the start a page need not wait for the threads.
    if (!reader.ready) reader.warm()
    if (!reader.ready) return (handlers[name] as (input: unknown) => unknown)(input)
    const scaled = name === 'runs.results' || name === 'runs.values'
    return reader.ask({ name, input, tasks: scaled ? await tasks() : [] })
  }

  const look: Look = async <N extends OwnReadName>(name: N, of: OwnReads[N]['of']) => {
    const here: (of: OwnReads[N]['of']) => OwnReads[N]['answer'] = ownReads(store.read)[name]
    if (!reader.ready || store.read.run(of.id).trials < manyTrials) return here(of)
    const { bytes } = await reader.ask({ name, input: of, tasks: [] })
    return JSON.parse(new TextDecoder().decode(bytes)) as OwnReads[N]['answer']
  }

  const handlers: Handlers = {
    ...reads({ read: store.read, tasks }),
    async 'studio.info'() {
      const known: Ready | undefined = host === 'cli' ? await place.ready().catch(() => undefined) : place.known
      const { version, commit, node, os, cpu, cores, memoryBytes } = about
      const { electron } = process.versions
      return {
        version,
        commit,
        node,
        ...(electron && { electron }),
        os,
        cpu,
        cores,
        memoryBytes,
        host,
        dataFolder,
        workers: known?.workers ?? 0,
        backends: known?.backends ?? [],
        engine: place.state,
        ...(store.notice !== undefined && { storeNotice: store.notice })
      }
    },
    ...settingsCalls({ ...options, choices, place, events, whenIdle: (then) => runs.whenIdle(then) }),
    'examples.list': () => examples(),
    'examples.figure': async ({ file, dark }) => exampleFigure(file, dark, (await place.ready()).catalog),
    'references.fitting': async ({ ids }) => references.fitting(ids, (await place.ready()).catalog),
    'references.take': async ({ files }) => ({ ids: await references.take(files) }),
    'experiment.plan': async ({ experiment }) =>
      plan(
        experiment,
        (await place.ready()).catalog,
        more,
        (task, cells) => place.request('costs', { task, cells }),
        misfits
      ),
    async 'experiment.estimate'({ experiment: json }): Promise<CallOutput<'experiment.estimate'>> {
      const { experiment, grid } = planned(json, (await place.ready()).catalog, more)
      return place.request('estimate', {
        runId: 'estimate',
        task: experiment.task.kind,
        generator: experiment.generator,
        backend: experiment.backend === 'auto' ? choices.settings.backend : experiment.backend,
        cells: [
          ...grid.cells.map((cell) => ({ ...cell, seeds: grid.seeds })),
          ...(grid.tuning?.cells ?? []).map((cell) => ({ ...cell, seeds: grid.tuning!.seeds }))
        ].map((cell, index) => ({ ...cell, index }))
      })
    },
    'experiment.match': async ({ experiment, reference, by }) =>
      matchModels(experiment, reference, by, (await place.ready()).catalog, (task, cells) =>
        place.request('costs', { task, cells })
      ),
    'suites.list': () => suites(),
    'suites.start': async ({ suite }) =>
      startSuite(
        suite,
        (await place.ready()).catalog,
        (experiment) => runs.start(experiment, undefined),
        (ids, tag) => {
          store.write.editRuns(ids, { addTags: [tag] })
          changed(ids)
        }
      ),
    'vectors.list': () => vectors.list(),
    'vectors.import': ({ name, content }) => {
      if (readOnly) throw new StudioError('read-only', 'This data folder is open to look at only.')
      return vectors.add(basename(name), Buffer.from(content, 'base64'), new Date().toISOString())
    },
    'weights.import'({ name, content }) {
      if (readOnly) throw new StudioError('read-only', 'This data folder is open to look at only.')
      return weights.add(basename(name), Buffer.from(content, 'base64'), new Date().toISOString())
    },
    'weights.list': () => weights.list(),
    'runs.start': async ({ experiment, name, on }) => ({ id: await runs.start(experiment, name, on) }),
    'runs.pause'({ id }) {
      runs.pause(id)
      return null
    },
    async 'runs.resume'({ id }) {
      await runs.resume(id)
      return null
    },
    async 'runs.extend'({ id, seeds }) {
      references.refuse([id])
      await runs.extend(id, seeds)
      return null
    },
    'runs.cancel'({ id }) {
      runs.cancel(id)
      return null
    },
    'runs.list'(query) {
      const page = store.read.history(query)
      return { ...page, rows: page.rows.map((row) => runs.shown(row)) }
    },
    'runs.get': ({ id }) => runs.shown(store.read.run(id)),
    async 'runs.costs'({ ids }) {
      const { catalog } = await place.ready()
      const costsOf: CostsOf = (task, cells) => place.request('costs', { task, cells })
      const all = await Promise.all(ids.map((id) => runCosts(store.read.run(id), catalog, costsOf)))
      return all.flat()
    },
    async 'runs.weights'({ id, trial, format }) {
      const found = store.read.placeOf(id, trial)
      if (!found) throw new StudioError('not-found', 'There is no such trial in this run.', { field: 'trial' })
      const { experiment } = store.read.run(id)
      const cell = store.read.cells(id)[found.cell]
      const { task, generator } = experiment
      const bytes = await place.request('weights', { task: task.kind, generator, cell, seed: found.seed, format })
      const mime = format === 'npz' ? 'application/zip' : 'application/octet-stream'
      return {
        name: `${cell.model}-seed-${found.seed}.${format}`,
        mime,
        content: Buffer.from(bytes).toString('base64')
      }
    },
    'runs.predictions': ({ id }) => store.read.predictions(id),
    'runs.unsaved'({ id }) {
      const [file] = runs.unsaved(id)
      if (!file)
        throw new StudioError('not-found', 'Every trial of this run that has ended is stored.', { field: 'id' })
      return { name: file.name, mime: 'application/json', content: file.content }
    },
    'runs.update'({ ids, ...edit }) {
      references.refuse(ids)
      store.write.editRuns(ids, edit)
      return changed(ids)
    },
    'runs.trash'({ ids }) {
      references.refuse(ids)
      refuseActive(ids)
      store.write.trashRuns(ids, new Date().toISOString())
      return changed(ids)
    },
    'runs.restore'({ ids }) {
      store.write.restoreRuns(ids)
      return changed(ids)
    },
    'runs.purge'({ ids }) {
      store.write.purgeRuns(ids)
      return changed(ids)
    },
    'recall.list': () => store.read.recallDatasets(),
    'recall.import': ({ name, text, ...reading }) => recall.import(basename(name), text, reading),
    'recall.similarity': ({ id, name, text }) => recall.addSimilarity(id, basename(name), text),
    'recall.trashSimilarity'({ id, trashed }) {
      store.write.trashRecallSimilarity(id, trashed)
      return null
    },
    'recall.rename'({ id, name }) {
      store.write.renameRecallDataset(id, name)
      return null
    },
    'recall.trash'({ id, trashed }) {
      recall.trash(id, trashed)
      return null
    },
    'recall.statistics': ({ id, ...request }) => recall.statistics(id, request),
    'recall.permuted': ({ id, ...request }) => recall.permuted(id, request),
    'recall.simulated': ({ run, ...request }) => recall.simulated(run, request),
    'recall.spelling': ({ id, edits }) => recall.spelling(id, edits),
    'recall.setSpelling': ({ id, spelling }) => recall.setSpelling(id, spelling),
    'recall.fitCurves': ({ dataset, fit, condition }) => recall.fitCurves(dataset, fit, condition),
    'recall.simulate': () => recall.simulate(),
    'recall.fits': ({ id }) => fits.list(id),
    'recall.startFit': async (request) => ({ id: await fits.start(request) }),
    async 'recall.cancelFit'({ id }) {
      await fits.cancel(id)
      return null
    },
    'recall.trashFit'({ id, trashed }) {
      fits.trash(id, trashed)
      return null
    },
    'measurements.start': async (request) => ({ id: await measurements.start(request) }),
    async 'measurements.cancel'({ id }) {
      await measurements.cancel(id)
      return null
    },
    'measurements.list': () => measurements.list(),
    'measurements.trash'({ id, trashed }) {
      measurements.trash(id, trashed)
      return null
    },
    'runs.rerun': (request) => reruns.check(request),
    async 'runs.cancelRerun'({ id }) {
      await reruns.cancel(id)
      return null
    },
    'runs.drifts': ({ id }) => store.read.drifts(id),
    'computers.queue': () => computers.queueState(),
    async 'computers.keepPassword'({ password }) {
      await computers.keepPassword(password)
      return null
    },
    'runs.reruns': ({ id }) => store.read.rerunChecks(id),
    async 'exchange.import'(part) {
      const report = await imports.take(part)
      if (report) changed(report.runs.map(({ id }) => id))
      return report
    },
    async 'exchange.cancel'({ upload }) {
      await imports.cancel(upload)
      return null
    },
    'reports.list': ({ trashed }) => store.read.reports(trashed),
    'reports.get': ({ id }) => store.read.report(id),
    'reports.save'({ report }) {
      store.write.saveReport(report)
      return null
    },
    'reports.trash'({ id, trashed }) {
      store.write.trashReport(id, trashed)
      return null
    },
    'exports.start': async (request) => ({ id: exports.start(request, (await place.ready()).catalog) }),
    'exports.end': ({ id }) => exports.end(id),
    'exports.read': ({ id, offset }) => ({ content: exports.read(id, offset).toString('base64') }),
    'exports.drop'({ id }) {
      exports.drop(id)
      return null
    }
  }

  let closing: Promise<Closed> | undefined
  return {
    handlers,
    pages: {
      ...handlers,
      ...Object.fromEntries(readNames.map((name) => [name, (input: unknown) => readInThread(name, input)]))
    },
    busy: () => runs.busy,
    gather: (folder) => runs.gather(new SlurmFolder(folder)),
    batches: {
      engine: place,
      vectorFolder: vectors.folder,
      version: about.version,
      misfits,
      left: (run) => runs.left(run)
    },
    unsaved: () => runs.unsaved(),
    store,
    notice: store.notice,
    close: () =>
      (closing ??= (async () => {
        // What has come from other computers is stored before the runs are left to them.
        const left = computers.stop()
        runs.close()
        for (const room of [reruns, measurements, fits, imports]) room.close()
        exports.close()
        await reader.close()
        await left
        await place.stop()
        events.flush()
        return { unsaved: runs.unsaved(), notice: store.close() }
      })())
  }
}

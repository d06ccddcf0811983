/** The application behind every host: what each call of the contract does. */
import { readColumns } from '../../src-shared/recall/data.ts'
import { basename, isAbsolute, join, relative, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CallOutput, EventData, EventName, Handlers } from '../../src-shared/contract/index.ts'
import type { Settings } from '../../src-shared/shapes/settings.ts'
import { slurmSchema } from '../../src-shared/shapes/place.ts'
import type { StudioInfo } from '../../src-shared/shapes/machine.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { canonical } from '../../src-shared/grid/identity.ts'
import type { EngineOptions, EngineProcess } from '../engine/protocol.ts'
import { Here } from '../places/here.ts'
import type { Place, Ready } from '../places/place.ts'
import { SlurmFolder } from '../places/slurm/folder.ts'
import { plainAddress } from '../places/queue/address.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { Computers } from './computers.ts'
import { deltas } from './deltas.ts'
import { Events } from './events.ts'
import { examples } from './examples.ts'
import { Exports } from './exports/exports.ts'
import { Imports } from './imports.ts'
import { Fits } from './fits.ts'
import { machine } from './machine.ts'
import { Measurements } from './measurements.ts'
import { matchModels } from './match.ts'
import { writeNewModel } from './new-model.ts'
import { plan, planned, runCosts, type CostsOf, type MoreChecks } from './plan.ts'
import { Recall } from './recall.ts'
import { resultsOf } from './results.ts'
import { Reruns } from './reruns.ts'
import { Runs } from './runs.ts'
import { startSuite, suites } from './suites.ts'
import { tuningOf } from './tuning.ts'
import { VectorSets } from './vectors.ts'
import { WeightsFiles } from './weights-files.ts'

/** What is remembered in the data folder of drivers that crashed when they were asked. */
export const probesName = 'probes.json'

export interface StudioOptions {
  dataFolder: string
  host: StudioInfo['host']
  startEngine: (options: EngineOptions) => EngineProcess
  emit: <N extends EventName>(name: N, data: EventData<N>) => void
  /** Opens a file of the user's in the system's editor; whether something took it. */
  openFile?: (file: string) => Promise<boolean>
  /** Folder of the user's own models, named when the studio was started: in place of the one that is kept. */
  modelFolder?: string
  /** A dialog in which the user chooses and confirms that folder, where the host has one; undefined for none. */
  chooseModels?: () => Promise<string | undefined>
  /** The same for the Python that runs models. */
  choosePython?: () => Promise<string | undefined>
  /** Address of the queue, in place of the one in the settings; without a password. */
  queue?: string
  /** Its password, where the host keeps it in the system's keychain. */
  password?: () => string | undefined
  /** Look only: also when another studio has the folder open. */
  readOnly?: boolean
}

export interface Studio {
  handlers: Handlers
  /** Whether a run waits or computes. */
  busy(): boolean
  /** Take up what a cluster has computed in a folder. @returns the run */
  gather(folder: string): Promise<string>
  /** The engine and where vectors lie, for who gives batches to a cluster. */
  batches: { engine: Place; vectorFolder: string; version: string }
  /** The store itself, for what is no call of the contract: its check, its mending. */
  store: Pick<Store, 'check' | 'damages' | 'mend' | 'tryWrite'>
  /** What was repaired when the store was opened. */
  notice: string | undefined
  /** @returns what went wrong with the last backup, if anything did */
  close(): Promise<string | undefined>
}

/**
 * Open the studio over a data folder. The desktop and serve start the engine at once, the CLI when it is needed.
 * @throws StudioError store-locked, store-newer, disk-full, read-only
 */
export async function createStudio(options: StudioOptions): Promise<Studio> {
  const { dataFolder, host, readOnly = false } = options
  const store = openStore({ folder: dataFolder, readOnly })
  const events = new Events(options.emit)
  const about = machine()
  let named = options.modelFolder
  const settings = (): Settings => {
    const stored = store.read.settings()
    return named === undefined ? stored : { ...stored, modelFolder: named }
  }
  const vectors = new VectorSets(dataFolder)
  const weights = new WeightsFiles(dataFolder)
  const more: MoreChecks = (grid) => [...vectors.problems(grid), ...weights.problems(grid)]
  const place: Place = new Here(
    options.startEngine,
    () => {
      const { workers, modelFolder, python, backend } = settings()
      const probeFile = readOnly ? undefined : join(dataFolder, probesName)
      return { workers, modelFolder, python, vectorFolder: vectors.folder, backend, probeFile }
    },
    (state) => events.now('engine.state', state)
  )
  const computers = new Computers({
    engine: place,
    version: about.version,
    vectorFolder: vectors.folder,
    slurmFolder: process.env.ENGRAM_SLURM || join(dataFolder, 'slurm'),
    runOf(run) {
      const { experiment, trials, provenance } = store.read.run(run)
      return { experiment, trials, wish: provenance.slurm ?? slurmSchema.parse({}) }
    },
    queue: () => options.queue ?? settings().queue,
    ...(options.password && { password: options.password })
  })
  const runs = new Runs({ store, place, computers, events, machine: about, backend: () => settings().backend, more })
  const reruns = new Reruns({ store, place, machine: about })
  const exports = new Exports({
    dataFolder,
    version: about.version,
    tell: (progress) => events.now('export.progress', progress)
  })
  const imports = new Imports(() => store)
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

  const saveSettings = async (change: Partial<Settings>): Promise<Settings> => {
    const before = settings()
    store.write.saveSettings(change)
    if (change.modelFolder !== undefined) named = undefined
    const after = settings()
    events.now('settings.changed', after)
    const { modelFolder, python } = after
    const loadsAgain = modelFolder !== before.modelFolder || canonical(python) !== canonical(before.python)
    if (loadsAgain && place.known) await place.request('reload', { modelFolder, python })
    return after
  }

  const handlers: Handlers = {
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
    'settings.get': settings,
    async 'settings.set'(change) {
      plainAddress(change.queue ?? '')
      const before = settings()
      const { python } = before
      const after = await saveSettings({ ...change, python: { ...python, ...change.python } })
      if (after.workers !== before.workers && place.known)
        runs.whenIdle(() => place.restart('The engine starts again with another number of workers.'))
      return after
    },
    async 'models.choose'() {
      if (!options.chooseModels)
        throw new StudioError(
          'not-supported',
          'A page cannot name a folder whose code is run. Start the studio with it: --models DIR.',
          { field: 'modelFolder' }
        )
      const modelFolder = await options.chooseModels()
      return modelFolder === undefined ? null : saveSettings({ modelFolder })
    },
    'catalog.get': async () => (await place.ready()).catalog,
    'catalog.reload'() {
      const { modelFolder, python } = settings()
      return place.request('reload', { modelFolder, python })
    },
    'python.info': () => place.request('python', null),
    async 'python.choose'() {
      if (!options.choosePython)
        throw new StudioError(
          'not-supported',
          'A page cannot name a program that is run. Start the studio with the variable ENGRAM_PYTHON set to it.',
          { field: 'python' }
        )
      const interpreter = await options.choosePython()
      return interpreter === undefined ? null : saveSettings({ python: { ...settings().python, interpreter } })
    },
    async 'models.new'(wanted) {
      const file = writeNewModel(settings().modelFolder, wanted)
      return { file, opened: (await options.openFile?.(file)) ?? false }
    },
    async 'python.parity'(request) {
      // A page may have code run that the user has named, and no other.
      const inside = relative(resolve(settings().modelFolder || '/'), resolve(request.file))
      if (host !== 'cli' && (!settings().modelFolder || inside.startsWith('..') || isAbsolute(inside)))
        throw new StudioError('not-supported', 'Only files in the folder of your own models are run from here.', {
          file: request.file
        })
      const found = await place.request('parity', request)
      store.write.saveSettings({ parity: { ...settings().parity, [found.model]: found } })
      events.now('settings.changed', settings())
      return found
    },
    'examples.list': () => examples(),
    'experiment.plan': async ({ experiment }) =>
      plan(experiment, (await place.ready()).catalog, more, (task, cells) => place.request('costs', { task, cells })),
    async 'experiment.estimate'({ experiment: json }): Promise<CallOutput<'experiment.estimate'>> {
      const { experiment, grid } = planned(json, (await place.ready()).catalog, more)
      return place.request('estimate', {
        runId: 'estimate',
        task: experiment.task.kind,
        generator: experiment.generator,
        backend: experiment.backend === 'auto' ? settings().backend : experiment.backend,
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
      return weights.add(basename(name), Buffer.from(content, 'base64'))
    },
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
    'runs.facets': () => store.read.facets(),
    'runs.get': ({ id }) => runs.shown(store.read.run(id)),
    'runs.tuning': ({ id }) => tuningOf(id, store.read),
    'runs.results': ({ ids }) => resultsOf(ids, store.read, place),
    async 'runs.costs'({ ids }) {
      const { catalog } = await place.ready()
      const costsOf: CostsOf = (task, cells) => place.request('costs', { task, cells })
      const all = await Promise.all(ids.map((id) => runCosts(store.read.run(id), catalog, costsOf)))
      return all.flat()
    },
    'runs.series': ({ ids, name }) => inTurn(ids, (id) => store.read.series(id, name)),
    'runs.trials': ({ id, status, offset, limit }) => store.read.trials(id, status, offset, limit),
    'runs.traces': ({ id, trial }) => store.read.traces(id, trial) as unknown as CallOutput<'runs.traces'>,
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
    'runs.log': ({ id }) => store.read.log(id),
    'runs.deltas': ({ baseline, ids }) => deltas(baseline, ids, store.read),
    'runs.update'({ ids, ...edit }) {
      store.write.editRuns(ids, edit)
      return changed(ids)
    },
    'runs.trash'({ ids }) {
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
    'recall.import': ({ name, text, columns }) =>
      recall.import(basename(name), text, columns === undefined ? {} : readColumns(columns)),
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
    'recall.statistics': ({ id, length }) => recall.statistics(id, length),
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
    'runs.drifts': ({ id }) => store.read.drifts(id),
    'computers.queue': () => computers.queueState(),
    'runs.reruns': ({ id }) => store.read.rerunChecks(id),
    'exchange.import'(part) {
      const report = imports.take(part)
      if (report) changed(report.runs.map(({ id }) => id))
      return report
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

  let closing: Promise<string | undefined> | undefined
  return {
    handlers,
    busy: () => runs.busy,
    gather: (folder) => runs.gather(new SlurmFolder(folder)),
    batches: { engine: place, vectorFolder: vectors.folder, version: about.version },
    store,
    notice: store.notice,
    close: () =>
      (closing ??= (async () => {
        // What has come from other computers is stored before the runs are left to them.
        const left = computers.stop()
        runs.close()
        measurements.close()
        fits.close()
        exports.close()
        await left
        await place.stop()
        events.flush()
        return store.close()
      })())
  }
}

/** What is read of one run after the other; other calls are answered in between. */
async function inTurn<T>(ids: readonly string[], read: (id: string) => T[]): Promise<T[]> {
  const all: T[] = []
  for (const [i, id] of ids.entries()) {
    if (i > 0) await nextTurn()
    for (const one of read(id)) all.push(one)
  }
  return all
}

/** The engine process: takes runs from the studio and lets its workers compute them. It never touches a tensor itself. */
import { availableParallelism } from 'node:os'
import { modelIn, taskIn, type Catalog } from '../../../src-shared/shapes/catalog.ts'
import { StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { codeOf } from '../../../src-shared/grid/identity.ts'
import type { BackendName } from '../../tensors/backends/backend.ts'
import type { EngineOptions, FromEngine, Requests, RunJob, ToEngine } from '../protocol.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import type { BatchJob, ModelFile, WorkerOptions } from '../worker-calls.ts'
import { Calibrator } from './calibrate.ts'
import { Compute, isGpu, type UsedFile } from './compute.ts'
import { estimate } from './estimate.ts'
import { processLine, threadLine } from './lines.ts'
import { Owner } from './owner.ts'
import { Pool, WorkerLost, type PoolEvents } from './pool.ts'
import { probeBackends } from './probes.ts'
import { findPython, type FoundPython } from '../python/interpreter.ts'
import { pythonSettingsSchema } from '../../../src-shared/shapes/python.ts'
import { Searcher } from '../python/search.ts'
import { programFile } from './programs.ts'
import { batchesOf, failedTrial, refuseBackend, RunQueue } from './run-queue.ts'
import { Timings } from './timings.ts'
import { codeFiles } from './user-code.ts'
import { userFiles } from './user-files.ts'
import { endWithParent } from '../watch.ts'

endWithParent()
const send = (message: FromEngine): void => void process.send?.(message)
const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions
const { vectorFolder } = options
const workers = options.workers || availableParallelism()

let { modelFolder } = options
let pythonSettings = pythonSettingsSchema.parse(options.python ?? {})
/** The user's Python, looked for when a file or a person asks for it. */
let python: Promise<FoundPython | { missing: string }> | undefined
const thePython = (): Promise<FoundPython | { missing: string }> => (python ??= findPython(pythonSettings, workers))

const [detected, found] = await Promise.all([
  probeBackends({ memory: options.probeFile }),
  userFiles(modelFolder, thePython)
])
let models: readonly ModelFile[] = found.models
/** Of files that did not load, or were set aside since. */
let refused: ErrorData[] = found.errors
let foundPython = await python
/** How it runs the models of the user's folder. */
const inFolder = ({ options }: FoundPython): FoundPython['options'] => ({ ...options, folder: modelFolder })
const workerOptions = (): WorkerOptions => ({
  models,
  vectorFolder,
  ...(foundPython && 'options' in foundPython && { python: inFolder(foundPython) })
})

const poolEvents: PoolEvents = {
  onDeath: (cause) => void process.stderr.write(`${cause}\n`),
  onBadFile(file, cause) {
    const bad = models.find((model) => model.file === file)
    if (bad) setAside(bad, `This file ended the worker that loaded it. ${cause}`)
    return workerOptions()
  }
}
const cpuPool = new Pool(threadLine(programFile('thread')), workers, workerOptions(), poolEvents)
/** The process of each GPU backend, started by the first batch that wants it. */
const gpuPools = new Map<BackendName, Pool>()
function pool(backend: BackendName): Pool {
  if (!isGpu(backend)) return cpuPool
  const open = (): Pool => new Pool(processLine(programFile('gpu')), 1, workerOptions(), poolEvents)
  const there = gpuPools.get(backend) ?? open()
  gpuPools.set(backend, there)
  return there
}
const pools = (): Pool[] => [cpuPool, ...gpuPools.values()]
const stopOwner = async (owner: Owner): Promise<void> => void (await Promise.all(pools().map((one) => one.stop(owner))))

let catalog: Catalog = { models: [], tasks: [] }
let errors: ErrorData[] = []
/** What the workers know, and the files that are not among it. */
async function readCatalog(): Promise<{ catalog: Catalog; errors: ErrorData[] }> {
  const files = models.length
  try {
    const known = await cpuPool.ask('catalog', null)
    errors = [...refused, ...known.errors]
    catalog = {
      ...known.catalog,
      ...(foundPython && 'info' in foundPython && { python: foundPython.info }),
      ...(errors.length && { notLoaded: errors })
    }
    return { catalog, errors }
  } catch (error) {
    // The worker died of a file, which is set aside now: the next one does without.
    if (error instanceof WorkerLost && models.length < files) return readCatalog()
    throw error
  }
}
await readCatalog()

/** Its trials fail with the reason from now on, until the models are loaded again. */
function setAside(model: UsedFile, reason: string): void {
  models = models.filter(({ file }) => file !== model.file)
  const error: ErrorData = { code: 'bad-file', message: reason, file: model.file }
  refused = [...refused, error]
  errors = [...errors, error]
  catalog = { ...catalog, notLoaded: errors }
  send({ type: 'catalog', catalog, errors })
}

/** The users' files whose code takes part in a batch. */
function filesOf({ task, cell }: BatchJob): UsedFile[] {
  const code = codeOf(taskIn(catalog, task) ?? { params: {} }, cell, (id) => modelIn(catalog, id)) ?? {}
  return Object.entries(code).map(([id, code]) => ({ id, file: modelIn(catalog, id)!.origin, code }))
}

const cpu: BackendName = detected.some(({ name, available }) => name === 'wasm' && available) ? 'wasm' : 'cpu'
const compute = new Compute({
  pool,
  cpu,
  filesOf,
  setAside,
  failed: (job, seed, error) => failedTrial(job, seed, error, catalog)
})

const searcher = new Searcher()
const timings = new Timings()
const calibrator = new Calibrator({
  backends: detected,
  lanes: (backend) => (isGpu(backend) ? 1 : workers),
  batch: (job, owner) => pool(job.backend).ask('batch', job, { owner })
})

/** Whether the user's Python computes a batch: what it gives and takes lies in main memory. */
const inPython = (batch: BatchJob): boolean => filesOf(batch).some(({ file }) => file.endsWith('.py'))

/** The backend that a job asks for, or the user's own choice. */
function wanted(job: Pick<RunJob, 'backend'>): BackendName | 'auto' {
  const name = job.backend === 'auto' ? options.backend : job.backend
  const found = detected.find((backend) => backend.name === name)
  if (found && !found.available) refuseBackend(found.name, found.reason)
  return found?.name ?? 'auto'
}

/** Where nothing is measured first: the wanted backend, or the usual winner. */
function likely(job: Pick<RunJob, 'backend'>): BackendName {
  const name = wanted(job)
  return name === 'auto' ? calibrator.candidates()[0].name : name
}

/** Owns what is measured; a point that takes longer is given up. */
let measuring = new Owner()
const pointMs = 60_000

/** Owns the parts of fits. */
let fitting = new Owner()

const queue = new RunQueue({
  concurrency: workers,
  weigh: (job) => cpuPool.ask('weigh', { task: job.task, cells: job.cells }),
  choose(job, batch, flops, owner, log) {
    const backend = inPython(batch) ? cpu : wanted(job)
    return backend === 'auto' ? calibrator.choose(batch, flops, owner, log) : backend
  },
  batch: (job, owner, listener) => compute.batch(job, owner, listener),
  timed: ({ task, cell, backend }, flops, outcomes) => timings.record(task, cell.model, backend, flops, outcomes),
  stop: stopOwner,
  catalog: () => catalog,
  send
})

const answers: { [N in keyof Requests]: (input: Requests[N]['input']) => Promise<Requests[N]['output']> } = {
  catalog: () => Promise.resolve({ catalog, errors }),
  async reload({ modelFolder: folder, python: settings }) {
    modelFolder = folder
    // A Python that was installed since is found as well.
    pythonSettings = settings ?? pythonSettings
    python = undefined
    const found = await userFiles(modelFolder, thePython)
    foundPython = await python
    models = found.models
    refused = found.errors
    compute.reloaded()
    for (const one of pools()) one.reload(workerOptions())
    return readCatalog()
  },
  async python() {
    const found = await thePython()
    return 'info' in found ? found.info : found
  },
  async parity(request) {
    const found = await thePython()
    if ('missing' in found) throw new StudioError('not-supported', found.missing)
    const checked = await cpuPool.ask('parity', { request, options: inFolder(found) })
    return { ...checked, date: new Date().toISOString() }
  },
  async propose(search) {
    const found = await thePython()
    if ('missing' in found) throw new StudioError('not-supported', found.missing, { field: 'tuning.tuner' })
    return searcher.propose(search, found)
  },
  costs: (input) => cpuPool.ask('costs', input),
  weights: (input) => cpuPool.ask('weights', input),
  misfits: (input) => cpuPool.ask('misfits', input),
  async cut({ job, lanes }) {
    const weights = await cpuPool.ask('weigh', { task: job.task, cells: job.cells })
    return batchesOf(job, weights, lanes, queue.trains(job)).map(({ batch: { cell, seeds }, flops }) => ({
      cell: cell.index,
      seeds: [...seeds],
      flops: flops * seeds.length
    }))
  },
  code: ({ models: wanted }) => Promise.resolve(codeFiles(modelFolder, models, wanted)),
  async peaks(choice) {
    const backend = likely(choice)
    const peaks = await pool(backend).ask('peaks', { backend }, { owner: measuring, deadlineMs: pointMs })
    return { backend, peaks }
  },
  measure: (input) => pool(input.backend).ask('measure', input, { owner: measuring, deadlineMs: pointMs }),
  async stopMeasuring() {
    const old = measuring
    measuring = new Owner()
    await stopOwner(old)
    return null
  },
  fit: (part) => cpuPool.ask('fit', part, { owner: fitting }),
  async stopFitting() {
    const old = fitting
    fitting = new Owner()
    await stopOwner(old)
    return null
  },
  async estimate(job) {
    const python = job.cells.some((cell) => inPython({ ...job, cell, seeds: [], backend: cpu }))
    const backend = python ? cpu : likely(job)
    const weights = await cpuPool.ask('weigh', { task: job.task, cells: job.cells })
    const run = (batch: BatchJob): Promise<TrialOutcome[]> =>
      pool(backend).ask('batch', batch, { deadlineMs: batch.deadlineMs })
    const ms = await estimate(job, weights, backend, isGpu(backend) ? 1 : workers, run, {
      timings,
      trains: queue.trains(job)
    })
    return { ms, backend }
  }
}

async function answer({ id, name, input }: Extract<ToEngine, { type: 'request' }>): Promise<void> {
  try {
    const value = await (answers[name] as (input: unknown) => Promise<unknown>)(input)
    send({ type: 'answer', id, result: { ok: true, value } })
  } catch (error) {
    send({ type: 'answer', id, result: { ok: false, error: toErrorData(error) } })
  }
}

async function stop(): Promise<never> {
  await queue.cancelAll()
  for (const one of pools()) one.close()
  process.exit(0)
}

function receive(message: ToEngine): void {
  switch (message.type) {
    case 'run':
      return void queue.start(message.job)
    case 'pause':
      return queue.pause(message.runId)
    case 'resume':
      return queue.resume(message.runId)
    case 'cancel':
      return void queue.cancel(message.runId)
    case 'request':
      return void answer(message)
    case 'stop':
      return void stop()
  }
}

process.on('message', (message) => receive(message as ToEngine))
send({
  type: 'ready',
  backends: detected.map(({ name, available, adapter, reason }) => ({ name, available, adapter, reason })),
  workers,
  catalog,
  errors
})

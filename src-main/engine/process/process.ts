/**
 * The engine process: takes runs from the studio and lets its workers compute them. It never touches a tensor itself.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { toErrorData } from '../../../src-shared/shapes/errors.ts'
import type { BackendName } from '../../tensors/backends/backend.ts'
import { detectBackends } from '../../tensors/backends/detect.ts'
import { Calibrator, isGpu } from './calibrate.ts'
import { estimate } from './estimate.ts'
import { Pool } from './pool.ts'
import type { EngineOptions, FromEngine, Requests, RunJob, ToEngine } from '../protocol.ts'
import { refuseBackend, RunQueue } from './run-queue.ts'
import { Timings } from './timings.ts'
import type { BatchJob, BatchNote, WorkerOptions } from '../worker-calls.ts'
import type { TrialOutcome } from '../protocol.ts'

const send = (message: FromEngine): void => void process.send?.(message)
// Whoever started the engine is gone: nobody is left to hear a result.
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches every process of the terminal; what it means for a run is for the studio to say.
process.on('SIGINT', () => {})

const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions
const workerFile = join(import.meta.dirname, 'worker.js')
const workers = options.workers || availableParallelism()

const { vectorFolder } = options
let workerOptions: WorkerOptions = { modelFolder: options.modelFolder, vectorFolder }
const onDeath = (cause: string): void => void process.stderr.write(`${cause}\n`)
const cpuLane = new Pool(workerFile, workers, workerOptions, onDeath)
/** The one worker that owns the GPU: started by the first batch that wants it. */
let gpuLane: Pool | undefined
const lane = (backend: BackendName): Pool =>
  isGpu(backend) ? (gpuLane ??= new Pool(workerFile, 1, workerOptions, onDeath)) : cpuLane

const [detected, loaded] = await Promise.all([detectBackends(workerFile), cpuLane.ask('load', workerOptions)])
let { catalog, errors } = loaded

const runOn = (job: BatchJob, owner: object, onNote?: (note: BatchNote) => void): Promise<TrialOutcome[]> =>
  lane(job.backend).ask('batch', job, { owner, deadlineMs: job.deadlineMs, onNote })

const timings = new Timings()
const calibrator = new Calibrator({
  backends: detected,
  lanes: (backend) => (isGpu(backend) ? 1 : workers),
  batch: runOn
})

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
  return name === 'auto' ? (calibrator.candidates()[0]?.name ?? 'cpu') : name
}

/** Owns what is measured; a point that takes longer is given up. */
const measuring = {}
const pointMs = 60_000

/** Owns the parts of fits. */
const fitting = {}

const queue = new RunQueue({
  concurrency: workers + (calibrator.candidates().some(({ name }) => isGpu(name)) ? 1 : 0),
  weigh: (job) => {
    wanted(job)
    return cpuLane.ask('weigh', { task: job.task, cells: job.cells })
  },
  async choose(job, batch, flops, owner, log) {
    const name = wanted(job)
    return name === 'auto' ? calibrator.choose(batch, flops, owner, log) : { backend: name, measured: [] }
  },
  batch: runOn,
  timed: ({ task, cell, backend }, flops, outcomes) => timings.record(task, cell.kind, backend, flops, outcomes),
  stop: async (owner) => void (await Promise.all([cpuLane.stop(owner), gpuLane?.stop(owner)])),
  catalog: () => catalog,
  send
})

const answers: { [N in keyof Requests]: (input: Requests[N]['input']) => Promise<Requests[N]['output']> } = {
  catalog: () => Promise.resolve({ catalog, errors }),
  async reload({ modelFolder }) {
    workerOptions = { modelFolder, vectorFolder }
    cpuLane.reload(workerOptions)
    gpuLane?.reload(workerOptions)
    ;({ catalog, errors } = await cpuLane.ask('load', workerOptions))
    return { catalog, errors }
  },
  costs: (input) => cpuLane.ask('costs', input),
  weights: (input) => cpuLane.ask('weights', input),
  async peaks(choice) {
    const backend = likely(choice)
    const peaks = await lane(backend).ask('peaks', { backend }, { owner: measuring, deadlineMs: pointMs })
    return { backend, peaks }
  },
  measure: (input) => lane(input.backend).ask('measure', input, { owner: measuring, deadlineMs: pointMs }),
  async stopMeasuring() {
    await Promise.all([cpuLane.stop(measuring), gpuLane?.stop(measuring)])
    return null
  },
  fit: (part) => cpuLane.ask('fit', part, { owner: fitting }),
  async stopFitting() {
    await cpuLane.stop(fitting)
    return null
  },
  async estimate(job) {
    const backend = likely(job)
    const weights = await cpuLane.ask('weigh', { task: job.task, cells: job.cells })
    const ms = await estimate(job, weights, backend, isGpu(backend) ? 1 : workers, runOn, {
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
  await Promise.all([cpuLane.close(), gpuLane?.close()])
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

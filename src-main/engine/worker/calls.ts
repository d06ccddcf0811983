/** What a worker computes: its own tfjs instance, one call at a time. */
import { stat } from 'node:fs/promises'
import { costOfCell, trainingBytes } from './cell-cost.ts'
import { parity } from '../python/parity.ts'
import { pythonOf } from '../python/python.ts'
import { errorOf, StudioError, toErrorData, type ErrorCode, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { taskDims, type Cell } from '../../../src-shared/grid/cell.ts'
import type { AnyTask } from '../../tasks/task.ts'
import { deviceLimit, useBackend, violation } from '../../tensors/backends/index.ts'
import { computePart } from './fitting.ts'
import { measureBlock, measurePeaks } from './measure.ts'
import { loadRegistry, type Registry } from './registry.ts'
import { fitWeights, runBatch } from './runner.ts'
import type { LoadedWeights } from '../../tensors/weights/files.ts'
import type { NamedTensor } from '../../tensors/weights/named-tensor.ts'
import { vectorReader } from '../../tensors/vectors.ts'
import { loadWeights, writeNpz, writeSafetensors } from '../../tensors/weights/files.ts'
import type {
  BatchJob,
  BatchNote,
  CellWeight,
  WorkerAnswer,
  WorkerCalls,
  WorkerMessage,
  WorkerOptions,
  WorkerRequest
} from '../worker-calls.ts'

let registry: Registry
let loadErrors: ErrorData[] = []
let vectors = vectorReader(undefined)
const weightFiles = new Map<string, Promise<LoadedWeights>>()

interface Call {
  isCancelled: () => boolean
  whole: boolean
}

/** How a worker hears and speaks: a thread's port, or a process's channel. */
export interface WorkerPort {
  post(answer: WorkerAnswer): void
  onMessage(listener: (message: WorkerMessage) => void): void
}

const handlers: {
  [N in keyof WorkerCalls]: (input: WorkerCalls[N]['input'], call: Call) => Promise<WorkerCalls[N]['output']>
} = {
  catalog: () => Promise.resolve({ catalog: registry.catalog(), errors: loadErrors }),
  costs: ({ task, cells }) => Promise.resolve(cells.map((cell) => costOfCell(registry, registry.task(task), cell))),
  weigh: ({ task, cells }) => Promise.resolve(cells.map((cell) => weigh(task, cell))),
  async weights({ task, generator, cell, seed, format }) {
    await useBackend('cpu')
    const tensors = new Map<string, NamedTensor>()
    const [{ error }] = await runBatch(registry.task(task), { ...cell, index: 0 }, [seed], generator, {
      registry,
      vectors,
      weights: await weightsOf(cell),
      checkCancelled: () => undefined,
      onWeight: (name, tensor) => tensors.set(name, tensor)
    })
    if (error?.code === 'model-failed') throw errorOf(error)
    if (tensors.size === 0)
      throw new StudioError('not-supported', `${registry.model(cell.model).title} has no weights to save.`)
    return format === 'npz' ? writeNpz(tensors) : writeSafetensors(tensors)
  },
  async misfits({ task, cells }) {
    await useBackend('cpu')
    const found: ErrorData[] = []
    const told = new Set<number>()
    // Of cells that differ in nothing a shape can come from, one tells all.
    const alike = new Map(cells.map((cell) => [JSON.stringify([cell.use, cell.params, cell.taskParams]), cell]))
    for (const cell of alike.values())
      if (cell.weights !== undefined && !told.has(cell.use)) {
        const error = await misfitOf(task, cell)
        if (!error) continue
        told.add(cell.use)
        found.push(error)
      }
    return found
  },
  async peaks({ backend }) {
    await useBackend(backend)
    return measurePeaks()
  },
  async measure({ backend, memory, input, repeats }) {
    await useBackend(backend)
    try {
      return await measureBlock(registry, memory, input, repeats)
    } catch (error) {
      // What is too large for a GPU says so, and nothing against the GPU.
      throw (await deviceLimit(error)) ?? error
    }
  },
  async parity({ request, options }) {
    await useBackend('cpu')
    return parity(registry, pythonOf(options, printed), request)
  },
  fit: (part) => Promise.resolve(computePart(part, registry)),
  async batch(job, { isCancelled, whole }) {
    await useBackend(job.backend)
    const weights = await weightsOf(job.cell)
    return runBatch(registry.task(job.task), job.cell, job.seeds, job.generator, {
      registry,
      vectors,
      weights,
      checkCancelled: stopper(job, isCancelled),
      whole,
      checkpoint: (seed) => job.training?.checkpoints.find((saved) => saved.seed === seed)?.state,
      onCurve: (points) => tell({ type: 'curve', points }),
      onCheckpoint: (states) => tell({ type: 'checkpoint', states })
    })
  }
}

/** More names than any file holds that was meant for the model. */
const mostListed = 500

/** What of a cell's weights file does not fit its model, in one error; undefined when all of it does. */
async function misfitOf(task: string, cell: Cell): Promise<ErrorData | undefined> {
  const field = `models.${cell.use}.weights`
  const found: string[] = []
  try {
    const weights = await weightsOf(cell)
    if (!weights) return undefined
    const deps = { registry, vectors, weights, checkCancelled: () => undefined }
    const known = registry.task(task)
    await fitWeights(known, cell, deps, (message) => found.push(message))
  } catch (error) {
    // What else is wrong with a model is said by its trials.
    if (!(error instanceof StudioError) || !weightFaults.has(error.data.code)) return undefined
    return { ...error.data, field }
  }
  if (!found.length) return undefined
  const rest = found.length > mostListed ? ` And ${found.length - mostListed} more.` : ''
  return {
    code: 'bad-file',
    message: `These weights do not fit ${cell.label}: ${found.slice(0, mostListed).join(' ')}${rest}`,
    ...(cell.weights !== undefined && { file: cell.weights }),
    field
  }
}
const weightFaults = new Set<ErrorCode>(['bad-file', 'not-found', 'not-supported', 'too-large'])

/**
 * FLOPs of one trial, and the bytes it may hold at once: state with gradient and moments, the vectors of its items, and
 * the scores of every query against every item or slot.
 */
function weigh(task: string, cell: Cell): CellWeight {
  // A user's cost that throws or is no number says so where costs are shown; a run needs only a guess.
  const guess: CellWeight = { flops: 1e6, bytes: 2 ** 22 }
  // Nor does anybody know beforehand what Python will do.
  if (registry.inPython(cell.model, cell.params)) return guess
  try {
    const { flops, bytes } = weightOf(registry.task(task), cell)
    return Number.isFinite(flops) && Number.isFinite(bytes) ? { flops, bytes } : guess
  } catch {
    return guess
  }
}

function weightOf(task: AnyTask, cell: Cell): CellWeight {
  const load = task.workload(cell.taskParams)
  const cost = costOfCell(registry, task, cell)
  const { dim } = taskDims(cell.taskParams)
  if (load.training)
    return { flops: cost.forwardFlops ?? 0, bytes: trainingBytes(cell.taskParams, load.training.longest) }
  const numbers =
    8 * (cost.state + cost.parameters) +
    6 * (load.stored + load.queries) * dim +
    4 * load.queries * (load.stored + load.before + cost.state / dim)
  return { flops: cost.storeFlops + cost.retrieveFlops + (cost.forwardFlops ?? 0), bytes: 4 * numbers }
}

/** Throws once the run is cancelled or the batch has used its time. */
function stopper({ deadlineMs }: BatchJob, isCancelled: () => boolean): () => void {
  const end = performance.now() + (deadlineMs ?? Infinity)
  return () => {
    if (isCancelled() || performance.now() > end) throw new StudioError('cancelled', 'The run was cancelled.')
  }
}

async function weightsOf({ weights: file }: Pick<Cell, 'weights'>): Promise<LoadedWeights | undefined> {
  if (file === undefined) return undefined
  // A file that was written anew is another one.
  const { mtimeMs, size } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0 }))
  const key = `${mtimeMs} ${size} ${file}`
  let found = weightFiles.get(key)
  if (!found) {
    // One file at a time: the cells of a model follow one another.
    weightFiles.clear()
    found = loadWeights(file)
    weightFiles.set(key, found)
  }
  return found
}

/** Sends a note of the call under way. */
let tell: (note: BatchNote) => void = () => undefined
const printed = (text: string): void => tell({ type: 'printed', text })

/**
 * Answer the calls that come over a line, one after the other.
 * @param port how messages come and go
 * @param whole a batch that fails is not taken apart here, and the worker is not used again: it owns a GPU
 */
export async function serve(options: WorkerOptions, port: WorkerPort, whole: boolean): Promise<void> {
  vectors = vectorReader(options.vectorFolder)
  let current = 0
  const cancelled = new Set<number>()
  let last: Promise<unknown> = loadRegistry(
    options.models,
    (file) => port.post({ state: 'loading', file }),
    pythonOf(options.python, printed)
  ).then((loaded) => {
    registry = loaded.registry
    loadErrors = loaded.errors
    port.post({ state: 'ready' })
  })
  const answer = async (request: WorkerRequest): Promise<WorkerAnswer> => {
    const { id, name, input } = request
    current = id
    const flag = request.cancelled && new Int32Array(request.cancelled)
    const isCancelled = (): boolean => (flag ? Atomics.load(flag, 0) !== 0 : cancelled.has(id))
    tell = (note) => port.post({ id, note })
    try {
      const value = await (handlers[name] as (input: unknown, call: Call) => Promise<unknown>)(input, {
        isCancelled,
        whole
      })
      const violated = violation()
      return violated ? { id, ok: false, error: violated.data, spoilt: true } : { id, ok: true, value }
    } catch (error) {
      const violated = violation()
      const data = violated?.data ?? toErrorData(error)
      return { id, ok: false, error: data, ...((violated || (whole && !ownFault.has(data.code))) && { spoilt: true }) }
    } finally {
      cancelled.delete(id)
    }
  }
  port.onMessage((message) => {
    if ('cancel' in message) {
      if (message.cancel >= current) cancelled.add(message.cancel)
      return
    }
    last = last.then(async () => port.post(await answer(message)))
  })
  await last
}

/** Errors that say nothing against the GPU. */
const ownFault = new Set<ErrorCode>([
  'cancelled',
  'bad-file',
  'bad-input',
  'not-supported',
  'not-found',
  'device-limit'
])

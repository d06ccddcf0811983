/**
 * One backend of `npm run bench -- gpu`. Arguments: backend, 1 for an imitation of a GPU, then models to restrict it to. Writes
 * one line of JSON: its peaks, its models of keys and values, its blocks, and what its fixtures showed.
 */
import { join } from 'node:path'
import { fillParams, type ParamValues } from '../../src-shared/shapes/params.ts'
import { taskDims } from '../../src-shared/grid/cell.ts'
import { errorLine, StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import { measurePeaks } from '../../src-main/engine/worker/measure.ts'
import { runBatch } from '../../src-main/engine/worker/runner.ts'
import { verifyFolder } from '../../src-main/engine/verify/verify.ts'
import { builtInModels } from '../../src-main/models/registry.ts'
import type { AnyModel } from '../../src-main/models/model.ts'
import type { BackendName } from '../../src-main/tensors/backends/backend.ts'
import { useBackend } from '../../src-main/tensors/backends/index.ts'
import { setKernels } from '../../src-main/tensors/kernels/index.ts'
import { registry } from '../support/drive-memory.ts'
import { between, countGpu, type Counts } from '../support/gpu-counts.ts'
import { clockTime, dim as usualDim, items as usualItems, TimedMemory, type Times } from '../support/timed-memory.ts'

const [name, imitation, ...only] = process.argv.slice(2)
const backend = name as BackendName
const software = imitation === '1'
/** An imitation counts, and is too slow to be timed at the usual size. */
const [items, width, batch] = software ? [20, 16, 2] : [usualItems, usualDim, 32]
const [steps, warm] = software ? [2, 1] : [10, 3]

interface MemoryCounts {
  /** A stored item, and a query, of a whole batch. */
  perItem: Counts
  perQuery: Counts
  /** Of one store of all items of a batch. */
  store: Counts
}

interface MemoryRow extends Partial<MemoryCounts> {
  model: string
  /** Milliseconds a trial. */
  times?: Times
  /** The same on plain ops. */
  plain?: MemoryCounts
  error?: string
}

interface BlockRow {
  model: string
  /** Milliseconds of a step of training of the whole batch. */
  stepMs?: number
  /** A step, and the same on plain ops. */
  perStep?: Counts
  plain?: Counts
  /** Layers of the stack that is trained. */
  layers?: number
  error?: string
}

await useBackend(backend)
const counted = countGpu()
const share = ({ dispatches, readBack }: Counts, of: number): Counts => ({
  dispatches: dispatches / of,
  readBack: readBack / of
})

async function memoryRow(model: AnyModel): Promise<MemoryRow> {
  const memory = new TimedMemory(model, batch, width)
  const counts = async (): Promise<MemoryCounts> => {
    const marks: Counts[] = []
    await memory.once(items, clockTime, () => void marks.push(counted()))
    const [begin, stored, asked, end] = marks
    const [store, read] = [between(begin!, stored!), between(asked!, end!)]
    return { store, perItem: share(store, items), perQuery: share(read, items) }
  }
  try {
    const fused = await counts()
    return {
      model: model.id,
      ...(!software && { times: await memory.mean(items, 300, clockTime) }),
      ...fused,
      ...(backend === 'webgpu' && { plain: await onPlainOps(counts) })
    }
  } catch (error) {
    return { model: model.id, error: errorLine(toErrorData(error)) }
  } finally {
    memory.dispose()
  }
}

async function onPlainOps<T>(measure: () => Promise<T>): Promise<T> {
  setKernels(false)
  try {
    return await measure()
  } finally {
    setKernels(true)
  }
}

/** Some steps of associative recall, as `npm run bench -- sequence` trains it. */
async function blockRow({ id }: AnyModel): Promise<BlockRow> {
  const task = registry.task('associative-recall')
  const kinds = (kind: string) => registry.model(kind).params
  const filled = ({ values, errors }: { values: ParamValues; errors: readonly unknown[] }): ParamValues => {
    if (errors.length) throw new Error(JSON.stringify(errors))
    return values
  }
  try {
    const size = software
      ? { dim: 16, length: 16, pairs: 2, queries: 4, batchSize: 2, testSequences: 2, layers: 1 }
      : { dim: 32 }
    const asked = { ...size, steps: 2000, stopAt: 1.1, saveEvery: 1_000_000 }
    const taskParams = filled(fillParams(task.params, asked, 'task', undefined, kinds))
    const params = filled(fillParams(registry.model(id).params, {}, 'model', taskDims(taskParams), kinds))
    const cell = { index: 0, use: 0, label: id, model: id, params, taskParams, point: {} }
    const measure = async (): Promise<{ stepMs: number; perStep: Counts }> => {
      const at: { ms: number; counts: Counts }[] = []
      // The trainer asks before every step; what is read at the end of a window of steps is none of theirs.
      const checkCancelled = (): void => {
        at.push({ ms: performance.now(), counts: counted() })
        if (at.length > warm + steps) throw new StudioError('cancelled', 'Measured.')
      }
      const seeds = software ? [0] : [0, 1, 2, 3]
      await runBatch(task, cell, seeds, 'philox', { registry, checkCancelled }).catch((error: unknown) => {
        if (toErrorData(error).code !== 'cancelled') throw error
      })
      const [first, last] = [at[warm], at[warm + steps]]
      if (!first || !last) throw new Error('The training ended before its steps were measured.')
      return { stepMs: (last.ms - first.ms) / steps, perStep: share(between(first.counts, last.counts), steps) }
    }
    return {
      model: id,
      ...(await measure()),
      ...(backend === 'webgpu' && { plain: (await onPlainOps(measure)).perStep }),
      ...(typeof taskParams.layers === 'number' && { layers: taskParams.layers })
    }
  } catch (error) {
    return { model: id, error: errorLine(toErrorData(error)) }
  }
}

const chosen = builtInModels.filter(({ id }) => only.length === 0 || only.includes(id))
const peaks = software ? null : await measurePeaks()
const memories: MemoryRow[] = []
const blocks: BlockRow[] = []
const until = performance.now() + 1000 * Number(process.env.BENCH_SECONDS ?? Infinity)
const inTime = async <T>(id: string, row: () => Promise<T>): Promise<T | { model: string; error: string }> =>
  performance.now() < until ? row() : { model: id, error: 'left out: the time was up' }
for (const model of chosen)
  if (model.interfaces.includes('sequence')) blocks.push(await inTime(model.id, () => blockRow(model)))
for (const model of chosen)
  if (model.interfaces.includes('key-value')) memories.push(await inTime(model.id, () => memoryRow(model)))
const report = only.length
  ? undefined
  : await verifyFolder(join(import.meta.dirname, '../golden'), { backends: [backend], batches: [3] })
const fixtures = report && {
  passed: report.passed,
  failed: report.results.filter(({ passed }) => !passed).map(({ file }) => file)
}
process.stdout.write(
  JSON.stringify({ backend, software, items, dim: width, batch, peaks, memories, blocks, fixtures }) + '\n'
)
process.exit(0)

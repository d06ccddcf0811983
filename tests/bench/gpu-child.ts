/**
 * One backend of `npm run bench -- gpu`: does one job at a time, each a part of a row, for a parent that may end this process
 * when a job takes too long. Arguments: the backend.
 */
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { fillParams, type ParamValues } from '../../src-shared/shapes/params.ts'
import { taskDims, type Cell } from '../../src-shared/grid/cell.ts'
import { errorLine, StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import type { BlockRow, MemoryRow, Work } from '../../src-shared/cost/gpu-table.ts'
import { costOfCell } from '../../src-main/engine/worker/cell-cost.ts'
import { measurePeaks } from '../../src-main/engine/worker/measure.ts'
import { runBatch } from '../../src-main/engine/worker/runner.ts'
import { philoxWeights } from '../../src-main/engine/worker/weight-sources.ts'
import { readFixture, verifyFixture } from '../../src-main/engine/verify/verify.ts'
import type { BackendName } from '../../src-main/tensors/backends/backend.ts'
import { checkBackend, useBackend } from '../../src-main/tensors/backends/index.ts'
import { gpuIdle } from '../../src-main/tensors/backends/webgpu-device.ts'
import { setKernels } from '../../src-main/tensors/kernels/index.ts'
import { philoxDraws } from '../../src-main/tensors/random/draws.ts'
import { registry } from '../support/drive-memory.ts'
import { between, countGpu, type Counts } from '../support/gpu-counts.ts'
import type { GpuAnswer, GpuJob } from '../support/gpu-jobs.ts'
import { blockSizes, countedSize, memorySizes, type BlockSize } from '../support/gpu-sizes.ts'
import { clockTime, TimedMemory } from '../support/timed-memory.ts'

const backend = process.argv[2] as BackendName
await useBackend(backend)
const counted = countGpu()
const share = ({ dispatches, readBack }: Counts, of: number): Counts => ({
  dispatches: dispatches / of,
  readBack: readBack / of
})

type MemoryCounts = NonNullable<MemoryRow['plain']>

async function memoryCounts(id: string): Promise<MemoryCounts> {
  const { items, width, batch } = memorySizes[countedSize]
  const memory = new TimedMemory(registry.model(id), batch, width)
  try {
    const marks: Counts[] = []
    await memory.once(items, clockTime, () => void marks.push(counted()))
    const [begin, stored, asked, end] = marks
    const [store, read] = [between(begin!, stored!), between(asked!, end!)]
    return { store, perItem: share(store, items), perQuery: share(read, items) }
  } finally {
    memory.dispose()
  }
}

type Timed = Extract<GpuJob, { part: 'times' }>

class TooMuch extends Error {}

/** @throws TooMuch where so many operations do not fit the job's share of the time even at the backend's peak */
function fits(flops: number, { most }: Timed): void {
  if (flops > most) throw new TooMuch('more than its share of the time even at the peak')
}

async function memoryTimes(job: Timed): Promise<Pick<MemoryRow, 'times' | 'work'>> {
  const { items, width, batch } = memorySizes[job.size]
  const memory = new TimedMemory(registry.model(job.name), batch, width)
  try {
    const work = memory.work(items)
    // It is asked twice at least.
    fits(2 * batch * work.flops, job)
    const times = await memory.mean(items, job.budget, clockTime)
    return { times, work: { ...work, ms: times.store + times.retrieve } }
  } finally {
    memory.dispose()
  }
}

const task = registry.task('associative-recall')

/** A block in training on associative recall, as `npm run bench -- sequence` trains it. */
function blockCell(id: string, given: BlockSize, window: number): Cell & { index: number } {
  const size = Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'seeds'))
  const kinds = (kind: string) => registry.model(kind).params
  const filled = ({ values, errors }: { values: ParamValues; errors: readonly unknown[] }): ParamValues => {
    if (errors.length) throw new Error(JSON.stringify(errors))
    return values
  }
  // A curve has a hundred windows of steps, and nothing is read within one.
  const asked = { ...size, steps: 100 * window, stopAt: 1.1, saveEvery: 1_000_000 }
  const taskParams = filled(fillParams(task.params, asked, 'task', undefined, kinds))
  const params = filled(fillParams(registry.model(id).params, {}, 'model', taskDims(taskParams), kinds))
  return { index: 0, use: 0, label: id, model: id, params, taskParams, point: {} }
}

async function trains(
  cell: Cell & { index: number },
  seeds: number,
  hear: { step?: () => boolean; window?: () => boolean }
): Promise<void> {
  let enough = false
  const checkCancelled = (): void => {
    if (enough || hear.step?.()) throw new StudioError('cancelled', 'Measured.')
  }
  const onCurve = (): void => {
    enough = hear.window?.() ?? false
  }
  const all = Array.from({ length: seeds }, (_, seed) => seed)
  const [outcome] = await runBatch(task, cell, all, 'philox', { registry, checkCancelled, onCurve, whole: true }).catch(
    (error: unknown) => {
      if (toErrorData(error).code !== 'cancelled') throw error
      return []
    }
  )
  if (outcome) throw new Error(outcome.error?.message ?? 'The training ended before its steps were measured.')
}

const trained = (id: string): boolean => registry.model(id).trainable !== false

/** A pass over a sequence of the same sizes, of a block that no training sees through. */
async function reads<T>(id: string, size: BlockSize, body: (pass: () => Promise<void>) => Promise<T>) {
  const { params, taskParams } = blockCell(id, size, 1)
  const { dim, length, batchSize } = taskParams as unknown as Required<BlockSize>
  const batch = size.seeds * batchSize
  const tokens = tf.tensor(philoxDraws(['bench']).normal('tokens', batch * length * dim), [batch, length, dim])
  const weight = philoxWeights(Array.from({ length: batch }, (_, row) => `bench-${row}`))
  const memory = registry.build(id, params, batch, weight)
  const pass = async (): Promise<void> => {
    memory.reset()
    const answer = memory.forward!(tokens)
    const one = tf.tidy(() => answer.flatten().slice([0], [1]))
    await one.data()
    tf.dispose([answer, one])
  }
  try {
    const cost = registry.cost(id, params, { stored: 0, before: 0, queries: 0, tokens: length })
    const bytes = 4 * (cost.parameters + 2 * cost.state + 2 * length * dim)
    return { found: await body(pass), work: { flops: batch * (cost.forwardFlops ?? 0), bytes: batch * bytes } }
  } finally {
    memory.dispose()
    tokens.dispose()
  }
}

/** @param step which one is counted: on plain ops the first is like all others, and may take a minute */
async function blockCounts(id: string, step: 0 | 1): Promise<Pick<BlockRow, 'perStep' | 'layers'>> {
  const size = blockSizes[countedSize]
  const marks: Counts[] = []
  if (!trained(id)) {
    await reads(id, size, async (pass) => {
      await pass()
      marks.push(counted())
      await pass()
      // Reading one number of the answer, which is the measuring's own: a slice, and its four bytes.
      const { dispatches, readBack } = between(marks[0]!, counted())
      marks.push({ dispatches: dispatches - 1, readBack: readBack - 4 })
    })
    return { perStep: marks[1] }
  }
  // The trial asks before it begins, and the trainer before every step; what is read at the end of a window of steps is none
  // of theirs.
  await trains(blockCell(id, size, 10), size.seeds, { step: () => marks.push(counted()) > step + 2 })
  return { perStep: between(marks[step + 1]!, marks[step + 2]!), layers: size.layers }
}

/** Milliseconds of a step and what it is of work: windows of steps, each to its end, but the first. */
async function blockTimes(job: Timed): Promise<Pick<BlockRow, 'stepMs' | 'work'>> {
  const { name: id, budget } = job
  const size = blockSizes[job.size]
  if (!trained(id)) {
    const { found: ms, work } = await reads(id, size, async (pass) => {
      await pass()
      let passes = 0
      const begin = performance.now()
      do {
        await pass()
        passes++
      } while (performance.now() - begin < budget)
      return (performance.now() - begin) / passes
    })
    return { stepMs: ms, work: { ...work, ms } }
  }
  const window = job.size === countedSize ? 1 : 5
  const cell = blockCell(id, size, window)
  const work = stepWork(cell, size.seeds)
  fits(2 * window * work.flops, job)
  const ends: number[] = []
  await trains(cell, size.seeds, {
    window: () => ends.push(performance.now()) > 1 && ends.at(-1)! - ends[0]! > budget
  })
  const ms = (ends.at(-1)! - ends[0]!) / (ends.length - 1) / window
  return { stepMs: ms, work: { ...work, ms } }
}

/**
 * Of one step: three times what reading its sequences takes; and at least, of every weight and its two moments, once read and
 * once written, beside the tokens.
 */
function stepWork(cell: Cell, seeds: number): Omit<Work, 'ms'> {
  const { steps, batchSize, testSequences, length } = cell.taskParams as Record<string, number>
  const { forwardFlops = 0, parameters } = costOfCell(registry, task, cell)
  const sequences = 3 * batchSize!
  return {
    flops: (seeds * forwardFlops * sequences) / (sequences * steps! + testSequences!),
    bytes: 4 * seeds * (6 * parameters + length! * batchSize!)
  }
}

async function fixture(file: string): Promise<GpuAnswer> {
  const found = await readFixture(join(import.meta.dirname, '../golden'), file)
  return { passed: (await verifyFixture(found, backend, registry, [3])).passed }
}

async function answer(job: GpuJob): Promise<GpuAnswer> {
  switch (job.part) {
    case 'peaks':
      return { peaks: await measurePeaks() }
    case 'fixture':
      return fixture(job.name)
    case 'counts':
      return { row: job.kind === 'memory' ? await memoryCounts(job.name) : await blockCounts(job.name, 1) }
    case 'plain':
      setKernels(false)
      try {
        if (job.kind === 'memory') return { row: { plain: await memoryCounts(job.name) } }
        return { row: { plain: (await blockCounts(job.name, 0)).perStep } }
      } finally {
        setKernels(true)
      }
    case 'times': {
      const times = job.kind === 'memory' ? memoryTimes : blockTimes
      const row = await times(job)
      checkBackend()
      return { row }
    }
  }
}

process.on('message', (job: GpuJob) => {
  void answer(job)
    .catch((error: unknown): GpuAnswer => ({
      error: error instanceof TooMuch ? error.message : errorLine(toErrorData(error))
    }))
    .then(async (found) => {
      process.send!(found)
      // What was begun and not waited for is over before the next job begins.
      if (backend === 'webgpu') await gpuIdle()
      process.send!('ready')
    })
})
process.on('disconnect', () => process.exit(0))
process.send!('ready')

/** Runs one batch of trials: the same task and cell, a seed each. */
import * as tf from '@tensorflow/tfjs'
import { setImmediate as turn } from 'node:timers/promises'
import {
  errorLine,
  errorOf,
  StudioError,
  toErrorData,
  type ErrorCode,
  type ErrorData
} from '../../../src-shared/shapes/errors.ts'
import type { Cell } from '../../../src-shared/grid/cell.ts'
import type { Experiment } from '../../../src-shared/shapes/experiment.ts'
import { trialIdentity, type TrialIdentity } from '../../../src-shared/grid/identity.ts'
import type { Memory, Trace, WeightSource } from '../../models/model.ts'
import type { RecallSetup } from '../../models/parts/recall/recaller.ts'
import type { AnyTask, TaskContext, TaskResult } from '../../tasks/task.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import { storedTrace } from './stored-trace.ts'
import { deviceLimit, checkBackend, violation } from '../../tensors/backends/index.ts'
import { philoxDraws, torchDraws, type Draws } from '../../tensors/random/draws.ts'
import { TorchGenerator } from '../../tensors/random/torch.ts'
import { SharedFault } from '../python/python.ts'
import type { Registry } from './registry.ts'
import { train } from './training/trainer.ts'
import type { CurvePoint } from '../worker-calls.ts'
import { withItemNames } from '../../tasks/parts/item-names.ts'
import { vectorReader, type Vectors } from '../../tensors/vectors.ts'
import type { LoadedWeights } from '../../tensors/weights/files.ts'
import type { NamedTensor } from '../../tensors/weights/named-tensor.ts'
import { givenWeights, overheard, philoxWeights, torchWeights } from './weight-sources.ts'

export interface BatchDeps {
  registry: Registry
  weights?: LoadedWeights
  /** Imported vectors by their hash. */
  vectors?: (hash: string) => Vectors
  /** Throws `cancelled` once the run is. */
  checkCancelled: () => void
  /** A batch that throws ends as a whole: whoever asked computes it elsewhere. */
  whole?: boolean
  /** It failed once by what may have been another's fault. */
  again?: boolean
  /** The training so far of a seed that was interrupted. */
  checkpoint?: (seed: number) => Uint8Array | undefined
  /** Told the newest points of learning curves. */
  onCurve?: (points: (CurvePoint & { seed: number })[]) => void
  /** Told the training so far of all seeds. */
  onCheckpoint?: (states: { seed: number; state: Uint8Array }[]) => void
  /** Told every initial weight of the tested memory, of the first trial: for saving them. */
  onWeight?: (name: string, tensor: NamedTensor) => void
  /** Told every given weight that does not fit, instead of an error for the first. */
  onMisfit?: (message: string) => void
}

type Generator = Experiment['generator']
interface Batch {
  task: AnyTask
  cell: Cell & { index: number }
  seeds: readonly number[]
  generator: Generator
  deps: BatchDeps
}

/**
 * Run the trials of some seeds of a cell as one batch on the backend that is in use.
 *
 * With philox a trial's numbers depend on its identity alone, never on its batch: a lone trial runs as a batch of two
 * copies, because backends compute a product of one matrix by another route than a stack of products, which rounds
 * differently. NaN or Infinity in a metric ends that trial alone as `diverged`; when a batch throws, its trials run
 * again one by one, so that only the guilty ones end as `failed`. A batch that is too large for a GPU is computed in halves.
 * @throws StudioError cancelled when the run is, bad-file when the weights do not fit the model; model-failed when the
 * memory that all share was violated, or a batch that is not to be taken apart threw
 */
export async function runBatch(
  task: AnyTask,
  cell: Cell & { index: number },
  seeds: readonly number[],
  generator: Generator,
  deps: BatchDeps
): Promise<TrialOutcome[]> {
  const batch: Batch = { task, cell, seeds, generator, deps }
  const start = performance.now()
  try {
    const result = await isolated(() => runTask(batch))
    const elapsedMs = (performance.now() - start) / seeds.length
    return seeds.map((seed, trial) => ({ ...outcomeOf(batch, trial, seed, result), elapsedMs }))
  } catch (error) {
    if (error instanceof StudioError && (error.data.code === 'cancelled' || error.data.code === 'bad-file')) throw error
    if (deps.whole) {
      // What befell the GPU is told a turn later than what followed from it.
      await turn()
      const limit = await deviceLimit(error)
      if (limit && seeds.length === 1) throw limit
      if (limit) {
        const half = seeds.length >> 1
        const parts = [seeds.slice(0, half), seeds.slice(half)]
        const outcomes: TrialOutcome[] = []
        for (const part of parts) outcomes.push(...(await runBatch(task, cell, part, generator, deps)))
        return outcomes
      }
    }
    if (violation() || (deps.whole && !taskCodes.has(toErrorData(error).code)))
      throw errorOf(failureOf(error, deps, cell.model))
    if (seeds.length === 1 && error instanceof SharedFault && !deps.again)
      return runBatch(task, cell, seeds, generator, { ...deps, again: true })
    if (seeds.length === 1)
      return [failure(batch, seeds[0], failureOf(error, deps, cell.model), performance.now() - start)]
    const outcomes: TrialOutcome[] = []
    for (const seed of seeds) outcomes.push(...(await runBatch(task, cell, [seed], generator, deps)))
    return outcomes
  }
}

/**
 * Hold a cell's weights to its model without running a trial; where a task trains, its stack is built and learns nothing.
 * @param onMisfit told every tensor that is missing, misshapen or extra
 */
export async function fitWeights(
  task: AnyTask,
  cell: Cell,
  deps: BatchDeps & { weights: LoadedWeights },
  onMisfit: (message: string) => void
): Promise<void> {
  if (task.workload(cell.taskParams).training) {
    await runBatch(task, { ...cell, index: 0 }, [0], 'philox', { ...deps, onMisfit, onWeight: () => undefined })
    return
  }
  await isolated(() => {
    const given = givenWeights(deps.weights.tensors, 2, { file: deps.weights.file }, onMisfit)
    const memory = deps.registry.build(cell.model, cell.params, 2, given.source)
    given.finish()
    memory.dispose()
    return Promise.resolve()
  })
}

/** Every tensor made inside is gone afterwards, whoever forgot it; variables too. */
async function isolated<T>(body: () => Promise<T>): Promise<T> {
  const engine = tf.engine()
  const before = new Set(Object.keys(engine.registeredVariables))
  engine.startScope('batch')
  try {
    return await body()
  } finally {
    engine.endScope()
    for (const [name, variable] of Object.entries(engine.registeredVariables)) if (!before.has(name)) variable.dispose()
  }
}

interface Finished {
  result: TaskResult
  traces: readonly Trace[]
}

async function runTask({ task, cell, seeds, generator, deps }: Batch): Promise<Finished> {
  const copies = seeds.length === 1 ? [seeds[0], seeds[0]] : seeds
  const batch = copies.length
  const identities = copies.map((seed) => identity({ task, cell, generator, deps }, seed))
  const { random, weights, scriptWeights } = sources(generator, copies, identities)
  const given = deps.weights && givenWeights(deps.weights.tensors, batch, { file: deps.weights.file }, deps.onMisfit)
  const source = overheard(given?.source ?? weights, deps.onWeight)
  const memories: Memory[] = []
  const own = (memory: Memory): Memory => {
    memories.push(memory)
    return memory
  }
  let tested: Memory | undefined
  const counts = new Map<string, number>()
  const context: TaskContext = {
    batch,
    random,
    memory: () => (tested ??= own(deps.registry.build(cell.model, cell.params, batch, source))),
    build(kind, params) {
      const count = counts.get(kind) ?? 0
      counts.set(kind, count + 1)
      const drawn = scriptWeights(`${kind}.${count}/`)
      return own(deps.registry.build(kind, deps.registry.fill(kind, params), batch, drawn))
    },
    train: (plan) =>
      train(deps.onWeight ? { ...plan, steps: 0 } : plan, {
        ...{ registry: deps.registry, tested: cell, weight: source, batch },
        // A lone trial runs as two copies of itself: only one of them needs to learn.
        trials: seeds.length,
        replay: generator === 'torch',
        checkCancelled: deps.checkCancelled,
        checkpoint: (trial) => deps.checkpoint?.(seeds[trial]),
        save: (states) => deps.onCheckpoint?.(states().map((state, trial) => ({ seed: seeds[trial], state }))),
        report: (points) => deps.onCurve?.(points.map((point) => ({ ...point, seed: seeds[point.trial] })))
      }),
    vectors: deps.vectors ?? vectorReader(undefined),
    ...(deps.registry.model(cell.model).simulate && {
      recaller: (setup: RecallSetup) => deps.registry.simulate(cell.model, cell.params, setup)
    }),
    script() {
      const kinds = deps.registry.scripted()
      return { kinds, tested: kinds.indexOf(cell.model) }
    },
    checkCancelled: deps.checkCancelled
  }
  try {
    deps.checkCancelled()
    const result = await task.run(cell.taskParams, context)
    given?.finish()
    checkBackend()
    const ofMemory = (await (tested as Memory | undefined)?.traces?.()) ?? []
    const traces = [...(result.traces ?? []), ...(result.names ? withItemNames(ofMemory, result.names) : ofMemory)]
    return { result, traces }
  } finally {
    for (const memory of memories) memory.dispose()
  }
}

/** The random numbers of a batch: of its data, of the tested memory's weights, and of a script's other memories. */
function sources(
  generator: Generator,
  seeds: readonly number[],
  identities: readonly TrialIdentity[]
): { random: Draws; weights: WeightSource; scriptWeights: (prefix: string) => WeightSource } {
  if (generator === 'torch') {
    const generators = seeds.map((seed) => new TorchGenerator(seed))
    const weights = torchWeights(generators)
    return { random: torchDraws(generators), weights, scriptWeights: () => weights }
  }
  const dataKeys = identities.map(({ dataKey }) => dataKey)
  const ofScript = philoxWeights(dataKeys)
  return {
    random: philoxDraws(dataKeys),
    weights: philoxWeights(identities.map(({ modelKey }) => modelKey)),
    scriptWeights: (prefix) => (name, shape, init) => ofScript(prefix + name, shape, init)
  }
}

function identity({ task, cell, generator, deps }: Omit<Batch, 'seeds'>, seed: number): TrialIdentity {
  return trialIdentity(task, cell, (kind) => deps.registry.model(kind), seed, generator, deps.weights?.hash)
}

/** One trial's share of what the batch measured. */
function outcomeOf(batch: Batch, trial: number, seed: number, { result, traces }: Finished): TrialOutcome {
  const metrics: Record<string, number> = {}
  for (const [name, values] of Object.entries(result.metrics)) {
    const value = values[trial]
    if (value !== null) metrics[name] = value
  }
  const bad = Object.keys(metrics).find((name) => !Number.isFinite(metrics[name]))
  if (bad !== undefined) {
    const message = `The ${bad} of this trial became ${metrics[bad]}; try a smaller learning rate or a shorter list.`
    return { ...failure(batch, seed, { code: 'diverged', message }, 0), status: 'diverged' }
  }
  return {
    ...empty(batch, seed),
    metrics,
    series: Object.fromEntries(
      Object.entries(result.series ?? {}).map(([name, { x, y }]) => [name, { x: [...x], y: Array.from(y[trial]) }])
    ),
    traces: traces.map((trace) => storedTrace(trace, trial))
  }
}

function empty(batch: Batch, seed: number): TrialOutcome {
  return {
    cell: batch.cell.index,
    seed,
    hash: identity(batch, seed).hash,
    status: 'done',
    error: null,
    metrics: {},
    series: {},
    traces: [],
    elapsedMs: 0,
    backend: tf.getBackend()
  }
}

function failure(batch: Batch, seed: number, error: ErrorData, elapsedMs: number): TrialOutcome {
  return { ...empty(batch, seed), status: 'failed', error, elapsedMs }
}

/** What the task refuses, wherever it is computed. */
const taskCodes = new Set<ErrorCode>(['bad-input', 'not-supported'])
/** Errors that already say whose fault they are. */
const ownCodes = new Set<ErrorCode>(['model-failed', 'engine-failed', ...taskCodes])

/** What a trial that threw says: the model's own words under the code model-failed. */
function failureOf(error: unknown, { registry }: BatchDeps, kind: string): ErrorData {
  const data = toErrorData(error)
  if (ownCodes.has(data.code)) return data
  const cause = data.cause ?? errorLine(data)
  return { code: 'model-failed', message: `${registry.model(kind).title} failed: ${data.message}`, cause }
}

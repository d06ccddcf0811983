/** Fixtures of the studio's own: what a model answers here, for holding another implementation of it to. */
import * as tf from '@tensorflow/tfjs'
import type { ModelInfo } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { nearestSquare, type Dims, type ParamValues } from '../../../src-shared/shapes/params.ts'
import type { Memory } from '../../models/model.ts'
import type { StateArray } from '../../models/parts/recall/recaller.ts'
import { useBackend } from '../../tensors/backends/index.ts'
import { philoxDraws, type Draws } from '../../tensors/random/draws.ts'
import type { NamedTensor } from '../../tensors/weights/named-tensor.ts'
import type { Registry } from '../worker/registry.ts'
import { overheard, philoxWeights } from '../worker/weight-sources.ts'
import { defaultTolerance, type Tolerance } from './compare.ts'
import type { FormatName } from './formats.ts'

export interface FixtureTensor {
  shape: readonly number[]
  data: readonly number[]
}

export interface WrittenFixture {
  format: FormatName
  model: string
  params: ParamValues
  note: string
  steps: Record<string, unknown>[]
  tolerance: Tolerance
  [field: string]: unknown
}

/** Sizes where none are given: small, so that a file can be read. */
const small = { dim: 8, contextDim: 4, rows: 2, columns: 4 }
/** Items of the first store and of the second; tokens of one forward. */
const [items, more, tokens] = [6, 3, 10]
const traced = ['gate', 'surprise']
const pool = 6

/**
 * What a model with these parameters answers on the plain-op backend, as a fixture that `engram verify` passes: a
 * key-value memory is asked, stores, is asked, stores again and is asked again; a sequence block reads two sequences; a
 * model of free recall studies a list and recalls two items of it.
 * @param given parameters as an experiment file writes them; sizes left out are small
 * @param seed of the weights and of all vectors
 * @throws StudioError not-found for the model, bad-input for its parameters, diverged for an answer that is no number
 */
export async function writeFixture(
  registry: Registry,
  kind: string,
  given: Readonly<Record<string, unknown>>,
  seed: number
): Promise<WrittenFixture> {
  const model = registry.model(kind, 'model')
  // What is given must be right by itself before sizes are taken from it.
  registry.fill(kind, given, undefined, 'params')
  const sizes = sizesOf(registry, kind, given)
  const params = registry.fill(kind, given, sizes, 'params')
  const note = `What the studio itself answers (backend cpu, seed ${seed}).`
  const about = { model: kind, params, note }
  if (model.interfaces.includes('recall'))
    return {
      format: 'recall-fixture/1',
      ...about,
      pool,
      ...recallRun(registry, kind, params),
      tolerance: defaultTolerance
    }
  await useBackend('cpu')
  const key = `fixture ${seed}`
  const weights: Record<string, FixtureTensor> = {}
  const source = overheard(philoxWeights([key]), (name, tensor) => (weights[name] = written(tensor, `weights.${name}`)))
  const memory = registry.build(kind, params, 1, source)
  try {
    const run = new Run(memory, philoxDraws([key]), sizes)
    await (memory.store && memory.retrieve ? run.ask(model) : run.read())
    return { format: 'memory-fixture/1', ...about, weights, steps: run.steps, tolerance: defaultTolerance }
  } finally {
    memory.dispose()
  }
}

/** Steps on one memory, with what it answers. */
class Run {
  readonly steps: Record<string, unknown>[] = []
  readonly #memory: Memory
  readonly #draws: Draws
  readonly #sizes: Dims & typeof small

  constructor(memory: Memory, draws: Draws, sizes: Dims & typeof small) {
    this.#memory = memory
    this.#draws = draws
    this.#sizes = sizes
  }

  async ask({ uses }: Pick<ModelInfo, 'uses'>): Promise<void> {
    const { dim, valueDim = dim, contextDim } = this.#sizes
    const queries = this.#normal('queries', 2, dim)
    const contexts = uses.contexts ? { contexts: this.#normal('query contexts', 2, contextDim) } : {}
    await this.#retrieve({ queries, ...contexts })
    let stored = 0
    for (const count of [items, more]) {
      const keys = this.#normal('keys', count, dim)
      const step = {
        keys,
        values: this.#normal('values', count, valueDim),
        ...(uses.contexts && { contexts: this.#normal('contexts', count, contextDim) }),
        ...(uses.places && {
          positions: Array.from({ length: count }, (_, i) => stored + i),
          times: Array.from({ length: count }, (_, i) => stored + i),
          importances: Array.from({ length: count }, () => 1)
        })
      }
      const { keys: k, values: v, contexts: c } = step
      const [kt, vt, ct] = [tensorOf(k), tensorOf(v), c && tensorOf(c)]
      this.#memory.store!({ ...step, keys: kt, values: vt, contexts: ct })
      tf.dispose([kt, vt, ...(ct ? [ct] : [])])
      this.steps.push({ op: 'store', ...step })
      stored += count
      await this.#retrieve({ queries, ...contexts })
      await this.#retrieve({
        queries: keys,
        ...(c && { contexts: c }),
        ...(uses.places && { position: 1, time: 1 })
      })
    }
    await this.#trace()
  }

  async read(): Promise<void> {
    for (let pass = 0; pass < 2; pass++) {
      const inputs = this.#normal('inputs', tokens, this.#sizes.dim)
      const given = tensorOf(inputs)
      const expect = await this.#answer(this.#memory.forward!(given))
      given.dispose()
      this.steps.push({ op: 'forward', inputs, expect })
    }
    await this.#trace()
  }

  async #retrieve(step: {
    queries: FixtureTensor
    contexts?: FixtureTensor
    position?: number
    time?: number
  }): Promise<void> {
    const [queries, contexts] = [tensorOf(step.queries), step.contexts && tensorOf(step.contexts)]
    const expect = await this.#answer(this.#memory.retrieve!({ ...step, queries, contexts }))
    tf.dispose(contexts ? [queries, contexts] : [queries])
    this.steps.push({ op: 'retrieve', ...step, expect })
  }

  /** What the model reports of its gate and its surprise over all steps. */
  async #trace(): Promise<void> {
    const found = ((await this.#memory.traces?.()) ?? []).flatMap(({ name, perTrial: [value] }) =>
      traced.includes(name) && 'data' in value ? [[name, written(value, name)] as const] : []
    )
    if (found.length) this.steps.push({ op: 'trace', ...Object.fromEntries(found) })
  }

  async #answer(got: tf.Tensor): Promise<FixtureTensor> {
    const data = await got.data<'float32'>()
    const shape = got.shape.slice(1)
    got.dispose()
    return written({ shape, data }, `steps.${this.steps.length}.expect`)
  }

  #normal(name: string, count: number, width: number): FixtureTensor {
    return written({ shape: [count, width], data: this.#draws.normal(name, count * width) }, name)
  }
}

/** One list: studied, then the two items that come to mind first, one after the other. */
function recallRun(registry: Registry, kind: string, params: ParamValues): { steps: Record<string, unknown>[] } {
  const recaller = registry.simulate(kind, params, { pool, distractors: 0, sources: 0 })
  recaller.reset()
  const list = Array.from({ length: pool }, (_, item) => item)
  recaller.study(list)
  const steps: Record<string, unknown>[] = [{ op: 'study', items: list }]
  const recalled: number[] = []
  for (let i = 0; i < 3; i++) {
    const state = Object.entries(recaller.state()).map(([name, array]: [string, StateArray]) => [
      name,
      written(array, `steps.${steps.length}.${name}`)
    ])
    steps.push({ op: 'state', ...Object.fromEntries(state) })
    const activation = Float64Array.from(recaller.activation())
    const expect = written({ shape: [pool], data: activation }, `steps.${steps.length}.expect`)
    steps.push({ op: 'activation', expect })
    if (i === 2) break
    const item = list
      .filter((one) => !recalled.includes(one))
      .reduce((best, one) => (activation[one] > activation[best] ? one : best))
    recalled.push(item)
    recaller.recalled(item)
    steps.push({ op: 'recall', item })
  }
  return { steps }
}

/** The sizes that the given parameters name, also those of a memory inside; small ones for the rest. */
function sizesOf(registry: Registry, kind: string, given: Readonly<Record<string, unknown>>): Dims & typeof small {
  const named: Partial<Record<keyof Dims, number>> = {}
  const collect = (model: string, values: Readonly<Record<string, unknown>>): void => {
    const declared = registry.model(model).params
    for (const [name, value] of Object.entries(values)) {
      const param = Object.hasOwn(declared, name) ? declared[name] : undefined
      if (param?.type === 'integer' && param.from && typeof value === 'number') named[param.from] ??= value
      for (const inner of [value].flat())
        if (typeof inner === 'object' && inner !== null && 'kind' in inner) collectRef(inner)
    }
    if ('kind' in values) collectRef(values)
  }
  const collectRef = (ref: { kind?: unknown; params?: unknown }): void => {
    if (typeof ref.kind === 'string') collect(ref.kind, (ref.params ?? {}) as Readonly<Record<string, unknown>>)
  }
  collect(kind, given)
  const { rows, columns } = named
  if (rows !== undefined || columns !== undefined) {
    const grid = { rows: rows ?? small.rows, columns: columns ?? small.columns }
    return { ...small, ...named, ...grid, dim: grid.rows * grid.columns }
  }
  const { dim = small.dim } = named
  if (dim === small.dim) return { ...small, ...named }
  return { ...small, ...named, ...nearestSquare(dim) }
}

const tensorOf = ({ shape, data }: FixtureTensor): tf.Tensor => tf.tensor([...data], [1, ...shape])

/**
 * A tensor as JSON writes it: float32 has nine significant digits.
 * @throws StudioError diverged that names the field
 */
function written(
  { shape, data }: Pick<NamedTensor, 'shape'> & { data: ArrayLike<number> },
  field: string
): FixtureTensor {
  const numbers = Array.from(data, (value) => Number(value.toPrecision(9)))
  const bad = numbers.find((value) => !Number.isFinite(value))
  if (bad !== undefined) throw new StudioError('diverged', `The model gave ${bad}.`, { field })
  return { shape, data: numbers }
}

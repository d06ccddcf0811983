/** One way to use any memory, so that one suite can hold all models to the same properties. */
import * as tf from '@tensorflow/tfjs'
import { fillParams, type Dims, type ParamValues } from '../../src-shared/shapes/params.ts'
import { philoxDraws } from '../../src-main/tensors/random/draws.ts'
import { loadRegistry, type Registry } from '../../src-main/engine/worker/registry.ts'
import { philoxWeights } from '../../src-main/engine/worker/weight-sources.ts'
import type { AnyModel, Memory, RetrieveInput, StoreInput } from '../../src-main/models/model.ts'

export const { registry }: { registry: Registry } = await loadRegistry([])

export interface Sizes extends Dims {
  contextDim: number
  items: number
  queries: number
}
export const small: Sizes = { dim: 8, contextDim: 4, rows: 2, columns: 4, items: 6, queries: 4 }

/** Complete parameters for these sizes: few slots, so that they overflow, and whatever is given. */
export function paramsFor(model: AnyModel, sizes: Dims, given: ParamValues = {}): ParamValues {
  const few = 'memorySize' in model.params ? { memorySize: 5 } : {}
  const { values, errors } = fillParams(
    model.params,
    { ...few, ...given },
    'params',
    sizes,
    (kind) => registry.model(kind).params
  )
  if (errors.length) throw new Error(JSON.stringify(errors))
  return values
}

/** The defaults, and every other option of every choice and switch. */
export function variantsOf(model: AnyModel): ParamValues[] {
  const others = Object.entries(model.params).flatMap(([name, param]): ParamValues[] => {
    if (param.type === 'boolean') return [{ [name]: !param.default }]
    if (param.type === 'choice')
      return (
        param.options
          .filter((option) => option !== param.default)
          // What trains before it is used does so for a few steps: what is asked of it holds after one as after hundreds.
          .map((option) => ({
            [name]: option,
            ...(option === 'trained' && 'trainSteps' in model.params && { trainSteps: 30 })
          }))
      )
    return []
  })
  return [{}, ...others]
}

export const build = (model: AnyModel, params: ParamValues, seeds: readonly number[]): Memory =>
  registry.build(model.id, params, seeds.length, philoxWeights(seeds.map((seed) => `weights-${seed}`)))

export interface Inputs {
  store: StoreInput
  retrieve: RetrieveInput
  dispose: () => void
}

/** Items and queries of a list of trials; half of the queries are stored keys. */
export function inputsFor(model: AnyModel, sizes: Sizes, seeds: readonly number[], name: string): Inputs {
  const draws = philoxDraws(seeds.map((seed) => `data-${seed}-${name}`))
  const { dim, contextDim, items, queries } = sizes
  const normal = (what: string, rows: number, width: number): tf.Tensor =>
    tf.tensor(draws.normal(what, rows * width), [seeds.length, rows, width])
  const keys = normal('keys', items, dim)
  const contexts = model.uses.contexts ? normal('contexts', items, contextDim) : undefined
  const half = Math.floor(queries / 2)
  const asked = tf.tidy(() =>
    tf.concat([keys.slice([0, 0, 0], [-1, half, -1]), normal('queries', queries - half, dim)], 1)
  )
  const places = model.uses.places
    ? { positions: range(items), times: range(items), importances: range(items).map(() => 1) }
    : {}
  const store = { keys, values: normal('values', items, dim), contexts, ...places }
  const retrieve = {
    queries: asked,
    contexts: model.uses.contexts ? normal('asked', queries, contextDim) : undefined,
    ...(model.uses.places && { position: 1, time: 1 })
  }
  return { store, retrieve, dispose: () => tf.dispose([store, retrieve] as unknown as tf.Tensor[]) }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Reads, stores, reads, stores again, reads (or runs forward twice): everything it answered, trial by trial. */
export function drive(model: AnyModel, memory: Memory, sizes: Sizes, seeds: readonly number[]): number[][] {
  const answers: number[][] = seeds.map(() => [])
  const take = (answer: tf.Tensor): void => {
    const data = answer.dataSync()
    const each = data.length / seeds.length
    seeds.forEach((_, b) => answers[b]!.push(...data.slice(b * each, (b + 1) * each)))
    answer.dispose()
  }
  for (const name of ['first', 'second']) {
    const { store, retrieve, dispose } = inputsFor(model, sizes, seeds, name)
    if (memory.store && memory.retrieve) {
      take(memory.retrieve(retrieve))
      memory.store(store)
      take(memory.retrieve(retrieve))
      if (memory.targets) take(memory.targets(store.values))
    } else take(memory.forward!(store.keys))
    dispose()
  }
  return answers
}

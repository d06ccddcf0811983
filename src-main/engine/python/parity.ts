/**
 * The studio's model beside a researcher's own class: the class's weights go into the model by their names, both get the
 * same random stores and retrieves (or sequences), and what they answer is compared.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import type { Parity, ParityRequest } from '../../../src-shared/shapes/parity.ts'
import type { Param, Params, ParamValue } from '../../../src-shared/shapes/params.ts'
import type { Memory, WeightSource } from '../../models/model.ts'
import { philoxDraws } from '../../tensors/random/draws.ts'
import { compare, defaultTolerance, join, type Verdict } from '../verify/compare.ts'
import type { Registry } from '../worker/registry.ts'
import { givenWeights } from '../worker/weight-sources.ts'
import { describedSchema, type PythonClass } from './described.ts'
import type { NamedArray } from './frames.ts'
import type { Python } from './python.ts'

const items = 6
const tokens = 12

interface Sides {
  python: Record<string, ParamValue>
  studio: Record<string, ParamValue>
}

/**
 * @throws StudioError not-found for the class or the model, bad-input for a parameter that neither has, model-failed
 * with Python's traceback
 */
export function parity(registry: Registry, python: Python, request: ParityRequest): Omit<Parity, 'date'> {
  const { file, class: name, model, seeds } = request
  const { classes, refused } = describedSchema.parse(python.ask({ op: 'describe', file }).header)
  const cls = classes.find((each) => each.name === name)
  if (!cls) {
    const why =
      refused.find((each) => each.name === name)?.message ??
      `There is no memory ${name} in this file; it has ${classes.map((each) => each.name).join(', ') || 'none'}.`
    throw new StudioError('not-found', why, { file, field: name })
  }
  const studio = registry.model(model, 'model')
  if (!studio.interfaces.includes(cls.kind))
    throw new StudioError('bad-input', `${studio.title} is no ${cls.kind} model, as ${name} is.`, { field: 'model' })
  const given = sides(cls, studio.params, request.params)
  const params = { python: given.python, studio: registry.fill(model, given.studio, undefined, 'param') }
  const sequence = cls.kind === 'sequence'
  const dim = Number(cls.dimension === null ? studio.params.dim.default : given.python[cls.dimension])
  const found = new Map<string, Verdict>()
  const only = { python: new Set<string>(), studio: new Set<string>() }
  for (let seed = 0; seed < seeds; seed++) {
    const made = { op: 'make', file, class: name, params: params.python, seeds: [seed] }
    const { handle } = python.ask(made).header
    const ask = (op: string, arrays: NamedArray[] = []): NamedArray[] => python.ask({ op, handle }, arrays).arrays
    const memory = registry.build(model, params.studio, 1, weightsOf(ask('weights'), only), false)
    const steps = sequence
      ? sequences(dim, seed)
      : episodes(dim, seed, cls.contexts && studio.uses.contexts ? contextLength(params.studio, dim) : 0)
    try {
      for (const { step, op, arrays } of steps) {
        const theirs = ask(op, arrays)
        const ours = answer(memory, op, arrays)
        if (!ours) continue
        const expected = { shape: theirs[0].shape, data: theirs[0].data as Float32Array }
        const before = found.get(step)
        found.set(step, join([...(before ? [before] : []), compare(ours, expected, defaultTolerance, step)]))
      }
    } finally {
      memory.dispose()
      ask('free')
    }
  }
  const steps = [...found].map(([step, { worst, failedAt }]) => ({
    step,
    difference: worst,
    within: failedAt === undefined
  }))
  return {
    ...{ file, class: name, model, seeds, params, steps },
    passed: only.studio.size === 0 && steps.every(({ within }) => within),
    onlyPython: [...only.python].sort(),
    onlyStudio: [...only.studio].sort()
  }
}

/** A name of Python's as the studio writes it: context_dim, contextDim. */
const camel = (name: string): string => name.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Every value on the side that has a parameter of its name; Python's defaults hold for the studio's where names agree. */
function sides({ params: declared, dimension }: PythonClass, ofStudio: Params, given: ParityRequest['params']): Sides {
  const python: Sides['python'] = {}
  const studio: Sides['studio'] = {}
  for (const { name, default: value } of declared) {
    python[name] = given[name] ?? given[camel(name)] ?? value
    const twin = name === dimension ? 'dim' : camel(name)
    if (twin in ofStudio && fits(ofStudio[twin], python[name])) studio[twin] = python[name]
  }
  for (const [name, value] of Object.entries(given)) {
    if (name in ofStudio) studio[name] = value
    else if (!declared.some((each) => each.name === name || camel(each.name) === name))
      throw new StudioError('bad-input', `Neither side has a parameter "${name}".`, { field: name })
  }
  return { python, studio }
}

function fits({ type }: Param, value: ParamValue): boolean {
  const wanted = { integer: 'number', number: 'number', boolean: 'boolean', choice: 'string' } as Record<string, string>
  return wanted[type] === typeof value
}

const contextLength = ({ contextDim }: Record<string, ParamValue>, dim: number): number =>
  typeof contextDim === 'number' ? contextDim : dim

/** The class's weights for those that the model asks for. */
function weightsOf(arrays: readonly NamedArray[], only: Record<'python' | 'studio', Set<string>>): WeightSource {
  const tensors = new Map(arrays.map(({ name, shape, data }) => [name, { shape, data: data as Float32Array }]))
  for (const name of tensors.keys()) only.python.add(name)
  const { source } = givenWeights(tensors, 1)
  return (name, shape, init) => {
    only.python.delete(name)
    if (tensors.has(name)) return source(name, shape, init)
    if (!(init.kind === 'zeros' && init.state)) only.studio.add(name)
    return init.kind === 'ones' ? tf.ones([1, ...shape]) : tf.zeros([1, ...shape])
  }
}

interface Step {
  step: string
  op: 'store' | 'retrieve' | 'forward'
  arrays: NamedArray[]
}

/** Two stores, each read back by its keys, by noisy ones and by what was never stored. */
function episodes(dim: number, seed: number, contextDim: number): Step[] {
  const draws = philoxDraws([`parity ${seed}`])
  const rows = (name: string, count: number, length: number): NamedArray => ({
    name,
    shape: [1, count, length],
    data: draws.normal('parity', count * length)
  })
  const contexts = (count: number): NamedArray[] => (contextDim ? [rows('contexts', count, contextDim)] : [])
  return ['first', 'second'].flatMap((which): Step[] => {
    const keys = rows('keys', items, dim)
    const noise = draws.normal('parity', items * dim)
    const noisy = keys.data.map((value, i) => value + 0.3 * noise[i]) as Float32Array
    const stored = [keys, rows('values', items, dim), ...contexts(items)]
    const read = (what: string, queries: NamedArray): Step => ({
      step: `retrieve ${what} after the ${which} store`,
      op: 'retrieve',
      arrays: [{ ...queries, name: 'queries' }, ...contexts(items)]
    })
    return [
      { step: `the ${which} store of ${items}`, op: 'store', arrays: stored },
      read('its keys', keys),
      read('noisy keys', { ...keys, data: noisy }),
      read('new keys', rows('queries', items, dim))
    ]
  })
}

/** Two sequences of each of two trials' worth, one after the other. */
function sequences(dim: number, seed: number): Step[] {
  const draws = philoxDraws([`parity ${seed}`])
  return ['first', 'second'].map((which) => ({
    step: `forward over the ${which} ${tokens} tokens`,
    op: 'forward',
    arrays: [{ name: 'x', shape: [1, tokens, dim], data: draws.normal('parity', tokens * dim) }]
  }))
}

function answer(memory: Memory, op: Step['op'], arrays: readonly NamedArray[]): Float32Array | undefined {
  const tensors = Object.fromEntries(
    arrays.map(({ name, shape, data }) => [name, tf.tensor(data, [...shape])])
  ) as Record<string, Tensor>
  const { keys, values, queries, contexts, x } = tensors
  try {
    if (op === 'store') {
      memory.store!({ keys, values, ...(contexts && { contexts }) })
      return undefined
    }
    if (op === 'forward') memory.reset()
    const got = op === 'forward' ? memory.forward!(x) : memory.retrieve!({ queries, ...(contexts && { contexts }) })
    const data = got.dataSync<'float32'>().slice()
    got.dispose()
    return data
  } finally {
    tf.dispose(tensors)
  }
}

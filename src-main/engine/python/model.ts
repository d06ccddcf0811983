/** A class of a researcher's Python file as a model of the catalog. */
import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Cost } from '../../../src-shared/cost/cost.ts'
import type { Params, ParamValues } from '../../../src-shared/shapes/params.ts'
import type { AnyModel, Memory, MemorySetup } from '../../models/model.ts'
import type { PythonClass, PythonEntry } from './described.ts'
import type { NamedArray } from './frames.ts'
import type { Python } from './python.ts'

/** Where Python draws for itself: 48 bits of a trial's own stream seed its generators. */
const seedName = 'python.seed'
const seedBits = 24

/** `FILE-CLASS` in lower case with dashes; letters of other alphabets by what they are based on, else by number. */
export function pythonId(file: string, name: string): string {
  const stem = file.replace(/^.*[/\\]/, '').replace(/\.py$/, '')
  return `${stem}-${name}`
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\0-\x7f]/gu, (letter) => `u${letter.codePointAt(0)!.toString(16)}`)
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
}

/** @param python of the worker that computes */
export function pythonModel(id: string, file: string, entry: PythonEntry, python: Python): AnyModel {
  const { class: cls, absent } = entry
  const known = new Map<string, Record<string, unknown>>()
  /** A memory has to be made and filled to be counted: once. One that fails then has no cost; its trials say why. */
  const measured = (request: Record<string, unknown>): Record<string, unknown> => {
    const key = JSON.stringify(request)
    let found = known.get(key)
    try {
      found ??= python.ask(request).header
    } catch {
      found = {}
    }
    known.set(key, found)
    return found
  }
  return {
    id,
    title: cls.title,
    family: 'My models',
    interfaces: [cls.kind],
    summary: cls.summary,
    recall: '',
    equations: cls.equations,
    symbols: [],
    source: cls.source,
    notes: [
      'Computed by your own Python, one instance for each trial.',
      ...(absent.length
        ? [
            `Your Python lacks ${absent.join(', ')}; the model fails where it uses ${absent.length > 1 ? 'them' : 'it'}.`
          ]
        : [])
    ],
    params: paramsOf(cls),
    uses: { contexts: cls.contexts, places: cls.places },
    ...(cls.kind === 'sequence' && !cls.trainable && { trainable: false }),
    revision: 1,
    className: cls.name,
    create: (params, setup) => new PythonMemory(python, file, cls, params, setup).memory(),
    cost: (params, { stored, queries, tokens }): Cost => {
      const header = measured({
        op: 'cost',
        ...{ file, class: cls.name, params, stored, queries, tokens: tokens ?? 0 },
        dim: Number(cls.dimension === null ? 64 : params[cls.dimension])
      })
      const counted = (value: unknown): number => (typeof value === 'number' ? value : NaN)
      return {
        storeFlops: counted(stored > 0 ? header.storeFlops : 0),
        retrieveFlops: counted(queries > 0 && cls.kind === 'key-value' ? header.retrieveFlops : 0),
        ...(tokens !== undefined && { forwardFlops: counted(header.forwardFlops) }),
        parameters: counted(header.parameters),
        state: counted(header.state)
      }
    }
  }
}

function paramsOf({ params }: PythonClass): Params {
  return Object.fromEntries(
    params.map(({ name, unit, ...param }) => [name, { ...param, label: name, ...(unit && { unit }) }])
  )
}

/** The seed of each trial's Python, from the trial's own random numbers. */
export function seedsOf({ batch, weight }: Pick<MemorySetup, 'batch' | 'weight'>): number[] {
  const drawn = weight(seedName, [2], { kind: 'uniform', bound: 0.5, centre: 0.5 })
  const parts = Array.from(drawn.dataSync<'float32'>(), (u) =>
    Math.min(2 ** seedBits - 1, Math.floor(u * 2 ** seedBits))
  )
  drawn.dispose()
  return Array.from({ length: batch }, (_, trial) => parts[2 * trial] * 2 ** seedBits + parts[2 * trial + 1])
}

/** One batch of live instances. Trials with the same seed are the same trial, and computed once. */
class PythonMemory {
  readonly #python: Python
  readonly #handle: unknown
  /** The row of each instance, and the instance of each row. */
  readonly #rows: number[] = []
  readonly #instances: number[]
  readonly #kind: PythonClass['kind']

  constructor(
    python: Python,
    file: string,
    cls: PythonClass,
    params: Readonly<Record<string, unknown>>,
    setup: MemorySetup
  ) {
    this.#python = python
    this.#kind = cls.kind
    const seeds: number[] = []
    this.#instances = seedsOf(setup).map((seed, row) => {
      const known = seeds.indexOf(seed)
      if (known >= 0) return known
      this.#rows.push(row)
      return seeds.push(seed) - 1
    })
    const request = { op: 'make', file, class: cls.name, params: params as ParamValues, seeds }
    this.#handle = python.ask(request).header.handle
  }

  memory(): Memory {
    const ask = (op: string, arrays: NamedArray[] = []): NamedArray[] =>
      this.#python.ask({ op, handle: this.#handle }, arrays).arrays
    const common = { reset: () => void ask('reset'), dispose: () => void ask('free') }
    if (this.#kind === 'sequence')
      return { ...common, forward: (inputs) => this.#spread(ask('forward', [this.#own('x', inputs)])[0]) }
    return {
      ...common,
      store: ({ keys, values, contexts, positions, times, importances }) => {
        ask('store', [
          this.#own('keys', keys),
          this.#own('values', values),
          ...(contexts ? [this.#own('contexts', contexts)] : []),
          ...shared({ positions, times, importances })
        ])
      },
      retrieve: ({ queries, contexts, time, position, times, positions }) => {
        const every = (value: number | undefined): number[] | undefined =>
          value === undefined ? undefined : new Array<number>(queries.shape[1] as number).fill(value)
        const given = { positions: positions ?? every(position), times: times ?? every(time) }
        return this.#spread(
          ask('retrieve', [
            this.#own('queries', queries),
            ...(contexts ? [this.#own('contexts', contexts)] : []),
            ...shared(given)
          ])[0]
        )
      }
    }
  }

  /** The rows of the instances. */
  #own(name: string, tensor: Tensor): NamedArray {
    const [batch, ...shape] = tensor.shape
    const all = tensor.dataSync<'float32'>()
    const count = this.#rows.length
    if (count === batch) return { name, shape: tensor.shape, data: all.slice() }
    const size = all.length / batch
    const data = new Float32Array(count * size)
    this.#rows.forEach((row, i) => data.set(all.subarray(row * size, (row + 1) * size), i * size))
    return { name, shape: [count, ...shape], data }
  }

  /** A result for each row. */
  #spread({ shape: [count, ...shape], data }: NamedArray): Tensor {
    const size = data.length / Math.max(1, count)
    if (count === this.#instances.length) return tf.tensor(data, [count, ...shape], 'float32')
    const all = new Float32Array(this.#instances.length * size)
    this.#instances.forEach((of, row) => all.set(data.subarray(of * size, (of + 1) * size), row * size))
    return tf.tensor(all, [this.#instances.length, ...shape], 'float32')
  }
}

/** What holds for all trials of the batch. */
function shared(given: Record<string, readonly number[] | undefined>): NamedArray[] {
  return Object.entries(given).flatMap(([name, values]) =>
    values ? [{ name, shape: [values.length], data: Float32Array.from(values) }] : []
  )
}

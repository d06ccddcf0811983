/**
 * Where the pairs of a trial come from. Everything is drawn from the trial's seed, keys before values; all models meet
 * the same pairs. A source's parameters are part of the task's own, so they can be swept.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor3D } from '@tensorflow/tfjs'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { choice, integer, number, vectors } from '../../../src-shared/shapes/params.ts'
import type { Vectors } from '../../tensors/vectors.ts'
import type { TaskContext } from '../task.ts'
import { rows } from './tensors.ts'

export const sourceNames = [
  'independent',
  'orthonormal',
  'auto',
  'projected',
  'clustered',
  'correlated',
  'embedding'
] as const
export type SourceName = (typeof sourceNames)[number]

/** The dimension of keys and values, which the models take over. */
export const dimParam = integer('Dimension', 64, {
  help: 'Length of a key and of a value; the models take it over.',
  min: 2,
  max: 4096,
  symbol: 'd',
  scale: 'log'
})

/** The parameters that say how pairs are drawn. */
export const contextDimParam = integer('Context dimension', 16, {
  help: 'Length of a context vector; the models take it over.',
  min: 1,
  max: 4096,
  symbol: 'c'
})

export const sourceParams = {
  source: choice('Pairs', 'independent', sourceNames, {
    help: 'independent: keys and values i.i.d. normal. orthonormal: keys of unit length at right angles. auto: each value is its key. projected: key and value are two random projections of one vector, the attention view. clustered: keys around two centres. correlated: every pair of keys has the same correlation. embedding: rows of imported vectors.'
  }),
  correlation: number('Key correlation', 0.5, {
    help: 'For correlated keys: k = sqrt(r) g + sqrt(1 - r) e, with g shared by all keys of a trial.',
    needs: { param: 'source', in: ['correlated'] },
    min: 0,
    max: 1,
    symbol: 'r'
  }),
  separation: number('Cluster separation', 5, {
    help: 'For clustered keys: the centres lie at plus and minus this on the first axis.',
    needs: { param: 'source', in: ['clustered'] },
    min: 0,
    max: 100
  }),
  spread: number('Cluster spread', 1, {
    help: 'For clustered keys: standard deviation around the centre on every axis.',
    needs: { param: 'source', in: ['clustered'] },
    min: 0,
    max: 100
  }),
  valuesPer: choice('One value per', 'item', ['item', 'cluster'], {
    help: 'For clustered keys. item: every item has its own value. cluster: the items of a cluster have one value, and a recall is right with that of its own cluster.',
    needs: { param: 'source', in: ['clustered'] },
    later: true
  }),
  vectors: vectors('Key vectors', {
    help: 'For embeddings: the imported rows that serve as keys; each trial draws its own rows, none twice.',
    needs: { param: 'source', in: ['embedding'] }
  }),
  valueVectors: vectors('Value vectors', {
    help: 'For embeddings: row i is the value of key i. None: each value is its key.',
    needs: { param: 'source', in: ['embedding'] }
  })
}

export interface Source {
  source: SourceName
  correlation: number
  separation: number
  spread: number
  valuesPer: 'item' | 'cluster'
  vectors: string
  valueVectors: string
}

/**
 * Draws N pairs per trial: keys and values [B, N, d], for the caller to dispose; imported words by their names.
 * @throws StudioError bad-input when more orthonormal keys are asked for than the dimension holds, or when imported
 * vectors do not fit; not-found when they are not there
 */
export function drawPairs(
  { batch, random, vectors: imported }: Pick<TaskContext, 'batch' | 'random' | 'vectors'>,
  items: number,
  dim: number,
  { source, correlation, separation, spread, valuesPer, vectors, valueVectors }: Source
): { keys: Tensor3D; values: Tensor3D; names?: string[][] } {
  const size = items * dim
  const normal = (name: string): Tensor3D => rows(random.normal(name, size), batch, dim)
  switch (source) {
    case 'independent':
      return { keys: normal('keys'), values: normal('values') }
    case 'orthonormal':
      return {
        keys: rows(orthonormal(random.normal('keys', size), batch, items, dim), batch, dim),
        values: normal('values')
      }
    case 'auto': {
      const keys = normal('keys')
      return { keys, values: keys.clone() }
    }
    case 'projected': {
      const weights = (name: string): Tensor3D =>
        tf.tidy(() => rows(random.normal(name, dim * dim), batch, dim).div(Math.sqrt(dim)))
      return tf.tidy(() => {
        const x = normal('inputs')
        return {
          keys: tf.matMul(x, weights('key projection')),
          values: tf.matMul(x, weights('value projection'))
        }
      })
    }
    case 'clustered': {
      const keys = random.normal('keys', size)
      for (let i = 0; i < keys.length; i++) {
        const centre = i % dim === 0 ? clusterSign(Math.floor(i / dim) % items) * separation : 0
        keys[i] = centre + spread * keys[i]
      }
      if (valuesPer === 'item') return { keys: rows(keys, batch, dim), values: normal('values') }
      return { keys: rows(keys, batch, dim), values: repeated(random.normal('values', 2 * dim), batch, items, dim) }
    }
    case 'correlated': {
      const shared = random.normal('shared', dim)
      const keys = random.normal('keys', size)
      const [a, b] = [Math.sqrt(correlation), Math.sqrt(1 - correlation)]
      for (let i = 0; i < keys.length; i++) keys[i] = a * shared[Math.floor(i / size) * dim + (i % dim)] + b * keys[i]
      return { keys: rows(keys, batch, dim), values: normal('values') }
    }
    case 'embedding': {
      const keys = imported(vectors)
      const values = valueVectors ? imported(valueVectors) : keys
      fitting(keys, values, items, dim)
      const order = random.permutation('rows', keys.rows)
      const chosen = Array.from({ length: batch * items }, (_, i) => {
        return order[Math.floor(i / items) * keys.rows + (i % items)]
      })
      const gathered = ({ data }: Vectors): Tensor3D => {
        const out = new Float32Array(chosen.length * dim)
        chosen.forEach((row, i) => out.set(data.subarray(row * dim, (row + 1) * dim), i * dim))
        return rows(out, batch, dim)
      }
      const named = (words: readonly string[]): string[][] =>
        Array.from({ length: batch }, (_, b) => chosen.slice(b * items, (b + 1) * items).map((row) => words[row]))
      return { keys: gathered(keys), values: gathered(values), ...(keys.words && { names: named(keys.words) }) }
    }
  }
}

function fitting(keys: Vectors, values: Vectors, items: number, dim: number): void {
  const refuse = (field: string, message: string): never => {
    throw new StudioError('bad-input', message, { field: `task.params.${field}` })
  }
  for (const { columns } of [keys, values])
    if (columns !== dim) refuse('dim', `The imported vectors have ${columns} columns; set the dimension to ${columns}.`)
  if (values.rows !== keys.rows)
    refuse(
      'valueVectors',
      `There are ${keys.rows} key vectors and ${values.rows} value vectors; each key needs its value.`
    )
  if (items > keys.rows) refuse('items', `${items} items need as many imported rows; there are ${keys.rows}.`)
}

/** Items alternate between the two clusters. */
const clusterOf = (item: number): number => item % 2
const clusterSign = (item: number): number => (clusterOf(item) ? -1 : 1)

/** Of items that share values: which of them have the same. */
export const sharedValues = (
  { source, valuesPer }: Pick<Source, 'source' | 'valuesPer'>,
  items: number
): number[] | undefined =>
  source === 'clustered' && valuesPer === 'cluster' ? Array.from({ length: items }, (_, i) => clusterOf(i)) : undefined

/** What blind guessing gets right: one of N values, or of the two clusters' values. */
export const listChance = { oneOver: 'items', where: { param: 'valuesPer', is: 'cluster', chance: 0.5 } } as const

/** The value of each item's cluster [B, N, d], from the values of both clusters [B, 2, d] flat. */
function repeated(values: Float32Array, batch: number, items: number, dim: number): Tensor3D {
  const out = new Float32Array(batch * items * dim)
  for (let i = 0; i < batch * items; i++) {
    const from = (2 * Math.floor(i / items) + clusterOf(i % items)) * dim
    out.set(values.subarray(from, from + dim), i * dim)
  }
  return rows(out, batch, dim)
}

/** Gram-Schmidt, twice per row so that float rounding leaves the rows at right angles. */
export function orthonormal(normal: Float32Array, batch: number, items: number, dim: number): Float32Array {
  if (items > dim)
    throw new StudioError('bad-input', `At most ${dim} orthonormal keys fit into ${dim} dimensions, not ${items}.`, {
      field: 'task.params.items'
    })
  const out = Float64Array.from(normal)
  for (let b = 0; b < batch; b++) {
    const row = (i: number): Float64Array => out.subarray((b * items + i) * dim, (b * items + i + 1) * dim)
    for (let i = 0; i < items; i++) {
      const v = row(i)
      for (let pass = 0; pass < 2; pass++)
        for (let j = 0; j < i; j++) {
          const u = row(j)
          const share = dot(v, u)
          for (let k = 0; k < dim; k++) v[k] -= share * u[k]
        }
      const length = Math.sqrt(dot(v, v))
      for (let k = 0; k < dim; k++) v[k] /= length
    }
  }
  return Float32Array.from(out)
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

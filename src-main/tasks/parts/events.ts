/**
 * Events, after Huet et al., as vectors. An event has a place (of P), a time, one to three entities (of E) and a content
 * (of A). Its vector concatenates four parts of d/4: the place's embedding, the time's code, the mean of its entities'
 * embeddings, the content's embedding. Embeddings are fixed per trial and normal. The time's code is a fixed random
 * projection of the time, u * w + p with u = (t - mean) / sd over the stored events, w and p normal.
 * Key = value = event vector, the value with noise; context = [place; time; entities] projected to contextDim.
 * Times and the number of an event's place hold for all trials of a batch; what is where is each trial's own.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor3D } from '@tensorflow/tfjs'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { integer, number } from '../../../src-shared/shapes/params.ts'
import { contextDimParam } from './sources.ts'
import type { Draws } from '../../tensors/random/draws.ts'
import { rows } from './tensors.ts'

export const eventParams = {
  places: integer('Places', 10, { help: 'Different places.', min: 1, max: 10_000, symbol: 'P', scale: 'log' }),
  entities: integer('Entities', 20, { help: 'Different entities.', min: 3, max: 10_000, symbol: 'E', scale: 'log' }),
  contents: integer('Contents', 20, { help: 'Different contents.', min: 1, max: 10_000, symbol: 'A', scale: 'log' }),
  dim: integer('Dimension', 64, {
    help: 'Length of an event vector, in four equal parts; the models take it over.',
    min: 4,
    max: 4096,
    symbol: 'd',
    scale: 'log'
  }),
  contextDim: contextDimParam,
  valueNoise: number('Value noise', 0.1, { help: 'Scale of the normal noise on stored values.', min: 0, max: 10 })
}

export interface EventSizes {
  places: number
  entities: number
  contents: number
  dim: number
  contextDim: number
  valueNoise: number
}

/** One event of one trial; `place` also stands for where it is on the line of places. */
export interface Event {
  place: number
  time: number
  entities: readonly number[]
  content: number
}

export const parts = ['place', 'time', 'entity', 'content'] as const
export type Part = (typeof parts)[number]

type Table = 'place' | 'entity' | 'content'

/** The fixed embeddings of a batch of trials, and how events become vectors with them. */
export class EventSpace {
  readonly #batch: number
  readonly #sizes: EventSizes
  readonly #quarter: number
  readonly #tables: Record<Table, Float32Array>
  readonly #timeCode: Float32Array
  readonly #contextMap: Float32Array

  /** @throws StudioError bad-input for a dimension that has no four equal parts */
  constructor(batch: number, random: Draws, sizes: EventSizes) {
    this.#batch = batch
    this.#sizes = sizes
    if (sizes.dim % 4)
      throw new StudioError('bad-input', `An event vector has four equal parts: ${sizes.dim} does not divide by 4.`, {
        field: 'task.params.dim'
      })
    this.#quarter = sizes.dim / 4
    this.#tables = {
      place: random.normal('place embeddings', sizes.places * this.#quarter),
      entity: random.normal('entity embeddings', sizes.entities * this.#quarter),
      content: random.normal('content embeddings', sizes.contents * this.#quarter)
    }
    this.#timeCode = random.normal('time code', 2 * this.#quarter)
    this.#contextMap = random.normal('context map', 3 * this.#quarter * sizes.contextDim)
  }

  /**
   * Vectors of events [B][N] -> [B, N, d], the parts not named in `shown` zero.
   * @param centre, spread what times are measured from and in
   */
  vectors(
    events: readonly (readonly Event[])[],
    { centre, spread }: TimeScale,
    shown?: readonly (readonly Part[])[]
  ): Tensor3D {
    const { dim } = this.#sizes
    const q = this.#quarter
    const count = events[0].length
    const out = new Float32Array(this.#batch * count * dim)
    const add = (at: number, table: Float32Array, row: number, share = 1): void => {
      for (let k = 0; k < q; k++) out[at + k] += share * table[row * q + k]
    }
    events.forEach((list, b) =>
      list.forEach((event, i) => {
        const at = (b * count + i) * dim
        const shows = (part: Part): boolean => !shown || shown[i].includes(part)
        const row = (kind: Table, index: number): number => b * (this.#tables[kind].length / this.#batch / q) + index
        if (shows('place')) add(at, this.#tables.place, row('place', event.place))
        if (shows('time')) {
          add(at + q, this.#timeCode, 2 * b, (event.time - centre) / spread)
          add(at + q, this.#timeCode, 2 * b + 1)
        }
        if (shows('entity'))
          for (const entity of event.entities)
            add(at + 2 * q, this.#tables.entity, row('entity', entity), 1 / event.entities.length)
        if (shows('content')) add(at + 3 * q, this.#tables.content, row('content', event.content))
      })
    )
    return rows(out, this.#batch, dim)
  }

  /** Contexts of event vectors: their first three parts, projected to contextDim; [B, N, d] -> [B, N, c]. */
  contexts(vectors: Tensor3D): Tensor3D {
    const summary = 3 * this.#quarter
    return tf.tidy(() =>
      tf.matMul(
        vectors.slice([0, 0, 0], [-1, -1, summary]),
        rows(this.#contextMap, this.#batch, this.#sizes.contextDim).div(Math.sqrt(summary))
      )
    )
  }
}

export interface TimeScale {
  centre: number
  spread: number
}

/** Mean and standard deviation of some times; a lone time has spread 1. */
export function timeScale(times: readonly number[]): TimeScale {
  const centre = times.reduce((a, b) => a + b, 0) / times.length
  const spread = Math.sqrt(times.reduce((sum, t) => sum + (t - centre) ** 2, 0) / times.length)
  return { centre, spread: spread || 1 }
}

/**
 * N random events at times 0, 1, 2 ...: places follow one sequence that all trials share (so that a spatial memory can
 * be told them), entities and contents are each trial's own.
 */
export function drawEvents(batch: number, random: Draws, count: number, sizes: EventSizes): Event[][] {
  const members = random.integers('entity counts', count, 1, 4)
  const entities = random.uniform('entities', count * 3)
  const contents = random.integers('contents', count, 0, sizes.contents)
  return Array.from({ length: batch }, (_, b) =>
    Array.from({ length: count }, (_, i) => {
      const at = b * count + i
      // Up to three different entities: each draw skips those before it.
      const chosen: number[] = []
      for (let m = 0; m < members[at]; m++) {
        let entity = Math.floor(entities[at * 3 + m] * (sizes.entities - m))
        for (const taken of [...chosen].sort((x, y) => x - y)) if (entity >= taken) entity++
        chosen.push(entity)
      }
      return { place: placeOf(i, sizes.places), time: i, entities: chosen, content: contents[at] }
    })
  )
}

/** The place of the i-th event: visits that come back irregularly (multiples of the golden ratio, modulo 1). */
export const placeOf = (i: number, places: number): number =>
  Math.min(places - 1, Math.floor(((i * 0.6180339887498949) % 1) * places))

import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { WeightSource } from '../../model.ts'
import type { Place } from './hierarchy-tree.ts'
import { applyLinear, linear, linearFlops, type Linear } from '../memory/linear.ts'

/**
 * Codes of places and times at one level of a hierarchy:
 *
 *   code(x)_i = sin(x_i), code(x)_(i+1) = cos(x_i),  x_i = x / 10000^(i/n) / 2^l  for i = 0, 2, 4 ...
 *   encode(s, t, l) = spatial_l(code(s)) + temporal_l(code(t))
 *
 * n: length of the code; spatial_l, temporal_l: Linear(n, d).
 */
export class PlaceCode {
  readonly #spatial: Linear[]
  readonly #temporal: Linear[]
  readonly #sizes: readonly [number, number]
  /** Both maps of a level as one, made when it is asked for. */
  readonly #joint = new Map<number, Linear>()
  readonly #batch: number

  constructor(
    weight: WeightSource,
    batch: number,
    levels: number,
    spatialDim: number,
    temporalDim: number,
    dim: number
  ) {
    const perLevel = (name: string, inputs: number): Linear[] =>
      Array.from({ length: levels }, (_, l) => linear(weight, `${name}.${l}`, inputs, dim))
    this.#spatial = perLevel('spatial_encoders', spatialDim)
    this.#temporal = perLevel('temporal_encoders', temporalDim)
    this.#sizes = [spatialDim, temporalDim]
    this.#batch = batch
  }

  /** The same as a map of the codes of both [1, places, n + m], for an op of many maps. */
  map(places: readonly Place[], level: number): { inputs: [Tensor]; layer: Linear } {
    const [spatial, temporal] = this.#sizes
    const data = new Float32Array(places.length * (spatial + temporal))
    places.forEach((place, row) => {
      code(place.position, spatial, level, data, row * (spatial + temporal))
      code(place.time, temporal, level, data, row * (spatial + temporal) + spatial)
    })
    const layer = this.#joint.get(level) ?? this.#join(level)
    return { inputs: [tf.tensor(data, [1, places.length, spatial + temporal])], layer }
  }

  #join(level: number): Linear {
    const [s, t] = [this.#spatial[level], this.#temporal[level]]
    const both = { weight: tf.keep(tf.concat([s.weight, t.weight], 2)), bias: tf.keep(s.bias.add(t.bias)) }
    this.#joint.set(level, both)
    return both
  }

  /** [B, places, d] */
  encode(places: readonly Place[], level: number): Tensor {
    return tf.tidy(() => {
      const codes = (of: keyof Place, size: number): Tensor => {
        const data = new Float32Array(places.length * size)
        places.forEach((place, row) => code(place[of], size, level, data, row * size))
        return tf.tensor(data, [1, places.length, size]).tile([this.#batch, 1, 1])
      }
      return applyLinear(this.#spatial[level], codes('position', this.#sizes[0])).add(
        applyLinear(this.#temporal[level], codes('time', this.#sizes[1]))
      )
    })
  }

  dispose(): void {
    tf.dispose(
      [...this.#spatial, ...this.#temporal, ...this.#joint.values()].flatMap(({ weight, bias }) => [weight, bias])
    )
  }
}

function code(value: number, size: number, level: number, into: Float32Array, at: number): void {
  for (let i = 0; i < size; i += 2) {
    const x = value / 10000 ** (i / size) / 2 ** level
    into[at + i] = Math.sin(x)
    if (i + 1 < size) into[at + i + 1] = Math.cos(x)
  }
}

/** FLOPs of `encode`. */
export const encodeFlops = (places: number, spatialDim: number, temporalDim: number, dim: number): number =>
  linearFlops(places, spatialDim, dim) + linearFlops(places, temporalDim, dim) + places * dim

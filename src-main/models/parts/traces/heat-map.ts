import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Trace } from '../../model.ts'

/** A heat map holds the first rows and columns only: enough to see, small enough to keep with every trial. */
const rowLimit = 64
const columnLimit = 256

/**
 * The heat map of the last retrieve. What is kept is only its first queries; the attention is computed again when the
 * trace is asked for, so that retrieving costs nothing more.
 */
export class HeatMap {
  #queries: Tensor | undefined
  readonly #name: string
  readonly #title: string
  readonly #axes: readonly [string, string]

  constructor(name: string, title: string, axes: readonly [string, string]) {
    this.#name = name
    this.#title = title
    this.#axes = axes
  }

  /** Remember the first rows of these queries [B, Q, d]. */
  keep(queries: Tensor): void {
    const [batch, rows, dim] = queries.shape
    this.clear()
    const few = rows <= rowLimit ? queries.clone() : queries.slice([0, 0, 0], [batch, rowLimit, dim])
    this.#queries = tf.keep(few)
  }

  /** The trace: attention [B, rows, columns] of the kept queries; none before the first retrieve. */
  async read(attention: (queries: Tensor) => Tensor | undefined): Promise<Trace[]> {
    const queries = this.#queries
    if (!queries) return []
    const map = tf.tidy(() => {
      const all = attention(queries)
      return all?.slice([0, 0, 0], [all.shape[0], all.shape[1]!, Math.min(all.shape[2]!, columnLimit)])
    })
    if (!map) return []
    const data = await map.data()
    const [batch, rows, columns] = map.shape
    map.dispose()
    const size = rows * columns!
    const perTrial = Array.from({ length: batch }, (_, b) => ({
      shape: [rows, columns!],
      data: Array.from(data.subarray(b * size, (b + 1) * size))
    }))
    return [{ name: this.#name, title: this.#title, kind: 'heatmap', axes: this.#axes, perTrial }]
  }

  clear(): void {
    this.#queries?.dispose()
    this.#queries = undefined
  }
}

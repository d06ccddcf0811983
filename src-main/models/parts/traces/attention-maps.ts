import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { TokenRange, Trace } from '../../model.ts'

/** A map holds the first rows and columns of the first heads only. */
const [rowLimit, columnLimit, headLimit] = [64, 256, 8]

/** The attention of the last call, head by head: which token looked at what. */
export class AttentionMaps {
  #shares: Tensor | undefined
  #columns: readonly TokenRange[] | undefined
  /** Tokens before the last call, and with it. */
  #span: [number, number] = [0, 0]
  readonly #axes: readonly [string, string]

  /** Whether anyone will look. */
  readonly observed: boolean

  /** @param axes what rows and columns are @param observed whether anyone will look; if not, nothing is kept */
  constructor(axes: readonly [string, string], observed: boolean) {
    this.#axes = axes
    this.observed = observed
  }

  /**
   * Remember shares [B, H, L, n] of the tokens of a call.
   * @param places the tokens that they lie on, counted from the first of this call, if they lie on tokens
   */
  keep(shares: Tensor, places?: readonly TokenRange[]): void {
    if (!this.observed) return
    const [, heads, rows, columns] = shares.shape as [number, number, number, number]
    const size = [-1, Math.min(heads, headLimit), Math.min(rows, rowLimit), Math.min(columns, columnLimit)]
    this.#drop()
    this.#shares = tf.keep(shares.slice([0, 0, 0, 0], size))
    this.#columns = places
    this.#span = [this.#span[1], this.#span[1] + rows]
  }

  /** One map a head; none before the first call. */
  async read(): Promise<Trace[]> {
    if (!this.#shares) return []
    const [batch, heads, rows, columns] = this.#shares.shape as [number, number, number, number]
    const data = await this.#shares.data()
    const size = rows * columns
    const [before, total] = this.#span
    const tokens = {
      total,
      rows: Array.from({ length: rows }, (_, r): TokenRange => [before + r, before + r]),
      ...(this.#columns && {
        columns: this.#columns.slice(0, columns).map(([a, b]): TokenRange => [before + a, before + b])
      })
    }
    return Array.from({ length: heads }, (_, h) => ({
      name: `attention.${h}`,
      title: `Attention of head ${h + 1}`,
      kind: 'heatmap',
      axes: this.#axes,
      tokens,
      perTrial: Array.from({ length: batch }, (_, b) => ({
        shape: [rows, columns],
        data: Array.from(data.subarray((b * heads + h) * size, (b * heads + h + 1) * size))
      }))
    }))
  }

  #drop(): void {
    this.#shares?.dispose()
    this.#shares = undefined
  }

  clear(): void {
    this.#drop()
    this.#span = [0, 0]
  }
}

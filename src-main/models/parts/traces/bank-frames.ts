import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import type { Trace } from '../../model.ts'
import type { Visible } from '../blocks/episodic-bank.ts'
import { framedSteps, framesValue, type Frame } from './frames.ts'

/** Entries that a frame shows; of more, the newest. */
const mostEntries = 64

/** What tokens of the last call could see in an episodic bank: the values of the entries, oldest first. */
export class BankFrames {
  readonly #decay: number
  readonly #observed: boolean
  #last: { values: Tensor; since: Tensor; tokens: number[]; length: number } | undefined

  /** @param decay factor on stored values at each write @param observed whether anyone will look */
  constructor(decay: number, observed: boolean) {
    this.#decay = decay
    this.#observed = observed
  }

  /** Remember what the tokens of a call see. */
  keep({ values, since }: Visible, length: number): void {
    if (!this.#observed || length === 0) return
    this.clear()
    const tokens = framedSteps(length)
    this.#last = {
      values: tf.keep(values.clone()),
      since: tf.keep(tf.tidy(() => tf.gather(since(), tokens, 1))),
      ...{ tokens, length }
    }
  }

  /** None before the first call, or where no token saw anything. */
  async read(): Promise<Trace[]> {
    if (!this.#last) return []
    const { tokens, length } = this.#last
    const [batch, entries, dim] = this.#last.values.shape as [number, number, number]
    const [values, since] = await Promise.all([this.#last.values.data(), this.#last.since.data()])
    const own = since.length / (tokens.length * entries)
    /** The entries that a token of a trial sees, oldest first: where each lies, and how much of its value is left. */
    const seenBy = (trial: number, frame: number): { entry: number; left: number }[] => {
      const start = ((own === 1 ? 0 : trial) * tokens.length + frame) * entries
      return Array.from({ length: entries }, (_, entry) => ({ entry, writes: since[start + entry] }))
        .filter(({ writes }) => writes >= 0)
        .sort((a, b) => b.writes - a.writes)
        .slice(-mostEntries)
        .map(({ entry, writes }) => ({ entry, left: this.#decay ** writes }))
    }
    const seen = Array.from({ length: batch }, (_, b) => tokens.map((_, f) => seenBy(b, f)))
    const rows = Math.max(...seen.flat().map((list) => list.length))
    if (rows === 0) return []
    const frame = (b: number, f: number): Frame => {
      const data = new Array<number>(rows * dim).fill(NaN)
      seen[b][f].forEach(({ entry, left }, row) => {
        for (let i = 0; i < dim; i++) data[row * dim + i] = left * values[(b * entries + entry) * dim + i]
      })
      return { label: `as token ${tokens[f] + 1} of ${length} sees it`, data }
    }
    return [
      {
        name: 'bank',
        title: 'Values held in the bank',
        kind: 'frames',
        axes: ['Entry, oldest first', 'Component of the value'],
        perTrial: seen.map((frames, b) =>
          framesValue(
            frames.map((_, f) => frame(b, f)),
            { rows, columns: dim, keepRows: true }
          )
        )
      }
    ]
  }

  clear(): void {
    if (this.#last) tf.dispose([this.#last.values, this.#last.since])
    this.#last = undefined
  }
}

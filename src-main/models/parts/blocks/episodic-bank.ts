import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import { hidden } from './block-heads.ts'

/** What is written: one row an entry, [B, n, d]. */
export interface Entries {
  keys: Tensor
  values: Tensor
}

/** Entries of one forward call, those of earlier calls first, and what each token may see of them. */
export interface Visible extends Entries {
  /** [B or 1, L, n]: 0 where token t sees the entry, `hidden` elsewhere. */
  mask: Tensor
  /** [B or 1, L, n]: decay^(writes between the entry and the token); undefined without decay. */
  strength: Tensor | undefined
  /** [B or 1, L, 1]: 1 for a token that sees any entry. */
  any: Tensor
  /** [B or 1, L, n]: writes between the entry and the token; -1 where the token does not see it. */
  since(): Tensor
  /** For each token the first entry that it sees and the one after the last, where what every token sees follows one another. */
  ranges?: [number, number][] | undefined
}

/** What all blocks that use a bank must agree on, by the names of their parameters. */
export interface BankRules {
  dim: number
  /** Entries held. */
  memorySlots: number
  /** Factor on all stored values at each write; 1 keeps them. */
  decay: number
  /** Empty the bank never, or before each call. */
  flush: string
}

/** Segment of each token of a call, rising from 0. */
export type Segmentation = (length: number, turns: readonly number[]) => readonly number[]

/**
 * A ring buffer of the newest M writes, one per segment, of one block or of all blocks of a stack that share it. A block
 * reads a whole call in one step: which entries a token sees depends on the segments alone, so the masks are plain data.
 *
 *   order of writes: by the last token of their segment, at the same token by the block
 *   a token of block b, in a segment that begins at s, sees an entry if
 *     it was written before s, and fewer than M writes of all blocks came between it and s,
 *     and it comes from an earlier call, from b itself or from a block before b
 *
 * What a later block writes in the same call follows from what this one is about to answer: it takes its place in the
 * buffer, but is seen from the next call on. With one block this is the ring buffer of that block.
 */
export class EpisodicBank {
  readonly #rules: BankRules
  readonly #blocks: Segmentation[] = []
  #held: Entries | undefined
  /** Of the call under way: what the blocks that have read it have written. */
  #fresh: Entries[] = []

  constructor(rules: BankRules) {
    this.#rules = rules
  }

  /**
   * One more block uses this bank, after those that have joined; all join before the first call.
   * @returns its number, from 0
   * @throws StudioError bad-input that names the parameter on which they disagree
   */
  join(rules: BankRules, segments: Segmentation): number {
    for (const name of Object.keys(rules) as (keyof BankRules)[])
      if (rules[name] !== this.#rules[name])
        throw new StudioError(
          'bad-input',
          `Blocks that share one bank must agree on ${name}: one has ${this.#rules[name]}, another ${rules[name]}.`,
          { field: name }
        )
    return this.#blocks.push(segments) - 1
  }

  /**
   * What the tokens of a call see in a block; then its entries are written. The blocks read a call in their order.
   * @param entries of this call, one per segment of the block, written at the segment's end
   * @param turns tokens that end a turn
   */
  read(block: number, entries: Entries, length: number, turns: readonly number[]): Visible {
    if (block === 0) {
      this.#discard()
      if (this.#rules.flush === 'call') this.clear()
    }
    if (this.#fresh.length !== block)
      throw new StudioError('model-failed', 'Blocks that share a bank must read each call in their order.')
    const { memorySlots, decay } = this.#rules
    const old = this.#held?.keys.shape[1] ?? 0
    const { orders, before } = writesOf(
      this.#blocks.map((segments) => segments(length, turns)),
      block
    )
    const places = [...Array.from({ length: old }, (_, i) => i - old), ...orders]
    const parts = [...(this.#held ? [this.#held] : []), ...this.#fresh, entries]
    const joined = (pick: (part: Entries) => Tensor): Tensor =>
      parts.length > 1 ? tf.concat(parts.map(pick), 1) : pick(entries)
    const all = { keys: joined(({ keys }) => keys), values: joined(({ values }) => values) }
    const n = places.length
    const mask = new Float32Array(length * n).fill(hidden)
    const since = new Float32Array(length * n).fill(-1)
    const any = new Float32Array(length)
    const ranges = Array.from({ length }, (): [number, number] => [0, 0])
    let together = true
    for (let t = 0; t < length; t++) {
      const range = ranges[t]
      for (const [entry, place] of places.entries()) {
        const writes = before[t] - 1 - place
        if (writes < 0 || writes >= memorySlots) continue
        mask[t * n + entry] = 0
        since[t * n + entry] = writes
        if (any[t] === 0) range[0] = entry
        else if (range[1] !== entry) together = false
        range[1] = entry + 1
        any[t] = 1
      }
    }
    if (block === this.#blocks.length - 1) this.#keep(all, places)
    else this.#fresh.push(kept(entries))
    return {
      ...all,
      mask: tf.tensor3d(mask, [1, length, n]),
      strength:
        decay < 1
          ? tf.tensor3d(
              since.map((writes) => (writes < 0 ? 0 : decay ** writes)),
              [1, length, n]
            )
          : undefined,
      any: tf.tensor3d(any, [1, length, 1]),
      ranges: together ? ranges : undefined,
      since: () => tf.tensor3d(since, [1, length, n])
    }
  }

  /** Keep the newest writes of a call that all blocks have read, in their order; inside the tidy of the call. */
  #keep({ keys, values }: Entries, places: readonly number[]): void {
    const newest = [...places.keys()].sort((a, b) => places[a] - places[b]).slice(-this.#rules.memorySlots)
    const next = kept({ keys: rows(keys, newest), values: rows(values, newest) })
    this.clear()
    this.#held = next
  }

  #discard(): void {
    for (const { keys, values } of this.#fresh) tf.dispose([keys, values])
    this.#fresh = []
  }

  /** Empty the bank. */
  clear(): void {
    this.#discard()
    if (this.#held) tf.dispose([this.#held.keys, this.#held.values])
    this.#held = undefined
  }
}

const kept = ({ keys, values }: Entries): Entries => ({ keys: tf.keep(keys.clone()), values: tf.keep(values.clone()) })

/** Some rows of x [B, n, d], in this order. */
function rows(x: Tensor, chosen: readonly number[]): Tensor {
  const [first] = chosen
  if (chosen.every((row, i) => row === first + i)) return x.slice([0, first ?? 0, 0], [-1, chosen.length, -1])
  return tf.gather(x, [...chosen], 1)
}

/**
 * The writes of one call by the segments of all blocks.
 * @returns the places, in the order of all writes from 0, of what the blocks up to this one write, block by block; and
 * for each token how many writes, of all blocks, came before its segment in this block
 */
function writesOf(segments: readonly (readonly number[])[], block: number): { orders: number[]; before: number[] } {
  const ends = segments.map((of) => of.flatMap((segment, t) => (of[t + 1] === segment ? [] : [t])))
  const writes = ends.flatMap((own, b) => own.map((end, segment) => ({ end, b, segment })))
  writes.sort((x, y) => x.end - y.end || x.b - y.b)
  const place = ends.map((own) => new Array<number>(own.length))
  writes.forEach(({ b, segment }, order) => (place[b][segment] = order))
  const own = segments[block]
  const before: number[] = []
  let count = 0
  for (const [t, segment] of own.entries()) {
    if (t === 0 || own[t - 1] !== segment) while (count < writes.length && writes[count].end < t) count++
    before.push(count)
  }
  return { orders: place.slice(0, block + 1).flat(), before }
}

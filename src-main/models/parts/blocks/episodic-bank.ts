import * as tf from '@tensorflow/tfjs'
import type { Tensor } from '@tensorflow/tfjs'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import type { TokenRange } from '../../model.ts'
import { hidden } from './block-heads.ts'
import { tokensOf } from './segments.ts'

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
  ranges?: readonly [number, number][] | undefined
  /** The segment of each entry, counted from the first token of this call; none where every trial has its own. */
  from?: readonly TokenRange[]
}

/** Entries of segments that are the same for all trials. */
interface Placed extends Entries {
  from: readonly TokenRange[]
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
  #held: Placed | undefined
  /** Of the call under way: what the blocks that have read it have written. */
  #fresh: Placed[] = []
  /** Of the call under way, for the blocks above: all entries, their places, and the last token of each segment. */
  #call: { entries: Placed; places: readonly number[]; ends: readonly number[] } | undefined
  #watched = false

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
    const old = this.#held?.keys.shape[1] ?? 0
    const { orders, before } = writesOf(
      this.#blocks.map((segments) => segments(length, turns)),
      block
    )
    const places = [...Array.from({ length: old }, (_, i) => i - old), ...orders]
    const own = { ...entries, from: rangesOf(this.#blocks[block](length, turns)) }
    const parts = [...(this.#held ? [this.#held] : []), ...this.#fresh, own]
    const joined = (pick: (part: Entries) => Tensor): Tensor =>
      parts.length > 1 ? tf.concat(parts.map(pick), 1) : pick(entries)
    const all = {
      keys: joined(({ keys }) => keys),
      values: joined(({ values }) => values),
      from: parts.flatMap(({ from }) => from)
    }
    if (this.#watched) this.#call = { entries: kept(all), places, ends: own.from.map(([, end]) => end) }
    if (block === this.#blocks.length - 1) this.#keep(all, places, length)
    else this.#fresh.push(kept(own))
    return visible(all, places, before, this.#rules)
  }

  /** A block above will look at what this bank, of one block, holds in each call. */
  watch(): void {
    this.#watched = true
  }

  /**
   * What the tokens of a block above see here in the call that this bank's block has just read: what was written before
   * their segment began, and is among the newest M writes at that time.
   * @param segments of the tokens in the block above
   */
  glance(segments: readonly number[]): Visible {
    if (!this.#call) throw new StudioError('model-failed', 'A block must read each call after the blocks below it.')
    const { entries, places, ends } = this.#call
    return visible(entries, places, writesBefore(ends, segments), this.#rules)
  }

  /** Keep the newest writes of a call that all blocks have read, in their order; inside the tidy of the call. */
  #keep({ keys, values, from }: Placed, places: readonly number[], length: number): void {
    const newest = [...places.keys()].sort((a, b) => places[a] - places[b]).slice(-this.#rules.memorySlots)
    const next = kept({
      keys: rows(keys, newest),
      values: rows(values, newest),
      // Counted from the first token of the next call.
      from: newest.map((i): TokenRange => [from[i][0] - length, from[i][1] - length])
    })
    this.#drop()
    this.#release()
    this.#held = next
  }

  #drop(): void {
    for (const { keys, values } of this.#fresh) tf.dispose([keys, values])
    this.#fresh = []
  }

  #discard(): void {
    this.#drop()
    if (this.#call) tf.dispose([this.#call.entries.keys, this.#call.entries.values])
    this.#call = undefined
  }

  /** Empty the bank. */
  clear(): void {
    this.#discard()
    this.#release()
  }

  #release(): void {
    if (this.#held) tf.dispose([this.#held.keys, this.#held.values])
    this.#held = undefined
  }
}

const kept = ({ keys, values, from }: Placed): Placed => ({
  ...{ keys: tf.keep(keys.clone()), values: tf.keep(values.clone()), from }
})

/** Some rows of x [B, n, d], in this order. */
function rows(x: Tensor, chosen: readonly number[]): Tensor {
  const [first] = chosen
  if (chosen.every((row, i) => row === first + i)) return x.slice([0, first ?? 0, 0], [-1, chosen.length, -1])
  return tokensOf(x, chosen)
}

/** What tokens see of entries, from the places of these and the number of writes before each token's segment. */
function visible(
  entries: Placed,
  places: readonly number[],
  before: readonly number[],
  { memorySlots, decay }: BankRules
): Visible {
  const [length, n] = [before.length, places.length]
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
  return {
    ...entries,
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

/** First and last token of each segment. */
function rangesOf(segments: readonly number[]): TokenRange[] {
  let start = 0
  return segments.flatMap((segment, t): TokenRange[] => {
    if (segments[t + 1] === segment) return []
    const range: TokenRange = [start, t]
    start = t + 1
    return [range]
  })
}

/** For each token, how many of the rising `ends` lie before its segment. */
function writesBefore(ends: readonly number[], segments: readonly number[]): number[] {
  let count = 0
  return segments.map((segment, t) => {
    if (t === 0 || segments[t - 1] !== segment) while (count < ends.length && ends[count] < t) count++
    return count
  })
}

/**
 * The writes of one call by the segments of all blocks.
 * @returns the places, in the order of all writes from 0, of what the blocks up to this one write, block by block; and
 * for each token how many writes, of all blocks, came before its segment in this block
 */
function writesOf(segments: readonly (readonly number[])[], block: number): { orders: number[]; before: number[] } {
  const ends = segments.map((of) => rangesOf(of).map(([, end]) => end))
  const writes = ends.flatMap((own, b) => own.map((end, segment) => ({ end, b, segment })))
  writes.sort((x, y) => x.end - y.end || x.b - y.b)
  const place = ends.map((own) => new Array<number>(own.length))
  writes.forEach(({ b, segment }, order) => (place[b][segment] = order))
  const all = writes.map(({ end }) => end)
  return { orders: place.slice(0, block + 1).flat(), before: writesBefore(all, segments[block]) }
}

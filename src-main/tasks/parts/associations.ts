import type { Draws } from '../../tensors/random/draws.ts'
import type { Examples } from '../training-plan.ts'
import { kindsOf, type Vocabulary } from './vocabulary.ts'

export interface Associations {
  examples: Examples
  /** For each question, tokens between the value and the key that asks for it. */
  distances: Int32Array
  /** 1 where the key had an earlier value. */
  reassigned: Uint8Array
}

export interface AssociationShape {
  pairs: number
  length: number
  /** Queries of each sequence; at most one for each key when `single`. */
  queries: number
  /** Pairs at the end of the list whose key had a value before: the newest value is the right one. */
  reassigned: number
  vocabulary: Vocabulary
}

/**
 * Associative recall in the multi-query form: k_1 v_1 ... k_n v_n, then filler among which keys come up again; after
 * each of them the model is to predict the key's (newest) value, which follows it in the sequence.
 *
 * Keys of a sequence are all different but for the re-assigned ones; queries lie at random, each a random key of the
 * list, two tokens each (key and value). [B, sequences, ...] flat.
 */
export function associations(
  random: Draws,
  name: string,
  batch: number,
  sequences: number,
  { pairs, length, queries, reassigned, vocabulary }: AssociationShape
): Associations {
  const { keys, values, firstValue } = vocabulary
  const rows = batch * sequences
  const distinct = pairs - reassigned
  const room = Math.floor((length - 2 * pairs) / 2)
  // One number for every choice: the list's keys, values, queried items and places, all from uniform draws.
  const perRow = distinct + pairs + 2 * queries
  const draws = random.uniform(name, sequences * perRow)
  const tokens = new Int32Array(rows * length)
  const positions = new Int32Array(rows * queries)
  const targets = new Int32Array(rows * queries)
  const distances = new Int32Array(rows * queries)
  const renewed = new Uint8Array(rows * queries)
  for (let row = 0; row < rows; row++) {
    let at = row * perRow
    const below = (n: number): number => Math.min(n - 1, Math.floor(draws[at++] * n))
    const chosen = sample(distinct, keys, below)
    // Which key comes first says nothing about which is re-assigned: the chosen ones are in random order.
    const list = [...chosen, ...chosen.slice(0, reassigned)]
    const newest = new Map<number, { value: number; at: number }>()
    const again = new Set(list.slice(distinct))
    list.forEach((key, i) => {
      const value = firstValue + below(values)
      newest.set(key, { value, at: 2 * i + 1 })
      tokens[row * length + 2 * i] = 1 + key
      tokens[row * length + 2 * i + 1] = value
    })
    const asked = Array.from({ length: queries }, () => chosen[below(distinct)])
    const places = sample(queries, room, below).sort((a, b) => a - b)
    places.forEach((place, q) => {
      const position = 2 * pairs + 2 * place
      const { value, at: stored } = newest.get(asked[q]) as { value: number; at: number }
      tokens[row * length + position] = 1 + asked[q]
      tokens[row * length + position + 1] = value
      positions[row * queries + q] = position
      targets[row * queries + q] = value
      distances[row * queries + q] = position - stored
      renewed[row * queries + q] = again.has(asked[q]) ? 1 : 0
    })
  }
  const types = kindsOf(tokens, vocabulary)
  const examples = { sequences, length, tokens, types, asked: queries, positions, targets }
  return { examples, distances, reassigned: renewed }
}

/** `count` different whole numbers below n, by a partial Fisher-Yates shuffle. */
export function sample(count: number, n: number, below: (n: number) => number): number[] {
  const all = Array.from({ length: n }, (_, i) => i)
  for (let i = 0; i < count; i++) {
    const j = i + below(n - i)
    ;[all[i], all[j]] = [all[j], all[i]]
  }
  return all.slice(0, count)
}

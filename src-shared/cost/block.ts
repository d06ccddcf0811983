/** What the cost model says of one memory type: exact counts by part, and the asymptotic view. */
import type { CostInput } from './symbols.ts'

/** FLOPs by named part. `softmax` is a row of its own: the totals that papers quote leave it out. */
export type Parts = Readonly<Record<string, number>>

export interface BlockCost {
  id: BlockId
  title: string
  /** TeX of the FLOPs of one token, by part, in the order of the breakdown, as the input's options have it. */
  formulas(input: CostInput): Readonly<Record<string, string>>
  /** n: how many entries the last token sees; undefined where none are looked at. */
  seen?(input: CostInput): number
  /** FLOPs of token t (1-based). */
  token(input: CostInput, t: number): Parts
  /** FLOPs of all L tokens, in closed form. */
  sequence(input: CostInput): Parts
  /** FLOPs of one chunk of C tokens: memory that looks back counts inside the chunk. */
  chunk(input: CostInput): Parts
  /** Values that training changes. */
  parameters(input: CostInput): number
  /** Values that the block keeps while it runs. */
  state(input: CostInput): number
  /** The same while it reads chunk by chunk, where that is another number. */
  chunkState?(input: CostInput): number
  asymptotic: Asymptotic
}

export type BlockId = 'attention' | 'neural' | 'episodic' | 'hybrid'

/** The source's table: orders of growth evaluated with constant 1. */
export interface Asymptotic {
  token(input: CostInput): number
  sequence(input: CostInput): number
  chunk(input: CostInput): number
  /** Values, to be multiplied by B. */
  storage(input: CostInput): number
  /** Chunk by chunk, where that is another number. */
  chunkStorage?(input: CostInput): number
  tex: { token: string; sequence: string; chunk: string; storage: string; chunkStorage?: string }
}

/** Sum of the parts without the softmax, as papers quote it. */
export function total(parts: Parts, withSoftmax = false): number {
  let sum = 0
  // Called for every point of every curve at each step of a slider: no array is made.
  for (const name in parts) if (withSoftmax || name !== 'softmax') sum += parts[name]
  return sum
}

/** Every part scaled. */
export function scaleParts(parts: Parts, factor: number): Parts {
  return Object.fromEntries(Object.entries(parts).map(([name, v]) => [name, v * factor]))
}

/** Sizes of what the bench of a GPU measures, smallest first. */
import { dim, items } from './timed-memory.ts'

export interface MemorySize {
  items: number
  /** Of keys and values. */
  width: number
  /** Trials at once. */
  batch: number
}

export interface BlockSize {
  dim?: number
  length?: number
  pairs?: number
  queries?: number
  batchSize?: number
  testSequences?: number
  layers?: number
  /** Trials at once. */
  seeds: number
}

/** What is counted, on every machine: counts say nothing of its speed. */
export const countedSize = 0

export const memorySizes: readonly [MemorySize, ...MemorySize[]] = [
  { items: 20, width: 16, batch: 2 },
  { items: items / 5, width: dim, batch: 4 },
  { items, width: dim, batch: 32 }
]

/** What is left out is the task's own default. */
export const blockSizes: readonly [BlockSize, ...BlockSize[]] = [
  { dim: 16, length: 16, pairs: 2, queries: 4, batchSize: 2, testSequences: 2, layers: 1, seeds: 2 },
  { dim: 32, length: 64, batchSize: 4, layers: 1, seeds: 2 },
  { dim: 32, length: 64, batchSize: 16, layers: 2, seeds: 4 }
]

export function sizeText(kind: 'memory' | 'block', at: number): string {
  if (kind === 'memory') {
    const { items, width, batch } = memorySizes[at]!
    return `${items} items, d = ${width}, ${batch} trials`
  }
  const { dim, length, batchSize, layers, seeds } = blockSizes[at]!
  return `${batchSize} sequences of ${length} tokens, d = ${dim}, ${layers} ${layers === 1 ? 'layer' : 'layers'}, ${seeds} trials`
}

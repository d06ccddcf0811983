/** What the catalog says in the same words of every memory made of EpisodicSlots. */
import type { SymbolInfo } from '../../../../src-shared/shapes/catalog.ts'
import { choice, integer, number } from '../../../../src-shared/shapes/params.ts'
import { dimension } from '../memory/common-params.ts'

const shared = {
  memorySize: integer('Slots', 100, {
    help: 'Number of slots; more episodes than slots overwrite the oldest',
    min: 1,
    max: 100_000,
    symbol: 'M',
    scale: 'log'
  }),
  contextDim: integer('Context dimension', 16, {
    help: 'Length of a context vector',
    min: 1,
    max: 4096,
    symbol: 'c',
    from: 'contextDim',
    scale: 'log'
  }),
  learningRate: number('Learning rate', 0.01, { help: "Adam's step size", min: 1e-6, max: 10, scale: 'log' }),
  timeWeight: number('Time decay', 0.1, {
    help: 'How fast the recency bonus of a slot fades with its age',
    min: 0,
    max: 100,
    unit: '1/time',
    symbol: '\\omega'
  })
}

/** The parameters of a memory of vectors. */
export const episodicParams = {
  dim: dimension,
  ...shared
}

export const orthogonalityWeight = number('Orthogonality', 0.01, {
  help: 'Weight of the term that pushes the used value slots apart; 0 turns it off',
  min: 0,
  max: 10,
  symbol: '\\lambda'
})

export const writeMode = choice('Write', 'gradient', ['gradient', 'copy', 'copy+gradient'], {
  help: 'How an episode gets into its slot: by gradient steps, by copying, or copied and then trained'
})

/** The parameters of a memory of matrices. */
export const matrixParams = {
  rows: integer('Rows', 8, { help: 'Rows of a key matrix', min: 1, max: 1024, from: 'rows' }),
  columns: integer('Columns', 8, { help: 'Columns of a key matrix', min: 1, max: 1024, from: 'columns' }),
  ...shared
}

export const episodicSymbols: readonly SymbolInfo[] = [
  { symbol: 'K, V', meaning: 'key and value slots', shape: '[M, d]' },
  { symbol: 'C', meaning: 'context slots', shape: '[M, c]' },
  { symbol: 't', meaning: 'time stamps of the slots', shape: '[M]' },
  { symbol: 'q, c', meaning: 'query and its context', shape: '[d], [c]' },
  { symbol: '\\mathrm{now}', meaning: 'the memory’s clock: one unit an episode' },
  { symbol: '\\omega', meaning: 'time decay', unit: '1/time' }
]

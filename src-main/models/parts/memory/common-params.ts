import { integer, type NumberParam } from '../../../../src-shared/shapes/params.ts'

/** The parameter that every key-value memory has. */
export const dimension: NumberParam = integer('Dimension', 64, {
  help: 'Length of keys and values',
  min: 1,
  max: 4096,
  symbol: 'd',
  from: 'dim',
  scale: 'log'
})

export const headCount = (value: number): NumberParam =>
  integer('Heads', value, { help: 'Attention heads', min: 1, max: 64, symbol: 'H', divides: 'dim' })

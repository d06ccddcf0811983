/** Which values of a symbol a chart is drawn at. */
import { costSymbols, type CostInput, type CostName, type CostSymbol } from './symbols.ts'

export const symbolOf = (name: CostName): CostSymbol => costSymbols.find((symbol) => symbol.name === name)!

/** The symbol's largest value: a number, or what L or M is. */
export function upperBound({ max }: CostSymbol, input: CostInput): number {
  return typeof max === 'number' ? max : input[max]
}

/** Whether a symbol's whole range can stand on a log axis. */
export const canBeLog = (name: CostName): boolean => symbolOf(name).min > 0

/**
 * At most `count` rising values from low to high that the symbol can take: whole where it is whole, its options where it
 * has some, multiples of H for d and divisors of d for H, because heads must divide d.
 */
export function symbolValues(
  name: CostName,
  input: CostInput,
  low: number,
  high: number,
  scale: 'linear' | 'log',
  count = 121
): number[] {
  const symbol = symbolOf(name)
  const within = (values: readonly number[]): number[] => values.filter((value) => value >= low && value <= high)
  if (symbol.options) return within(symbol.options)
  if (name === 'H') return within(divisors(input.d, upperBound(symbol, input)))
  const step = name === 'd' ? input.H : 1
  const log = scale === 'log' && low > 0
  const raw = Array.from({ length: count }, (_, i) => {
    const share = i / (count - 1)
    return log ? low * (high / low) ** share : low + (high - low) * share
  })
  if (!symbol.integer) return raw
  return within([...new Set(raw.map((value) => Math.round(value / step) * step))])
}

function divisors(d: number, most: number): number[] {
  return Array.from({ length: most }, (_, i) => i + 1).filter((h) => d % h === 0)
}

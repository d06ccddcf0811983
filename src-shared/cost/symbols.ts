/**
 * The symbols of the cost model, with their bounds. Costs are FLOPs (one multiply-add = 2) and bytes, per block.
 */
import type { ErrorData } from '../shapes/errors.ts'

export interface CostSymbol {
  name: CostName
  /** TeX. */
  symbol: string
  label: string
  default: number
  min: number
  /** A number, or the symbol that bounds it. */
  max: number | 'L' | 'M'
  integer: boolean
  /** The only values allowed, where they are few. */
  options?: readonly number[]
}

export type CostName = 'd' | 'L' | 'H' | 'M' | 'rho' | 'B' | 'C' | 'D' | 'e' | 's' | 'K'

const symbol = (
  name: CostName,
  tex: string,
  label: string,
  value: number,
  min: number,
  max: CostSymbol['max'],
  extra: Partial<CostSymbol> = {}
): CostSymbol => ({ name, symbol: tex, label, default: value, min, max, integer: true, ...extra })

/** In the order of the sliders. K = 0 reads all slots. */
export const costSymbols: readonly CostSymbol[] = [
  symbol('d', 'd', 'Hidden size', 512, 16, 16_384),
  symbol('L', 'L', 'Sequence length', 128, 1, 1_048_576),
  symbol('H', 'H', 'Heads', 8, 1, 128),
  symbol('M', 'M', 'Memory slots', 64, 1, 1_048_576),
  symbol('rho', '\\rho', 'Share of the neural memory updated', 0.1, 0, 1, { integer: false }),
  symbol('B', 'B', 'Bytes per value', 4, 1, 8, { options: [1, 2, 4, 8] }),
  symbol('C', 'C', 'Chunk size', 64, 1, 'L'),
  symbol('D', 'D', 'Depth of the neural memory', 2, 1, 8),
  symbol('e', 'e', 'Expansion of the neural memory', 2, 1, 8),
  symbol('s', 's', 'Tokens per episodic write', 1, 1, 'L'),
  symbol('K', 'K', 'Top-K read (0 = all)', 0, 0, 'M')
]

export type CostSizes = Record<CostName, number>

/** What the exact view needs beside the sizes. */
export interface CostOptions {
  /** Attention sees only what came before (n = t) or everything (n = L). */
  causal: boolean
  /** The episodic buffer is full from the start (n = M), or fills as it is written (n = min(M, writes so far)). */
  buffer: 'full' | 'empty'
  /** The gate of the hybrid. */
  gate: 'scalar' | 'vector'
}

export interface CostInput extends CostSizes, CostOptions {}

export const costDefaults: CostInput = {
  ...(Object.fromEntries(costSymbols.map((s) => [s.name, s.default])) as CostSizes),
  causal: true,
  buffer: 'full',
  gate: 'scalar'
}

/** One error per symbol that is out of its bounds, and for heads that do not divide d. */
export function checkCostInput(input: CostInput): ErrorData[] {
  const errors: ErrorData[] = []
  const refuse = (name: string, message: string): void => void errors.push({ code: 'bad-input', message, field: name })
  for (const s of costSymbols) {
    const value = input[s.name]
    const max = typeof s.max === 'number' ? s.max : input[s.max]
    if (!Number.isFinite(value)) refuse(s.name, `${s.label} must be a number.`)
    else if (s.integer && !Number.isInteger(value)) refuse(s.name, `${s.label} must be a whole number.`)
    else if (value < s.min) refuse(s.name, `${s.label} must be at least ${s.min}.`)
    else if (value > max)
      refuse(s.name, `${s.label} must be at most ${max}${typeof s.max === 'string' ? ` (${s.max})` : ''}.`)
    else if (s.options && !s.options.includes(value)) refuse(s.name, `${s.label} must be ${s.options.join(', ')}.`)
  }
  if (Number.isInteger(input.H) && input.H > 0 && input.d % input.H !== 0)
    refuse('H', `Heads (${input.H}) must divide d (${input.d}).`)
  return errors
}

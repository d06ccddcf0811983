/** The positions of a slider: whole steps, each a value that the symbol can take. */
import { symbolOf, upperBound } from '../../../src-shared/cost/grid.ts'
import type { CostInput, CostName } from '../../../src-shared/cost/symbols.ts'

/** Octaves in a step: powers of two for d and H, which must divide; finer where every whole number will do. */
const stepsPerOctave: Partial<Record<CostName, number>> = { d: 1, H: 1, L: 4, M: 4, C: 4, s: 4, K: 4 }

/** Rising values, one per position. */
export function sliderValues(name: CostName, input: CostInput): number[] {
  const symbol = symbolOf(name)
  if (symbol.options) return [...symbol.options]
  const top = upperBound(symbol, input)
  if (name === 'rho') return Array.from({ length: 101 }, (_, i) => i / 100)
  const steps = stepsPerOctave[name]
  if (!steps) return Array.from({ length: top - symbol.min + 1 }, (_, i) => symbol.min + i)
  const first = Math.max(1, symbol.min)
  const count = Math.floor(Math.log2(top / first) * steps)
  const values = Array.from({ length: count + 1 }, (_, i) => Math.round(first * 2 ** (i / steps)))
  return [...new Set([...(symbol.min === 0 ? [0] : []), ...values, top])]
}

/** The position whose value comes nearest. */
export function sliderPosition(values: readonly number[], value: number): number {
  let best = 0
  for (const [i, candidate] of values.entries())
    if (Math.abs(candidate - value) < Math.abs(values[best] - value)) best = i
  return best
}

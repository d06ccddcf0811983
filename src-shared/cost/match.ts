/** Equal state bytes, equal FLOPs: which size of one memory costs what another costs. */
import type { BlockId } from './block.ts'
import { symbolOf, upperBound } from './grid.ts'
import type { CostInput, CostName } from './symbols.ts'
import { evaluate, withSymbol, type CostView, type Quantity } from './view.ts'

export interface Match {
  /** The whole value of the symbol that comes nearest, in ratio. */
  value: number
  /** What the memory costs there. */
  cost: number
  /** cost / target. */
  ratio: number
}

/**
 * The value of a whole symbol at which a memory's cost comes nearest to a target; undefined when the symbol does not
 * change the cost, or when even its bounds stay more than a factor of 2 away. Every cost of the model
 * is monotone in every size, so bisection finds the two values on either side.
 */
export function matchCost(
  id: BlockId,
  view: CostView,
  quantity: Quantity,
  input: CostInput,
  name: CostName,
  target: number
): Match | undefined {
  const symbol = symbolOf(name)
  const at = (value: number): number => evaluate(id, view, quantity, withSymbol(input, name, value))
  // Heads must divide d: it moves in steps of H.
  const step = name === 'd' ? input.H : 1
  let low = Math.ceil(symbol.min / step)
  let high = Math.floor(upperBound(symbol, input) / step)
  const [first, last] = [at(low * step), at(high * step)]
  if (!(target > 0) || first === last) return undefined
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (at(middle * step) <= target === first < last) low = middle
    else high = middle
  }
  const off = (value: number): number => Math.abs(Math.log(at(value) / target))
  const value = off(low * step) <= off(high * step) ? low * step : high * step
  const cost = at(value)
  const ratio = cost / target
  return ratio > 2 || ratio < 0.5 ? undefined : { value, cost, ratio }
}

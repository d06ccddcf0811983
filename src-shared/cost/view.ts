/** One number of the cost model: which memory, which view, per what. */
import { attention } from './attention.ts'
import { scaleParts, total, type BlockCost, type BlockId, type Parts } from './block.ts'
import { episodic } from './episodic.ts'
import { hybrid } from './hybrid.ts'
import { neural } from './neural.ts'
import { costSymbols, type CostInput, type CostName } from './symbols.ts'

export const blocks: Readonly<Record<BlockId, BlockCost>> = { attention, neural, episodic, hybrid }

export type CostView = 'asymptotic' | 'exact'
/** FLOPs per token (the last one, t = L; `tokenMean` = per sequence / L), per sequence, per chunk; bytes kept. */
export const quantities = {
  token: { label: 'FLOPs per token', unit: 'FLOP' },
  tokenMean: { label: 'FLOPs per token, mean over the sequence', unit: 'FLOP' },
  sequence: { label: 'FLOPs per sequence', unit: 'FLOP' },
  chunk: { label: 'FLOPs per chunk', unit: 'FLOP' },
  state: { label: 'State', unit: 'B' },
  chunkState: { label: 'State, chunk by chunk', unit: 'B' },
  parameters: { label: 'Parameters', unit: 'B' }
} as const
export type Quantity = keyof typeof quantities

/** Evaluate one quantity of one memory. Softmax is left out, as in quoted totals. Asymptotic parameters are 0. */
export function evaluate(id: BlockId, view: CostView, quantity: Quantity, input: CostInput): number {
  const block = blocks[id]
  const { L, B } = input
  if (view === 'asymptotic') {
    const { asymptotic } = block
    switch (quantity) {
      case 'token':
        return asymptotic.token(input)
      case 'tokenMean':
        return asymptotic.sequence(input) / L
      case 'sequence':
        return asymptotic.sequence(input)
      case 'chunk':
        return asymptotic.chunk(input)
      case 'state':
        return asymptotic.storage(input) * B
      case 'chunkState':
        return (asymptotic.chunkStorage ?? asymptotic.storage)(input) * B
      case 'parameters':
        return 0
    }
  }
  switch (quantity) {
    case 'token':
      return total(block.token(input, L))
    case 'tokenMean':
      return total(block.sequence(input)) / L
    case 'sequence':
      return total(block.sequence(input))
    case 'chunk':
      return total(block.chunk(input))
    case 'state':
      return block.state(input) * B
    case 'chunkState':
      return (block.chunkState ?? block.state)(input) * B
    case 'parameters':
      return block.parameters(input) * B
  }
}

/** The exact FLOPs of a quantity by part, softmax included; undefined for what is kept instead of computed. */
export function partsOf(id: BlockId, quantity: Quantity, input: CostInput): Parts | undefined {
  const block = blocks[id]
  switch (quantity) {
    case 'token':
      return block.token(input, input.L)
    case 'tokenMean':
      return scaleParts(block.sequence(input), 1 / input.L)
    case 'sequence':
      return block.sequence(input)
    case 'chunk':
      return block.chunk(input)
    default:
      return undefined
  }
}

/** The same with one symbol changed; what is bounded by it (C and s by L, K by M) is kept within. */
export function withSymbol(input: CostInput, name: CostName, value: number): CostInput {
  const next = { ...input, [name]: value }
  next.C = Math.min(next.C, next.L)
  next.s = Math.min(next.s, next.L)
  next.K = Math.min(next.K, next.M)
  return next
}

export interface Crossing {
  /** Value of the symbol where both cost the same. */
  x: number
  /** The memory that is cheaper above it, and the one that is cheaper below. */
  cheaperAbove: BlockId
  dearerAbove: BlockId
}

/** Places at which signs are compared before a crossing is bisected. */
const crossingSteps = 160

/**
 * Where two memories cost the same along a symbol, of every pair, pair by pair: signs on a log grid, then bisection. A
 * whole symbol is evaluated at whole values only and the crossing interpolated between the two it falls between.
 */
export function allCrossings(
  memories: readonly BlockId[],
  view: CostView,
  quantity: Quantity,
  input: CostInput,
  name: CostName,
  low: number,
  high: number
): Crossing[] {
  const whole = costSymbols.find((s) => s.name === name)!.integer
  const grid = Array.from({ length: crossingSteps + 1 }, (_, i) => {
    const x = low > 0 ? low * (high / low) ** (i / crossingSteps) : low + ((high - low) * i) / crossingSteps
    return whole ? Math.round(x) : x
  })
  const xs = [...new Set(grid)]
  const inputs = xs.map((x) => withSymbol(input, name, x))
  const costs = memories.map((id) => inputs.map((at) => evaluate(id, view, quantity, at)))
  return memories.flatMap((a, i) =>
    memories.slice(i + 1).flatMap((b, k) => {
      const [ofA, ofB] = [costs[i], costs[i + 1 + k]]
      const difference = (x: number): number => {
        const at = withSymbol(input, name, x)
        return evaluate(a, view, quantity, at) - evaluate(b, view, quantity, at)
      }
      const out: Crossing[] = []
      // The last place where they differ, so that a stretch of equal costs is crossed or only touched, never counted twice.
      let last: { x: number; sign: number } | undefined
      for (const [g, end] of xs.entries()) {
        const sign = Math.sign(ofA[g] - ofB[g])
        if (sign === 0) continue
        if (last && sign !== last.sign) {
          const [cheaperAbove, dearerAbove] = sign > 0 ? [b, a] : [a, b]
          out.push({ x: bisect(difference, last.x, end, last.sign, whole), cheaperAbove, dearerAbove })
        }
        last = { x: end, sign }
      }
      return out
    })
  )
}

/** Where a difference that has a sign at `left` and not at `right` is zero. */
function bisect(difference: (x: number) => number, left: number, right: number, sign: number, whole: boolean): number {
  while (right - left > (whole ? 1 : 1e-9 * right)) {
    const middle = whole ? Math.floor((left + right) / 2) : (left + right) / 2
    if (Math.sign(difference(middle)) === sign) left = middle
    else right = middle
  }
  const [before, after] = [Math.abs(difference(left)), Math.abs(difference(right))]
  return left + ((right - left) * before) / (before + after)
}

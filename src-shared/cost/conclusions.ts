/**
 * What follows from the parameters, in words. Every sentence is computed from `evaluate` at the parameters it is about,
 * and carries the numbers it speaks of.
 */
import { bytes, count, flops, numberText, percent, siNumber, significant } from '../text/numbers.ts'
import type { BlockId } from './block.ts'
import { symbolOf, upperBound } from './grid.ts'
import type { CostInput, CostName } from './symbols.ts'
import {
  allCrossings,
  blocks,
  evaluate,
  partsOf,
  quantities,
  withSymbol,
  type CostView,
  type Quantity
} from './view.ts'

export type Conclusion = { text: string } & (
  | { kind: 'cheapest'; cheapest: BlockId; next: BlockId; factor: number; dearest: BlockId; factorDearest: number }
  | { kind: 'dominates'; memory: BlockId; part: string; share: number }
  | { kind: 'scaling'; memory: BlockId; factors: Record<'L' | 'M' | 'd', number> }
  | { kind: 'crossing'; cheaperAbove: BlockId; dearerAbove: BlockId; x: number }
  | { kind: 'no-crossing' }
)

/** What is asked: which number of which memories, and along which symbol they may cross. */
export interface Question {
  memories: readonly BlockId[]
  view: CostView
  quantity: Quantity
  input: CostInput
  x: CostName
  low: number
  high: number
}

/** Cheapest and by how much, the dominating part of each, how each scales, and where they cross. */
export function conclude(question: Question): Conclusion[] {
  const { memories, view, quantity } = question
  if (memories.length === 0) return []
  // The source's table does not count parameters.
  if (view === 'asymptotic' && quantity === 'parameters') return []
  return [
    ...cheapest(question),
    ...memories.flatMap((memory) => dominating(memory, question)),
    ...memories.map((memory) => scaling(memory, question)),
    ...crossingSentences(question)
  ]
}

export const costText = (quantity: Quantity, value: number): string =>
  quantities[quantity].unit === 'B' ? bytes(value) : flops(value)

const nameOf = (id: BlockId): string => blocks[id].title
const inside = (id: BlockId): string => nameOf(id).toLowerCase()
const noun = (quantity: Quantity): string =>
  quantities[quantity].label.replace(/^(State|Parameters)\b/, (s) => s.toLowerCase())

/** 1.07 times, 24 times, or the per cent of a difference that two digits would hide. */
function times(factor: number): string {
  if (factor < 1.005) return `${percent(factor - 1)} more`
  return `${factor < 999.5 ? significant(factor, 3) : siNumber(factor)} times as much`
}

function cheapest({ memories, view, quantity, input }: Question): Conclusion[] {
  const costs = memories
    .map((id) => ({ id, cost: evaluate(id, view, quantity, input) }))
    .sort((a, b) => a.cost - b.cost)
  const [first, second] = costs
  const last = costs.at(-1)!
  if (!second || first.cost === 0) return []
  const [factor, factorDearest] = [second.cost / first.cost, last.cost / first.cost]
  const others = costs
    .slice(1)
    .map(({ id, cost }) =>
      cost === first.cost ? `${inside(id)} the same` : `${inside(id)} ${times(cost / first.cost)}`
    )
  const text = `${nameOf(first.id)} is ${factor === 1 ? 'one of the cheapest' : 'the cheapest'} here, with ${costText(quantity, first.cost)} (${noun(quantity)}); ${list(others)}.`
  return [{ kind: 'cheapest', text, cheapest: first.id, next: second.id, factor, dearest: last.id, factorDearest }]
}

function dominating(memory: BlockId, { view, quantity, input }: Question): Conclusion[] {
  const parts = view === 'exact' ? partsOf(memory, quantity, input) : undefined
  if (!parts) return []
  // As in the totals, softmax stands apart.
  const counted = Object.entries(parts).filter(([name]) => name !== 'softmax')
  const sum = counted.reduce((all, [, value]) => all + value, 0)
  if (sum === 0) return []
  const [part, most] = counted.reduce((best, next) => (next[1] > best[1] ? next : best))
  const share = most / sum
  const text = `${nameOf(memory)}: ${partNames[part] ?? part} ${part === 'projections' ? 'are' : 'is'} ${portion(share)} of it.`
  return [{ kind: 'dominates', text, memory, part, share }]
}

/** What a part of the breakdown is called in a sentence. */
export const partNames: Readonly<Record<string, string>> = {
  projections: 'the projections',
  read: 'reading',
  write: 'writing',
  forward: 'the forward pass of the write',
  gradient: 'the gradient',
  update: 'the update of memory and momentum',
  gate: 'the gate',
  softmax: 'the softmax'
}

/** What is almost all is not said to be all. */
const portion = (share: number): string =>
  share > 0.995 && share < 1 ? percent(Math.floor(share * 1e4) / 1e4, 4) : percent(share)

/** How a cost changes when a symbol doubles; at its upper bound, how it changed with the last doubling. */
export function doubling(id: BlockId, view: CostView, quantity: Quantity, input: CostInput, name: CostName): number {
  const top = upperBound(symbolOf(name), input)
  const from = input[name] * 2 <= top ? input[name] : input[name] / 2
  const cost = (value: number): number => evaluate(id, view, quantity, withSymbol(input, name, value))
  const [before, after] = [cost(from), cost(from * 2)]
  // What costs nothing stays so: 0/0 would be no factor.
  return before === after ? 1 : after / before
}

function scaling(memory: BlockId, { view, quantity, input }: Question): Conclusion {
  const names = ['L', 'M', 'd'] as const
  const entries = names.map((name) => [name, doubling(memory, view, quantity, input, name)] as const)
  const moving = entries.filter(([, factor]) => factor !== 1)
  if (moving.length === 0 && evaluate(memory, view, quantity, input) === 0)
    return {
      kind: 'scaling',
      text: `${nameOf(memory)}: nothing here, whatever L, M and d are.`,
      memory,
      factors: { L: 1, M: 1, d: 1 }
    }
  const still = entries.filter(([, factor]) => factor === 1).map(([name]) => name)
  const moves = moving.map(
    ([name, factor], i) =>
      `doubling ${name}${i ? '' : ' multiplies it'} by ${significant(factor, 3)} (exponent ${significant(Number(Math.log2(factor).toFixed(2)))})`
  )
  const rest = still.length ? [`${list(still)} ${still.length > 1 ? 'do' : 'does'} not change it`] : []
  const text = `${nameOf(memory)}: ${[...moves, ...rest].join('; ')}.`
  return { kind: 'scaling', text, memory, factors: Object.fromEntries(entries) as Record<'L' | 'M' | 'd', number> }
}

function crossingSentences({ memories, view, quantity, input, x, low, high }: Question): Conclusion[] {
  const found = allCrossings(memories, view, quantity, input, x, low, high).map((crossing): Conclusion => {
    const { cheaperAbove, dearerAbove } = crossing
    // Of tokens, heads or layers there are no parts.
    const from = symbolOf(x).integer
      ? `From ${x} = ${count(Math.ceil(crossing.x))} on`
      : `From ${x} ≈ ${numberText(crossing.x)} on`
    const text = `${from} ${inside(cheaperAbove)} is cheaper than ${inside(dearerAbove)}.`
    return { kind: 'crossing', text, cheaperAbove, dearerAbove, x: crossing.x }
  })
  if (found.length || memories.length < 2) return found
  const text = `Along ${x} from ${count(low)} to ${count(high)} no two of these change places.`
  return [{ kind: 'no-crossing', text }]
}

function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`
}

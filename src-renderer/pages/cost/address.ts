/** What the cost page shows, as the query of its address: a link or a saved view brings it back. */
import type { BlockId } from '../../../src-shared/cost/block.ts'
import { canBeLog, symbolOf, upperBound } from '../../../src-shared/cost/grid.ts'
import {
  checkCostInput,
  costDefaults,
  costSymbols,
  type CostInput,
  type CostName
} from '../../../src-shared/cost/symbols.ts'
import { blocks, quantities, type CostView, type Quantity } from '../../../src-shared/cost/view.ts'

export interface CostSet {
  name: string
  input: CostInput
}

export interface CostShown {
  memories: BlockId[]
  view: CostView
  quantity: Quantity
  x: CostName
  low: number
  high: number
  logX: boolean
  logY: boolean
  /** Small multiples over this symbol. */
  facet: CostName | undefined
  sets: CostSet[]
}

export const mostSets = 4
export const setNames = ['A', 'B', 'C', 'D'] as const
const memoryIds = Object.keys(blocks) as BlockId[]

/** The ends of a chart over a symbol: its whole range. */
export const wholeRange = (x: CostName, input: CostInput): { low: number; high: number } => ({
  low: symbolOf(x).min,
  high: upperBound(symbolOf(x), input)
})

export const costStart = (): CostShown => ({
  memories: ['attention', 'neural', 'episodic'],
  view: 'exact',
  quantity: 'sequence',
  x: 'L',
  ...wholeRange('L', costDefaults),
  logX: true,
  logY: true,
  facet: undefined,
  sets: [{ name: setNames[0], input: costDefaults }]
})

const options = ['causal', 'buffer', 'gate'] as const

/** Only what differs from the start: `m=attention,neural&x=M&p=A~d:1024,H:16`. */
export function writeCost(shown: CostShown): string {
  const start = costStart()
  const query = new URLSearchParams()
  const put = (key: string, value: unknown, usual: unknown): void => {
    if (String(value) !== String(usual)) query.set(key, String(value))
  }
  put('m', shown.memories, start.memories)
  put('v', shown.view, start.view)
  put('q', shown.quantity, start.quantity)
  put('x', shown.x, start.x)
  const whole = wholeRange(shown.x, shown.sets[0].input)
  put('from', shown.low, whole.low)
  put('to', shown.high, whole.high)
  put('logx', Number(shown.logX), Number(canBeLog(shown.x)))
  put('logy', Number(shown.logY), 1)
  put('by', shown.facet, undefined)
  for (const { name, input } of shown.sets) query.append('p', `${name}~${writeInput(input)}`)
  if (shown.sets.length === 1 && query.get('p') === `${setNames[0]}~`) query.delete('p')
  return query.toString()
}

function writeInput(input: CostInput): string {
  return [...costSymbols.map(({ name }) => name), ...options]
    .filter((key) => input[key] !== costDefaults[key])
    .map((key) => `${key}:${String(input[key])}`)
    .join(',')
}

/** What an address says; whatever is missing or makes no sense is as at the start. */
export function readCost(query: URLSearchParams): CostShown {
  const start = costStart()
  const oneOf = <T extends string>(key: string, known: readonly T[], usual: T): T =>
    known.find((value) => value === query.get(key)) ?? usual
  const names = costSymbols.map(({ name }) => name)
  const sets = query.getAll('p').slice(0, mostSets).map(readSet)
  const memories = query.has('m') ? memoryIds.filter((id) => query.get('m')!.split(',').includes(id)) : start.memories
  const x = oneOf('x', names, start.x)
  const whole = wholeRange(x, (sets[0] ?? start.sets[0]).input)
  const number = (key: string, usual: number): number => {
    const value = Number(query.get(key) ?? NaN)
    return value >= whole.low && value <= whole.high ? value : usual
  }
  const [low, high] = [number('from', whole.low), number('to', whole.high)]
  return {
    memories,
    view: oneOf('v', ['exact', 'asymptotic'], start.view),
    quantity: oneOf('q', Object.keys(quantities) as Quantity[], start.quantity),
    x,
    ...(low < high ? { low, high } : whole),
    logX: canBeLog(x) && query.get('logx') !== '0',
    logY: query.get('logy') !== '0',
    facet: names.find((name) => name === query.get('by') && name !== x),
    sets: sets.length ? sets : start.sets
  }
}

function readSet(text: string, place: number): CostSet {
  const [name, rest = ''] = text.split('~', 2)
  const input: Record<string, unknown> = { ...costDefaults }
  for (const part of rest.split(',')) {
    const [key, value = ''] = part.split(':', 2)
    if (key === 'causal') input.causal = value === 'true'
    else if (key === 'buffer') input.buffer = value === 'empty' ? 'empty' : 'full'
    else if (key === 'gate') input.gate = value === 'vector' ? 'vector' : 'scalar'
    else if (costSymbols.some((symbol) => symbol.name === key)) input[key] = Number(value)
  }
  const read = input as unknown as CostInput
  const sound = checkCostInput(read).length === 0
  return { name: name.slice(0, 40) || setNames[place], input: sound ? read : costDefaults }
}

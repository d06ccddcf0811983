/** What the cost page shows, as figures: pure functions, redrawn at every step of a slider. */
import type { BlockId } from '../../../src-shared/cost/block.ts'
import { symbolOf, symbolValues, upperBound } from '../../../src-shared/cost/grid.ts'
import type { CostInput, CostName } from '../../../src-shared/cost/symbols.ts'
import { allCrossings, blocks, evaluate, quantities, withSymbol } from '../../../src-shared/cost/view.ts'
import { csvTable, type CsvCell } from '../../../src-shared/text/csv.ts'
import type { FigurePoint, FigureReference, FigureSpec, SeriesStyle } from '../../../src-shared/figures/spec.ts'
import { markers, palettes } from '../../../src-shared/figures/model-style.ts'
import { tickLabel } from '../../../src-shared/figures/scales.ts'
import type { CostSet, CostShown } from './address.ts'
import { count, numberText } from '../../../src-shared/text/numbers.ts'

export const memoryIds = Object.keys(blocks) as BlockId[]
const setDashes = [[], [7, 3], [2, 3], [9, 3, 2, 3]] as const

/** A memory's colour and marker; its dash says the parameter set. */
export function costStyle(memory: BlockId, set: number, dark: boolean): SeriesStyle {
  const place = memoryIds.indexOf(memory)
  return { colour: palettes[dark ? 'dark' : 'light'][place], dash: setDashes[set], marker: markers[place] }
}

export interface CostLine {
  memory: BlockId
  set: CostSet
  label: string
  style: SeriesStyle
}

/** Every memory under every parameter set. */
export function costLines({ memories, sets }: CostShown, dark: boolean): CostLine[] {
  return sets.flatMap((set, i) =>
    memories.map((memory) => ({
      memory,
      set,
      label: sets.length > 1 ? `${blocks[memory].title} · ${set.name}` : blocks[memory].title,
      style: costStyle(memory, i, dark)
    }))
  )
}

/** Values of the symbol that is drawn small multiples of: about the current one, or the few that there are. */
export function facetValues(name: CostName, input: CostInput): number[] {
  const symbol = symbolOf(name)
  if (symbol.options) return [...symbol.options]
  if (name === 'rho') return [0, 0.1, 0.5, 1]
  const top = upperBound(symbol, input)
  if (top <= 8) return [1, 2, 4, 8]
  if (name === 'H')
    return symbolValues('H', input, 1, top, 'log')
      .filter((h) => Number.isInteger(Math.log2(h)))
      .slice(0, 4)
  const around = [1 / 4, 1, 4, 16].map((factor) => Math.round((input[name] || 16) * factor))
  return [...new Set(around.map((value) => Math.min(top, Math.max(symbol.min, value))))]
}

/** The figures of the page: one, or one for each value of the second symbol, all with the same ends. */
export function costFigures(shown: CostShown, dark: boolean): FigureSpec[] {
  const { facet, sets } = shown
  if (!facet) return [costFigure(shown, dark)]
  const specs = facetValues(facet, sets[0].input).map((value) =>
    costFigure(
      { ...shown, sets: sets.map((set) => ({ ...set, input: withSymbol(set.input, facet, value) })) },
      dark,
      `${facet} = ${tickLabel(value)}`
    )
  )
  const ys = specs.flatMap(({ series }) => series.flatMap(({ points }) => points.map(({ y }) => y!)))
  const positive = shown.logY ? ys.filter((y) => y > 0) : ys
  const range: [number, number] = [shown.logY ? Math.min(...positive) : 0, Math.max(...positive)]
  return range[1] > range[0] ? specs.map((spec) => ({ ...spec, y: { ...spec.y, range } })) : specs
}

/** Why the cost falls at the end of the axis. */
const wholeUpdate =
  'at ρ = 1 every row is updated: no row norms are needed to choose among them, so the update costs 5 P; just below, (3 + 2 ρ) P + 2 P'

function costFigure(shown: CostShown, dark: boolean, panel?: string): FigureSpec {
  const { view, quantity, x, low, high, logX, logY } = shown
  const { label, unit } = quantities[quantity]
  const scale = logX ? 'log' : 'linear'
  const symbol = symbolOf(x)
  const cliff =
    x === 'rho' &&
    high >= 1 &&
    view === 'exact' &&
    shown.memories.some((id) => id === 'neural' || id === 'hybrid') &&
    wholeUpdate
  const series = costLines(shown, dark).map(({ memory, set, label: name, style }) => ({
    label: name,
    style,
    // A small multiple is half as wide.
    points: symbolValues(
      x,
      set.input,
      low,
      Math.min(high, upperBound(symbol, set.input)),
      scale,
      panel ? 61 : 121
    ).flatMap((value): FigurePoint[] => {
      const y = evaluate(memory, view, quantity, withSymbol(set.input, x, value))
      // Nothing that is zero stands on a log axis.
      return y > 0 || !logY ? [{ x: value, y }] : []
    })
  }))
  const title = `${label} over ${symbol.label.toLowerCase()}, ${view}`
  return {
    title: panel ? `${panel}: ${title}` : title,
    x: { label: `${symbol.label} ${x}`, scale, range: [low, high] },
    y: { label, unit, scale: logY ? 'log' : 'linear' },
    series,
    references: crossingLines(shown),
    ...(cliff && { remarks: [cliff] }),
    interval: 'band'
  }
}

export const mostCrossings = 8

/** Where two memories of one parameter set cost the same. */
export function crossingLines({ memories, sets, view, quantity, x, low, high }: CostShown): FigureReference[] {
  const found = sets.flatMap(({ name, input }) => {
    const top = Math.min(high, upperBound(symbolOf(x), input))
    return allCrossings(memories, view, quantity, input, x, low, top).map((crossing) => {
      const pair = memories.filter((id) => id === crossing.cheaperAbove || id === crossing.dearerAbove)
      const [first, second] = pair.map((id) => blocks[id].title)
      const set = sets.length > 1 ? ` (${name})` : ''
      // Of tokens, heads or layers there are no parts: the first whole number on the other side.
      const at = symbolOf(x).integer
        ? `from ${x} = ${count(Math.ceil(crossing.x))}`
        : `at ${x} ≈ ${numberText(crossing.x)}`
      return { label: `${first} = ${second.toLowerCase()}${set} ${at}`, dash: [3, 3], x: crossing.x }
    })
  })
  return found.slice(0, mostCrossings)
}

/** One row per line and value: set, memory, view, quantity, symbol, value, cost, unit. */
export function costCsv(shown: CostShown): string {
  const { view, quantity, x, facet } = shown
  const rows: CsvCell[][] = []
  const values = facet ? facetValues(facet, shown.sets[0].input) : [undefined]
  for (const value of values)
    for (const { memory, set } of costLines(shown, false)) {
      const input = facet && value !== undefined ? withSymbol(set.input, facet, value) : set.input
      const high = Math.min(shown.high, upperBound(symbolOf(x), input))
      for (const at of symbolValues(x, input, shown.low, high, shown.logX ? 'log' : 'linear'))
        rows.push([
          set.name,
          memory,
          view,
          quantity,
          ...(facet ? [value] : []),
          at,
          evaluate(memory, view, quantity, withSymbol(input, x, at)),
          quantities[quantity].unit
        ])
    }
  return csvTable(['set', 'memory', 'view', 'quantity', ...(facet ? [facet] : []), x, 'value', 'unit'], rows)
}

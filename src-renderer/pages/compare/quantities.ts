/** What every compared cell is and has, side by side: parameters that vary and means of metrics. */
import type { Catalog, MetricInfo, TaskInfo } from '../../../src-shared/shapes/catalog.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { cellInterval } from '../../../src-shared/findings/results.ts'
import { flatParams } from '../../../src-shared/shapes/flat-params.ts'

export interface Quantity {
  /** `param.NAME` or `metric.NAME`. */
  id: string
  label: string
  unit?: string
  /** Of a quantity with a word for a value: the words, in the order in which they come. */
  words?: string[]
  metric?: MetricInfo
}

/** One cell: a model of a run at a point. */
export interface Entry {
  cell: CellResult
  label: string
  /** By the quantity's id; left out where the cell has none. */
  values: Readonly<Record<string, number | string>>
}

/** Entries with every parameter and mean, and the quantities in which they differ; metrics come last. */
export function quantitiesOf(
  cells: readonly CellResult[],
  metrics: readonly MetricInfo[],
  labelOf: (cell: CellResult) => string,
  task: TaskInfo | undefined,
  catalog: Catalog
): { entries: Entry[]; quantities: Quantity[] } {
  const entries = cells.map((cell): Entry => ({
    cell,
    label: labelOf(cell),
    values: Object.fromEntries([
      ...flatParams(cell.params).map(([name, value]) => [`param.${name}`, value] as const),
      ...flatParams(cell.point).map(([name, value]) => [`param.${name}`, value] as const),
      ...metrics.flatMap(({ name }) => {
        const mean = cellInterval(cell, name)?.mean
        return mean === undefined ? [] : [[`metric.${name}`, mean] as const]
      })
    ])
  }))
  const declared = (name: string) =>
    task?.params[name] ?? catalog.models.find(({ params }) => Object.hasOwn(params, name))?.params[name]
  const names = new Set(entries.flatMap(({ values }) => Object.keys(values).filter((id) => id.startsWith('param.'))))
  const params = [...names].flatMap((id): Quantity[] => {
    const found = new Set(entries.flatMap(({ values }) => values[id] ?? []))
    if (found.size < 2) return []
    const name = id.slice('param.'.length)
    const info = declared(name)
    const words = [...found].some((value) => typeof value === 'string') ? [...found].map(String) : undefined
    return [{ id, label: info?.label ?? name, ...(info?.unit && { unit: info.unit }), ...(words && { words }) }]
  })
  const measured = metrics.flatMap((metric): Quantity[] => {
    const id = `metric.${metric.name}`
    if (!entries.some(({ values }) => values[id] !== undefined)) return []
    return [{ id, label: metric.label, ...(metric.unit && { unit: metric.unit }), metric }]
  })
  return { entries, quantities: [...params, ...measured] }
}

/** Where a value lies on its quantity's axis, 0 to 1; the middle where all are equal. */
export function placeOn(quantity: Quantity, entries: readonly Entry[]): (value: number | string) => number {
  if (quantity.words) {
    const { words } = quantity
    return (value) => (words.length < 2 ? 0.5 : words.indexOf(String(value)) / (words.length - 1))
  }
  const [low, high] = rangeOf(quantity, entries)
  return (value) => (high > low ? (Number(value) - low) / (high - low) : 0.5)
}

/** The smallest and largest value of a quantity that is a number. */
export function rangeOf(quantity: Quantity, entries: readonly Entry[]): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const { values } of entries) {
    const value = values[quantity.id]
    if (typeof value !== 'number') continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}

/** Ends of a brushed stretch of an axis, as places from 0 to 1. */
export type Brush = readonly [number, number]

/** Whether an entry lies within every brushed stretch. A cell without the quantity lies nowhere on its axis. */
export function isWithin(
  entry: Entry,
  brushes: Readonly<Record<string, Brush>>,
  place: Readonly<Record<string, (value: number | string) => number>>
): boolean {
  return Object.entries(brushes).every(([id, [low, high]]) => {
    const value = entry.values[id]
    if (value === undefined) return false
    const at = place[id]?.(value) ?? NaN
    return at >= low - 1e-9 && at <= high + 1e-9
  })
}

import type { RunRow } from '../../../src-shared/shapes/run.ts'
import type { SortKey } from './query.ts'

export interface HistoryColumn {
  /** A field of the row, or the difference from the pinned baseline. */
  id: keyof RunRow | 'delta' | `metric.${string}` | `param.${string}`
  label: string
  width: number
  /** What it shrinks to, while nobody has sized it, before the table scrolls sideways; its width if left out. */
  least?: number
  /** Absent: this column cannot be sorted by. */
  sort?: SortKey
  numeric?: boolean
  /** Not shown until it is chosen. */
  extra?: boolean
  edits?: 'name' | 'tags' | 'notes'
}

/** What the history can show of a run; the first cannot be hidden. */
export const columns: readonly HistoryColumn[] = [
  { id: 'name', label: 'Name', width: 208, least: 200, sort: 'name', edits: 'name' },
  { id: 'status', label: 'Status', width: 80, sort: 'status' },
  { id: 'task', label: 'Task', width: 108, least: 84, sort: 'task' },
  { id: 'labels', label: 'Models', width: 108, least: 72 },
  { id: 'best', label: 'Best', width: 132, least: 84, sort: 'best' },
  { id: 'delta', label: 'Δ baseline', width: 230, least: 140 },
  { id: 'trials', label: 'Trials', width: 104, least: 96, sort: 'trials', numeric: true },
  { id: 'seeds', label: 'Seeds', width: 64, numeric: true, extra: true },
  { id: 'elapsedMs', label: 'Computing', width: 106, least: 100, sort: 'elapsedMs', numeric: true },
  { id: 'created', label: 'Created', width: 140, sort: 'created' },
  { id: 'tags', label: 'Tags', width: 70, least: 58, edits: 'tags' },
  { id: 'notes', label: 'Notes', width: 70, least: 60, edits: 'notes' },
  { id: 'backend', label: 'Backend', width: 100, extra: true },
  { id: 'ended', label: 'Ended', width: 140, extra: true }
]

/** A column of any metric or parameter: `metric.accuracy`, `param.rate`. */
export function valueColumn(id: string): HistoryColumn | undefined {
  const [, family, name] = /^(metric|param)\.(.+)$/s.exec(id) ?? []
  if (name === undefined) return undefined
  const full = id as `metric.${string}`
  return {
    id: full,
    label: name,
    width: family === 'metric' ? 220 : 110,
    least: family === 'metric' ? 130 : 72,
    sort: full
  }
}
/** Which of a metric or parameter a column shows. */
export const valueOf = (id: string): { family: 'metric' | 'param'; name: string } | undefined =>
  valueColumn(id) && { family: id.startsWith('metric.') ? 'metric' : 'param', name: id.slice(id.indexOf('.') + 1) }

const byId = new Map<string, HistoryColumn>(columns.map((column) => [column.id, column]))
/** A column by its id. @throws Error for one that there is not: layouts are read with only those there are */
export function columnOf(id: string): HistoryColumn {
  const column = byId.get(id) ?? valueColumn(id)
  if (!column) throw new Error(`There is no column ${id}.`)
  return column
}

/**
 * The columns as tracks of a grid: those that nobody has sized give way down to their least width, so that the last ones
 * stay in sight; the first takes what is over, but for a hundredth: that of an empty last track, which takes all where
 * the first has been sized.
 * @returns also the width below which the table scrolls, in px
 */
export function tracksOf(
  shown: readonly HistoryColumn[],
  sizeOf: (id: string) => number,
  sized: (id: string) => boolean
): { tracks: string; least: number } {
  const each = shown.map(({ id, least }, i) => {
    const size = sizeOf(id)
    if (sized(id)) return { track: `${size}px`, least: size }
    return { track: `minmax(${least ?? size}px, ${i === 0 ? '100fr' : `${size}px`})`, least: least ?? size }
  })
  return { tracks: each.map(({ track }) => track).join(' '), least: each.reduce((sum, { least }) => sum + least, 0) }
}

/** Columns in which the rows do not all say the same. One row, or none, differs in nothing, so all columns stay. */
export function differing(rows: readonly RunRow[]): ReadonlySet<string> {
  if (rows.length < 2) return new Set(columns.map(({ id }) => id))
  return new Set(
    columns.flatMap(({ id }) =>
      id === 'name' || !(id in rows[0]) || new Set(rows.map((row) => JSON.stringify(row[id as keyof RunRow]))).size > 1
        ? [id]
        : []
    )
  )
}

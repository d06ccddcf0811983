import type { RunRow } from '../../../src-shared/shapes/run.ts'
import type { SortKey } from './query.ts'

export interface HistoryColumn {
  /** A field of the row, or the difference from the pinned baseline. */
  id: keyof RunRow | 'delta' | `metric.${string}` | `param.${string}`
  label: string
  width: number
  /** Absent: this column cannot be sorted by. */
  sort?: SortKey
  numeric?: boolean
  /** Not shown until it is chosen. */
  extra?: boolean
  edits?: 'name' | 'tags' | 'notes'
}

/** What the history can show of a run; the first cannot be hidden. */
export const columns: readonly HistoryColumn[] = [
  { id: 'name', label: 'Name', width: 208, sort: 'name', edits: 'name' },
  { id: 'status', label: 'Status', width: 80, sort: 'status' },
  { id: 'task', label: 'Task', width: 118, sort: 'task' },
  { id: 'labels', label: 'Models', width: 138 },
  { id: 'best', label: 'Best', width: 160, sort: 'best' },
  { id: 'delta', label: 'Δ baseline', width: 230 },
  { id: 'trials', label: 'Trials', width: 96, sort: 'trials', numeric: true },
  { id: 'seeds', label: 'Seeds', width: 64, numeric: true, extra: true },
  { id: 'elapsedMs', label: 'Computing', width: 88, sort: 'elapsedMs', numeric: true },
  { id: 'created', label: 'Created', width: 140, sort: 'created' },
  { id: 'tags', label: 'Tags', width: 84, edits: 'tags' },
  { id: 'notes', label: 'Notes', width: 86, edits: 'notes' },
  { id: 'backend', label: 'Backend', width: 100, extra: true },
  { id: 'ended', label: 'Ended', width: 138, extra: true }
]

/** A column of any metric or parameter: `metric.accuracy`, `param.rate`. */
export function valueColumn(id: string): HistoryColumn | undefined {
  const [, family, name] = /^(metric|param)\.(.+)$/s.exec(id) ?? []
  if (name === undefined) return undefined
  const full = id as `metric.${string}`
  return { id: full, label: name, width: family === 'metric' ? 220 : 110, sort: full }
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

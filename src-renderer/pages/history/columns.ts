import type { RunRow } from '../../../src-shared/shapes/run.ts'
import type { SortKey } from './query.ts'

export interface HistoryColumn {
  /** A field of the row, or the difference from the pinned baseline. */
  id: keyof RunRow | 'delta'
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
  { id: 'name', label: 'Name', width: 260, sort: 'name', edits: 'name' },
  { id: 'status', label: 'Status', width: 104, sort: 'status' },
  { id: 'task', label: 'Task', width: 130, sort: 'task' },
  { id: 'labels', label: 'Models', width: 220 },
  { id: 'best', label: 'Best', width: 190, sort: 'best' },
  { id: 'delta', label: 'Δ baseline', width: 230 },
  { id: 'trials', label: 'Trials', width: 110, sort: 'trials', numeric: true },
  { id: 'seeds', label: 'Seeds', width: 64, numeric: true, extra: true },
  { id: 'elapsedMs', label: 'Computing', width: 100, sort: 'elapsedMs', numeric: true },
  { id: 'created', label: 'Created', width: 138, sort: 'created' },
  { id: 'tags', label: 'Tags', width: 140, edits: 'tags' },
  { id: 'notes', label: 'Notes', width: 220, edits: 'notes' },
  { id: 'backend', label: 'Backend', width: 100, extra: true },
  { id: 'ended', label: 'Ended', width: 138, extra: true }
]

const byId = new Map<string, HistoryColumn>(columns.map((column) => [column.id, column]))
/** A column by its id. @throws Error for one that there is not: layouts are read with only those there are */
export function columnOf(id: string): HistoryColumn {
  const column = byId.get(id)
  if (!column) throw new Error(`There is no column ${id}.`)
  return column
}

/** Columns in which the rows do not all say the same. One row, or none, differs in nothing, so all columns stay. */
export function differing(rows: readonly RunRow[]): ReadonlySet<string> {
  if (rows.length < 2) return new Set(columns.map(({ id }) => id))
  return new Set(
    columns.flatMap(({ id }) =>
      id === 'name' || id === 'delta' || new Set(rows.map((row) => JSON.stringify(row[id]))).size > 1 ? [id] : []
    )
  )
}

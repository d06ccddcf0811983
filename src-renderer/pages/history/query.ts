/** What the history shows: the filter as the user set it, and the query it makes. */
import { historyQuerySchema } from '../../../src-shared/contract/runs.ts'
import type { CallInput } from '../../../src-shared/contract/index.ts'
import type { RunStatus } from '../../../src-shared/shapes/run.ts'

type Query = CallInput<'runs.list'>
export type SortKey = NonNullable<Query['sort']>

/** `text` is in the filter language. Empty strings mean any. Dates are days of the user's own calendar, `2026-11-22`. */
export interface Filter {
  text: string
  task: string
  model: string
  status: RunStatus | ''
  tag: string
  from: string
  to: string
  trashed: boolean
}

export const anything: Filter = {
  text: '',
  task: '',
  model: '',
  status: '',
  tag: '',
  from: '',
  to: '',
  trashed: false
}

export interface Sort {
  key: SortKey
  descending: boolean
}

/** What the list is grouped by; `none` shows every run. */
export type Grouping = NonNullable<Query['group']> | 'none'

/** What was remembered, or the usual one. */
export const readGrouping = (remembered: unknown): Grouping => {
  if (remembered === 'none') return 'none'
  const known = historyQuerySchema.shape.group.safeParse(remembered)
  return (known.success && known.data) || 'seeds'
}

/** The query of a filter: from the first moment of `from` to the last of `to`. */
export function queryOf(filter: Filter, sort: Sort): Query {
  const { text, task, model, status, tag, from, to, trashed } = filter
  return {
    ...(text.trim() && { filter: text.trim() }),
    ...(task && { task }),
    ...(model && { model }),
    ...(status && { status }),
    ...(tag && { tag }),
    ...(validDay(from) && { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(validDay(to) && { to: new Date(`${to}T23:59:59.999`).toISOString() }),
    trashed,
    sort: sort.key,
    descending: sort.descending
  }
}

const validDay = (day: string): boolean => day !== '' && !Number.isNaN(Date.parse(`${day}T00:00:00`))

/** Whether anything but the trash is filtered. */
export function isFiltered(filter: Filter): boolean {
  return Object.entries(filter).some(([name, value]) => name !== 'trashed' && value !== '')
}

/** Tags as they are typed, `new, thesis`: without repeats and blanks. */
export function readTags(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))]
    .filter((tag) => tag !== '')
    .map((tag) => tag.slice(0, 200))
}

export function tagChanges(
  before: readonly string[],
  after: readonly string[]
): { addTags: string[]; removeTags: string[] } {
  return {
    addTags: after.filter((tag) => !before.includes(tag)),
    removeTags: before.filter((tag) => !after.includes(tag))
  }
}

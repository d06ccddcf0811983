/** What the history shows: what is searched for, and the query it makes. */
import { historyQuerySchema } from '../../../src-shared/contract/runs.ts'
import type { CallInput } from '../../../src-shared/contract/index.ts'
import type { Filter } from '../../../src-shared/filter/filter.ts'
import { FilterError, parseFilter } from '../../../src-shared/filter/parse.ts'

export type Query = CallInput<'runs.list'>
export type SortKey = NonNullable<Query['sort']>

/** What is searched for, in the filter language, and whether in the trash. */
export interface Search {
  text: string
  trashed: boolean
}

export const anything: Search = { text: '', trashed: false }

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

export function queryOf({ text, trashed }: Search, sort: Sort): Query {
  return { ...(text.trim() && { filter: text.trim() }), trashed, sort: sort.key, descending: sort.descending }
}

/** A filter as its text says it, or undefined while the text says none. */
export function readFilter(text: string): Filter | undefined {
  try {
    return parseFilter(text)
  } catch (error) {
    if (error instanceof FilterError) return undefined
    throw error
  }
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

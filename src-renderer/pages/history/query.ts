/** What the history shows: what is searched for, and the query it makes. */
import { historyQuerySchema } from '../../../src-shared/contract/runs.ts'
import type { CallInput } from '../../../src-shared/contract/index.ts'
import type { Filter } from '../../../src-shared/filter/filter.ts'
import { FilterError, parseFilter } from '../../../src-shared/filter/parse.ts'

export type Query = CallInput<'runs.list'>
export type SortKey = NonNullable<Query['sort']>

/** What is searched for, in the filter language, whether in the trash, and whether among the references that ship too. */
export interface Search {
  text: string
  trashed: boolean
  references?: boolean
}

export const anything: Search = { text: '', trashed: false }

export interface Sort {
  key: SortKey
  descending: boolean
}

export const newest: Sort = { key: 'created', descending: true }

/** A search and an order as an address, the usual ones left out. */
export function addressOf({ text, trashed, references }: Search, { key, descending }: Sort): string {
  const usual = key === newest.key && descending === newest.descending
  const query = new URLSearchParams({
    ...(text.trim() && { find: text }),
    ...(trashed && { trash: '1' }),
    ...(references && { references: '1' }),
    ...(!usual && { sort: `${descending ? '-' : ''}${key}` })
  }).toString()
  return `/history${query && `?${query}`}`
}

/** What an address of the history holds; an order that there is not is the usual one. */
export function readAddress(query: URLSearchParams): { search: Search; sort: Sort } {
  const [, down, name] = /^(-?)(.*)$/.exec(query.get('sort') ?? '') ?? []
  const key = historyQuerySchema.shape.sort.unwrap().safeParse(name)
  return {
    search: {
      text: query.get('find') ?? '',
      trashed: query.get('trash') === '1',
      ...(query.get('references') === '1' && { references: true })
    },
    sort: key.success ? { key: key.data, descending: down === '-' } : { ...newest }
  }
}

/** What the list is grouped by; `none` shows every run. */
export type Grouping = NonNullable<Query['group']> | 'none'

/** What was remembered, or the usual one. */
export const readGrouping = (remembered: unknown): Grouping => {
  if (remembered === 'none') return 'none'
  const known = historyQuerySchema.shape.group.safeParse(remembered)
  return (known.success && known.data) || 'seeds'
}

export function queryOf({ text, trashed, references }: Search, sort: Sort): Query {
  return {
    ...(text.trim() && { filter: text.trim() }),
    trashed,
    ...(references && { references }),
    sort: sort.key,
    descending: sort.descending
  }
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

/** Named views of the history: a filter, an order and a grouping, kept with the settings. */
import { z } from 'zod'
import { historyQuerySchema } from '../../../src-shared/contract/runs.ts'
import { allOf, compare } from '../../../src-shared/filter/edit.ts'
import type { Comparison, FieldName, Filter } from '../../../src-shared/filter/filter.ts'
import { printFilter } from '../../../src-shared/filter/print.ts'
import { readFilter, type Grouping, type Search, type Sort } from './query.ts'

const { group, sort } = historyQuerySchema.shape
const text = z.string().max(2000)
/** Views of earlier versions hold what their dropdowns said beside the text; it becomes part of the text. */
const earlier = { task: text, model: text, status: text, tag: text, from: text, to: text }
const searchSchema = z
  .object({ text, trashed: z.boolean(), references: z.boolean().optional(), ...z.object(earlier).partial().shape })
  .transform(({ text, trashed, references, task, model, status, tag, from, to }): Search => {
    const shelf = { trashed, ...(references && { references }) }
    const held = ([field, op, value]: Held): Filter[] => (value ? [compare(field, op, value)] : [])
    const chosen = (
      [
        ['task', '=', task],
        ['model', '=', model],
        ['status', '=', status],
        ['tag', '=', tag],
        ['created', '>=', from],
        ['created', '<=', to]
      ] as const
    ).flatMap(held)
    if (!chosen.length) return { text, ...shelf }
    const written = readFilter(text)
    // What cannot be read stays as it is written, for its author to put right.
    return {
      text: written ? printFilter(allOf([written, ...chosen])) : `${text} ${printFilter(allOf(chosen))}`,
      ...shelf
    }
  })
type Held = readonly [FieldName, Comparison, string | undefined]

const viewSchema = z.object({
  name: z.string().trim().min(1).max(100),
  filter: searchSchema,
  sort: z.object({ key: sort.unwrap(), descending: z.boolean() }),
  grouping: z.union([group.unwrap(), z.literal('none')])
})
export interface View {
  name: string
  filter: Search
  sort: Sort
  grouping: Grouping
}

/** What was remembered; what is no view falls away. */
export const readViews = (remembered: unknown): View[] =>
  (Array.isArray(remembered) ? remembered : []).flatMap((view) => {
    const parsed = viewSchema.safeParse(view)
    return parsed.success ? [parsed.data] : []
  })

/** With a view, in place of one of its name. */
export const withView = (views: readonly View[], view: View): View[] =>
  [...views.filter(({ name }) => name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name, 'en'))

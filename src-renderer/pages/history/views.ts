/** Named views of the history: a filter, an order and a grouping, kept with the settings. */
import { z } from 'zod'
import { historyQuerySchema } from '../../../src-shared/contract/runs.ts'
import { runStatuses } from '../../../src-shared/shapes/run.ts'
import type { Filter, Grouping, Sort } from './query.ts'

const { group, sort } = historyQuerySchema.shape
const text = z.string().max(2000)
const viewSchema = z.object({
  name: z.string().trim().min(1).max(100),
  filter: z.object({
    text,
    task: text,
    model: text,
    status: z.enum([...runStatuses, '']),
    tag: text,
    from: text,
    to: text,
    trashed: z.boolean()
  }),
  sort: z.object({ key: sort.unwrap(), descending: z.boolean() }),
  grouping: z.union([group.unwrap(), z.literal('none')])
})
export interface View {
  name: string
  filter: Filter
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

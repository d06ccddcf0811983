/** What the cost page remembers: the last view, and the views that were given a name. */
import { z } from 'zod'

const rememberedSchema = z.object({
  last: z.string().default(''),
  views: z.array(z.object({ name: z.string(), query: z.string() })).default([])
})
export type RememberedCost = z.infer<typeof rememberedSchema>

export const readRemembered = (stored: unknown): RememberedCost =>
  rememberedSchema.safeParse(stored).data ?? { last: '', views: [] }

/** A view under a name; the one that had the name before is replaced. */
export const withView = (views: RememberedCost['views'], name: string, query: string): RememberedCost['views'] =>
  [...views.filter((view) => view.name !== name), { name, query }].sort((a, b) => a.name.localeCompare(b.name))

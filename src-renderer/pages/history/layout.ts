/** The layout of the history's columns as it is remembered: order, widths, which are hidden. */
import { z } from 'zod'
import { columns, valueColumn } from './columns.ts'

const layoutSchema = z.object({
  order: z.array(z.string()),
  sizes: z.record(z.string(), z.number().min(40).max(2000)),
  hidden: z.array(z.string())
})
export type Layout = z.infer<typeof layoutSchema>

/** What was remembered, made good: unknown columns fall away, new ones come at their own place or the end. */
export function readLayout(remembered: unknown): Layout {
  const usual = columns.map(({ id }) => id as string)
  const parsed = layoutSchema.safeParse(remembered)
  if (!parsed.success)
    return { order: usual, sizes: {}, hidden: columns.flatMap(({ id, extra }) => (extra ? [id] : [])) }
  const order = parsed.data.order.map(named)
  // Columns of metrics and parameters are there for as long as they have a place.
  const known = [...usual, ...order.filter((id) => valueColumn(id))]
  const hidden = parsed.data.hidden.map(named)
  const sizes = Object.fromEntries(Object.entries(parsed.data.sizes).map(([id, size]) => [named(id), size]))
  const kept = [...new Set(order)].filter((id) => known.includes(id))
  return {
    order: [...kept, ...known.filter((id) => !kept.includes(id))],
    sizes: Object.fromEntries(Object.entries(sizes).filter(([id]) => known.includes(id))),
    hidden: [...new Set(hidden)].filter((id) => known.includes(id) && id !== known[0])
  }
}

/** Labels stood in a column `models` before version 0.2. */
const named = (id: string): string => (id === 'models' ? 'labels' : id)

/** The order with a column put before another, or moved by a step. */
export function moved(order: readonly string[], id: string, to: number): string[] {
  const rest = order.filter((other) => other !== id)
  return rest.toSpliced(Math.max(0, Math.min(rest.length, to)), 0, id)
}

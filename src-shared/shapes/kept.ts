/**
 * A figure or a table as it stood when it was put into a report, with the numbers that it showed: of what has no runs
 * behind it (costs, people's recalls), and of views that are composed on their page. It follows no later change.
 */
import { z } from 'zod'

const text = z.string().max(2000)
/** Enough for every figure that is drawn point by point; a page draws fewer. */
const mostPoints = 20_000
const point = z.object({
  x: z.number(),
  y: z.number().nullable(),
  low: z.number().optional(),
  high: z.number().optional(),
  n: z.number().optional()
})
const dash = z.array(z.number()).max(12)
const axis = z.object({
  label: text,
  unit: text.optional(),
  scale: z.enum(['linear', 'log', 'category']),
  categories: z.array(text).max(1000).optional(),
  integer: z.boolean().optional(),
  range: z.tuple([z.number(), z.number()]).optional(),
  within: z.tuple([z.number(), z.number()]).optional()
})

/** A `FigureSpec` without the trials behind its means. */
const figureSchema = z.object({
  title: text,
  x: axis,
  y: axis.extend({ direction: z.enum(['higher', 'lower', 'none']).optional() }),
  series: z
    .array(
      z.object({
        label: text,
        style: z.object({
          colour: z.string().regex(/^#[0-9a-f]{6}$/),
          dash,
          marker: z.enum(['circle', 'square', 'triangle', 'diamond', 'cross', 'plus', 'star'])
        }),
        points: z.array(point).max(mostPoints)
      })
    )
    .max(200),
  references: z
    .array(
      z.object({
        label: text,
        dash,
        y: z.number().optional(),
        x: z.number().optional(),
        points: z
          .array(z.object({ x: z.number(), y: z.number() }))
          .max(mostPoints)
          .optional(),
        colour: z
          .string()
          .regex(/^#[0-9a-f]{6}$/)
          .optional(),
        of: text.optional(),
        tex: text.optional()
      })
    )
    .max(200)
    .optional(),
  scatter: z.boolean().optional(),
  interval: z.enum(['bars', 'band']),
  asymmetric: z.boolean().optional(),
  method: text.optional(),
  damage: text.optional(),
  remarks: z.array(text).max(50).optional()
})

const tableSchema = z
  .object({
    title: text,
    columns: z
      .array(z.object({ head: text, number: z.boolean().optional() }))
      .min(1)
      .max(200),
    rows: z.array(z.array(text)).max(5000),
    note: z.string().max(10_000).default('')
  })
  .refine(({ columns, rows }) => rows.every((row) => row.length === columns.length), {
    message: 'Every row has a cell for every column.'
  })

export const keptSchema = z.union([z.object({ figure: figureSchema }), z.object({ table: tableSchema })])
export type Kept = z.infer<typeof keptSchema>
export type KeptTable = z.infer<typeof tableSchema>

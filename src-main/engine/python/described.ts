/** What the bridge says about the classes of a researcher's file. */
import { z } from 'zod'

const named = { name: z.string(), help: z.string(), unit: z.string() }
const numeric = { default: z.number(), min: z.number(), max: z.number() }

const classSchema = z.object({
  name: z.string(),
  kind: z.enum(['key-value', 'sequence']),
  /** The argument that takes the length of the task's vectors. */
  dimension: z.string().nullable(),
  title: z.string(),
  summary: z.string(),
  equations: z.array(z.string()),
  source: z.string(),
  params: z.array(
    z.discriminatedUnion('type', [
      z.object({ ...named, ...numeric, type: z.literal('integer'), from: z.enum(['dim', 'contextDim']).optional() }),
      z.object({ ...named, ...numeric, type: z.literal('number') }),
      z.object({ ...named, type: z.literal('boolean'), default: z.boolean() }),
      z.object({ ...named, type: z.literal('choice'), options: z.array(z.string()), default: z.string() })
    ])
  ),
  contexts: z.boolean(),
  places: z.boolean(),
  trainable: z.boolean()
})

export const describedSchema = z.object({
  classes: z.array(classSchema),
  refused: z.array(z.object({ name: z.string(), message: z.string() })),
  /** Packages that it imports and this Python lacks. */
  absent: z.array(z.string()),
  /** Files of its own folder that it imports. */
  imports: z.array(z.string())
})

export type PythonClass = z.infer<typeof classSchema>

/** A class of a file, as workers are told of it. */
export interface PythonEntry {
  class: PythonClass
  absent: readonly string[]
  imports: readonly string[]
}

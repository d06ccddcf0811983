/** What a call and an event are, and the words that several nouns share. */
import { z } from 'zod'

export const id = z.string().min(1).max(64)
/** Some things by their ids, each once. */
export const setOf = (most: number) =>
  z
    .array(id)
    .min(1)
    .max(100_000)
    .transform((all) => [...new Set(all)])
    .refine((set) => set.length <= most, `At most ${most} at once; choose fewer`)
/** Of what is changed. */
export const ids = setOf(100_000)
/** Of what is answered with its numbers. */
export const fewIds = setOf(500)
export const label = z.string().trim().min(1).max(200)
export const nothing = z.object({})
export const done = z.null()

export type Calls = Record<string, { input: z.ZodType; output: z.ZodType }>
export type Events = Record<string, z.ZodType>

/** What a call and an event are, and the words that several nouns share. */
import { z } from 'zod'

export const id = z.string().min(1).max(64)
export const ids = z.array(id).min(1).max(100_000)
export const label = z.string().trim().min(1).max(200)
export const nothing = z.object({})
export const done = z.null()

export type Calls = Record<string, { input: z.ZodType; output: z.ZodType }>
export type Events = Record<string, z.ZodType>

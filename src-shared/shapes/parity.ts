/** Whether a model of the studio computes what a researcher's own class does. */
import { z } from 'zod'

export const parityRequestSchema = z.object({
  file: z.string().min(1).max(4000),
  class: z.string().regex(/^[\p{L}_][\p{L}\p{N}_]*$/u, 'must be the name of a class'),
  /** The studio's model. */
  model: z.string().min(1).max(64),
  /** Parameters of either side, by its own names. */
  params: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).default({}),
  seeds: z.int().min(1).max(1000).default(1)
})
export type ParityRequest = z.infer<typeof parityRequestSchema>

export const paritySchema = z.object({
  passed: z.boolean(),
  date: z.string(),
  file: z.string(),
  class: z.string(),
  model: z.string(),
  seeds: z.int(),
  params: z.object({ python: z.record(z.string(), z.unknown()), studio: z.record(z.string(), z.unknown()) }),
  /** What was asked of both, in order, that is answered, with the largest absolute difference over all seeds. */
  steps: z.array(z.object({ step: z.string(), difference: z.number(), within: z.boolean() })),
  /** Weights that one side has and the other does not. */
  onlyPython: z.array(z.string()),
  onlyStudio: z.array(z.string())
})
export type Parity = z.infer<typeof paritySchema>

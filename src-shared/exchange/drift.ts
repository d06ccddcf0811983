/** Two answers for one trial that do not agree: both are kept, and neither is said to be right. */
import { z } from 'zod'
import { pointSchema, trialStatus } from '../shapes/run.ts'

const answerSchema = z.object({
  status: trialStatus,
  metrics: z.record(z.string(), z.number()),
  backend: z.string()
})

export const driftSchema = z.object({
  label: z.string(),
  point: pointSchema,
  seed: z.int(),
  time: z.string(),
  /** The answer that came first, which the run's results hold. */
  stored: answerSchema,
  /** The one that came later. */
  other: answerSchema,
  /** What differs most. */
  worst: z.object({ metric: z.string(), before: z.number().nullable(), after: z.number().nullable() }).nullable()
})
export type Drift = z.infer<typeof driftSchema>

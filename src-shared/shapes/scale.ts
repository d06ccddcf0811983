/** Scales of measurement. */
import { z } from 'zod'

/**
 * What is known of a metric's values beside themselves, which says how an interval of their mean is made: shares of so
 * many questions, numbers that are never below zero, numbers within bounds, or steps up to a limit, where `never` was given to
 * who did not get there.
 */
export const metricScaleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('share'), of: z.number() }),
  z.object({ kind: z.literal('positive') }),
  z.object({ kind: z.literal('bounded'), low: z.number(), high: z.number() }),
  z.object({ kind: z.literal('limit'), limit: z.number(), never: z.number() })
])
export type MetricScale = z.infer<typeof metricScaleSchema>

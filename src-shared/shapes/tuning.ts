/** What tuning tried and found, as every side reads it. */
import { z } from 'zod'
import { pointSchema, trialStatus } from './run.ts'

/** One trial of a tuning cell: only what chooses among them is kept. */
export const tuningTrialSchema = z.object({
  /** Index of its tuning cell. */
  cell: z.int().min(0),
  seed: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'A trial’s hash is 64 hexadecimal digits'),
  status: trialStatus,
  /** Of the metric that is tuned by; null where the trial has none. */
  value: z.number().nullable(),
  elapsedMs: z.number().min(0),
  backend: z.string().max(100)
})
export type TuningTrial = z.infer<typeof tuningTrialSchema>

/** A point that a model tried for a place of the sweep. */
export const tuningRowSchema = z.object({
  label: z.string(),
  model: z.string(),
  /** The place of the sweep. */
  point: pointSchema,
  /** What was tried there. */
  values: pointSchema,
  /** Over the trials that are done; null without one. */
  mean: z.number().nullable(),
  n: z.int(),
  diverged: z.int(),
  failed: z.int(),
  missing: z.int(),
  chosen: z.boolean(),
  /** Parameters of which the chosen value is the smallest or largest that was tried. */
  edges: z.array(z.string())
})
export type TuningRow = z.infer<typeof tuningRowSchema>

export const tuningTableSchema = z.object({
  metric: z.string(),
  seeds: z.array(z.int()),
  /** Training steps while tuning, where they were fewer or more than the report's. */
  steps: z.int().nullable(),
  rows: z.array(tuningRowSchema)
})
export type TuningTable = z.infer<typeof tuningTableSchema>

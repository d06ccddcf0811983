/** Costs measured on this machine. */
import { z } from 'zod'
import { measurementSchema, measureRequestSchema } from '../cost/measurement.ts'
import { done, id, nothing, type Calls, type Events } from './call.ts'

export const measurementCalls = {
  /** Time real blocks on this machine, in the background; `measurement.changed` tells every step. */
  'measurements.start': { input: measureRequestSchema, output: z.object({ id }) },
  'measurements.cancel': { input: z.object({ id }), output: done },
  'measurements.list': { input: nothing, output: z.array(measurementSchema) },
  'measurements.trash': { input: z.object({ id, trashed: z.boolean() }), output: done }
} as const satisfies Calls

export const measurementEvents = {
  'measurement.changed': measurementSchema
} as const satisfies Events

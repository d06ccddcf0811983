/** Files of runs and reports: made apart from the answering of calls, then read in parts. */
import { z } from 'zod'
import { exportFormats, reportFormats } from '../shapes/exported-file.ts'
import { done, id, setOf, type Calls, type Events } from './call.ts'

export const exportCalls = {
  /** Begin one. Its end is asked for, or it is cancelled by dropping it. */
  'exports.start': {
    input: z.union([
      z.strictObject({ ids: setOf(1000), format: z.enum(exportFormats) }),
      z.strictObject({ report: id, format: z.enum(reportFormats) })
    ]),
    output: z.object({ id })
  },
  /** Answers when the file is whole, or with what ended it. */
  'exports.end': {
    input: z.object({ id }),
    output: z.object({ name: z.string(), mime: z.string(), bytes: z.int() })
  },
  /** At most 4 MiB from an offset on, in base64; empty behind the end. */
  'exports.read': { input: z.object({ id, offset: z.int().min(0) }), output: z.object({ content: z.string() }) },
  /** Cancel one that is being made, or remove the file of one that was read. */
  'exports.drop': { input: z.object({ id }), output: done }
} as const satisfies Calls

export const exportEvents = {
  /** Rows of a table that are written so far. */
  'export.progress': z.object({ id, rows: z.int() })
} as const satisfies Events

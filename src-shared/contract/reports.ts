/** Reports that a researcher composes. */
import { z } from 'zod'
import { reportRowSchema, reportSchema } from '../shapes/report.ts'
import { fileSchema, reportFormats } from '../shapes/exported-file.ts'
import { done, id, type Calls } from './call.ts'

export const reportCalls = {
  'reports.list': { input: z.object({ trashed: z.boolean().default(false) }), output: z.array(reportRowSchema) },
  'reports.get': { input: z.object({ id }), output: reportSchema },
  /** Make a report, or put it in place of the one with its id. */
  'reports.save': { input: z.object({ report: reportSchema }), output: done },
  'reports.trash': { input: z.object({ id, trashed: z.boolean() }), output: done },
  'reports.export': {
    input: z.object({ id, format: z.enum(reportFormats) }),
    output: fileSchema
  }
} as const satisfies Calls

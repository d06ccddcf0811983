/** Reports that a researcher composes. */
import { z } from 'zod'
import { reportRowSchema, reportSchema } from '../shapes/report.ts'
import { deepestText, nestsDeep } from '../shapes/nesting.ts'
import { done, id, type Calls } from './call.ts'

const shallowReport = reportSchema.refine(
  ({ blocks }) => !blocks.some((block) => block.kind === 'text' && nestsDeep(block.markdown)),
  `Quotes and lists of a text may be nested at most ${deepestText} deep`
)

export const reportCalls = {
  'reports.list': { input: z.object({ trashed: z.boolean().default(false) }), output: z.array(reportRowSchema) },
  'reports.get': { input: z.object({ id }), output: reportSchema },
  /** Make a report, or put it in place of the one with its id. */
  'reports.save': { input: z.object({ report: shallowReport }), output: done },
  'reports.trash': { input: z.object({ id, trashed: z.boolean() }), output: done }
} as const satisfies Calls

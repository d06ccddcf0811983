/** A file that the studio made and the user saves. */
import { z } from 'zod'

export const fileSchema = z.object({ name: z.string(), mime: z.string(), content: z.string() })
export type ExportedFile = z.infer<typeof fileSchema>

/** What runs can be exported as. */
export const runFormatSchema = z.enum([
  'html',
  'csv-long',
  'csv-wide',
  'csv-pivot',
  'latex',
  'json',
  'manifest',
  'experiment'
])
export type RunFormat = z.infer<typeof runFormatSchema>

/** What a composed report can be exported as. */
export const reportFormatSchema = z.enum(['html', 'latex', 'csv', 'json'])
export type ReportFormat = z.infer<typeof reportFormatSchema>

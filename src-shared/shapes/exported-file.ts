/** A file that the studio made and the user saves. */
import { z } from 'zod'

export const fileSchema = z.object({ name: z.string(), mime: z.string(), content: z.string() })
export type ExportedFile = z.infer<typeof fileSchema>

/** What runs are written as. */
export const exportFormats = [
  'html',
  'csv-long',
  'csv-wide',
  'csv-pivot',
  'latex',
  'json',
  'manifest',
  'experiment'
] as const
export type ExportFormat = (typeof exportFormats)[number]

/** What a composed report is written as. */
export const reportFormats = ['html', 'latex', 'csv', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

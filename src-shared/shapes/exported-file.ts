/** A file that the studio made and the user saves. */
import { z } from 'zod'

export const fileSchema = z.object({ name: z.string(), mime: z.string(), content: z.string() })
export type ExportedFile = z.infer<typeof fileSchema>

/** What runs are written as when all of it is made at once. */
export const documentFormats = ['html', 'csv-pivot', 'latex', 'json', 'manifest', 'experiment'] as const
export type DocumentFormat = (typeof documentFormats)[number]

/** What runs are written as row by row, whatever their number. */
export const tableFormats = ['csv-long', 'csv-wide', 'parquet'] as const
export type TableFormat = (typeof tableFormats)[number]

/** What runs are written as. */
export const exportFormats = [...documentFormats, ...tableFormats] as const
export type ExportFormat = (typeof exportFormats)[number]

export const isTableFormat = (format: ExportFormat): format is TableFormat =>
  (tableFormats as readonly ExportFormat[]).includes(format)

/** What a composed report is written as. */
export const reportFormats = ['html', 'latex', 'csv', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** What an export's thread is told and tells. */
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { ExportFormat, ReportFormat } from '../../../src-shared/shapes/exported-file.ts'

export type ExportRequest =
  | { ids: readonly string[]; format: ExportFormat }
  /** A composed report, by its id. */
  | { report: string; format: ReportFormat }

export interface ExportTask {
  request: ExportRequest
  dataFolder: string
  catalog: Catalog
  version: string
  /** The file to make. */
  target: string
}

export interface Written {
  name: string
  mime: string
  bytes: number
}

export type FromExport = { rows: number } | { written: Written } | { error: ErrorData }

/** What a document of too many trials is refused with. */
export const tooLarge: ErrorData = {
  code: 'too-large',
  message:
    'These runs are too large for this format. Export them as CSV or Parquet, which take runs of any size, or fewer.'
}

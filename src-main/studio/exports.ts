/** Runs and reports as files, with everything that their writers need of the store. */
import { taskIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import type { ExportedFile, ExportFormat, ReportFormat } from '../../src-shared/shapes/exported-file.ts'
import { withReferences } from '../../src-shared/exchange/reference.ts'
import type { ReportData } from '../../src-shared/documents/report-data.ts'
import { exportReport } from '../../src-shared/documents/report-files.ts'
import { exportRuns } from '../../src-shared/documents/run-files.ts'
import { runsOf, type Report } from '../../src-shared/shapes/report.ts'
import { scaledResults } from './results.ts'
import { tuningOf } from './tuning.ts'
import type { StoreReader } from '../store/store.ts'

export interface ExportSource {
  store: StoreReader
  catalog: Catalog
  version: string
}

export function exported(format: ExportFormat, ids: readonly string[], source: ExportSource): ExportedFile {
  return exportRuns(format, dataOf(ids, source))
}

/** A report without the runs that are no longer here: it says so where they stood. */
export function exportedReport(format: ReportFormat, report: Report, source: ExportSource): ExportedFile {
  const there = runsOf(report.blocks).filter((id) => source.store.hasRun(id))
  return exportReport(format, report, dataOf(there, source))
}

/** @throws StudioError not-found */
function dataOf(ids: readonly string[], { store, catalog: known, version }: ExportSource): ReportData {
  const records = ids.map((id) => store.record(id))
  const catalog = withReferences(known, records)
  return {
    runs: records.map((record) => {
      const run = store.run(record.id)
      const named = taskIn(catalog, run.task)?.series ?? []
      return {
        run,
        trials: store.trials(run.id, undefined, 0, Number.MAX_SAFE_INTEGER).rows,
        series: named.flatMap(({ name }) => store.series(run.id, name)),
        predictions: store.predictions(run.id),
        tuning: tuningOf(run.id, store),
        record
      }
    }),
    cells: ids.flatMap((id) => scaledResults(id, store, catalog)),
    catalog,
    version,
    created: new Date().toISOString()
  }
}

/** A thread that writes one export, beside the one that answers calls: it reads the store on a connection of its own. */
import { closeSync, fsyncSync, openSync, statSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { exportReport } from '../../../src-shared/documents/report-files.ts'
import { exportRuns, namedAfter } from '../../../src-shared/documents/run-files.ts'
import { longTable, wideTable } from '../../../src-shared/documents/trial-tables.ts'
import { StudioError, toErrorData } from '../../../src-shared/shapes/errors.ts'
import { isTableFormat, type ExportedFile, type TableFormat } from '../../../src-shared/shapes/exported-file.ts'
import { runsOf } from '../../../src-shared/shapes/report.ts'
import { openStore } from '../../store/open.ts'
import { reportData, tableRuns, type ExportSource } from './report-data.ts'
import { tooLarge, type ExportTask, type FromExport, type Written } from './task.ts'
import { writeCsv, writeParquet } from './write-table.ts'

const say = (message: FromExport): void => parentPort?.postMessage(message)

const endings: Record<TableFormat, { ending: string; mime: string }> = {
  'csv-long': { ending: 'csv', mime: 'text/csv' },
  'csv-wide': { ending: 'trials.csv', mime: 'text/csv' },
  parquet: { ending: 'parquet', mime: 'application/vnd.apache.parquet' }
}

function writeTable(format: TableFormat, ids: readonly string[], source: ExportSource, target: string): Written {
  const runs = tableRuns(ids, source)
  if (runs.length === 0) throw new StudioError('bad-input', 'Choose at least one run to export.', { field: 'ids' })
  const { ending, mime } = endings[format]
  const table = format === 'csv-wide' ? wideTable(runs) : longTable(runs, source.catalog)
  const file = openSync(target, 'wx', 0o600)
  try {
    const write = format === 'parquet' ? writeParquet : writeCsv
    write(file, table, (rows) => say({ rows }))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return { name: `${namedAfter(runs.map(({ run }) => run))}.${ending}`, mime, bytes: statSync(target).size }
}

function writeDocument({ name, mime, content }: ExportedFile, target: string): Written {
  writeFileSync(target, content, { flag: 'wx', mode: 0o600, flush: true })
  return { name, mime, bytes: statSync(target).size }
}

function made({ request, dataFolder, catalog, version, target }: ExportTask): Written {
  const store = openStore({ folder: dataFolder, readOnly: true })
  try {
    const source: ExportSource = { store: store.read, catalog, version }
    if ('report' in request) {
      const report = store.read.report(request.report)
      // A report without the runs that are no longer here: it says so where they stood.
      const there = runsOf(report.blocks).filter((id) => store.read.hasRun(id))
      return writeDocument(exportReport(request.format, report, reportData(there, source)), target)
    }
    const { ids, format } = request
    if (isTableFormat(format)) return writeTable(format, ids, source, target)
    return writeDocument(exportRuns(format, reportData(ids, source)), target)
  } finally {
    store.close()
  }
}

try {
  say({ written: made(workerData as ExportTask) })
} catch (error) {
  // A text longer than the engine's strings may be.
  const long = error instanceof RangeError && error.message.includes('string length')
  say({ error: long ? tooLarge : toErrorData(error) })
}

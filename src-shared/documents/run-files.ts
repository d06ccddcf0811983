/**
 * Runs as files: their report, which is one of default blocks, its tables, every trial as a table or as JSON, a manifest,
 * or the experiment alone.
 */
import type { ExportedFile, ExportFormat } from '../shapes/exported-file.ts'
import { StudioError } from '../shapes/errors.ts'
import { slugOf } from '../text/file-name.ts'
import { defaultBlocks } from './default-blocks.ts'
import { manifest } from './manifest.ts'
import { resultsData, type ReportData } from './report-data.ts'
import { htmlOf, latexOf, tablesOf, type Titled } from './report-files.ts'
import { longCsv, wideCsv } from './trial-tables.ts'

/** @throws StudioError bad-input when there is nothing to export, or several runs where one experiment is asked for */
export function exportRuns(format: ExportFormat, data: ReportData): ExportedFile {
  const { runs } = data
  if (runs.length === 0) throw new StudioError('bad-input', 'Choose at least one run to export.', { field: 'ids' })
  const [{ run: first }] = runs
  const name = `${slugOf(first.name) || 'run'}${runs.length > 1 ? `-and-${runs.length - 1}-more` : ''}`
  const file = (ending: string, mime: string, content: string): ExportedFile => ({
    name: `${name}.${ending}`,
    mime,
    content
  })
  const report = (): Titled => ({
    title: runs.length === 1 ? first.name : `${runs.length} runs compared`,
    name,
    blocks: defaultBlocks(data)
  })
  switch (format) {
    case 'html':
      return file('html', 'text/html', htmlOf(report(), data))
    case 'csv-long':
      return file('csv', 'text/csv', longCsv(runs, data.catalog))
    case 'csv-wide':
      return file('trials.csv', 'text/csv', wideCsv(runs))
    case 'csv-pivot':
      return file('table.csv', 'text/csv', tablesOf(report(), data))
    case 'latex':
      return file('tex', 'application/x-tex', latexOf(report(), data))
    case 'json':
      return file('results.json', 'application/json', JSON.stringify(resultsData(data)))
    case 'manifest':
      return file('manifest.json', 'application/json', JSON.stringify(manifest(data), null, 2) + '\n')
    case 'experiment':
      if (runs.length > 1)
        throw new StudioError('bad-input', 'An experiment file holds one experiment; choose one run.', { field: 'ids' })
      return file('json', 'application/json', JSON.stringify(first.experiment, null, 2) + '\n')
  }
}

/** Runs as files: a report to read, tables to compute with, everything as JSON, or the experiment alone. */
import type { ExportedFile, Run } from '../contract.ts'
import { StudioError } from '../errors.ts'
import { htmlReport, resultsData, type ReportInput } from './html-report.ts'
import { longCsv, wideCsv } from './tables.ts'

export type ExportFormat = 'html' | 'csv-long' | 'csv-wide' | 'json' | 'experiment'

/** @throws StudioError bad-input when there is nothing to export, or several runs where one experiment is asked for */
export function exportRuns(format: ExportFormat, input: ReportInput): ExportedFile {
  const { runs, catalog } = input
  if (runs.length === 0) throw new StudioError('bad-input', 'Choose at least one run to export.', { field: 'ids' })
  const name = fileName(runs.map((r) => r.run))
  switch (format) {
    case 'html':
      return {
        name: `${name}.html`,
        mime: 'text/html',
        content: htmlReport(input)
      }
    case 'csv-long':
      return { name: `${name}.csv`, mime: 'text/csv', content: longCsv(runs, catalog) }
    case 'csv-wide':
      return { name: `${name}.trials.csv`, mime: 'text/csv', content: wideCsv(runs) }
    case 'json':
      return {
        name: `${name}.results.json`,
        mime: 'application/json',
        content: JSON.stringify(resultsData(input))
      }
    case 'experiment':
      if (runs.length > 1)
        throw new StudioError('bad-input', 'An experiment file holds one experiment; choose one run.', { field: 'ids' })
      return {
        name: `${name}.json`,
        mime: 'application/json',
        content: JSON.stringify(runs[0].run.experiment, null, 2) + '\n'
      }
  }
}

/** A file name from the runs' names: letters, digits and dashes only, so that no name becomes a path. */
export function fileName(runs: readonly Pick<Run, 'name'>[]): string {
  const slug = runs[0].name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 60)
  return `${slug || 'run'}${runs.length > 1 ? `-and-${runs.length - 1}-more` : ''}`
}

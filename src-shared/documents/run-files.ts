/**
 * Runs as files that are made at once: their report, which is one of default blocks, its tables, everything as JSON, a
 * manifest, or the experiment alone.
 */
import type { DocumentFormat, ExportedFile } from '../shapes/exported-file.ts'
import { StudioError } from '../shapes/errors.ts'
import type { Run } from '../shapes/run.ts'
import { slugOf } from '../text/file-name.ts'
import { defaultBlocks } from './default-blocks.ts'
import { manifest } from './manifest.ts'
import { resultsData, type ReportData } from './report-data.ts'
import { htmlOf, latexOf, tablesOf, type Titled } from './report-files.ts'

/** What the file of these runs is called, up to its ending: letters, digits and dashes, so that no name becomes a path. */
export const namedAfter = ([first, ...rest]: readonly Pick<Run, 'name'>[]): string =>
  `${slugOf(first.name) || 'run'}${rest.length > 0 ? `-and-${rest.length}-more` : ''}`

/** @throws StudioError bad-input when there is nothing to export, or several runs where one experiment is asked for */
export function exportRuns(format: DocumentFormat, data: ReportData): ExportedFile {
  const { runs } = data
  if (runs.length === 0) throw new StudioError('bad-input', 'Choose at least one run to export.', { field: 'ids' })
  const [{ run: first }] = runs
  const name = namedAfter(runs.map(({ run }) => run))
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

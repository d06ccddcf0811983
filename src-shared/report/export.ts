/** Runs as files: a report to read, tables to compute with and to print, everything as JSON, or the experiment alone. */
import type { ExportedFile, Run } from '../contract.ts'
import { StudioError } from '../errors.ts'
import { htmlReport, placesOf, reportNaming, resultsData, type ReportInput } from './html-report.ts'
import { escapeLatex, latexParagraphs, latexPivot } from './latex.ts'
import { manifest } from './manifest.ts'
import { methodsText } from './methods.ts'
import { pivotCsv, pivotTable, type PivotTable } from './pivot.ts'
import { sweptAxes } from './results.ts'
import { longCsv, wideCsv } from './tables.ts'

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

/** @throws StudioError bad-input when there is nothing to export, or several runs where one experiment is asked for */
export function exportRuns(format: ExportFormat, input: ReportInput): ExportedFile {
  const { runs, catalog } = input
  if (runs.length === 0) throw new StudioError('bad-input', 'Choose at least one run to export.', { field: 'ids' })
  const name = fileName(runs.map((r) => r.run))
  const file = (ending: string, mime: string, content: string): ExportedFile => ({
    name: `${name}.${ending}`,
    mime,
    content
  })
  switch (format) {
    case 'html':
      return file('html', 'text/html', htmlReport(input))
    case 'csv-long':
      return file('csv', 'text/csv', longCsv(runs, catalog))
    case 'csv-wide':
      return file('trials.csv', 'text/csv', wideCsv(runs))
    case 'csv-pivot':
      return file('table.csv', 'text/csv', pivotCsv(paperTables(input).map(({ table }) => table)))
    case 'latex':
      return file('tex', 'application/x-tex', latexExport(input, name))
    case 'json':
      return file('results.json', 'application/json', JSON.stringify(resultsData(input)))
    case 'manifest':
      return file('manifest.json', 'application/json', JSON.stringify(manifest(input), null, 2) + '\n')
    case 'experiment':
      if (runs.length > 1)
        throw new StudioError('bad-input', 'An experiment file holds one experiment; choose one run.', { field: 'ids' })
      return file('json', 'application/json', JSON.stringify(runs[0].run.experiment, null, 2) + '\n')
  }
}

/** The tables of every task of the runs: one per metric and place of the axes that do not stand in its columns. */
function paperTables(input: ReportInput): { task: string; table: PivotTable }[] {
  const { runs, catalog, cells } = input
  const { labelOf } = reportNaming(input)
  return [...new Set(runs.map(({ run }) => run.task))].flatMap((id) => {
    const ids = new Set(runs.filter(({ run }) => run.task === id).map(({ run }) => run.id))
    const own = cells.filter(({ runId }) => ids.has(runId))
    const axes = sweptAxes(own)
    const axis = axes.find((a) => a.numeric && a.values.length > 1) ?? axes.find((a) => a.values.length > 1)
    const places = placesOf(
      own,
      axes.filter((a) => a !== axis)
    )
    const metrics = catalog.tasks.find((task) => task.id === id)?.metrics ?? []
    return metrics.flatMap((metric) =>
      places.map((at) => ({ task: id, table: pivotTable(own, { metric, axis, at, labelOf }) }))
    )
  })
}

function latexExport(input: ReportInput, name: string): string {
  const tables = paperTables(input).map(({ task, table }, i) =>
    latexPivot(table, `tab:${name}:${task}:${table.metric.name}${i ? `:${i}` : ''}`)
  )
  const runs = input.runs.map(({ run }) => `% run ${run.id}: ${escapeLatex(run.name)}`)
  return [
    `% Engram Studio ${input.version}, ${input.created}`,
    ...runs,
    '',
    ...tables,
    '% Methods',
    latexParagraphs(methodsText(input))
  ].join('\n')
}

/** A file name from the runs' names: letters, digits and dashes only, so that no name becomes a path. */
export function fileName(runs: readonly Pick<Run, 'name'>[]): string {
  const slug = slugOf(runs[0].name)
  return `${slug || 'run'}${runs.length > 1 ? `-and-${runs.length - 1}-more` : ''}`
}

export const slugOf = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 60)

/** Runs as files: a report to read, tables to compute with and to print, everything as JSON, or the experiment alone. */
import type { ExportedFile, ExportFormat } from '../shapes/exported-file.ts'
import type { Run } from '../shapes/run.ts'
import { StudioError } from '../shapes/errors.ts'
import { htmlReport, resultsData } from './html-report.ts'
import { escapeLatex, latexParagraphs, latexPivot } from '../text/latex.ts'
import { manifest } from './manifest.ts'
import { methodsText } from './methods.ts'
import { latexFigure, latexPackages } from '../figures/pgfplots.ts'
import { pivotCsv, pivotTable, type PivotTable } from './pivot.ts'
import { longCsv, wideCsv } from './tables.ts'
import {
  metricFigures,
  resultsByTask,
  seriesFigures,
  type ReportInput,
  type TaskResults
} from '../figures/task-results.ts'

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
      return file('table.csv', 'text/csv', pivotCsv(resultsByTask(input).flatMap(tablesOf)))
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

/** A table per metric and place of the axes that do not stand in its columns. */
const tablesOf = ({ metrics, places, cells, axis, names }: TaskResults): PivotTable[] =>
  metrics.flatMap((metric) =>
    places.map((at) => pivotTable(cells, { metric, axis, at, labelOf: (cell) => names.labelOf(cell) }))
  )

function latexExport(input: ReportInput, name: string): string {
  const runs = input.runs.map(({ run }) => `% run ${run.id}: ${escapeLatex(run.name)}`)
  const parts = resultsByTask(input).map((results) => {
    const tables = tablesOf(results).map((table, i) =>
      latexPivot(table, `tab:${name}:${results.id}:${table.metric.name}${i ? `:${i}` : ''}`)
    )
    const figures = [
      ...results.metrics.flatMap((metric) => metricFigures(results, metric)),
      ...(results.task?.series ?? []).flatMap((info) => seriesFigures(results, info))
    ].map((spec, i) => latexFigure(spec, `fig:${name}:${results.id}:${i + 1}`))
    return [...tables, ...figures]
  })
  return [
    `% Engram Studio ${input.version}, ${input.created}`,
    ...runs,
    latexPackages,
    '',
    ...parts.flat(),
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

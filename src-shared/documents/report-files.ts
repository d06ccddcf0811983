/** A report as a file: HTML to read, LaTeX to print, its tables as CSV, and JSON to compute with. */
import type { ExportedFile, ReportFormat } from '../shapes/exported-file.ts'
import type { Block, Report } from '../shapes/report.ts'
import { latexPackages } from '../figures/pgfplots.ts'
import { csvTable } from '../text/csv.ts'
import { slugOf } from '../text/file-name.ts'
import { latexComment } from '../text/latex.ts'
import { markup } from '../text/markup.ts'
import { reportPage } from './html-page.ts'
import { pivotCsv } from './pivot.ts'
import { resultsData, type ReportData } from './report-data.ts'
import { partMarkup } from './report-html.ts'
import { partLatex } from './report-latex.ts'
import { resolveBlock } from './resolve-blocks.ts'

/** A report with the data it shows. */
export function exportReport(format: ReportFormat, report: Report, data: ReportData): ExportedFile {
  const name = slugOf(report.title) || 'report'
  const file = { title: report.title, name, blocks: report.blocks }
  switch (format) {
    case 'html':
      return { name: `${name}.html`, mime: 'text/html', content: htmlOf(file, data) }
    case 'latex':
      return { name: `${name}.tex`, mime: 'application/x-tex', content: latexOf(file, data) }
    case 'csv':
      return { name: `${name}.csv`, mime: 'text/csv', content: tablesOf(file, data) }
    case 'json':
      return {
        name: `${name}.results.json`,
        mime: 'application/json',
        content: JSON.stringify({ ...resultsData(data), report })
      }
  }
}

export interface Titled {
  title: string
  /** Of its labels in LaTeX. */
  name: string
  blocks: readonly Block[]
}

export function htmlOf({ title, blocks }: Titled, data: ReportData): string {
  const body = markup`${blocks.map((block) => partMarkup(resolveBlock(block, data), data.catalog))}`
  return reportPage({ title, version: data.version, created: data.created, body, data: resultsData(data) })
}

export const latexOf = ({ title, name, blocks }: Titled, data: ReportData): string =>
  [
    latexComment(`Engram Studio ${data.version}, ${data.created}`),
    latexPackages,
    latexComment(title),
    '',
    ...blocks.map((block, i) => partLatex(resolveBlock(block, data), `${name}-${i + 1}`))
  ].join('\n')

export function tablesOf({ blocks }: Titled, data: ReportData): string {
  const parts = blocks.flatMap((block) =>
    block.kind === 'table' || block.kind === 'tuning' || block.kind === 'kept' ? resolveBlock(block, data) : []
  )
  const tuned = parts.flatMap((part) => (part.kind === 'tuning' ? part.runs : []))
  return [
    pivotCsv(parts.flatMap((part) => (part.kind === 'table' ? [part.table] : []))),
    ...tuned.map(({ name, table: { columns, rows } }) =>
      csvTable(
        ['Tuning', ...columns.map(({ head }) => head)],
        rows.map(({ cells }) => [name, ...cells])
      )
    ),
    ...parts.flatMap((part) =>
      part.kind === 'kept' && 'table' in part
        ? csvTable(
            ['Table', ...part.table.columns.map(({ head }) => head)],
            part.table.rows.map((row) => [part.table.title, ...row])
          )
        : []
    )
  ].join('\n')
}

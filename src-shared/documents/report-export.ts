/** A composed report as a file: HTML to read, LaTeX to print, CSV and JSON to compute with. */
import type { ExportedFile } from '../shapes/exported-file.ts'
import { predictionLines, resolveBlock, type BlockData, type Resolved } from './blocks.ts'
import { slugOf } from './export.ts'
import { checklistMarkup, derivedMarkup, figureMarkup, pivotMarkup, rangeText, runMarkup } from './html-parts.ts'
import { resultsData } from './html-report.ts'
import { escapeLatex, latexParagraphs, latexPivot, latexTable } from '../text/latex.ts'
import { markdownLatex, markdownMarkup } from './markdown.ts'
import { markup, type Markup } from '../text/markup.ts'
import { reportPage } from './page.ts'
import { latexFigure, latexPackages } from '../figures/pgfplots.ts'
import { pivotCsv } from './pivot.ts'
import { noPredictions, predictionsMarkup } from './predictions-part.ts'
import type { Report } from './report.ts'
import type { ReportInput } from '../figures/task-results.ts'
import { crossingText } from '../findings/crossing.ts'

export type ReportFormat = 'html' | 'latex' | 'csv' | 'json'
export interface ReportData extends Omit<ReportInput, 'runs'> {
  runs: readonly (ReportInput['runs'][number] & BlockData['runs'][number])[]
}

/** A report with the data it shows. */
export function exportReport(format: ReportFormat, report: Report, data: ReportData): ExportedFile {
  const name = slugOf(report.title) || 'report'
  const parts = report.blocks.map((block) => resolveBlock(block, data))
  const { version, created } = data
  switch (format) {
    case 'html': {
      const body = markup`${parts.map((part) => partMarkup(part, data))}`
      const page = { title: report.title, version, created, body, data: resultsData(data) }
      return { name: `${name}.html`, mime: 'text/html', content: reportPage(page) }
    }
    case 'latex': {
      const head = [`% Engram Studio ${version}, ${created}`, latexPackages, `% ${escapeLatex(report.title)}`]
      const body = parts.map((part, i) => partLatex(part, `${name}-${i + 1}`))
      return { name: `${name}.tex`, mime: 'application/x-tex', content: [...head, '', ...body].join('\n') }
    }
    case 'csv': {
      const tables = parts.flatMap((part) => (part.kind === 'table' ? [part.table] : []))
      return { name: `${name}.csv`, mime: 'text/csv', content: pivotCsv(tables) }
    }
    case 'json':
      return {
        name: `${name}.results.json`,
        mime: 'application/json',
        content: JSON.stringify({ ...resultsData(data), report })
      }
  }
}

function partMarkup(part: Resolved, { catalog }: ReportData): Markup {
  switch (part.kind) {
    case 'text':
      return markup`<section class="text">${markdownMarkup(part.nodes)}</section>`
    case 'figure':
      return figureMarkup(part.spec, part.caption)
    case 'table':
      return pivotMarkup(part.table, part.caption)
    case 'derived':
      return markup`${part.parts.map(({ info, rows }) => {
        const labels = new Map(rows.map(({ row, label }) => [row, label]))
        return derivedMarkup(info, [...labels.keys()], part.cells, (row) => labels.get(row) ?? row.label)
      })}${part.caption && markup`<p class="meta">${part.caption}</p>`}`
    case 'predictions':
      return markup`<section><h2>Predictions</h2>${part.runs.map(
        ({ name, predictions }) => markup`<h3>${name}</h3>${predictionsMarkup(predictions)}`
      )}${part.runs.length === 0 && markup`<p>${noPredictions}</p>`}</section>`
    case 'notes':
      return markup`<section class="text"><h2>Notes</h2>${part.runs.map(
        ({ name, nodes }) => markup`<h3>${name}</h3>${markdownMarkup(nodes)}`
      )}</section>`
    case 'methods':
      return markup`<section><h2>Methods</h2>${part.paragraphs.map((text) => markup`<p>${text}</p>`)}</section>`
    case 'checklist':
      return markup`<section><h2>Reproducibility checklist</h2>${checklistMarkup(part.items)}</section>`
    case 'runs':
      return markup`<section><h2>Runs</h2>${part.runs.map((run) => runMarkup(run, catalog))}</section>`
    case 'missing':
      return markup`<p class="note">${part.reason}</p>`
  }
}

function partLatex(part: Resolved, label: string): string {
  switch (part.kind) {
    case 'text':
      return markdownLatex(part.nodes)
    case 'figure':
      return latexFigure(part.spec, `fig:${label}`, part.caption)
    case 'table':
      return latexPivot(part.table, `tab:${label}`, part.caption)
    case 'derived':
      return part.parts
        .map(({ info, rows }, i) =>
          latexTable({
            caption:
              `${part.caption} ${info.label}: where the mean of ${info.metric} falls through ${info.threshold}. ${rows[0].row.method}.`.trim(),
            label: `tab:${label}-${i + 1}`,
            columns: [
              { head: 'Model' },
              { head: info.label, number: true },
              { head: '95 % interval', number: true },
              { head: 'n', number: true }
            ],
            rows: rows.map(({ label, row }) => [
              [label, ...Object.entries(row.point).map(([name, value]) => `${name} = ${value}`)].join(', '),
              crossingText(row.value),
              rangeText(row),
              String(row.n)
            ])
          })
        )
        .join('\n')
    case 'predictions':
      if (part.runs.length === 0) return `\\section{Predictions}\n\n${noPredictions}\n`
      return `\\section{Predictions}\n\n${part.runs.map(({ predictions }) => latexParagraphs(predictionLines(predictions))).join('\n')}`
    case 'notes':
      return `\\section{Notes}\n\n${part.runs.map(({ name, nodes }) => `\\subsection{${escapeLatex(name)}}\n\n${markdownLatex(nodes)}`).join('\n')}`
    case 'methods':
      return `\\section{Methods}\n\n${latexParagraphs(part.paragraphs)}`
    case 'checklist':
      return `\\section{Reproducibility checklist}\n\n\\begin{itemize}\n${part.items
        .map(
          ({ item, venues, answer }) =>
            `  \\item{} \\textbf{${escapeLatex(item)}} (${venues.join(', ')}): ${answer === null ? '\\emph{open}' : escapeLatex(answer)}`
        )
        .join('\n')}\n\\end{itemize}\n`
    case 'runs':
      return part.runs
        .map((run) => `% run ${run.id}: ${escapeLatex(run.name)}, experiment ${run.provenance.experimentHash}`)
        .join('\n')
    case 'missing':
      return `% ${escapeLatex(part.reason)}`
  }
}

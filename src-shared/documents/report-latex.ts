/** The blocks of a report as LaTeX, tables with the rules of booktabs. */
import { sizeOf } from '../findings/results.ts'
import { crossingText } from '../findings/crossing.ts'
import { titled } from '../figures/axes.ts'
import { rankDiagramLatex } from '../figures/critical-difference.ts'
import { latexFigure } from '../figures/pgfplots.ts'
import { escapeLatex, latexComment, latexNumber, latexParagraphs, latexTable, type Latex } from '../text/latex.ts'
import { countNote, intervalText } from '../text/interval-text.ts'
import { markdownLatex } from './markdown.ts'
import { answerLines } from './answers.ts'
import { captionOf, lostOf, testMethod, type PivotCell, type PivotTable } from './pivot.ts'
import { noteOf, rangeText, unfinishedText } from './parts-text.ts'
import { noPredictions, predictionLines } from './predictions.ts'
import { noTuning } from './tuning.ts'
import type { Resolved } from './resolve-blocks.ts'

/** @param label of `\label`, after `fig:` or `tab:` */
export function partLatex(part: Resolved, label: string): string {
  switch (part.kind) {
    case 'text':
      return markdownLatex(part.nodes)
    case 'task':
      return part.tasks
        .map(({ title, info, unfinished }) =>
          [
            `\\section{${escapeLatex(title)}}\n`,
            latexParagraphs([info?.summary ?? '', unfinishedText(unfinished)].filter(Boolean)),
            ...(info?.protocol.length
              ? [
                  `\\begin{enumerate}\n${info.protocol.map((step) => `  \\item{} ${escapeLatex(step)}`).join('\n')}\n\\end{enumerate}\n`
                ]
              : []),
            ...(info ? [latexParagraphs([info.source])] : [])
          ].join('\n')
        )
        .join('\n')
    case 'figure':
      return latexFigure(part.spec, `fig:${label}`, part.caption)
    case 'table':
      return latexPivot(part.table, `tab:${label}`, part.caption)
    case 'answer':
      return latexParagraphs(answerLines(part.found, part.caption))
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
            rows: rows.map(({ label: model, row }) => [
              titled(model, row.point),
              crossingText(row.value),
              rangeText(row),
              String(row.n)
            ])
          })
        )
        .join('\n')
    case 'benchmark':
      return part.tables
        .map(({ title, columns, rows, note }, i) =>
          latexTable({
            caption: [part.caption, `${title}.`, note].filter(Boolean).join(' '),
            label: `tab:${label}-${i + 1}`,
            columns: columns.map(({ head, number }) => ({ head, ...(number && { number }) })),
            rows
          })
        )
        .concat(
          latexFigure(part.aggregates, `fig:${label}-aggregates`, part.caption),
          part.ranks && part.ranks.models.length > 2
            ? rankDiagramLatex(part.ranks, `fig:${label}-ranks`, part.caption)
            : [],
          part.curves ? latexFigure(part.curves, `fig:${label}`, part.caption) : []
        )
        .join('\n')
    case 'tuning':
      return part.runs.length === 0
        ? `\\section{Tuning}\n\n${noTuning}\n`
        : part.runs
            .map(({ table: { caption, columns, rows } }, i) =>
              latexTable({ caption, label: `tab:${label}-${i + 1}`, columns, rows: rows.map(({ cells }) => cells) })
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
        .map((run) => latexComment(`run ${run.id}: ${run.name}, experiment ${run.provenance.experimentHash}`))
        .join('\n')
    case 'kept':
      return 'figure' in part
        ? latexFigure(part.figure, `fig:${label}`, part.caption)
        : latexTable({
            caption: `${part.table.title}. ${noteOf(part.table, part.caption)}`,
            label: `tab:${label}`,
            columns: part.table.columns,
            rows: part.table.rows
          })
    case 'missing':
      return latexComment(part.reason)
  }
}

/** The table of a paper: mean ± half of the interval with n, the best bold, what cannot be told from it with a dagger. */
export function latexPivot(table: PivotTable, label: string, caption?: string): string {
  const marks = table.rows.some(({ cells }) => cells.some((cell) => cell?.verdict === 'best'))
  const notes = [
    marks && 'Bold: best mean of the column.',
    table.tested && `$^{\\dagger}$~not significantly different from it. ${escapeLatex(testMethod)}.`
  ].filter(Boolean)
  return latexTable({
    caption: [caption, captionOf(table)].filter(Boolean).join(' '),
    label,
    columns: [{ head: 'Model' }, ...table.columns.map(({ head }) => ({ head, number: true }))],
    rows: table.rows.map((row) => [
      row.label,
      ...row.cells.map((cell) => latexCell(cell, sizeOf(table.metric), table.n))
    ]),
    ...(notes.length > 0 && { note: { latex: notes.join(' ') } })
  })
}

function latexCell(cell: PivotCell | undefined, size: number | undefined, common: number | undefined): string | Latex {
  if (!cell) return ''
  const lost = lostOf(cell)
  const { mean } = cell
  if (mean === null) return { latex: lost.length ? `--- (${lost.join(', ')})` : '---' }
  const inner = latexNumber(intervalText({ ...cell, mean }, size))
  const number = cell.verdict === 'best' ? `$\\mathbf{${inner}}$` : `$${inner}$`
  return {
    latex: `${number}${cell.verdict === 'not different' ? '$^{\\dagger}$' : ''}${countNote(cell, common, lost).replace('>', '$>$')}`
  }
}

/**
 * The report of one or more runs as a single HTML file: figures as inline SVG, tables, derived quantities, methods,
 * provenance and all numbers as embedded JSON. It needs no network, and no script to be read.
 */
import type { DerivedInfo, MetricInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import { resultsFormat, type ResultsFile } from '../exchange/results-file.ts'
import { derive, type DerivedRow } from '../findings/crossing.ts'
import { seeded } from '../statistics/random.ts'
import { checklistMarkup, derivedMarkup, figureMarkup, pivotMarkup, resampling, runMarkup } from './html-parts.ts'
import { markup, type Markup } from '../text/markup.ts'
import { checklist, methodsText } from './methods.ts'
import { reportPage } from './page.ts'
import { pivotTable } from './pivot.ts'
import { predictionsMarkup } from './predictions-part.ts'
import {
  metricFigures,
  mostFigures,
  resultsByTask,
  seriesFigures,
  type ReportInput,
  type TaskResults
} from '../figures/task-results.ts'

export function htmlReport(input: ReportInput): string {
  const { runs, catalog, version, created } = input
  const title = runs.length === 1 ? runs[0].run.name : `${runs.length} runs compared`
  const body = markup`${resultsByTask(input).map(taskSection)}
<section><h2>Methods</h2>${methodsText(input).map((text) => markup`<p>${text}</p>`)}
<h3>Reproducibility checklist</h3>${checklistMarkup(checklist(input))}</section>
<section><h2>Runs</h2>${runs.map(({ run, predictions }) => [runMarkup(run, catalog), predictionsMarkup(predictions ?? [])])}</section>`
  return reportPage({ title, version, created, body, data: resultsData(input) })
}

/** Runs with all their numbers as plain data: what the report embeds and the JSON export holds. */
export function resultsData({
  runs,
  version,
  created
}: Pick<ReportInput, 'runs' | 'version' | 'created'>): ResultsFile {
  return { format: resultsFormat, version, created, runs: runs.map(({ record }) => record) }
}

function taskSection(results: TaskResults): Markup {
  const { id, task, metrics, cells, names } = results
  const unfinished = cells.reduce((n, c) => n + c.statuses.filter((s) => s !== 'done').length, 0)
  return markup`<section>
<h2>${task?.title ?? id}</h2>
${task && markup`<p>${task.summary}</p><details><summary>Protocol</summary><ol>${task.protocol.map((step) => markup`<li>${step}</li>`)}</ol><p class="meta">${task.source}</p></details>`}
${unfinished > 0 && markup`<p class="note">${unfinished} ${unfinished === 1 ? 'trial' : 'trials'} did not finish (diverged, failed or not run): listed in the data and never averaged in.</p>`}
${metrics.map((metric) => metricPart(metric, results))}
${(task?.derived ?? []).map((info) => {
  const rows = derivedRows(cells, info)
  return rows.length > 0 && derivedMarkup(info, rows, cells, (row) => names.labelOf(row))
})}
${(task?.series ?? []).map((info) => {
  const figures = seriesFigures(results, info)
  return (
    figures.length > 0 &&
    markup`<h3>${info.label}</h3><p class="meta">${info.help}</p>${figures.map((figure) => figureMarkup(figure))}`
  )
})}
</section>`
}

/** The resampling is fixed, so that the same results always give the same interval, and the page can repeat it. */
export const derivedRows = (cells: readonly CellResult[], info: DerivedInfo): DerivedRow[] =>
  derive(cells, info, { random: seeded(resampling.seed), draws: resampling.draws })

function metricPart(metric: MetricInfo, results: TaskResults): Markup {
  const { cells, axis, places, names } = results
  return markup`<h3>${metric.label}</h3>
<p class="meta">${metric.help}</p>
${metricFigures(results, metric).map((figure) => figureMarkup(figure))}
${places.length > mostFigures && markup`<p class="note">${places.length - mostFigures} more figures are left out here; the tables and the data hold all.</p>`}
${places.map((at) => pivotMarkup(pivotTable(cells, { metric, axis, at, labelOf: (cell) => names.labelOf(cell) })))}`
}

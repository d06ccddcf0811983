/**
 * The report of one or more runs as a single HTML file: figures as inline SVG, tables, derived quantities, methods,
 * provenance and all numbers as embedded JSON. It needs no network, and no script to be read.
 */
import type { Catalog, DerivedInfo, MetricInfo, TaskInfo } from '../catalog.ts'
import type { CellResult, SeriesResult } from '../contract.ts'
import type { Point } from '../experiment.ts'
import { resultsFormat, type ResultsFile } from '../exchange/results-file.ts'
import { derive, type DerivedRow } from '../statistics/crossing.ts'
import { seeded } from '../statistics/random.ts'
import { chanceReference, stepsFigure, sweepFigure, type Naming } from './figures.ts'
import { checklistMarkup, derivedMarkup, figureMarkup, pivotMarkup, runMarkup } from './html-parts.ts'
import { markup, type Markup } from './markup.ts'
import { checklist, methodsText } from './methods.ts'
import { styleIn } from './model-style.ts'
import { labelsOf } from './naming.ts'
import { reportPage } from './page.ts'
import { pivotTable, titled } from './pivot.ts'
import { defaultsOf, type ParamValues } from '../params.ts'
import { withCrossings, withPredictions, withTheory, type RunPredictions } from './overlays.ts'
import { predictionsMarkup } from './predictions-part.ts'
import { axisOf, sweptAxes, type SweptAxis } from './results.ts'
import type { RunTrials } from './tables.ts'

export interface ReportInput {
  runs: readonly RunTrials[]
  cells: readonly CellResult[]
  catalog: Catalog
  version: string
  /** ISO 8601. */
  created: string
}

export type ReportNaming = Naming<{ runId: string; model: string; kind: string }>

/** Figures of one metric beyond this many places of the other axes are left to the data. */
const mostFigures = 12

export function htmlReport(input: ReportInput): string {
  const { runs, catalog, version, created } = input
  const title = runs.length === 1 ? runs[0].run.name : `${runs.length} runs compared`
  const tasks = [...new Set(runs.map((r) => r.run.task))]
  const body = markup`${tasks.map((task) => taskSection(task, input))}
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

function taskSection(id: string, input: ReportInput): Markup {
  const runs = input.runs.filter((r) => r.run.task === id)
  const ids = new Set(runs.map((r) => r.run.id))
  const cells = input.cells.filter((c) => ids.has(c.runId))
  const task = input.catalog.tasks.find((t) => t.id === id)
  const axes = sweptAxes(cells)
  const axis = axes.find((a) => a.numeric && a.values.length > 1) ?? axes.find((a) => a.values.length > 1)
  const places = placesOf(
    cells,
    axes.filter((a) => a !== axis)
  )
  const names = reportNaming(input)
  const metrics = task?.metrics ?? []
  const main = metrics.find((m) => m.name === task?.mainMetric)
  const ordered = main ? [main, ...metrics.filter((m) => m !== main)] : metrics
  const unfinished = cells.reduce((n, c) => n + c.statuses.filter((s) => s !== 'done').length, 0)
  return markup`<section>
<h2>${task?.title ?? id}</h2>
${task && markup`<p>${task.summary}</p><details><summary>Protocol</summary><ol>${task.protocol.map((step) => markup`<li>${step}</li>`)}</ol><p class="meta">${task.source}</p></details>`}
${unfinished > 0 && markup`<p class="note">${unfinished} ${unfinished === 1 ? 'trial' : 'trials'} did not finish (diverged, failed or not run): listed in the data and never averaged in.</p>`}
${ordered.map((metric) => metricPart(metric, { task, cells, axis, places, names, catalog: input.catalog, taskParams: { ...defaultsOf(task?.params), ...runs[0]?.run.experiment.task.params } as ParamValues, predictions: runs.map(({ run, predictions }) => ({ runId: run.id, registered: predictions ?? [] })) }))}
${(task?.derived ?? []).map((info) => {
  const rows = derivedRows(cells, info)
  return rows.length > 0 && derivedMarkup(info, rows, cells, (row) => names.labelOf({ ...row, kind: '' }))
})}
${(task?.series ?? []).map((info) => {
  const curves: SeriesResult[] = runs.flatMap((r) => r.series.filter((s) => s.name === info.name))
  if (!curves.length) return null
  return markup`<h3>${info.label}</h3><p class="meta">${info.help}</p>${placesOf(curves, sweptAxes(curves))
    .slice(0, mostFigures)
    .map((at) => figureMarkup(stepsFigure(curves, { ...names, info, at, title: titled(info.label, at) })))}`
})}
</section>`
}

/** The resampling is fixed, so that the same results always give the same interval. */
export const derivedRows = (cells: readonly CellResult[], info: DerivedInfo): DerivedRow[] =>
  derive(cells, info, { random: seeded(1), draws: 2000 })

interface MetricContext {
  task: TaskInfo | undefined
  cells: readonly CellResult[]
  axis: SweptAxis | undefined
  places: readonly Point[]
  names: ReportNaming
  catalog: Catalog
  taskParams: ParamValues
  predictions: readonly RunPredictions[]
}

function metricPart(
  metric: MetricInfo,
  { task, cells, axis, places, names, catalog, taskParams, predictions }: MetricContext
): Markup {
  const x = axis && axisOf(axis, catalog, task)
  const references = chanceReference(metric, axis, taskParams)
  return markup`<h3>${metric.label}</h3>
<p class="meta">${metric.help}</p>
${places.slice(0, mostFigures).map((at) => {
  const figure = sweepFigure(cells, { ...names, metric, axis, x, at, title: titled(metric.label, at), references })
  const drawn = {
    metric,
    axis,
    at,
    labelOf: (result: { runId: string; model: string }) => names.labelOf({ ...result, kind: '' })
  }
  const law = { ...drawn, task: task?.id ?? '', taskParams }
  const measured = withCrossings(figure, task?.derived ?? [], drawn)
  return figureMarkup(withPredictions(withTheory(measured, cells, law), predictions, drawn))
})}
${places.length > mostFigures && markup`<p class="note">${places.length - mostFigures} more figures are left out here; the tables and the data hold all.</p>`}
${places.map((at) => pivotMarkup(pivotTable(cells, { metric, axis, at, labelOf: (cell) => names.labelOf(cell) })))}`
}

/** A model's own label where one run has it; with several, the run's name tells equal ones apart. */
export function reportNaming({
  runs,
  catalog
}: {
  runs: readonly Pick<RunTrials, 'run'>[]
  catalog: Catalog
}): ReportNaming {
  return {
    labelOf: labelsOf(runs.map(({ run }) => run)),
    styleOf: (label, kind) => styleIn(catalog.models, label, kind, false)
  }
}

/** Every place of the axes that are not drawn, as it occurs in the results. */
export function placesOf(results: readonly { point: Point }[], axes: readonly SweptAxis[]): Point[] {
  const seen = new Map<string, Point>()
  for (const { point } of results) {
    const at = Object.fromEntries(axes.filter((a) => a.name in point).map((a) => [a.name, point[a.name]]))
    // A model without an axis of another model lies at all its places.
    if (axes.every((a) => a.name in point) || results.every((r) => !axes.every((a) => a.name in r.point)))
      seen.set(JSON.stringify(at), at)
  }
  return seen.size ? [...seen.values()] : [{}]
}

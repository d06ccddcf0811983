/**
 * The report of one or more runs as a single HTML file: figures as inline SVG, tables, parameters, provenance and all
 * numbers as embedded JSON. It needs no network and no script to be read, and its own policy forbids both.
 */
import type { Catalog, MetricInfo, TaskInfo } from '../catalog.ts'
import type { CellResult, Run, SeriesResult } from '../contract.ts'
import type { Point } from '../experiment.ts'
import { summarise, type SummaryRow } from '../statistics/summary.ts'
import { figureSvg } from './figure.ts'
import { chanceReference, metricAxis, stepsFigure, sweepFigure, type Naming } from './figures.ts'
import { embeddedJson, markup, raw, type Markup } from './markup.ts'
import { styleIn } from './model-style.ts'
import { halfWidth, numberText, plusMinus } from './number-text.ts'
import { axisOf, intervalMethod, liesAt, sweptAxes, type SweptAxis } from './results.ts'
import type { RunTrials } from './tables.ts'

export interface ReportInput {
  runs: readonly RunTrials[]
  cells: readonly CellResult[]
  catalog: Catalog
  version: string
  /** ISO 8601. */
  created: string
}

/** Figures of one metric beyond this many places of the other axes are left to the data. */
const mostFigures = 12

export function htmlReport(input: ReportInput): string {
  const { runs, catalog, version, created } = input
  const title = runs.length === 1 ? runs[0].run.name : `${runs.length} runs compared`
  const tasks = [...new Set(runs.map((r) => r.run.task))]
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Engram Studio ${version}">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header><h1>${title}</h1>
<p class="meta">Engram Studio ${version}, ${created}</p></header>
<main>
${tasks.map((task) => taskSection(task, input))}
<section><h2>Runs</h2>${runs.map(({ run }) => runSection(run, catalog))}</section>
</main>
<script type="application/json" id="engram-data">${embeddedJson(resultsData(input))}</script>
</body>
</html>
`.text
}

/** Runs with all their numbers as plain data: what the report embeds and the JSON export holds. */
export function resultsData({ runs, version, created }: ReportInput): unknown {
  return {
    format: 'engram-results/1',
    version,
    created,
    runs: runs.map(({ run, trials, series }) => ({ ...run, results: trials, series }))
  }
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
  const names = naming(input)
  const metrics = task?.metrics ?? []
  const main = metrics.find((m) => m.name === task?.mainMetric)
  const ordered = main ? [main, ...metrics.filter((m) => m !== main)] : metrics
  const unfinished = cells.reduce((n, c) => n + c.statuses.filter((s) => s !== 'done').length, 0)
  return markup`<section>
<h2>${task?.title ?? id}</h2>
${task && markup`<p>${task.summary}</p><details><summary>Protocol</summary><ol>${task.protocol.map((step) => markup`<li>${step}</li>`)}</ol><p class="meta">${task.source}</p></details>`}
${unfinished > 0 && markup`<p class="note">${unfinished} ${unfinished === 1 ? 'trial' : 'trials'} did not finish (diverged, failed or not run): listed in the data and never averaged in.</p>`}
${ordered.map((metric) => metricPart(metric, task, cells, axis, places, names, input.catalog, runs[0]?.run))}
${(task?.series ?? []).map((info) => {
  const curves: SeriesResult[] = runs.flatMap((r) => r.series.filter((s) => s.name === info.name))
  if (!curves.length) return null
  return markup`<h3>${info.label}</h3><p class="meta">${info.help}</p>${placesOf(curves, sweptAxes(curves))
    .slice(0, mostFigures)
    .map((at) => figure(stepsFigure(curves, { ...names, info, at, title: titled(info.label, at) })))}`
})}
</section>`
}

function metricPart(
  metric: MetricInfo,
  task: TaskInfo | undefined,
  cells: readonly CellResult[],
  axis: SweptAxis | undefined,
  places: readonly Point[],
  names: Naming<{ runId: string; model: string; kind: string }>,
  catalog: Catalog,
  first: Run | undefined
): Markup {
  const x = axis && axisOf(axis, catalog, task)
  const references = chanceReference(metric, axis, first?.experiment.task.params ?? {})
  const rows = summarise(cells, [metric])
  return markup`<h3>${metric.label}</h3>
<p class="meta">${metric.help}</p>
${places
  .slice(0, mostFigures)
  .map((at) =>
    figure(sweepFigure(cells, { ...names, metric, axis, x, at, title: titled(metric.label, at), references }))
  )}
${places.length > mostFigures && markup`<p class="note">${places.length - mostFigures} more figures are left out here; the tables and the data hold all.</p>`}
${places.slice(0, mostFigures).map((at) =>
  table(
    metric,
    rows.filter((r) => liesAt(r.point, at)),
    axis,
    at,
    names
  )
)}`
}

const figure = (spec: Parameters<typeof figureSvg>[0]): Markup =>
  markup`<figure>${raw(figureSvg(spec))}${spec.method && markup`<figcaption>${spec.method}.</figcaption>`}</figure>`

function table(
  metric: MetricInfo,
  rows: readonly SummaryRow[],
  axis: SweptAxis | undefined,
  at: Point,
  names: Naming<{ runId: string; model: string; kind: string }>
): Markup {
  const values = axis?.values ?? [undefined]
  const byLabel = Map.groupBy(rows, (row) => names.labelOf(row))
  const method = intervalMethod(rows.filter((r) => r.n > 0).map((r) => r.n))
  return markup`<div class="wide"><table>
<caption>${titled(metric.label, at)}${metricAxis(metric).unit && ` (${metric.unit})`}${metric.direction !== 'none' && (metric.direction === 'higher' ? ', higher is better' : ', lower is better')}. Mean ± half of the interval (n); ${method}. The best mean of a column is bold.</caption>
<thead><tr><th scope="col">Model</th>${values.map((v) => markup`<th scope="col">${axis ? `${axis.name} = ${v}` : 'Value'}</th>`)}</tr></thead>
<tbody>${[...byLabel].map(
    ([label, own]) =>
      markup`<tr><th scope="row">${label}</th>${values.map((v) => {
        const row = own.find((r) => !axis || r.point[axis.name] === v)
        return markup`<td${row?.best && raw(' class="best"')}>${cellText(row)}</td>`
      })}</tr>`
  )}</tbody></table></div>`
}

/** `0.953 ± 0.021 (20)`; an em dash where no trial is done; what diverged or failed is said. */
export function cellText(row: SummaryRow | undefined): string {
  if (!row) return ''
  const lost = [row.diverged && `${row.diverged} diverged`, row.failed && `${row.failed} failed`].filter(Boolean)
  const said = lost.length ? `, ${lost.join(', ')}` : ''
  if (row.mean === null) return lost.length ? `— (${lost.join(', ')})` : '—'
  if (row.high === null) return `${numberText(row.mean)} (1${said})`
  return `${plusMinus(row.mean, halfWidth(row))} (${row.n}${said})`
}

function runSection(run: Run, catalog: Catalog): Markup {
  const p = run.provenance
  const facts: [string, string][] = [
    ['Run', run.id],
    [
      'Status',
      `${run.status}: ${run.done} of ${run.trials} trials done, ${run.diverged} diverged, ${run.failed} failed`
    ],
    ['Started', p.started],
    ['Ended', p.ended ?? ''],
    ['Engram Studio', `${p.version} (${p.commit})`],
    ['Experiment hash', p.experimentHash],
    ['Generator', p.generator],
    ['Backend', `${p.backend}${p.adapter ? ` (${p.adapter})` : ''}`],
    ['Machine', `${p.cpu}, ${p.cores} cores, ${(p.memoryBytes / 2 ** 30).toFixed(1)} GiB, ${p.os}`],
    ['Software', [`Node ${p.node}`, ...Object.entries(p.libraries).map(([name, v]) => `${name} ${v}`)].join(', ')],
    ['Tags', run.tags.join(', ')],
    ['Notes', run.notes]
  ]
  return markup`<h3>${run.name}</h3>
<dl>${facts.filter(([, v]) => v).map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h4>Models</h4>
<ul>${run.experiment.models.map((use, i) => {
    const info = catalog.models.find((m) => m.id === use.kind)
    return markup`<li><b>${run.models[i] ?? use.kind}</b>${info && ` — ${info.title}. ${info.summary} ${info.source}`}</li>`
  })}</ul>
<h4>Experiment file</h4>
<pre>${JSON.stringify(run.experiment, null, 2)}</pre>`
}

/** Labels are the model's own in a report of one run; with several, the run's name tells equal ones apart. */
function naming({ runs, catalog }: ReportInput): Naming<{ runId: string; model: string; kind: string }> {
  const nameOf = new Map(runs.map(({ run }) => [run.id, run.name]))
  return {
    labelOf: ({ runId, model }) => (runs.length === 1 ? model : `${model} · ${nameOf.get(runId) ?? runId}`),
    styleOf: (label, kind) => styleIn(catalog.models, label, kind, false)
  }
}

/** Every place of the axes that are not drawn, as it occurs in the results. */
function placesOf(results: readonly { point: Point }[], axes: readonly SweptAxis[]): Point[] {
  const seen = new Map<string, Point>()
  for (const { point } of results) {
    const at = Object.fromEntries(axes.filter((a) => a.name in point).map((a) => [a.name, point[a.name]]))
    // A model without an axis of another model lies at all its places.
    if (axes.every((a) => a.name in point) || results.every((r) => !axes.every((a) => a.name in r.point)))
      seen.set(JSON.stringify(at), at)
  }
  return seen.size ? [...seen.values()] : [{}]
}

function titled(label: string, at: Point): string {
  const where = Object.entries(at).map(([name, value]) => `${name} = ${value}`)
  return where.length ? `${label}, ${where.join(', ')}` : label
}

const style = `
:root { color-scheme: light; }
body { font: 14px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 1080px; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.3rem; margin: 2.2rem 0 .5rem; border-bottom: 1px solid #ccc; padding-bottom: .25rem; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; } h4 { margin: 1rem 0 .3rem; }
.meta { color: #555; margin: .2rem 0; } .note { background: #fff4d6; padding: .5rem .8rem; border-left: 3px solid #a87400; }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; max-width: 100%; } figure svg { max-width: 100%; height: auto; } figcaption { color: #555; font-size: 12px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .8rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #555; font-size: 12px; padding-bottom: .3rem; }
th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap; } th:first-child { text-align: left; }
thead { border-top: 2px solid #1a1a1a; border-bottom: 1px solid #1a1a1a; } tbody { border-bottom: 2px solid #1a1a1a; } .best { font-weight: 700; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; } dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { background: #f5f5f5; padding: .8rem; overflow-x: auto; font-size: 12px; }
@media print { body { margin: 0; max-width: none; } figure, table { break-inside: avoid; } details { display: none; } }
`

/** The parts of a report as HTML: figures, tables, derived quantities, runs, methods. Every value is escaped. */
import { type Catalog, type DerivedInfo, modelIn } from '../shapes/catalog.ts'
import { fallbackText, type CellResult, type Run } from '../shapes/run.ts'
import { canonical } from '../grid/identity.ts'
import { sizeOf } from '../findings/results.ts'
import { crossingText, type DerivedRow } from '../findings/crossing.ts'
import type { FigureSpec } from '../figures/spec.ts'
import { figureSvg } from '../figures/svg.ts'
import { formulaMarkup } from './formula.ts'
import { markup, raw, type Markup } from '../text/markup.ts'
import { titled } from '../figures/axes.ts'
import { noAnswer, notCompared, type Answers } from './answers.ts'
import type { BenchmarkTable } from './benchmark-tables.ts'
import type { ChecklistItem } from './methods.ts'
import { rangeText, unfinishedText } from './parts-text.ts'
import { captionOf, cellText, testMethod, type PivotCell, type PivotTable } from './pivot.ts'
import { resampling, type DerivedPart, type TaskPart } from './resolve-blocks.ts'
import { bytes, plural, significant } from '../text/numbers.ts'

export function figureMarkup(spec: FigureSpec, caption?: string): Markup {
  const lines = [
    caption,
    spec.method && `${spec.method}.`,
    spec.bands?.length && 'Shaded: predicted before the run.',
    spec.damage && `${spec.damage}.`,
    ...(spec.remarks ?? []).map((remark) => `${remark}.`)
  ]
    .filter(Boolean)
    .join(' ')
  const laws = (spec.references ?? []).flatMap(({ label, tex }) =>
    tex ? [markup` <span class="law">${label}: ${formulaMarkup(tex)}</span>`] : []
  )
  const said = lines !== '' || laws.length > 0
  return markup`<figure>${raw(figureSvg(spec))}${said && markup`<figcaption>${lines}${laws}</figcaption>`}</figure>`
}

/** The cells name their data, so that the page's script can recompute them. */
export function pivotMarkup(table: PivotTable, caption?: string): Markup {
  const { metric, columns, rows, n } = table
  const ranked = rows.some(({ cells }) => cells.some((cell) => cell?.verdict === 'best'))
  return markup`<div class="wide"><table data-metric="${metric.name}" data-direction="${metric.direction}"${n !== undefined && raw(` data-n="${n}"`)}>
<caption>${caption && `${caption} `}${captionOf(table)}${ranked && ' The best mean of a column is bold.'}${table.tested && ` † not significantly different from it. ${testMethod}.`}</caption>
<thead><tr><th scope="col">Model</th>${columns.map(({ head }) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ label, cells }) =>
      markup`<tr><th scope="row">${label}</th>${cells.map((cell) => cellMarkup(cell, sizeOf(metric), n))}</tr>`
  )}</tbody></table></div>`
}

const marks = { best: 'best', 'not different': 'alike', different: '', untested: '' } as const

function cellMarkup(cell: PivotCell | undefined, size: number | undefined, common: number | undefined): Markup {
  if (!cell) return markup`<td></td>`
  const mark = marks[cell.verdict]
  const said =
    cell.verdict === 'not different' &&
    ` title="not significantly different from the best, p = ${significant(cell.p!, 2)}"`
  return markup`<td${mark && raw(` class="${mark}"`)}${said && raw(said)} data-run="${cell.runId}" data-model="${cell.label}" data-point="${canonical(cell.point)}"${cell.scale && markup` data-scale="${canonical(cell.scale)}"`}>${cellText(cell, size, common)}</td>`
}

export const answerMarkup = ({ unlike, answers }: Answers, caption: string): Markup =>
  markup`<section class="answer">${unlike.length > 0 && markup`<p class="note">${notCompared}: ${unlike.join('; ')}.</p>`}
${answers.map(({ of, verdict, unknown }) => markup`<p>${of && `${of}: `}<b>${verdict}</b>${unknown && ` ${unknown}`}</p>`)}
${answers.length === 0 && markup`<p class="note">${noAnswer}</p>`}${caption && markup`<p class="meta">${caption}</p>`}</section>`

export const taskMarkup = ({ title, info, unfinished }: TaskPart): Markup =>
  markup`<section><h2>${title}</h2>
${info && markup`<p>${info.summary}</p><details><summary>Protocol</summary><ol>${info.protocol.map((step) => markup`<li>${step}</li>`)}</ol><p class="meta">${info.source}</p></details>`}
${unfinished > 0 && markup`<p class="note">${unfinishedText(unfinished)}</p>`}</section>`

/** Aggregates over tasks and pairs of models, each column with its definition. */
export function benchmarkMarkup({ title, columns, rows, note }: BenchmarkTable): Markup {
  return markup`<div class="wide"><table>
<caption>${title}. ${note}</caption>
<thead><tr>${columns.map(({ head, about }) => markup`<th scope="col"${about && markup` title="${about.help}"`}>${head}</th>`)}</tr></thead>
<tbody>${rows.map(([first, ...rest]) => markup`<tr><th scope="row">${first}</th>${rest.map((cell) => markup`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
}

/** A figure that was drawn as a file, inside the page. */
export const drawnMarkup = (svg: string): Markup => markup`<figure>${raw(svg.replace(/^<\?xml[^>]*>\s*/, ''))}</figure>`

/** Capacity and its like, with their bootstrap intervals. */
export function derivedMarkup(info: DerivedInfo, rows: DerivedPart['rows'], cells: readonly CellResult[]): Markup {
  return markup`<h3>${info.label}</h3><p class="meta">${info.help}</p>
<div class="wide"><table data-seed="${resampling.seed}" data-draws="${resampling.draws}">
<caption>Where the mean of ${info.metric} ${info.rising ? 'rises' : 'falls'} through ${info.threshold}. ${rows[0]?.row.method}.</caption>
<thead><tr><th scope="col">Model</th><th scope="col">${info.label}</th><th scope="col">95 % interval</th><th scope="col">n</th></tr></thead>
<tbody>${rows.map(({ label, row }) => {
    const points = cells
      .filter((c) => c.runId === row.runId && c.label === row.label && samePlace(c.point, row.point, info.axis))
      .map(({ point }) => point)
    const { metric, axis, threshold, scale, rising } = info
    const source = canonical({ run: row.runId, model: row.label, metric, axis, threshold, scale, rising, points })
    return markup`<tr><th scope="row">${titled(label, row.point)}</th><td data-crossing="${source}">${crossingText(row.value)}</td><td>${rangeText(row)}</td><td>${row.n}</td></tr>`
  })}</tbody></table></div>`
}

const samePlace = (point: CellResult['point'], place: DerivedRow['point'], axis: string): boolean =>
  typeof point[axis] === 'number' &&
  canonical(Object.fromEntries(Object.entries(point).filter(([name]) => name !== axis))) === canonical(place)

export function runMarkup(run: Run, catalog: Catalog): Markup {
  const p = run.provenance
  const facts: [string, string][] = [
    ['Run', run.id],
    ['Origin', run.origin ?? ''],
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
    ['Computed elsewhere', (p.fallbacks ?? []).map(fallbackText).join('; ')],
    ['Machine', `${p.cpu}, ${plural(p.cores, 'core')}, ${bytes(p.memoryBytes)}, ${p.os}`],
    ['Software', [`Node ${p.node}`, ...Object.entries(p.libraries).map(([name, v]) => `${name} ${v}`)].join(', ')],
    ['Tags', run.tags.join(', ')],
    ['Notes', run.notes]
  ]
  return markup`<h3>${run.name}</h3>
<dl>${facts.filter(([, v]) => v).map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h4>Models</h4>
<ul>${run.experiment.models.map((use, i) => {
    const info = modelIn(catalog, use.kind)
    return markup`<li><b>${run.labels[i] ?? use.kind}</b>${info && ` — ${info.title}. ${info.summary} ${info.source}`}</li>`
  })}</ul>
<h4>Experiment file</h4>
<pre>${JSON.stringify(run.experiment, null, 2)}</pre>`
}

export const checklistMarkup = (items: readonly ChecklistItem[]): Markup =>
  markup`<div class="wide"><table class="checklist"><thead><tr><th scope="col">Item</th><th scope="col">Asked by</th><th scope="col">Answer</th></tr></thead>
<tbody>${items.map(
    ({ item, venues, answer }) =>
      markup`<tr><th scope="row">${item}</th><td>${venues.join(', ')}</td><td>${answer ?? markup`<span class="open">Open: to be answered by the authors.</span>`}</td></tr>`
  )}</tbody></table></div>`

/** A block of a report with the numbers it shows: what the page draws, and what HTML, LaTeX and CSV are written from. */
import type { Catalog, DerivedInfo, TaskInfo } from '../shapes/catalog.ts'
import type { CellResult, Run, SeriesResult } from '../shapes/run.ts'
import { withReferences } from '../exchange/reference.ts'
import type { RegisteredPrediction } from '../shapes/prediction.ts'
import type { DerivedRow } from '../findings/crossing.ts'
import type { FigureSpec } from '../figures/spec.ts'
import { stepsFigure } from '../figures/measured.ts'
import { derivedRows } from './html-report.ts'
import { parseMarkdown, type MarkdownNode } from './markdown.ts'
import { checklist, methodsText, type ChecklistItem } from './methods.ts'
import { measuredFigure } from '../figures/overlays.ts'
import { pivotTable, titled, type PivotTable } from './pivot.ts'
import type { Block } from './report.ts'
import { profileFigure, profileStrata, type ProfileNaming, type ProfileStratum } from '../figures/profile.ts'
import { axisOf, computeTime, placeOf, sweptAxes, taskParams } from '../findings/results.ts'
import { liesAt } from '../shapes/point.ts'
import { besideRuns, reportNaming, type ReportNaming } from '../figures/task-results.ts'

/** Everything a report may show of its runs; a run that is no longer there is left out. */
export interface BlockData {
  runs: readonly { run: Run; series: readonly SeriesResult[]; predictions: readonly RegisteredPrediction[] }[]
  cells: readonly CellResult[]
  catalog: Catalog
  /** How models look; on white paper if left out. */
  styleOf?: ReportNaming['styleOf']
}

export interface DerivedPart {
  info: DerivedInfo
  rows: { label: string; row: DerivedRow }[]
}

export type Resolved =
  | { kind: 'text'; nodes: MarkdownNode[] }
  | { kind: 'figure'; spec: FigureSpec; caption: string }
  | { kind: 'table'; table: PivotTable; caption: string }
  | { kind: 'derived'; parts: DerivedPart[]; cells: readonly CellResult[]; caption: string }
  | { kind: 'predictions'; runs: { name: string; predictions: readonly RegisteredPrediction[] }[] }
  | { kind: 'notes'; runs: { name: string; nodes: MarkdownNode[] }[] }
  | { kind: 'methods'; paragraphs: string[] }
  | { kind: 'checklist'; items: ChecklistItem[] }
  | { kind: 'runs'; runs: readonly Run[] }
  /** Nothing can be shown, and why. */
  | { kind: 'missing'; reason: string }

export function resolveBlock(block: Block, data: BlockData): Resolved {
  if (block.kind === 'text') return { kind: 'text', nodes: parseMarkdown(block.markdown) }
  const own = block.runs.flatMap((id) => data.runs.find(({ run }) => run.id === id) ?? [])
  if (!own.length) return { kind: 'missing', reason: 'The runs of this block are no longer here.' }
  const runs = own.map(({ run }) => run)
  switch (block.kind) {
    case 'methods':
      return { kind: 'methods', paragraphs: methodsText({ runs: own, cells: [], catalog: data.catalog }) }
    case 'checklist': {
      const cells = data.cells.filter(({ runId }) => block.runs.includes(runId))
      return { kind: 'checklist', items: checklist({ runs: own, cells, catalog: data.catalog }) }
    }
    case 'runs':
      return { kind: 'runs', runs }
    case 'notes':
      return { kind: 'notes', runs: runs.map(({ name, notes }) => ({ name, nodes: parseMarkdown(notes) })) }
    case 'predictions':
      return {
        kind: 'predictions',
        runs: own.flatMap(({ run, predictions }) => (predictions.length ? [{ name: run.name, predictions }] : []))
      }
    default:
      return view(block, data, own)
  }
}

function view(
  block: Extract<Block, { kind: 'figure' | 'table' | 'derived' }>,
  { cells: all, catalog, styleOf }: BlockData,
  own: BlockData['runs']
): Resolved {
  const [{ run: first }] = own
  const known = withReferences(
    catalog,
    own.map(({ run }) => run)
  )
  const task: TaskInfo | undefined = known.tasks.find(({ id }) => id === first.task)
  // Only runs of one task can share axes.
  const shown = own.filter(({ run }) => run.task === first.task)
  const ids = shown.map(({ run }) => run.id)
  const paper = reportNaming({ runs: shown, catalog })
  const names: ReportNaming = { ...paper, ...(styleOf && { styleOf }) }
  const visible = (result: { runId: string; label: string; model: string }): boolean =>
    ids.includes(result.runId) && !block.hidden.includes(names.labelOf(result))
  const cells = all.filter(visible)
  const { caption } = block
  if (block.kind === 'derived') {
    const parts = (task?.derived ?? []).map((info) => ({
      info,
      rows: derivedRows(cells, info).map((row) => ({ label: names.labelOf(row), row }))
    }))
    return { kind: 'derived', parts: parts.filter(({ rows }) => rows.length > 0), cells, caption }
  }
  if (block.kind === 'figure' && block.profile === 'experiments') {
    // Here models are the same by their label, whatever the run.
    const labelOf = ({ label }: { label: string }): string => label
    const every = all.filter((cell) => block.runs.includes(cell.runId) && !block.hidden.includes(cell.label))
    const strata = profileStrata(
      own.map(({ run }) => run),
      every,
      known.tasks
    )
    return profilePart(strata, { ...names, labelOf, title: 'Performance profile over experiments' }, caption)
  }
  if (block.kind === 'figure' && block.series !== undefined) {
    const info = task?.series.find(({ name }) => name === block.series)
    if (!info) return { kind: 'missing', reason: `These runs have no series "${block.series}".` }
    const curves = shown.flatMap(({ series }) => series.filter((s) => s.name === info.name && visible(s)))
    const at = placeOf(sweptAxes(curves), [], block.at)
    return { kind: 'figure', spec: stepsFigure(curves, { ...names, info, at, title: titled(info.label, at) }), caption }
  }
  const metric = [...(task?.metrics ?? []), computeTime].find(({ name }) => name === (block.metric || task?.mainMetric))
  if (!metric) return { kind: 'missing', reason: `These runs have no metric "${block.metric ?? ''}".` }
  const axes = sweptAxes(cells)
  const drawable = axes.filter(({ values }) => values.length > 1)
  const axis =
    drawable.find(({ name }) => name === block.axis) ?? drawable.find(({ numeric }) => numeric) ?? drawable[0]
  const place = placeOf(axes, [axis?.name], block.at)
  // What has but one value says nothing as a place.
  const at = Object.fromEntries(Object.entries(place).filter(([name]) => drawable.some((a) => a.name === name)))
  if (block.kind === 'table') {
    return {
      kind: 'table',
      table: pivotTable(cells, { metric, axis, at, labelOf: (cell) => names.labelOf(cell) }),
      caption
    }
  }
  if (block.profile === 'task') {
    const here = cells.filter((cell) => liesAt(cell.point, at))
    const stratum = { name: task?.title ?? '', metric, taskParams: taskParams(first, task), cells: here }
    return profilePart([stratum], { ...names, title: titled(`Performance profile: ${metric.label}`, at) }, caption)
  }
  const spec = measuredFigure(cells, {
    ...names,
    metric,
    axis,
    x: axis && axisOf(axis, catalog, task),
    at,
    title: titled(metric.label, at),
    ...besideRuns(shown, first.task, task)
  })
  return { kind: 'figure', spec, caption }
}

function profilePart(strata: readonly ProfileStratum[], naming: ProfileNaming, caption: string): Resolved {
  const spec = profileFigure(strata, naming)
  return spec
    ? { kind: 'figure', spec, caption }
    : { kind: 'missing', reason: 'No experiment of these runs has finished trials of all the models that are shown.' }
}

/** `accuracy at items = 20: hebb > slots: confirmed.` */
export function predictionLines(registered: readonly RegisteredPrediction[]): string[] {
  return registered.map(({ prediction, judgement, registered: when, hash }) => {
    const place = titled(prediction.metric, prediction.at)
    const said =
      'order' in prediction
        ? prediction.order.join(' > ') + (prediction.margin ? ` by ${prediction.margin}` : '')
        : Object.entries(prediction.intervals)
            .map(([model, [low, high]]) => `${model} in [${low}, ${high}]`)
            .join(', ')
    const findings = (judgement?.findings ?? []).map((f) => `${f.subject}: ${f.verdict} (${f.evidence})`)
    return [
      `${place}: ${said}: ${judgement?.verdict ?? 'not judged yet'}.`,
      prediction.note ?? '',
      ...(findings.length ? [`${findings.join('; ')}.`] : []),
      `Registered ${when}, SHA-256 ${hash.slice(0, 16)}.`
    ]
      .filter(Boolean)
      .join(' ')
  })
}

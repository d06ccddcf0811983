/** A block of a report with the numbers it shows: what the page draws, and what HTML, LaTeX and CSV are written from. */
import { type DerivedInfo, taskIn, type TaskInfo } from '../shapes/catalog.ts'
import type { CellResult, Run } from '../shapes/run.ts'
import type { KeptTable } from '../shapes/kept.ts'
import type { Block } from '../shapes/report.ts'
import type { ParamValues } from '../shapes/params.ts'
import { liesAt } from '../shapes/point.ts'
import { withReferences } from '../exchange/reference.ts'
import type { RegisteredPrediction } from '../shapes/prediction.ts'
import { derive, type DerivedRow } from '../findings/crossing.ts'
import { likenessOf, unlikeIn, unlikeText } from '../findings/likeness.ts'
import { labelsOf } from '../findings/naming.ts'
import { metricsOf, taskParams } from '../findings/results.ts'
import { axisOf, chooseAxes, titleAt } from '../figures/axes.ts'
import { stepsFigure } from '../figures/measured.ts'
import { distinctLooks, styleIn } from '../figures/model-style.ts'
import { measuredFigure } from '../figures/overlays.ts'
import { profileFigure, type ProfileNaming } from '../figures/profile.ts'
import { aggregatesFigure } from '../figures/aggregates.ts'
import { benchmark, type BenchmarkRanks } from '../findings/benchmark.ts'
import { efficiency, learningStrata } from '../findings/efficiency.ts'
import { strataOf, type Stratum } from '../findings/strata.ts'
import { efficiencyFigure } from '../figures/efficiency.ts'
import { benchmarkTables, type BenchmarkTable } from './benchmark-tables.ts'
import type { FigureSpec } from '../figures/spec.ts'
import { seeded } from '../statistics/random.ts'
import { answersOf, notCompared, type Answers } from './answers.ts'
import { parseMarkdown, type MarkdownNode } from './markdown.ts'
import { checklist, methodsText, type ChecklistItem } from './methods.ts'
import { pivotTable, type PivotTable } from './pivot.ts'
import type { ShownData } from './report-data.ts'
import { tuningText, type TuningText } from './tuning.ts'

/** Of the bootstrap of a table of derived quantities; its rows draw from one stream, in their order. */
export const resampling = { seed: 1, draws: 2000 }

export interface DerivedPart {
  info: DerivedInfo
  rows: { label: string; row: DerivedRow }[]
}

/** What was asked, and of how many trials there is no answer. */
export interface TaskPart {
  title: string
  /** Without it the catalog does not know the task. */
  info: TaskInfo | undefined
  unfinished: number
}

export type Resolved =
  | { kind: 'text'; nodes: MarkdownNode[] }
  | { kind: 'task'; tasks: TaskPart[] }
  | { kind: 'figure'; spec: FigureSpec; caption: string }
  | { kind: 'table'; table: PivotTable; caption: string }
  | { kind: 'answer'; found: Answers; caption: string }
  | { kind: 'derived'; parts: DerivedPart[]; cells: readonly CellResult[]; caption: string }
  | {
      kind: 'benchmark'
      title: string
      tables: BenchmarkTable[]
      aggregates: FigureSpec
      ranks: BenchmarkRanks | null
      curves: FigureSpec | null
      caption: string
    }
  | { kind: 'tuning'; runs: { name: string; table: TuningText }[] }
  | { kind: 'predictions'; runs: { name: string; predictions: readonly RegisteredPrediction[] }[] }
  | { kind: 'notes'; runs: { name: string; nodes: MarkdownNode[] }[] }
  | { kind: 'methods'; paragraphs: string[] }
  | { kind: 'checklist'; items: ChecklistItem[] }
  | { kind: 'runs'; runs: readonly Run[] }
  | { kind: 'kept'; figure: FigureSpec; caption: string }
  | { kind: 'kept'; table: KeptTable; caption: string }
  /** Nothing can be shown, and why. */
  | { kind: 'missing'; reason: string }

export function resolveBlock(block: Block, data: ShownData): Resolved {
  if (block.kind === 'text') return { kind: 'text', nodes: parseMarkdown(block.markdown) }
  if (block.kind === 'kept') {
    const caption = [block.caption, `${block.page}, ${block.made.slice(0, 10)}.`].filter(Boolean).join(' ')
    return { kind: 'kept', ...block.shows, caption }
  }
  const own = block.runs.flatMap((id) => data.runs.find(({ run }) => run.id === id) ?? [])
  if (!own.length) return { kind: 'missing', reason: 'The runs of this block are no longer here.' }
  const runs = own.map(({ run }) => run)
  switch (block.kind) {
    case 'task':
      return { kind: 'task', tasks: taskParts(runs, data) }
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
    case 'tuning':
      return {
        kind: 'tuning',
        runs: own.flatMap(({ run, tuning }) => {
          const metric = taskIn(data.catalog, run.task)?.metrics.find(({ name }) => name === tuning?.metric)
          return tuning ? [{ name: run.name, table: tuningText(tuning, metric) }] : []
        })
      }
    case 'predictions':
      return {
        kind: 'predictions',
        runs: own.flatMap(({ run, predictions }) => (predictions.length ? [{ name: run.name, predictions }] : []))
      }
    case 'benchmark':
      return benchmarkPart(block, data, own)
    default:
      return view(block, data, own)
  }
}

/** Models over the experiments of the runs, each by its main metric; they are the same by their label, whatever the run. */
function benchmarkPart(
  { runs, hidden, rope, caption }: Extract<Block, { kind: 'benchmark' }>,
  { cells, catalog, styleOf = (label, model) => styleIn(catalog.models, label, model, false) }: ShownData,
  own: ShownData['runs']
): Resolved {
  const labelOf = ({ label }: { label: string }): string => label
  const shown = own.map(({ run }) => run)
  const { tasks } = withReferences(catalog, shown)
  const every = cells.filter((cell) => runs.includes(cell.runId) && !hidden.includes(cell.label))
  const found = benchmark(strataOf(shown, every, tasks), labelOf, { rope })
  if (!found || found.rows.length < 2)
    return {
      kind: 'missing',
      reason: 'Over tasks two models with finished trials of a metric with a better direction are needed.'
    }
  const looks = distinctLooks(
    every.map(({ label, model }) => ({ label, model })),
    styleOf
  )
  const series = own.flatMap(({ series }) => series.filter(({ label }) => !hidden.includes(label)))
  const learned = efficiency(learningStrata(shown, series, tasks), labelOf)
  const modelOf = (label: string): string => every.find((cell) => cell.label === label)?.model ?? label
  return {
    kind: 'benchmark',
    title: found.tasks.length > 1 ? 'Over tasks' : 'Over seeds',
    tables: benchmarkTables(found),
    aggregates: aggregatesFigure(found, (label) => looks(label, modelOf(label))),
    ranks: found.ranks,
    curves: learned ? efficiencyFigure(learned, (label) => looks(label, modelOf(label))) : null,
    caption
  }
}

function taskParts(runs: readonly Run[], { catalog, cells }: ShownData): TaskPart[] {
  const { tasks } = withReferences(catalog, runs)
  return [...Map.groupBy(runs, ({ task }) => task)].map(([id, own]) => {
    const info = taskIn({ tasks }, id)
    const statuses = cells.flatMap((cell) => (own.some((run) => run.id === cell.runId) ? cell.statuses : []))
    return { title: info?.title ?? id, info, unfinished: statuses.filter((status) => status !== 'done').length }
  })
}

function view(
  block: Extract<Block, { kind: 'figure' | 'table' | 'derived' | 'answer' }>,
  { cells: all, catalog, styleOf = (label, model) => styleIn(catalog.models, label, model, false) }: ShownData,
  own: ShownData['runs']
): Resolved {
  const [{ run: first }] = own
  const known = withReferences(
    catalog,
    own.map(({ run }) => run)
  )
  const task = taskIn(known, first.task)
  // Only runs of one task can share axes.
  const shown = own.filter(({ run }) => run.task === first.task)
  const ids = shown.map(({ run }) => run.id)
  // A model's own label where one run has it; with several, the run's name tells equal ones apart.
  const labelOf = labelsOf(shown.map(({ run }) => run))
  const models = all.flatMap((cell) => (ids.includes(cell.runId) ? [{ label: labelOf(cell), model: cell.model }] : []))
  const names = { labelOf, styleOf: distinctLooks(models, styleOf) }
  const visible = (result: Parameters<typeof names.labelOf>[0]): boolean =>
    ids.includes(result.runId) && !block.hidden.includes(names.labelOf(result))
  const cells = all.filter(visible)
  const scattered = shown.some(({ run }) => run.experiment.search !== undefined)
  const taskParamsOf = (runId: string): ParamValues => taskParams(shown.find(({ run }) => run.id === runId)?.run, task)
  const { caption } = block
  if (block.kind === 'derived') {
    const parts = (task?.derived ?? []).map((info) => ({
      info,
      // The resampling is fixed, so that the same results always give the same interval, and the page can repeat it.
      rows: derive(cells, info, { random: seeded(resampling.seed), draws: resampling.draws }).map((row) => ({
        label: names.labelOf(row),
        row
      }))
    }))
    return { kind: 'derived', parts: parts.filter(({ rows }) => rows.length > 0), cells, caption }
  }
  if (block.kind === 'figure' && block.profile === 'tasks') {
    // Here models are the same by their label, whatever the run.
    const labelOf = ({ label }: { label: string }): string => label
    const every = all.filter((cell) => block.runs.includes(cell.runId) && !block.hidden.includes(labelOf(cell)))
    const strata = strataOf(
      own.map(({ run }) => run),
      every,
      known.tasks
    )
    return profilePart(strata, { ...names, labelOf, title: 'Performance profile over tasks' }, caption)
  }
  if (block.kind === 'figure' && block.series !== undefined) {
    const info = task?.series.find(({ name }) => name === block.series)
    if (!info) return { kind: 'missing', reason: `These runs have no series "${block.series}".` }
    const curves = shown.flatMap(({ series }) => series.filter((s) => s.name === info.name && visible(s)))
    const choice = chooseAxes(curves, { at: block.at, drawn: 0, scattered })
    const title = titleAt(info.label, choice.at, choice, catalog, task)
    return {
      kind: 'figure',
      spec: stepsFigure(curves, { ...names, info, at: choice.at, title, taskParamsOf, cells, metrics: task?.metrics }),
      caption
    }
  }
  const metric = metricsOf(task).find(({ name }) => name === (block.metric || task?.mainMetric))
  if (!metric) return { kind: 'missing', reason: `These runs have no metric "${block.metric ?? ''}".` }
  const choice = chooseAxes(cells, { axis: block.axis, at: block.at, scattered })
  const { axis, at } = choice
  const runs = shown.map(({ run }) => run)
  if (block.kind === 'answer') {
    const value = axis?.values.find((known) => known === block.value)
    return {
      kind: 'answer',
      found: answersOf(cells, { runs, task, catalog, metric, choice, value, labelOf }),
      caption
    }
  }
  const title = titleAt(metric.label, at, choice, catalog, task)
  const unlike = unlikeIn(cells, runs, task)
  const said = unlike.length ? `${notCompared}: ${unlike.map(unlikeText).join('; ')}` : ''
  if (block.kind === 'table') {
    const keyOf = likenessOf(runs, task, unlike)
    const table = pivotTable(cells, { metric, axis, at, title, labelOf: names.labelOf, keyOf })
    return { kind: 'table', table, caption: [caption, said && `${said}.`].filter(Boolean).join(' ') }
  }
  if (block.profile === 'task') {
    const here = cells.filter((cell) => liesAt(cell.point, at))
    const stratum = { name: task?.title ?? '', metric, taskParams: taskParams(first, task), cells: here }
    return profilePart([stratum], { ...names, title: `Performance profile: ${title}` }, caption)
  }
  const spec = measuredFigure(cells, {
    ...names,
    metric,
    axis,
    x: axis && axisOf(axis, catalog, task),
    at,
    title,
    task,
    catalog,
    taskParamsOf,
    predictions: shown.map(({ run, predictions }) => ({ runId: run.id, registered: predictions })),
    scattered
  })
  return { kind: 'figure', spec: said ? { ...spec, remarks: [...(spec.remarks ?? []), said] } : spec, caption }
}

function profilePart(strata: readonly Stratum[], naming: ProfileNaming, caption: string): Resolved {
  const spec = profileFigure(strata, naming)
  return spec
    ? { kind: 'figure', spec, caption }
    : { kind: 'missing', reason: 'No task of these runs has finished trials of all the models that are shown.' }
}

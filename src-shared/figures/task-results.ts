/** The results of one task in a report of runs: which axis is drawn, at which places of the others, and the figures. */
import type { Catalog, MetricInfo, SeriesInfo, TaskInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import type { Point } from '../shapes/point.ts'
import type { FigureSpec, SeriesStyle } from './spec.ts'
import { stepsFigure } from './measured.ts'
import { styleIn } from './model-style.ts'
import { labelsOf } from '../findings/naming.ts'
import { measuredFigure, type MeasuredFigure } from './overlays.ts'
import { titled } from '../documents/pivot.ts'
import { axisOf, sweptAxes, taskParams, type SweptAxis } from '../findings/results.ts'
import type { RunTrials } from '../documents/tables.ts'

export interface ReportInput {
  runs: readonly RunTrials[]
  cells: readonly CellResult[]
  catalog: Catalog
  version: string
  /** ISO 8601. */
  created: string
}

export interface ReportNaming {
  labelOf(result: { runId: string; label: string }): string
  styleOf(label: string, model: string): SeriesStyle
}

/** Figures of one quantity beyond this many places of the other axes are left to the data. */
export const mostFigures = 12

export interface TaskResults {
  id: string
  task: TaskInfo | undefined
  /** The main one first. */
  metrics: readonly MetricInfo[]
  runs: readonly RunTrials[]
  cells: readonly CellResult[]
  axis: SweptAxis | undefined
  /** A value for every axis but the drawn one. */
  places: readonly Point[]
  names: ReportNaming
  catalog: Catalog
}

/** The results of every task that the runs have. */
export function resultsByTask(input: ReportInput): TaskResults[] {
  const { catalog } = input
  const names = reportNaming(input)
  return [...new Set(input.runs.map(({ run }) => run.task))].map((id) => {
    const runs = input.runs.filter(({ run }) => run.task === id)
    const ids = new Set(runs.map(({ run }) => run.id))
    const cells = input.cells.filter(({ runId }) => ids.has(runId))
    const task = catalog.tasks.find((t) => t.id === id)
    const axes = sweptAxes(cells)
    const axis = axes.find((a) => a.numeric && a.values.length > 1) ?? axes.find((a) => a.values.length > 1)
    const others = axes.filter((a) => a !== axis)
    const main = task?.metrics.find(({ name }) => name === task.mainMetric)
    const metrics = [...(main ? [main] : []), ...(task?.metrics ?? []).filter((metric) => metric !== main)]
    return { id, task, metrics, runs, cells, axis, places: placesOf(cells, others), names, catalog }
  })
}

/** What stands beside a measurement of these runs of one task, whoever draws it. */
export const besideRuns = (
  runs: readonly Pick<RunTrials, 'run' | 'predictions'>[],
  id: string,
  task: TaskInfo | undefined
): Pick<MeasuredFigure, 'task' | 'taskParamsOf' | 'derived' | 'predictions' | 'scattered'> => ({
  task: id,
  taskParamsOf: (runId) => taskParams(runs.find(({ run }) => run.id === runId)?.run, task),
  derived: task?.derived ?? [],
  predictions: runs.map(({ run, predictions = [] }) => ({ runId: run.id, registered: predictions })),
  scattered: runs.some(({ run }) => run.experiment.search !== undefined)
})

/** A metric over the axis, a figure per place. */
export function metricFigures(results: TaskResults, metric: MetricInfo): FigureSpec[] {
  const { task, runs, cells, axis, names, catalog } = results
  return results.places.slice(0, mostFigures).map((at) =>
    measuredFigure(cells, {
      ...names,
      metric,
      axis,
      x: axis && axisOf(axis, catalog, task),
      at,
      title: titled(metric.label, at),
      ...besideRuns(runs, results.id, task)
    })
  )
}

/** A series over its steps, a figure per place; none where no run has it. */
export function seriesFigures({ runs, names }: TaskResults, info: SeriesInfo): FigureSpec[] {
  const curves = runs.flatMap(({ series }) => series.filter(({ name }) => name === info.name))
  if (!curves.length) return []
  return placesOf(curves, sweptAxes(curves))
    .slice(0, mostFigures)
    .map((at) => stepsFigure(curves, { ...names, info, at, title: titled(info.label, at) }))
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
    styleOf: (label, model) => styleIn(catalog.models, label, model, false)
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

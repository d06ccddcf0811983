/** What stands beside a measurement in its figure: the curves of theory, and what was predicted before the run. */
import { modelIn, type Catalog, type DerivedInfo, type MetricInfo, type TaskInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import type { AxisValue, Point } from '../shapes/point.ts'
import type { ParamValues } from '../shapes/params.ts'
import type { RegisteredPrediction } from '../shapes/prediction.ts'
import { crossing, crossingText } from '../findings/crossing.ts'
import { theoryCurves } from '../theory/curves.ts'
import type { FigureBand, FigureReference, FigureSeries, FigureSpec } from './spec.ts'
import { chanceReference, sweepFigure, type SweepFigure } from './measured.ts'
import { numberText } from '../text/numbers.ts'
import { liesAt } from '../shapes/point.ts'
import type { SweptAxis } from '../findings/results.ts'

interface Drawn {
  metric: MetricInfo
  axis: SweptAxis | undefined
  at: Point
  labelOf: (result: { runId: string; label: string }) => string
}

/** A curve is drawn through this many points, and through the swept values alone beyond `longestLaw`. */
const curvePoints = 41
/** Some laws are sums over all pairs of items. */
const longestLaw = 2000

export interface MeasuredFigure extends Omit<SweepFigure, 'labelOf' | 'references'> {
  labelOf: Drawn['labelOf']
  task: TaskInfo | undefined
  catalog: Pick<Catalog, 'models'>
  /** A run's complete parameters of the task. */
  taskParamsOf: (runId: string) => ParamValues
  predictions?: readonly RunPredictions[]
  /** The points were drawn at random: they are shown by themselves, and no law or prediction speaks of them. */
  scattered?: boolean
}

/**
 * A metric over an axis with everything that belongs beside it: chance, thresholds and where they are crossed, the laws of theory and what they leave, and what
 * was predicted. Pages, reports of runs and composed reports all draw this one.
 */
export function measuredFigure(cells: readonly CellResult[], options: MeasuredFigure): FigureSpec {
  const { metric, axis, at, labelOf, task, catalog, taskParamsOf, predictions = [] } = options
  const known = { ...taskParamsOf(cells[0]?.runId ?? ''), ...at }
  const figure = sweepFigure(cells, { ...options, references: chanceReference(metric, axis, known) })
  if (options.scattered) return { ...figure, scatter: true }
  const drawn = { metric, axis, at, labelOf }
  const measured = withCrossings(figure, task?.derived ?? [], drawn)
  return withPredictions(withTheory(measured, cells, { ...drawn, task, catalog, taskParamsOf }), predictions, drawn)
}

/**
 * The figure with the law of each of its models as a dashed curve, and how far the measurement lies from it.
 * @param taskParamsOf the complete parameters of the task in a run
 */
export function withTheory(
  spec: FigureSpec,
  cells: readonly CellResult[],
  {
    metric,
    axis,
    at,
    labelOf,
    task,
    catalog,
    taskParamsOf
  }: Drawn & Pick<MeasuredFigure, 'task' | 'catalog' | 'taskParamsOf'>
): FigureSpec {
  if (!task || !axis?.numeric) return spec
  const curves: FigureReference[] = []
  const remarks: string[] = []
  for (const series of spec.series) {
    const cell = cells.find((c) => labelOf(c) === series.label && liesAt(c.point, at) && axis.name in c.point)
    const model = cell && modelIn(catalog, cell.model)
    if (!model) continue
    const params = taskParamsOf(cell.runId)
    const here = { ...params, ...onlyKnown(cell.point, params) }
    const law = theoryCurves(task, model, cell.params as ParamValues, here).find(
      (curve) => curve.metric === metric.name && curve.axis === axis.name
    )
    if (!law) continue
    const xs = axis.values.map(Number)
    curves.push({
      label: `${series.label}: theory`,
      of: series.label,
      dash: [6, 4],
      colour: series.style.colour,
      tex: law.tex,
      points: spread(xs).map((x) => ({ x, y: law.y(x) }))
    })
    const residual = residualOf(series, law.y)
    if (residual) remarks.push(`${series.label}, measured minus theory: ${residual}`)
  }
  if (!curves.length) return spec
  return {
    ...spec,
    references: [...(spec.references ?? []), ...curves],
    remarks: [...(spec.remarks ?? []), ...remarks]
  }
}

const onlyKnown = (point: Point, known: ParamValues): Point =>
  Object.fromEntries(Object.entries(point).filter(([name]) => name in known))

function spread(xs: readonly number[]): number[] {
  const [low, high] = [Math.min(...xs), Math.max(...xs)]
  if (high > longestLaw || low <= 0 || low === high) return [...xs]
  const between = Array.from({ length: curvePoints }, (_, i) => low * (high / low) ** (i / (curvePoints - 1)))
  return [...new Set([...between, ...xs])].sort((a, b) => a - b)
}

/** `rms 0.004, largest -0.012 at 80`. */
function residualOf(series: FigureSeries, law: (x: number) => number): string | undefined {
  const gaps = series.points.flatMap(({ x, y }) => (y === null ? [] : [{ x, gap: y - law(x) }]))
  if (!gaps.length) return undefined
  const rms = Math.sqrt(gaps.reduce((sum, { gap }) => sum + gap * gap, 0) / gaps.length)
  const largest = gaps.reduce((top, one) => (Math.abs(one.gap) > Math.abs(top.gap) ? one : top))
  return `rms ${numberText(rms)}, largest ${numberText(largest.gap)} at ${numberText(largest.x)}`
}

/**
 * The figure with the thresholds that the task's derived quantities read off it (capacity: 95 %), and where each model
 * falls through them.
 */
export function withCrossings(
  spec: FigureSpec,
  derived: readonly DerivedInfo[],
  { metric, axis }: Pick<Drawn, 'metric' | 'axis'>
): FigureSpec {
  const here = axis?.numeric ? derived.filter((info) => info.metric === metric.name && info.axis === axis.name) : []
  const references = here.flatMap((info): FigureReference[] => {
    const curves = spec.series.flatMap(({ label, style, points }) => {
      const present = points.flatMap(({ x, y }) => (y === null ? [] : [{ x, y }]))
      if (present.length < 2) return []
      const value = crossing(
        present.map(({ x }) => x),
        present.map(({ y }) => y),
        info.threshold,
        info.scale,
        info.rising
      )
      return [{ label, colour: style.colour, value }]
    })
    if (!curves.length) return []
    const foot = spec.y.range?.[0] ?? Math.min(info.threshold, ...spec.series.flatMap(lowest))
    const drop = curves.flatMap(({ label, colour, value }): FigureReference[] =>
      value.relation === '='
        ? [
            {
              label: `${label}: ${crossingText(value)}`,
              of: label,
              dash: [1, 3],
              colour,
              points: [info.threshold, foot].map((y) => ({ x: value.at, y }))
            }
          ]
        : []
    )
    return [
      { label: `${info.label}: ${metric.label.toLowerCase()} = ${info.threshold}`, dash: [8, 3], y: info.threshold },
      ...drop
    ]
  })
  return references.length ? { ...spec, references: [...(spec.references ?? []), ...references] } : spec
}

const lowest = ({ points }: FigureSeries): number[] => points.flatMap(({ y, low }) => (y === null ? [] : [low ?? y]))

/** A run's predictions, with the run they were registered with. */
export interface RunPredictions {
  runId: string
  registered: readonly RegisteredPrediction[]
}

/** The figure with every interval that was predicted for what it shows. */
export function withPredictions(
  spec: FigureSpec,
  predictions: readonly RunPredictions[],
  { metric, axis, at, labelOf }: Drawn
): FigureSpec {
  const bands = predictions.flatMap(({ runId, registered }) =>
    registered.flatMap(({ prediction }): FigureBand[] => {
      if (prediction.metric !== metric.name || !('intervals' in prediction)) return []
      const { intervals, at: point } = prediction
      if (!Object.entries(at).every(([name, value]) => point[name] === undefined || point[name] === value)) return []
      return Object.entries(intervals).flatMap(([model, [low, high]]) => {
        const label = labelOf({ runId, label: model })
        const colour = colourOf(spec, label)
        if (!colour) return []
        const x = positionOf(spec, axis, point, label)
        return [{ label: `${label}: predicted`, low, high, colour, ...(x !== undefined && { x }) }]
      })
    })
  )
  return bands.length ? { ...spec, bands: [...(spec.bands ?? []), ...bands] } : spec
}

function colourOf(spec: FigureSpec, label: string): string | undefined {
  const series = spec.series.find((s) => s.label === label)
  return series?.style.colour ?? spec.references?.find((r) => r.label.startsWith(`${label} (`))?.colour
}

/** Where on the x axis a prediction stands; undefined: everywhere. */
function positionOf(spec: FigureSpec, axis: SweptAxis | undefined, point: Point, label: string): number | undefined {
  if (!axis) return spec.series.find((s) => s.label === label)?.points[0]?.x
  const value: AxisValue | undefined = point[axis.name]
  if (value === undefined) return undefined
  return axis.numeric ? Number(value) : axis.values.indexOf(value)
}

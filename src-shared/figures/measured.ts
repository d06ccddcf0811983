/** Results as figures: a metric over a swept axis, a series over its steps, trials as distributions, two axes as a map. */
import { chanceAt, type Direction, type MetricInfo, type SeriesInfo } from '../shapes/catalog.ts'
import type { CellResult, SeriesResult } from '../shapes/run.ts'
import type { AxisValue, Point } from '../shapes/point.ts'
import { meanInterval, type Interval } from '../statistics/interval.ts'
import type {
  FigureAxis,
  FigureDefinition,
  FigurePoint,
  FigureReference,
  FigureSeries,
  FigureSpec,
  SeriesStyle
} from './spec.ts'
import { cellInterval, finished, intervalMethod, type SeedValue, type SweptAxis } from '../findings/results.ts'
import { damagedCurves, damagedTrials } from '../findings/damage.ts'
import { seriesScale } from '../findings/scales.ts'
import { numberText } from '../text/numbers.ts'
import { isAsymmetric } from '../text/interval-text.ts'
import { liesAt } from '../shapes/point.ts'
import type { MetricScale } from '../shapes/scale.ts'

/** How results are told apart: a label per model (and run, when two runs have the same model), and its look. */
export interface Naming<R> {
  labelOf(result: R): string
  styleOf(label: string, model: string): SeriesStyle
}

function grouped<R>(results: readonly R[], labelOf: (result: R) => string): Map<string, R[]> {
  const groups = new Map<string, R[]>()
  for (const result of results) {
    const label = labelOf(result)
    const group = groups.get(label)
    if (group) group.push(result)
    else groups.set(label, [result])
  }
  return groups
}

export interface SweepFigure extends Naming<CellResult> {
  metric: MetricInfo
  /** The swept axis to draw over; without one the models stand beside each other. */
  axis: SweptAxis | undefined
  /** What the axis is called. */
  x: FigureAxis | undefined
  /** One value for every other axis. */
  at: Point
  title: string
  references?: readonly FigureReference[]
}

/** A metric over a swept axis: mean and interval per point, the trials behind it as members. */
export function sweepFigure(cells: readonly CellResult[], options: SweepFigure): FigureSpec {
  const { metric, axis, labelOf, styleOf } = options
  const here = cells.filter((cell) => liesAt(cell.point, options.at))
  const groups = grouped(here, labelOf)
  const damage = damagedTrials(here, labelOf)
  const shown: Interval[] = []
  const references: FigureReference[] = [...(options.references ?? [])]
  const series: FigureSeries[] = []
  for (const [index, [label, group]] of [...groups].entries()) {
    const style = styleOf(label, group[0].model)
    const placed = group.flatMap((cell) => {
      const x = axis ? positionOn(axis, cell.point[axis.name]) : index
      return x === undefined ? [] : [{ x, cell }]
    })
    placed.sort((a, b) => a.x - b.x)
    for (const { cell } of placed) {
      const interval = cellInterval(cell, metric.name)
      if (interval) shown.push(interval)
    }
    if (placed.length) series.push({ label, style, ...pointsOf(placed, metric.name) })
    // A model that does not have the swept parameter has one value, the same along the whole axis.
    const only = axis && !placed.length ? cellInterval(group[0], metric.name) : undefined
    if (only)
      references.push({
        label: `${label} (not swept)`,
        of: label,
        dash: style.dash,
        y: only.mean,
        colour: style.colour
      })
  }
  const method = intervalMethod(shown)
  return {
    title: options.title,
    x: axis && options.x ? options.x : { label: 'Model', scale: 'category', categories: [...groups.keys()] },
    y: metricAxis(metric),
    series,
    references,
    interval: 'bars',
    ...(shown.some(isAsymmetric) && { asymmetric: true }),
    ...(damage !== undefined && { damage }),
    ...(method && { method })
  }
}

function positionOn(axis: SweptAxis, value: AxisValue | undefined): number | undefined {
  if (value === undefined) return undefined
  return axis.numeric ? Number(value) : axis.values.indexOf(value)
}

function pointsOf(
  placed: readonly { x: number; cell: CellResult }[],
  metric: string
): Pick<FigureSeries, 'points' | 'members'> {
  const members = new Map<number, FigurePoint[]>()
  const points = placed.map(({ x, cell }): FigurePoint => {
    for (const { seed, value } of finished(cell, metric)) {
      const list = members.get(seed)
      if (list) list.push({ x, y: value })
      else members.set(seed, [{ x, y: value }])
    }
    const interval = cellInterval(cell, metric)
    return interval ? pointOf(x, interval) : { x, y: null, n: 0 }
  })
  return { points, members: [...members].map(([seed, list]) => ({ seed, points: list })) }
}

/** A share keeps its whole scale from 0 to 1; anything else takes the data's. */
export function metricAxis(metric: MetricInfo): FigureSpec['y'] {
  const share = metric.range?.[0] === 0 && metric.range[1] === 1
  return {
    label: metric.label,
    ...(metric.unit && { unit: metric.unit }),
    scale: 'linear',
    direction: metric.direction,
    ...(share ? { range: [0, 1] as const } : withinOf(metric))
  }
}

/** Where values of a quantity can lie at all. */
const withinOf = ({ range, positive }: Pick<MetricInfo, 'range' | 'positive'>): Pick<FigureAxis, 'within'> =>
  range ? { within: range } : positive ? { within: [0, Infinity] } : {}

/** The chance level as a dashed line: a number, or 1/x where the parameter it depends on is the axis itself. */
export function chanceReference(
  metric: MetricInfo,
  axis: SweptAxis | undefined,
  taskParams: Readonly<Record<string, unknown>>
): FigureReference[] {
  const { chance } = metric
  if (chance === undefined) return []
  const level = (y: number): FigureReference[] => [{ label: `chance (${y})`, dash: [2, 3], y }]
  if (typeof chance === 'number') return level(chance)
  const { where } = chance
  if (where && taskParams[where.param] === where.is) return level(where.chance)
  const label = `chance (1/${chance.oneOver})`
  if (axis?.name === chance.oneOver && axis.numeric) {
    const [low, high] = [Number(axis.values[0]), Number(axis.values.at(-1))]
    if (!(low > 0)) return []
    const points = Array.from({ length: 41 }, (_, i) => {
      const x = low * (high / low) ** (i / 40)
      return { x, y: 1 / x }
    })
    return [{ label, dash: [2, 3], points }]
  }
  const y = chanceAt(chance, (name) => taskParams[name])
  return y === undefined ? [] : [{ label, dash: [2, 3], y }]
}

export interface StepsFigure extends Naming<{ runId: string; label: string }> {
  info: SeriesInfo
  /** Of a run, defaults filled in: how many questions lie behind a share. */
  taskParamsOf(runId: string): Readonly<Record<string, unknown>>
  at: Point
  title: string
  /** The same trials' metrics, for what the series marks on its axis. */
  cells?: readonly CellResult[]
  /** Of the task, for the name of what is marked. */
  metrics?: readonly MetricInfo[]
}

/** A series over its steps (a learning curve): mean and band over seeds. */
export function stepsFigure(results: readonly SeriesResult[], options: StepsFigure): FigureSpec {
  const { info } = options
  const here = results.filter((result) => liesAt(result.point, options.at))
  const groups = grouped(here, options.labelOf)
  const damage = damagedCurves(here, options.labelOf)
  const shown: Interval[] = []
  const series = [...groups].map(([label, [result]]): FigureSeries => {
    const curve = seriesCurve(result, seriesScale(info, { ...options.taskParamsOf(result.runId), ...result.point }))
    for (const interval of curve.shown) shown.push(interval)
    return {
      label,
      style: options.styleOf(label, result.model),
      points: curve.points.map((point) => raised(point, info.logFrom)),
      members: result.seeds.map((seed, i) => ({
        seed,
        points: result.x.map((x, k) => raised({ x, y: result.y[i]?.[k] ?? null }, info.logFrom))
      }))
    }
  })
  const method = intervalMethod(shown)
  const floor = info.logFrom
  const below =
    floor !== undefined && here.some(({ y }) => y.some((row) => row.some((value) => value !== null && value < floor)))
  const references = marksOf(series, options)
  return {
    title: options.title,
    x: { label: info.x.label, ...(info.x.unit && { unit: info.x.unit }), scale: 'linear' },
    y: {
      label: info.label,
      ...(info.unit && { unit: info.unit }),
      scale: floor !== undefined && series.length > 0 ? 'log' : 'linear',
      direction: info.direction,
      ...withinOf(info)
    },
    series,
    ...(references.length > 0 && { references }),
    interval: 'band',
    ...(below && { remarks: [`What lies below ${numberText(floor!)} is drawn at ${numberText(floor!)}.`] }),
    ...(shown.some(isAsymmetric) && { asymmetric: true }),
    ...(damage !== undefined && { damage }),
    ...(method && { method })
  }
}

/** A point of a log axis that begins at a floor. */
function raised(point: FigurePoint, floor: number | undefined): FigurePoint {
  if (floor === undefined || point.y === null) return point
  const { y, low, high } = point
  return {
    ...point,
    y: Math.max(floor, y),
    ...(low !== undefined && { low: Math.max(floor, low) }),
    ...(high !== undefined && { high: Math.max(floor, high) })
  }
}

/** Where each model's mean of the marked metric lies on the axis of the steps; who never got there is named without a line. */
function marksOf(
  series: readonly FigureSeries[],
  { info, cells = [], metrics = [], at, labelOf }: StepsFigure
): FigureReference[] {
  const metric = metrics.find(({ name }) => name === info.marks)
  if (!metric) return []
  return series.flatMap(({ label, style }) => {
    const cell = cells.find((one) => labelOf(one) === label && liesAt(one.point, at))
    const found = cell && cellInterval(cell, metric.name)
    if (!found) return []
    const name = `${label}: ${metric.label.toLowerCase()}`
    const common = { of: label, dash: [1, 3], colour: style.colour }
    return found.beyond
      ? [{ ...common, label: `${name} > ${found.beyond.limit} in ${found.beyond.count} of ${found.n}` }]
      : [{ ...common, label: `${name} ${numberText(found.mean)}`, x: found.mean }]
  })
}

interface Curve {
  points: FigurePoint[]
  shown: Interval[]
}
const curves = new WeakMap<SeriesResult, Curve>()
function seriesCurve(result: SeriesResult, scale: MetricScale | undefined): Curve {
  const known = curves.get(result)
  if (known) return known
  const shown: Interval[] = []
  const points = result.x.map((x, k): FigurePoint => {
    const values = result.y.map((row) => row[k]).filter((y): y is number => typeof y === 'number' && Number.isFinite(y))
    if (!values.length) return { x, y: null, n: 0 }
    const interval = meanInterval(values, scale)
    shown.push(interval)
    return pointOf(x, interval)
  })
  const curve = { points, shown }
  curves.set(result, curve)
  return curve
}

const pointOf = (x: number, { mean, low, high, n }: Interval): FigurePoint => ({
  x,
  y: mean,
  n,
  ...(low !== null && high !== null && { low, high })
})

/** Figures of the same quantities beside each other share their vertical scale; one alone keeps to what it shows. */
export function sharedScale(figures: readonly FigureSpec[]): FigureSpec[] {
  if (figures.length < 2) return [...figures]
  const ys = figures.flatMap((figure) =>
    figure.series.flatMap((series) => series.points.flatMap((p) => (p.y === null ? [] : [p.low ?? p.y, p.high ?? p.y])))
  )
  if (!ys.length || figures.some((figure) => figure.y.range)) return [...figures]
  const [low, high] = [Math.min(...ys), Math.max(...ys)]
  const pad = (high - low || Math.abs(high) || 1) * 0.05
  return figures.map((figure) => {
    const [least, greatest] = figure.y.within ?? [-Infinity, Infinity]
    const range: [number, number] =
      figure.y.scale === 'log'
        ? [low, high]
        : [Math.max(low - pad, Math.min(least, low)), Math.min(high + pad, Math.max(greatest, high))]
    return { ...figure, y: { ...figure.y, range } }
  })
}

/** Maps of the same quantity beside each other share their colours. */
export function sharedColours(maps: readonly HeatMapSpec[]): HeatMapSpec[] {
  const values = maps.flatMap((map) => map.values.flat()).filter((value): value is number => value !== null)
  if (!values.length || maps.some((map) => map.value.range)) return [...maps]
  const range = [Math.min(...values), Math.max(...values)] as const
  return maps.map((map) => ({ ...map, value: { ...map.value, range } }))
}

export interface DistributionSpec {
  title: string
  y: FigureAxis & { direction?: Direction }
  groups: { label: string; style: SeriesStyle; values: SeedValue[] }[]
}

/** All trials of one place as one distribution per model. */
export function distribution(
  cells: readonly CellResult[],
  options: Naming<CellResult> & { metric: MetricInfo; at: Point; title: string }
): DistributionSpec {
  const here = cells.filter((cell) => liesAt(cell.point, options.at))
  return {
    title: options.title,
    y: metricAxis(options.metric),
    groups: here.map((cell) => {
      const label = options.labelOf(cell)
      return { label, style: options.styleOf(label, cell.model), values: finished(cell, options.metric.name) }
    })
  }
}

export interface HeatMapSpec {
  title: string
  definition?: FigureDefinition
  x: { label: string; unit?: string; ticks: readonly string[] }
  y: { label: string; unit?: string; ticks: readonly string[] }
  /** values[row of y][column of x]; null has no colour. */
  values: readonly (readonly (number | null)[])[]
  value: { label: string; unit?: string; range?: readonly [number, number] }
  /** Of each value how many members it is the mean of, and its interval, where these are known: for the data table. */
  estimates?: readonly (readonly (Pick<Interval, 'low' | 'high' | 'n'> | null)[])[]
  /** What is said under it. */
  method?: string
}

/** The mean of a metric over two swept axes, for the cells of one model. */
export function heatMap(
  cells: readonly CellResult[],
  options: { metric: MetricInfo; x: SweptAxis; y: SweptAxis; labels: [FigureAxis, FigureAxis]; title: string }
): HeatMapSpec {
  const { metric, x, y, labels } = options
  const share = metricAxis(metric).range !== undefined
  const named = (axis: SweptAxis, label: FigureAxis): HeatMapSpec['x'] => ({
    label: label.label,
    ...(label.unit && { unit: label.unit }),
    ticks: axis.values.map(String)
  })
  return {
    title: options.title,
    x: named(x, labels[0]),
    y: named(y, labels[1]),
    values: y.values.map((row) =>
      x.values.map((column) => {
        const cell = cells.find((c) => c.point[x.name] === column && c.point[y.name] === row)
        return (cell && cellInterval(cell, metric.name)?.mean) ?? null
      })
    ),
    value: { label: metric.label, ...(metric.unit && { unit: metric.unit }), ...(share && { range: [0, 1] as const }) }
  }
}

/** A FigureSpec as a Chart.js configuration: pure, so that the screen and the report cannot drift apart unseen. */
import type {
  Chart,
  ChartConfiguration,
  ChartDataset,
  ChartEvent,
  PointStyle,
  ScaleOptions,
  ScatterDataPoint,
  TooltipItem
} from 'chart.js'
import type { AnnotationOptions } from 'chartjs-plugin-annotation'
import {
  axisTitle,
  type FigureAxis,
  type FigurePoint,
  type FigureSeries,
  type FigureSpec,
  type SeriesStyle
} from '../../src-shared/figures/spec.ts'
import { halfWidth, numberText, plusMinus } from '../../src-shared/text/numbers.ts'
import { axisTick, figureScales, type Scale } from '../../src-shared/figures/scales.ts'
import { downsample } from '../../src-shared/figures/downsample.ts'
import { xText } from './figure-table.ts'

export interface Ink {
  text: string
  grid: string
  background: string
}

export interface ChartView {
  ink: Ink
  /** Labels of series that the legend has switched off. */
  hidden: ReadonlySet<string>
  /** Draw the trials behind the means. */
  members: boolean
  /** The series that is lit: the others step back. */
  lit?: string
  /** Told which series the pointer is on. */
  onlit?: (label: string | undefined) => void
}

/** `source` is what the tooltip speaks of; a reference has none and stays silent. A member says its seed. */
type ErrorPoint = ScatterDataPoint & { yMin?: number; yMax?: number; source?: FigurePoint; seed?: number }
/** Options of a point have no `point` prefix here: its element is another one than Chart.js's own. */
export type FigureDataset = ChartDataset<'scatterWithErrorBars', ErrorPoint[]> & {
  band?: readonly FigurePoint[]
  radius?: number
  hoverRadius?: number
  hitRadius?: number
}

const markers: Record<SeriesStyle['marker'], PointStyle> = {
  circle: 'circle',
  square: 'rect',
  triangle: 'triangle',
  diamond: 'rectRot',
  cross: 'crossRot',
  plus: 'cross',
  star: 'star'
}

export function chartConfig(
  given: FigureSpec,
  view: ChartView
): ChartConfiguration<'scatterWithErrorBars', ErrorPoint[]> {
  // What belongs to a series goes with it.
  const references = given.references?.filter(({ of }) => of === undefined || !view.hidden.has(of))
  const spec = { ...given, ...(references && { references }) }
  return {
    type: 'scatterWithErrorBars',
    data: { datasets: datasets(spec, view) },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      // A marker on the edge of a fixed scale (an accuracy of 1) is drawn whole.
      clip: 6,
      interaction: { mode: 'nearest', intersect: false, axis: 'xy' },
      ...(view.onlit && { onHover: hovering(view.onlit, new Set(spec.series.map(({ label }) => label))) }),
      scales: scales(spec, view) as NonNullable<ChartConfiguration<'scatterWithErrorBars'>['options']>['scales'],
      plugins: {
        annotation: { annotations: lines(spec, view.ink) },
        tooltip: {
          animation: false,
          filter: (item) => (item.raw as ErrorPoint).source !== undefined,
          callbacks: {
            title: ([item]) => (item ? `${plainTitle(spec.x)} ${xText(spec, Number(item.parsed.x))}` : ''),
            label: (item) => tooltipLabel(item, spec.asymmetric ?? false)
          }
        },
        zoom: {
          pan: { enabled: true, mode: 'xy', threshold: 4 },
          zoom: { wheel: { enabled: true, modifierKey: 'ctrl' }, pinch: { enabled: true }, mode: 'xy' }
        }
      }
    }
  }
}

/** What the pointer is on, not what is nearest to it: away from every point nothing is lit. */
const hovering =
  (tell: NonNullable<ChartView['onlit']>, labels: ReadonlySet<string>) =>
  ({ native, type }: ChartEvent, _: unknown, chart: Chart): void => {
    const [on] =
      native && type !== 'mouseout'
        ? chart.getElementsAtEventForMode(native, 'nearest', { intersect: true }, false)
        : []
    const label = on && chart.data.datasets[on.datasetIndex].label
    tell(label !== undefined && labels.has(label) ? label : undefined)
  }

const plainTitle = (axis: FigureAxis): string => axisTitle({ ...axis, unit: undefined })

function tooltipLabel({ dataset, raw }: TooltipItem<'scatterWithErrorBars'>, asymmetric: boolean): string {
  const { source, seed } = raw as ErrorPoint
  if (!source || source.y === null) return ''
  if (asymmetric) {
    const { y, low, high, n } = source
    const ends = low === undefined || high === undefined ? '' : `, 95 % ${numberText(low)} to ${numberText(high)}`
    return `${dataset.label}: ${numberText(y)}${n ? ` (n = ${n}${ends})` : ''}`
  }
  if (seed !== undefined) return `${dataset.label}, seed ${seed}: ${numberText(source.y)}`
  const half = halfWidth(source)
  const how = half === undefined ? '' : ', 95 %'
  return `${dataset.label}: ${plusMinus(source.y, half)}${source.n ? ` (n = ${source.n}${how})` : ''}`
}

function datasets(spec: FigureSpec, view: ChartView): FigureDataset[] {
  const list: FigureDataset[] = []
  for (const series of spec.series) {
    const hidden = view.hidden.has(series.label)
    list.push({ ...meanDataset(steppedBack(series, view.lit), spec), hidden })
    if (view.members)
      for (const member of series.members ?? [])
        list.push({
          ...line(series.label, downsample(member.points), series.style, { seed: member.seed }),
          hidden,
          order: 2,
          borderColor: faint(series.style.colour),
          backgroundColor: faint(series.style.colour),
          showLine: spec.interval === 'band',
          borderWidth: 1,
          radius: spec.interval === 'band' ? 0 : 2
        })
  }
  for (const reference of spec.references ?? [])
    if (reference.points)
      list.push({
        ...line(
          reference.label,
          reference.points,
          { colour: reference.colour ?? view.ink.text, dash: reference.dash, marker: 'circle' },
          { silent: true }
        ),
        order: 1,
        borderWidth: 1.25,
        radius: 0,
        hitRadius: 0
      })
  return list
}

function meanDataset(series: FigureSeries, spec: FigureSpec): FigureDataset {
  const points = downsample(series.points)
  const bars = spec.interval === 'bars'
  const dense = points.length > 40
  return {
    ...line(series.label, points, series.style, { bars }),
    order: 0,
    showLine: spec.scatter !== true,
    borderWidth: 2,
    radius: dense && !spec.scatter ? 0 : 4,
    hoverRadius: 6,
    ...(!bars && { band: points })
  }
}

function line(
  label: string,
  points: readonly FigurePoint[],
  style: SeriesStyle,
  how: { bars?: boolean; seed?: number; silent?: boolean }
): FigureDataset {
  return {
    label,
    data: points.map((p) => ({
      x: p.x,
      y: p.y ?? NaN,
      ...(how.bars && p.low !== undefined && p.high !== undefined && { yMin: p.low, yMax: p.high }),
      ...(!how.silent && { source: p }),
      ...(how.seed !== undefined && { seed: how.seed })
    })),
    showLine: true,
    spanGaps: false,
    borderColor: style.colour,
    backgroundColor: style.colour,
    borderDash: [...style.dash],
    pointStyle: markers[style.marker],
    hitRadius: 8,
    errorBarColor: style.colour,
    errorBarWhiskerColor: style.colour,
    errorBarLineWidth: 1.5,
    errorBarWhiskerLineWidth: 1.5,
    errorBarWhiskerSize: 8
  }
}

/** A hex colour at a third of its strength. */
const faint = (colour: string): string => `${colour}59`

function steppedBack(series: FigureSeries, lit: string | undefined): FigureSeries {
  if (lit === undefined || lit === series.label) return series
  return { ...series, style: { ...series.style, colour: faint(series.style.colour) } }
}

/** Scales with the ends and ticks of the report's figure; Chart.js makes its own ticks once zoomed. */
function scales(
  spec: FigureSpec,
  { ink, members, hidden }: ChartView
): Record<'x' | 'y', ScaleOptions<'linear' | 'logarithmic'>> {
  const seen = spec.series.filter(({ label }) => !hidden.has(label))
  const { x, y, xTicks } = figureScales({ ...spec, ...(seen.length && { series: seen }) }, { members })
  return { x: scaleOptions(spec.x, { ...x, ticks: xTicks }, ink), y: scaleOptions(spec.y, y, ink) }
}

function scaleOptions(
  axis: Parameters<typeof axisTitle>[0],
  { ends: [min, max], ticks }: Scale,
  ink: Ink
): ScaleOptions<'linear' | 'logarithmic'> {
  return {
    type: axis.scale === 'log' ? 'logarithmic' : 'linear',
    min,
    max,
    title: { display: true, text: axisTitle(axis), color: ink.text, font: { size: 12 } },
    grid: { color: ink.grid, tickColor: ink.grid },
    border: { color: ink.text },
    ticks: {
      color: ink.text,
      autoSkipPadding: 12,
      maxRotation: axis.scale === 'category' ? 40 : 0,
      callback: (value) =>
        axis.scale === 'category' ? (axis.categories?.[Number(value)] ?? '') : axisTick(axis, Number(value))
    },
    afterBuildTicks: (built) => {
      const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
      const untouched = near(built.min, min) && near(built.max, max)
      if (untouched || axis.scale === 'category')
        built.ticks = ticks.filter(({ value }) => value >= built.min && value <= built.max)
    }
  }
}

/** Levels and thresholds as dashed lines; the legend names them. */
function lines(spec: FigureSpec, ink: Ink): Record<string, AnnotationOptions> {
  const annotations: Record<string, AnnotationOptions> = {}
  for (const [i, reference] of (spec.references ?? []).entries()) {
    if (reference.points || (reference.x === undefined && reference.y === undefined)) continue
    annotations[`reference-${i}`] = {
      type: 'line',
      ...(reference.y !== undefined && { yMin: reference.y, yMax: reference.y, yScaleID: 'y' }),
      ...(reference.x !== undefined && { xMin: reference.x, xMax: reference.x, xScaleID: 'x' }),
      borderColor: reference.colour ?? ink.text,
      borderWidth: 1.25,
      borderDash: [...reference.dash]
    }
  }
  for (const [i, band] of (spec.bands ?? []).entries()) {
    const { x } = band
    /** So many pixels beside the point, whatever the scale. */
    const beside = (pixels: number) => (context: { chart: Chart }) => {
      const scale = context.chart.scales.x
      return scale.getValueForPixel(scale.getPixelForValue(x!) + pixels)!
    }
    annotations[`band-${i}`] = {
      type: 'box',
      drawTime: 'beforeDatasetsDraw',
      yScaleID: 'y',
      yMin: band.low,
      yMax: band.high,
      ...(x !== undefined && { xScaleID: 'x', xMin: beside(-10), xMax: beside(10) }),
      backgroundColor: `${band.colour}26`,
      borderColor: band.colour,
      borderWidth: 1,
      borderDash: [2, 2]
    }
  }
  return annotations
}

/** A measurement as figures: time beside prediction, and the roofline. */
import type { Agreement } from '../../../src-shared/cost/agreement.ts'
import { symbolOf } from '../../../src-shared/cost/grid.ts'
import type { Measurement, Peaks } from '../../../src-shared/cost/measurement.ts'
import { blocks } from '../../../src-shared/cost/view.ts'
import type { FigureReference, FigureSeries, FigureSpec } from '../../../src-shared/figures/spec.ts'
import { costStyle } from './figures.ts'

/** Median times with their quartiles; dashed, the prediction at each memory's own efficiency. */
export function timeFigure({ request, backend }: Measurement, all: readonly Agreement[], dark: boolean): FigureSpec {
  const { over } = request
  return {
    title: `Time per call over ${symbolOf(over).label.toLowerCase()}, measured on ${backend}`,
    x: { label: `${symbolOf(over).label} ${over}`, scale: 'log' },
    y: { label: 'Time per call', unit: 'ms', scale: 'log', direction: 'lower' },
    series: all.map(({ memory, points }) => ({
      label: blocks[memory].title,
      style: { ...costStyle(memory, 0, dark), dash: [] },
      points: points.map(({ x, medianMs, lowMs, highMs }) => ({ x, y: medianMs, low: lowMs, high: highMs }))
    })),
    references: all.map(({ memory, points }) => ({
      label: `${blocks[memory].title}, predicted`,
      dash: [5, 4],
      colour: costStyle(memory, 0, dark).colour,
      points: points.map(({ x, predictedMs }) => ({ x, y: predictedMs }))
    })),
    interval: 'bars',
    method: 'median and quartiles of the repetitions; predicted: the roofline divided by the efficiency of each memory'
  }
}

/** Achieved FLOP/s over FLOPs per byte, under the roof of the measured peaks. */
export function roofline(title: string, peaks: Peaks, series: readonly FigureSeries[]): FigureSpec {
  const intensities = series.flatMap(({ points }) => points.map(({ x }) => x))
  const ridge = peaks.flopsPerSecond / peaks.bytesPerSecond
  const low = Math.min(ridge / 4, ...intensities)
  const high = Math.max(ridge * 4, ...intensities)
  const roof: FigureReference = {
    label: 'Roof: measured peaks of copy and matrix product',
    dash: [6, 3],
    points: [low, ridge, high].map((x) => ({ x, y: Math.min(peaks.flopsPerSecond, x * peaks.bytesPerSecond) }))
  }
  return {
    title,
    x: { label: 'Intensity', unit: 'FLOP per byte', scale: 'log', range: [low, high] },
    y: { label: 'Achieved', unit: 'FLOP/s', scale: 'log', direction: 'higher' },
    series,
    references: [roof],
    interval: 'bars',
    scatter: true
  }
}

/** The roofline of a measurement; undefined without peaks. */
export function rooflineFigure(
  { peaks, backend }: Measurement,
  all: readonly Agreement[],
  dark: boolean
): FigureSpec | undefined {
  if (!peaks || all.length === 0) return undefined
  const series = all.map(({ memory, points }) => ({
    label: blocks[memory].title,
    style: { ...costStyle(memory, 0, dark), dash: [] },
    points: points
      .map(({ intensity, flopsPerSecond }) => ({ x: intensity, y: flopsPerSecond }))
      .sort((a, b) => a.x - b.x)
  }))
  return roofline(`Roofline of ${backend}`, peaks, series)
}

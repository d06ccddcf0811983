/** The GPU's table that ships with the studio, and how the page says it. */
import {
  gpuLines,
  gpuOf,
  gpuTableSchema,
  type GpuBackend,
  type GpuLine,
  type GpuTable
} from '../../../src-shared/cost/gpu-table.ts'
import { markers, palettes } from '../../../src-shared/figures/model-style.ts'
import type { FigureSeries, FigureSpec } from '../../../src-shared/figures/spec.ts'
import { fixed, percent, plural, siNumber, significant } from '../../../src-shared/text/numbers.ts'
import { roofline } from './measured-figures.ts'

// A pattern, since it is there only where one was measured or counted.
const shipped = import.meta.glob<unknown>('../../../resources/measured/gpu.json', { import: 'default', eager: true })

/** The table in `resources/measured`, or nothing. */
export function shippedTable(from: Record<string, unknown> = shipped): GpuTable | undefined {
  const [found] = Object.values(from)
  return found === undefined ? undefined : gpuTableSchema.parse(found)
}

export interface GpuShown {
  title: string
  /** What it was measured on, and what it does not say. */
  notes: string[]
  columns: string[]
  rows: string[][]
}

/** The backends whose times mean something: an imitation of a GPU has none. */
const timedOf = ({ results }: GpuTable): { of: GpuBackend; at: number }[] =>
  results.flatMap((of, at) => (of.software ? [] : [{ of, at }]))

/** A software adapter is no GPU: what it counts is shown, and nothing of it as a time. */
export function shownTable(table: GpuTable): GpuShown {
  const { results, measured, date, processor, cores, load, counted } = table
  const gpu = gpuOf(table)
  const timed = timedOf(table)
  const peaks = timed.flatMap(({ of: { backend, peaks } }) =>
    peaks
      ? [
          `${backend}: ${siNumber(peaks.flopsPerSecond)}FLOP/s (matrix product), ${siNumber(peaks.bytesPerSecond)}B/s (copy)`
        ]
      : []
  )
  const fixtures = results.flatMap(({ backend, fixtures }) => {
    if (!fixtures) return []
    const { passed, failed, left } = fixtures
    return [
      `${plural(passed, 'golden fixture passes', 'golden fixtures pass')} on ${backend}${failed.length ? `, ${failed.length} do not: ${failed.join(', ')}` : ''}${left.length ? `, ${left.length} did not end in their share of the time` : ''}`
    ]
  })
  const conditions = `${date}, ${processor}, ${cores} cores${load < 0.5 ? '' : `, load ${fixed(load, 1)} at the start`}.`
  const ms = (value: number | undefined): string =>
    value === undefined ? '–' : fixed(value, value < 1 ? 3 : value < 100 ? 1 : 0)
  const dispatched = ({ dispatches, plain }: GpuLine): string =>
    dispatches === undefined ? '–' : `${fixed(dispatches, 0)}${plain === undefined ? '' : ` (${fixed(plain, 0)})`}`
  return {
    title: measured ? `Measured on ${gpu!.adapter}` : 'No GPU has been measured',
    notes: [
      measured
        ? conditions
        : `${conditions} Dispatches were counted on ${gpu?.adapter ?? 'no adapter'}, a GPU imitated in software, whose times would say nothing of one.`,
      ...(peaks.length
        ? [
            `Peaks of the roofline: ${peaks.join('; ')}. Operations are those of the formulas; where a kernel, or a threshold that ends early, needs fewer, a share lies above 100 %.`
          ]
        : []),
      ...(fixtures.length ? [`${fixtures.join('; ')}.`] : []),
      `Dispatches, in brackets on plain ops: of a store (${counted.memories}) or a step of training (${counted.blocks}).`,
      'npm run bench -- gpu --save measures the machine it runs on.'
    ],
    columns: [
      'Memory or block',
      ...timed.flatMap(({ of: { backend } }) => [
        `${backend}, ms a trial or step`,
        'FLOP per byte',
        'Share of the roofline'
      ]),
      'Dispatches',
      'Remarks'
    ],
    rows: gpuLines(table).map((line) => [
      line.model,
      ...timed.flatMap(({ at }) => {
        const { ms: value, roof } = line.values[at]
        return [ms(value), roof ? significant(roof.intensity, 3) : '–', roof ? percent(roof.share) : '–']
      }),
      dispatched(line),
      line.values.flatMap(({ said }, at) => (said ? [`${results[at].backend}: ${said}`] : [])).join('; ')
    ])
  }
}

/** Memories and blocks under the roof of each backend that was timed. */
export function rooflines(table: GpuTable, dark: boolean): FigureSpec[] {
  const lines = gpuLines(table)
  const colours = palettes[dark ? 'dark' : 'light']
  return timedOf(table).flatMap(({ of: { backend, adapter, peaks }, at }) => {
    const series = (['memory', 'block'] as const).map((kind, i): FigureSeries => ({
      label: kind === 'memory' ? 'Memories, a trial' : 'Blocks, a step of training',
      style: { colour: colours[i], dash: [], marker: markers[i] },
      points: lines
        .flatMap((line) => (line.kind === kind && line.values[at].roof ? [line.values[at].roof] : []))
        .map(({ intensity, flopsPerSecond }) => ({ x: intensity, y: flopsPerSecond }))
        .sort((a, b) => a.x - b.x)
    }))
    const found = series.filter(({ points }) => points.length)
    return peaks && found.length ? [roofline(`Roofline of ${backend} on ${adapter}`, peaks, found)] : []
  })
}

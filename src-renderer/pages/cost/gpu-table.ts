/** The GPU's table that ships with the studio, and how the page says it. */
import { gpuLines, gpuOf, gpuTableSchema, type GpuTable } from '../../../src-shared/cost/gpu-table.ts'
import { fixed, siNumber } from '../../../src-shared/text/numbers.ts'

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

/** A software adapter is no GPU: what it counts is shown, and nothing of it as a time. */
export function shownTable(table: GpuTable): GpuShown {
  const { results, measured, date, processor, cores } = table
  const gpu = gpuOf(table)
  const peaks = results.flatMap(({ backend, peaks }) =>
    peaks
      ? [
          `${backend}: ${siNumber(peaks.flopsPerSecond)}FLOP/s (matrix product), ${siNumber(peaks.bytesPerSecond)}B/s (copy)`
        ]
      : []
  )
  const failed = results.flatMap(({ backend, fixtures }) =>
    fixtures
      ? [
          `${fixtures.passed} golden fixtures pass on ${backend}${fixtures.failed.length ? `, ${fixtures.failed.length} do not: ${fixtures.failed.join(', ')}` : ''}`
        ]
      : []
  )
  const cell = (value: number | string | undefined): string =>
    typeof value === 'number' ? fixed(value, value < 1 ? 3 : value < 100 ? 1 : 0) : (value ?? '–')
  const timed = results.map(({ software }) => !software)
  return {
    title: measured ? `Measured on ${gpu!.adapter}` : 'No GPU has been measured',
    notes: [
      measured
        ? `${date}, ${processor}, ${cores} cores.`
        : `${date}: counted on ${gpu?.adapter ?? 'no adapter'}, a GPU imitated in software, whose times would say nothing of one.`,
      ...(peaks.length ? [`Peaks of the roofline: ${peaks.join('; ')}.`] : []),
      ...(failed.length ? [`${failed.join('; ')}.`] : []),
      'npm run bench -- gpu --save measures the machine it runs on.'
    ],
    columns: [
      'Memory or block',
      ...results.flatMap(({ backend, items }, i) =>
        timed[i] ? [`${backend}, ms a trial of ${items} items, or a step`] : []
      ),
      'Dispatches, a store and a read, or a step'
    ],
    rows: gpuLines(table).map(({ model, values, dispatches }) => [
      model,
      ...values.filter((_, i) => timed[i]).map(cell),
      dispatches === undefined
        ? (values.find((value) => typeof value === 'string')?.toString() ?? '–')
        : fixed(dispatches, 0)
    ])
  }
}

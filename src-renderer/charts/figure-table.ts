/** The numbers behind a figure, for its data table and its CSV: everything, never the downsampled points. */
import type { CsvCell } from '../../src-shared/text/csv.ts'
import { keptSchema, type Kept } from '../../src-shared/shapes/kept.ts'
import { numberText } from '../../src-shared/text/numbers.ts'
import type { HeatMapSpec } from '../../src-shared/figures/measured.ts'
import { withUnit, type FigureSpec } from '../../src-shared/figures/spec.ts'
import { printed } from './printed.ts'

export interface FigureTable {
  columns: string[]
  rows: CsvCell[][]
}

/** One row per point: series, x, mean, interval, n. */
export function figureTable(spec: FigureSpec): FigureTable {
  const y = withUnit(spec.y)
  return {
    columns: ['series', withUnit(spec.x), `mean ${y}`, 'low', 'high', 'n'],
    rows: spec.series.flatMap((series) =>
      series.points.map((p) => [series.label, xText(spec, p.x), p.y, p.low, p.high, p.n])
    )
  }
}

/** One row per trial and point. */
export function memberTable(spec: FigureSpec): FigureTable {
  return {
    columns: ['series', 'seed', withUnit(spec.x), withUnit(spec.y)],
    rows: spec.series.flatMap((series) =>
      (series.members ?? []).flatMap(({ seed, points }) =>
        points.map((p) => [series.label, seed, xText(spec, p.x), p.y])
      )
    )
  }
}

/** The value of x as the axis says it; points that stand side by side in a category are all of it. */
export function xText(spec: FigureSpec, x: number): number | string {
  return spec.x.scale === 'category' ? (spec.x.categories?.[Math.round(x)] ?? x) : x
}

/** A figure as a report keeps it: without the trials behind its means, in colours for paper. */
export function keptFigure(spec: FigureSpec): Kept {
  const figure = {
    ...printed(spec),
    series: printed(spec).series.map(({ members, ...series }) => (void members, series))
  }
  // What is no number has no place in a file: a gap, as where all trials diverged.
  return keptSchema.parse(
    JSON.parse(
      JSON.stringify({ figure }, (_, value: unknown) => (value === Infinity || value === -Infinity ? null : value))
    )
  )
}

/** The numbers behind a figure as a report keeps them. */
export const keptTable = (title: string, { columns, rows }: FigureTable, note = ''): Kept => ({
  table: {
    title,
    columns: columns.map((head, k) => ({
      head,
      ...(rows.some((row) => typeof row[k] === 'number') && { number: true })
    })),
    rows: rows.map((row) =>
      columns.map((_, k) => (typeof row[k] === 'number' ? numberText(row[k]) : String(row[k] ?? '–')))
    ),
    note
  }
})

/** The values of a map as they lie; one row per value where intervals are known. */
export function heatMapTable({ x, y, value, values, estimates }: HeatMapSpec): FigureTable {
  if (!estimates)
    return {
      columns: [`${y.label} \\ ${x.label}`, ...x.ticks],
      rows: values.map((row, r) => [y.ticks[r], ...row])
    }
  return {
    columns: [y.label, x.label, `mean ${value.label}`, 'low', 'high', 'n'],
    rows: values.flatMap((row, r) =>
      row.flatMap((mean, c): CsvCell[][] => {
        const own = estimates[r]?.[c]
        return mean === null || !own ? [] : [[y.ticks[r], x.ticks[c], mean, own.low, own.high, own.n]]
      })
    )
  }
}

/**
 * The table of a paper: models down, the swept values across, in every cell the mean with half of its interval and n,
 * the best of a column and what cannot be told from it. HTML, LaTeX and CSV are all written from it.
 */
import type { MetricInfo } from '../shapes/catalog.ts'
import type { CellResult } from '../shapes/run.ts'
import type { AxisValue, Point } from '../shapes/point.ts'
import { csvTable, type CsvCell } from '../text/csv.ts'
import type { Interval } from '../statistics/interval.ts'
import { commonCount, countNote, intervalText, isAsymmetric } from '../text/interval-text.ts'
import { valueText } from '../text/numbers.ts'
import type { MetricScale } from '../shapes/scale.ts'
import { rankAlike, type Verdict } from '../findings/ranking.ts'
import { cellInterval, intervalMethod, scaleOf, type SweptAxis } from '../findings/results.ts'
import { liesAt } from '../shapes/point.ts'

export interface PivotCell {
  runId: string
  label: string
  /** Where it lies: with run and model it names the cell. */
  point: Point
  /** Trials averaged; without any there is no mean, with one no interval. */
  n: number
  mean: number | null
  low: number | null
  high: number | null
  /** Trials that got nowhere within so many steps. */
  beyond?: { limit: number; count: number }
  /** What is known of the values, from which the interval was made. */
  scale?: MetricScale
  diverged: number
  failed: number
  /** Trials whose stored numbers are not those that were written, where there are any. */
  damaged?: number
  verdict: Verdict
  /** Of the paired t test against the best of the column, after Holm. */
  p?: number
}

export interface PivotTable {
  metric: MetricInfo
  /** Of the drawn axis; a single column without one. */
  columns: { head: string; value: AxisValue | undefined }[]
  axis: string | undefined
  at: Point
  /** What stands in it, and where: `Accuracy, noise level = 0.1`. */
  title: string
  rows: { label: string; model: string; cells: (PivotCell | undefined)[] }[]
  /** Trials of every cell, where all have as many: cells do not repeat it. */
  n?: number
  /** `95 % Student t interval over seeds, n = 20`. */
  method: string | undefined
  /** Whether any model was tested against a best one. */
  tested: boolean
}

export interface PivotOptions {
  metric: MetricInfo
  axis: SweptAxis | undefined
  /** One value for every other axis. */
  at: Point
  title: string
  labelOf(result: CellResult): string
  /** Runs that asked the same share a key: models are marked as best among those only. All do if left out. */
  keyOf?(runId: string): string
}

export const testMethod =
  'Against the best mean of a column: paired t test over common seeds, Holm-corrected, two-sided, level .05'

/** A model without the swept parameter has one value, the same along the whole axis. */
export function pivotTable(
  cells: readonly CellResult[],
  { metric, axis, at, title, labelOf, keyOf = () => '' }: PivotOptions
): PivotTable {
  const here = cells.filter((cell) => liesAt(cell.point, at))
  const groups = Map.groupBy(here, labelOf)
  const values = axis?.values ?? [undefined]
  const columns = values.map((value) => {
    const own = [...groups.values()].flatMap(
      (group) =>
        group.find((cell) => !axis || cell.point[axis.name] === undefined || cell.point[axis.name] === value) ?? []
    )
    return new Map(rankAlike(own, metric, keyOf).map((ranked) => [labelOf(ranked.cell), ranked]))
  })
  const shown: Interval[] = []
  const rows = [...groups].map(([label, [{ model }]]) => ({
    label,
    model,
    cells: columns.map((column): PivotCell | undefined => {
      const ranked = column.get(label)
      if (!ranked) return undefined
      const { cell, verdict, p } = ranked
      const interval = cellInterval(cell, metric.name)
      if (interval) shown.push(interval)
      const scale = scaleOf(cell, metric.name)
      const count = (status: string): number => cell.statuses.filter((s) => s === status).length
      return {
        runId: cell.runId,
        label: cell.label,
        point: cell.point,
        n: interval?.n ?? 0,
        mean: interval?.mean ?? null,
        low: interval?.low ?? null,
        high: interval?.high ?? null,
        ...(interval?.beyond && { beyond: interval.beyond }),
        ...(scale && { scale }),
        diverged: count('diverged'),
        failed: count('failed'),
        ...(count('damaged') && { damaged: count('damaged') }),
        verdict,
        ...(p !== undefined && { p })
      }
    })
  }))
  const all = rows.flatMap((row) => row.cells).filter((cell) => cell !== undefined)
  const n = commonCount(shown)
  return {
    metric,
    axis: axis?.name,
    at,
    title,
    columns: values.map((value) => ({ head: axis ? `${axis.name} = ${valueText(value)}` : 'Value', value })),
    rows,
    ...(n !== undefined && { n }),
    method: intervalMethod(shown),
    tested: all.some(({ p }) => p !== undefined)
  }
}

/**
 * `0.953 ± 0.021 (20)` or `0.98 [0.89, 1.00] (20)`; an em dash where no trial is done; what was lost is said.
 * @param common trials of every cell of the table, which the caption says
 */
export function cellText(
  cell: Pick<PivotCell, 'n' | 'mean' | 'low' | 'high' | 'beyond' | 'diverged' | 'failed' | 'damaged'> | undefined,
  size?: number,
  common?: number
): string {
  if (!cell) return ''
  const { mean } = cell
  const lost = lostOf(cell)
  if (mean === null) return lost.length ? `— (${lost.join(', ')})` : '—'
  return `${intervalText({ ...cell, mean }, size)}${countNote(cell, common, lost)}`
}

/** `2 diverged`, `1 failed`, `1 damaged`: trials that are not averaged in. */
export const lostOf = ({ diverged, failed, damaged }: Pick<PivotCell, 'diverged' | 'failed' | 'damaged'>): string[] => [
  ...(diverged ? [`${diverged} diverged`] : []),
  ...(failed ? [`${failed} failed`] : []),
  ...(damaged ? [`${damaged} damaged`] : [])
]

/** The caption's facts in one sentence each: what, which way is better, how the intervals and marks were made. */
export function captionOf(table: PivotTable): string {
  const { metric, title } = table
  const unit = metric.unit ? ` (${metric.unit})` : ''
  const better = { higher: '; higher is better', lower: '; lower is better', none: '' }[metric.direction]
  return `${title}${unit}${better}. Mean ${table.rows.some((row) => row.cells.some((cell) => cell && cell.mean !== null && isAsymmetric({ ...cell, mean: cell.mean }))) ? '[the ends of its interval] or ± half of it' : '± half of the interval'}${table.n === undefined ? ' (n)' : ''}${table.method ? `; ${table.method}` : ''}.`
}

/** Wide, as it is printed: a row per model; per column its mean, both ends of its interval, n and mark. */
export function pivotCsv(tables: readonly PivotTable[]): string {
  const headOf = ({ axis }: PivotTable, value: AxisValue | undefined): string =>
    axis === undefined ? 'Value' : `${axis} = ${value}`
  const heads = [...new Set(tables.flatMap((table) => table.columns.map(({ value }) => headOf(table, value))))]
  const places = [...new Set(tables.flatMap(({ at }) => Object.keys(at)))]
  const parts = ['mean', 'low', 'high', 'n', 'mark'] as const
  const columns = [
    'metric',
    'unit',
    ...places,
    'model',
    ...heads.flatMap((head) => parts.map((part) => `${head}: ${part}`))
  ]
  const rows = function* (): Iterable<CsvCell[]> {
    for (const table of tables)
      for (const { label, cells } of table.rows)
        yield [
          table.metric.name,
          table.metric.unit ?? '',
          ...places.map((place) => table.at[place] ?? null),
          label,
          ...heads.flatMap((head): CsvCell[] => {
            const cell = cells[table.columns.findIndex(({ value }) => headOf(table, value) === head)]
            if (!cell || cell.mean === null) return [null, null, null, cell?.n ?? null, null]
            const { mean, low, high, n, verdict } = cell
            return [mean, low, high, n, verdict === 'different' || verdict === 'untested' ? '' : verdict]
          })
        ]
  }
  return csvTable(columns, rows())
}

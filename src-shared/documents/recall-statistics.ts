/** The statistics of free recall as they leave the studio: each with its definition, what was counted, and its numbers. */
import type { Group } from '../figures/recall.ts'
import { estimates, type Estimate } from '../recall/measured.ts'
import type { Measure, MeasureAxis, Place } from '../recall/measures/measure.ts'
import { recallMeasures } from '../recall/measures/registry.ts'
import type { SubjectValue } from '../recall/statistics.ts'
import { csvTable, type CsvCell } from '../text/csv.ts'

export interface ReportedStatistic extends Pick<
  Measure,
  'name' | 'label' | 'section' | 'look' | 'help' | 'tex' | 'source' | 'chance'
> {
  value: MeasureAxis
  /** Where it has values; absent for a number. */
  x?: MeasureAxis & { places: readonly Place[] }
  /** Of several curves, and of a map. */
  rows?: MeasureAxis & { places: readonly Place[] }
  method: string
  /** Why it has no values at all. */
  missing?: string
  /** Means over members, row by row; null at places without a value. */
  groups: { group: string; values: (Estimate | null)[] }[]
  /** Values of each subject or seed, row by row; none of a map. */
  members: { group: string; member: string; values: readonly SubjectValue[] }[]
}

export const recallMethod =
  'mean and 95 % t interval over subjects or seeds, on the scale of the score where it would leave the possible range'

export function reportedStatistics(groups: readonly Group[]): ReportedStatistic[] {
  return recallMeasures.map(({ name, label, section, look, help, tex, source, chance, permuted, value, x, rows }) => {
    const there = groups.flatMap((group) => {
      const numbers = look === 'number' ? group.numbers[name] : undefined
      const own = numbers ? { x: [0], members: numbers.map((one) => [one]) } : group.curves[name]
      return own ? [{ group, own }] : []
    })
    // Groups may reach different outputs: places are those of any of them.
    const xs = [...new Set(there.flatMap(({ own }) => own.x))].sort(byPlace)
    const ys = [...new Set(there.flatMap(({ own }) => own.rows ?? []))].sort(byPlace)
    const placed = <T>(own: (typeof there)[number]['own'], values: readonly T[]): (T | null)[] =>
      (ys.length ? ys : [undefined]).flatMap((row) =>
        xs.map((at) => {
          const r = row === undefined ? 0 : (own.rows ?? []).indexOf(row)
          const c = own.x.indexOf(at)
          return r < 0 || c < 0 ? null : (values[r * own.x.length + c] ?? null)
        })
      )
    const missing = groups.map((group) => group.missing?.[name]).find((why) => why !== undefined)
    return {
      name,
      label,
      section,
      look,
      help,
      tex,
      source,
      ...(chance !== undefined && { chance }),
      value: { label: value.label, ...(value.unit && { unit: value.unit }) },
      ...(x && { x: { ...x, places: xs } }),
      ...(rows && { rows: { ...rows, places: ys } }),
      method: permuted ? `${recallMethod}; random orders are seeded by subject and list` : recallMethod,
      ...(there.length === 0 && { missing: missing ?? 'not computed' }),
      groups: there.map(({ group, own }) => ({
        group: group.label,
        values: placed(own, own.means ?? estimates({ value }, own.members))
      })),
      members: there.flatMap(({ group, own }) =>
        own.members.map((values, i) => ({
          group: group.label,
          member: group.names?.[i] ?? String(i),
          values: placed(own, values)
        }))
      )
    }
  })
}

/** Numbers by size; names stay as they come. */
const byPlace = (a: Place, b: Place): number => (typeof a === 'number' && typeof b === 'number' ? a - b : 0)

/** Every mean as a row: one table for all statistics. */
export function statisticsCsv(statistics: readonly ReportedStatistic[]): string {
  const rows = statistics.flatMap(({ name, x, rows: ys, groups }) =>
    groups.flatMap(({ group, values }) =>
      values.flatMap((value, i): CsvCell[][] => {
        if (!value) return []
        const width = x?.places.length ?? 1
        const row = ys?.places[Math.floor(i / width)] ?? ''
        const at = x?.places[i % width] ?? ''
        return [[name, group, row, at, value.mean, value.low, value.high, value.n]]
      })
    )
  )
  return csvTable(['statistic', 'group', 'row', 'x', 'mean', 'low 95 %', 'high 95 %', 'n'], rows)
}

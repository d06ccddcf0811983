/** Figures of free recall: groups of subjects or of simulated subjects, side by side, by any of the statistics. */
import { damagedCurves } from '../findings/damage.ts'
import type { Estimate } from '../recall/measured.ts'
import type { Measure, Place } from '../recall/measures/measure.ts'
import { recallMeasure, recallMeasures } from '../recall/measures/registry.ts'
import type { RecallStatistics } from '../recall/statistics-schema.ts'
import type { SubjectValue } from '../recall/statistics.ts'
import type { CellResult, SeriesResult } from '../shapes/run.ts'
import type { MetricScale } from '../shapes/scale.ts'
import { meanInterval, type Interval } from '../statistics/interval.ts'
import { isAsymmetric } from '../text/interval-text.ts'
import type { HeatMapSpec } from './measured.ts'
import { modelStyle } from './model-style.ts'
import type { FigureDefinition, FigurePoint, FigureSpec, SeriesStyle } from './spec.ts'

/** The values of one statistic, one list per member: over x, row by row. Of a map only their means. */
export interface Curve {
  x: readonly Place[]
  rows?: readonly Place[]
  members: readonly (readonly SubjectValue[])[]
  means?: readonly (Estimate | null)[]
  /** Seeds whose curve is damaged in the data file. */
  damaged?: readonly number[] | undefined
}

export interface Group {
  id: string
  label: string
  style: SeriesStyle
  /** What its members are called. */
  members: 'subjects' | 'seeds'
  n: number
  /** Of its members, where they have any. */
  names?: readonly string[] | undefined
  /** Items of its lists; curves of different lengths are not compared. Undefined where it has no serial positions. */
  length: number | undefined
  /** By the names of statistics that are curves or maps. */
  curves: Readonly<Record<string, Curve>>
  /** By the names of those that are numbers. */
  numbers: Readonly<Record<string, readonly SubjectValue[]>>
  /** Why others have no values. */
  missing?: Readonly<Record<string, string>> | undefined
}

type About = Pick<Group, 'id' | 'label' | 'style'>

/** A data set as a group of subjects. */
export function peopleGroup(
  about: About,
  { length, subjects, statistics }: Pick<RecallStatistics, 'length' | 'subjects' | 'statistics'>
): Group {
  const there = statistics.filter(({ missing }) => missing === undefined)
  const isNumber = ({ name }: { name: string }): boolean => recallMeasure(name).look === 'number'
  return {
    ...about,
    members: 'subjects',
    n: subjects.length,
    names: subjects.map(({ subject }) => subject),
    length,
    curves: Object.fromEntries(
      there.flatMap(({ name, x, rows, members, means }) =>
        isNumber({ name }) ? [] : [[name, { x, members, ...(rows.length && { rows }), ...(means.length && { means }) }]]
      )
    ),
    numbers: Object.fromEntries(
      there.filter(isNumber).map(({ name, members }) => [name, members.map(([value]) => value)])
    ),
    missing: Object.fromEntries(statistics.flatMap(({ name, missing }) => (missing ? [[name, missing]] : [])))
  }
}

/** One model at one point of a run as a group of simulated subjects, from what was stored of it. */
export function modelGroup(
  about: About,
  cell: Pick<CellResult, 'seeds' | 'metrics'>,
  series: readonly Pick<SeriesResult, 'name' | 'x' | 'y' | 'damaged'>[]
): Group {
  const curves = Object.fromEntries(
    series.flatMap(({ name, x, y, damaged }) =>
      y.some((row) => row.some((value) => value !== null)) ? [[name, { x, members: y, damaged }]] : []
    )
  )
  return {
    ...about,
    members: 'seeds',
    n: cell.seeds.length,
    names: cell.seeds.map(String),
    length: curves.spc?.x.length,
    curves,
    numbers: cell.metrics
  }
}

/** What was stored of a model, and beside it what only its lists tell. */
export const withLists = (stored: Group, lists: Group): Group => ({
  ...stored,
  names: String(lists.names) === String(stored.names) ? stored.names : undefined,
  curves: { ...lists.curves, ...stored.curves },
  numbers: { ...lists.numbers, ...stored.numbers },
  missing: lists.missing
})

/** Lags shown on either side: farther ones have few data. */
const farthestLag = 6

interface FigureOptions {
  /** Whether it is drawn on a dark ground. */
  dark?: boolean
}

const definitionOf = ({ help, tex, source }: Measure): FigureDefinition => ({ help, tex, source })

/** A statistic of all groups that have it: means with 95 % intervals over members; undefined when none has it as a curve. */
export function curveFigure(
  name: string,
  groups: readonly Group[],
  { dark = false }: FigureOptions = {}
): FigureSpec | undefined {
  const measure = recallMeasure(name)
  const { value, x: axis } = measure
  const having = groups.filter(({ curves }) => curves[name]?.members.length)
  if (!axis || having.length === 0 || measure.look === 'map') return undefined
  const places = [...new Set(having.flatMap(({ curves }) => curves[name].x))]
  const named = places.some((place) => typeof place === 'string')
  const shown = (place: Place): boolean =>
    !(axis.label === 'Lag' && typeof place === 'number' && Math.abs(place) > farthestLag)
  const series = having.flatMap(({ label, style, curves }) => {
    const { x, rows = [undefined], members } = curves[name]
    return rows.map((row, r) => {
      const kept = x.flatMap((place, i) =>
        shown(place) ? [{ at: typeof place === 'number' ? place : places.indexOf(place), i: r * x.length + i }] : []
      )
      return {
        label: [
          ...(having.length > 1 || row === undefined ? [label] : []),
          ...(row === undefined ? [] : [rowText(measure, row)])
        ].join(', '),
        style: row === undefined ? style : rowStyle(style, r, having.length === 1, dark),
        points: kept.map(({ at, i }) => ({
          x: at,
          ...over(
            members.map((own) => own[i] ?? null),
            value.scale
          )
        })),
        members: members.map((own, seed) => ({
          seed,
          points: kept.map(({ at, i }): FigurePoint => ({ x: at, y: own[i] ?? null }))
        }))
      }
    })
  })
  const damage = damagedCurves(
    groups.map(({ label, curves }) => ({ label, damaged: [...(curves[name]?.damaged ?? [])] })),
    ({ label }) => label
  )
  const highest = Math.max(...series.flatMap(({ points }) => points.map(({ y, high }) => high ?? y ?? 0)))
  return {
    title: measure.label,
    definition: definitionOf(measure),
    x: named
      ? { label: axis.label, scale: 'category', categories: places.map(String) }
      : {
          label: axis.label,
          ...(axis.unit && { unit: axis.unit }),
          scale: 'linear',
          ...(places.every(Number.isInteger) && { integer: true })
        },
    y: {
      label: value.label,
      scale: 'linear',
      ...(value.unit && { unit: value.unit }),
      range: [
        0,
        name === 'spc' ? 1 : Math.min(above(highest), value.scale?.kind === 'bounded' ? value.scale.high : Infinity)
      ]
    },
    series,
    ...(measure.chance !== undefined && {
      references: [{ label: 'chance', dash: [4, 4], y: measure.chance }]
    }),
    member: memberOf(groups.filter(({ n }) => n > 1)),
    interval: 'bars',
    ...(named && { scatter: true }),
    ...(damage !== undefined && { damage }),
    ...(series.some(({ points }) => points.some(isUneven)) && { asymmetric: true }),
    method: '95 % t interval over subjects or seeds, on the scale of the score where it would leave the possible range'
  }
}

/** A statistic as a map for each group that has it, all on one scale of colours. */
export function mapFigures(name: string, groups: readonly Group[]): HeatMapSpec[] {
  const measure = recallMeasure(name)
  const having = groups.flatMap((group) => {
    const { x, rows = [], means = [] } = group.curves[name] ?? { x: [] }
    return means.length ? [{ group, x, rows, means }] : []
  })
  const highest = Math.max(0, ...having.flatMap(({ means }) => means.map((value) => value?.mean ?? 0)))
  return having.map(({ group, x, rows, means }) => {
    const byRow = <T>(of: (value: Estimate | null) => T): T[][] =>
      rows.map((_, r) => means.slice(r * x.length, (r + 1) * x.length).map(of))
    return {
      title: groups.length > 1 ? `${measure.label}: ${group.label}` : measure.label,
      definition: definitionOf(measure),
      x: { label: measure.x!.label, ticks: x.map(String) },
      y: { label: measure.rows!.label, ticks: rows.map(String) },
      values: byRow((value) => value?.mean ?? null),
      value: { label: measure.value.label, range: [0, highest || 1] },
      estimates: byRow((value) => value && { low: value.low, high: value.high, n: value.n }),
      method: `means over ${group.n} ${group.members}; intervals are in the data table`
    }
  })
}

const rowText = ({ rows }: Measure, row: Place): string =>
  typeof row === 'string' ? row : `${rows!.label.toLowerCase()} ${row}`

/** Rows differ by colour where there is one group, else by dash and marker. */
function rowStyle(style: SeriesStyle, row: number, alone: boolean, dark: boolean): SeriesStyle {
  const own = modelStyle(row, 0, dark)
  return alone ? own : { ...own, colour: style.colour }
}

const isUneven = ({ y, low, high }: FigurePoint): boolean =>
  y !== null && isAsymmetric({ mean: y, low: low ?? null, high: high ?? null })

/** What one of the members shown is. */
function memberOf(groups: readonly Group[]): string {
  const kinds = new Set(groups.map(({ members }) => members))
  if (kinds.size > 1) return 'subject and seed'
  return kinds.has('subjects') ? 'subject' : 'seed'
}

/** A round number above all of them. */
function above(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value || 1))
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((f) => f * step >= value * 1.02) ?? 10) * step
}

function over(values: readonly SubjectValue[], scale: MetricScale | undefined): Omit<FigurePoint, 'x'> {
  const interval = intervalOf(values, scale)
  if (!interval) return { y: null, n: 0 }
  const { mean, low, high, n } = interval
  return { y: mean, n, ...(low !== null && high !== null && { low, high }) }
}

/** Mean and interval of what is there. */
export function intervalOf(values: readonly SubjectValue[] | undefined, scale?: MetricScale): Interval | undefined {
  const there = values?.filter((value) => value !== null && Number.isFinite(value)) as number[] | undefined
  return there?.length ? meanInterval(there, scale) : undefined
}

/** Statistics that are numbers and that at least one group has. */
export const measuresOf = (groups: readonly Group[]): Measure[] =>
  recallMeasures.filter(
    ({ name, look }) => look === 'number' && groups.some(({ numbers }) => intervalOf(numbers[name]) !== undefined)
  )

/** Statistics that no group has, and why: what people's data lack. */
export const missingOf = (groups: readonly Group[]): { measure: Measure; why: string }[] =>
  recallMeasures.flatMap((measure) => {
    if (groups.some(({ curves, numbers }) => curves[measure.name] ?? intervalOf(numbers[measure.name]))) return []
    const why = groups.map(({ missing }) => missing?.[measure.name]).find((reason) => reason !== undefined)
    return why ? [{ measure, why }] : []
  })

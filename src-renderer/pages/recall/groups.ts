/** People and models side by side: a group has members (subjects, or seeds), each with its curves and its numbers. */
import type { CellResult, SeriesResult } from '../../../src-shared/shapes/run.ts'
import type { RecallStatistics } from '../../../src-shared/recall/statistics-schema.ts'
import { asymmetryOf, contiguityOf, primacyOf, recencyOf } from '../../../src-shared/recall/effects.ts'
import { shareScale, type SubjectStatistics, type SubjectValue } from '../../../src-shared/recall/statistics.ts'
import type { FigurePoint, FigureSpec, SeriesStyle } from '../../../src-shared/figures/spec.ts'
import { damagedCurves } from '../../../src-shared/findings/damage.ts'
import type { MetricScale } from '../../../src-shared/shapes/scale.ts'
import { meanInterval, type Interval } from '../../../src-shared/statistics/interval.ts'
import { quantile } from '../../../src-shared/statistics/quantile.ts'
import { holm, welch } from '../../../src-shared/statistics/significance.ts'
import { isAsymmetric } from '../../../src-shared/text/interval-text.ts'

/** One row of values per member, over x. */
export interface Curve {
  x: readonly number[]
  members: readonly (readonly SubjectValue[])[]
  /** Seeds whose curve is damaged in the data file. */
  damaged?: readonly number[] | undefined
}
export type CurveName = 'spc' | 'pfr' | 'p2r' | 'p3r' | 'lag-crp' | 'irt'

export interface Group {
  id: string
  label: string
  style: SeriesStyle
  /** What its members are called. */
  members: 'subjects' | 'seeds'
  n: number
  /** Items of its lists; curves of different lengths are not compared. Undefined where it has no serial positions. */
  length: number | undefined
  curves: Partial<Record<CurveName, Curve>>
  /** By the names of `measures`. */
  numbers: Readonly<Record<string, readonly SubjectValue[]>>
}

export interface Measure {
  name: string
  label: string
  help: string
}
export const measures: readonly Measure[] = [
  { name: 'recalled', label: 'Recalled', help: 'Studied items recalled per list.' },
  { name: 'primacy', label: 'Primacy', help: 'Recall of the first item minus that of the middle third.' },
  { name: 'recency', label: 'Recency', help: 'Recall of the last item minus that of the middle third.' },
  { name: 'contiguity', label: 'Contiguity', help: 'CRP at lag +1.' },
  { name: 'asymmetry', label: 'Forward asymmetry', help: 'CRP at lag +1 minus that at lag −1.' },
  { name: 'lag-rank', label: 'Temporal factor', help: 'Mean percentile rank of the lag; .5 is chance.' },
  { name: 'category', label: 'Category clustering', help: 'How often the next recall is of the same category.' },
  { name: 'arc', label: 'Category clustering, ARC', help: 'Adjusted ratio of clustering: 0 chance, 1 perfect.' },
  { name: 'lbc', label: 'Category clustering, LBC', help: 'List-based clustering: above 0 is more than chance.' },
  { name: 'source-clustering', label: 'Source clustering', help: 'How often the next recall is of the same source.' },
  { name: 'semantic', label: 'Semantic factor', help: 'Mean percentile rank of similarity; .5 is chance.' },
  { name: 'intrusions', label: 'Intrusions', help: 'Recalls that were not on the list, per list.' },
  { name: 'prior-list', label: 'Prior-list intrusions', help: 'Of these, studied on an earlier list; per list.' },
  { name: 'repeats', label: 'Repeats', help: 'Items recalled again, per list.' }
]

const numbersOf: Readonly<Record<string, (s: SubjectStatistics) => SubjectValue>> = {
  recalled: (s) => s.recalled,
  primacy: (s) => primacyOf(s.spc),
  recency: (s) => recencyOf(s.spc),
  contiguity: (s) => contiguityOf(s.lagCrp),
  asymmetry: (s) => asymmetryOf(s.lagCrp),
  'lag-rank': (s) => s.lagRank,
  category: (s) => s.categoryCrp,
  arc: (s) => s.arc,
  lbc: (s) => s.lbc,
  'source-clustering': (s) => s.sourceCrp,
  semantic: (s) => s.semanticRank,
  intrusions: (s) => s.intrusions,
  'prior-list': (s) => s.priorListIntrusions,
  repeats: (s) => s.repeats
}

/** A data set as a group of subjects. */
export function peopleGroup(
  about: Pick<Group, 'id' | 'label' | 'style'>,
  { length, subjects }: Pick<RecallStatistics, 'length' | 'subjects'>
): Group {
  const positions = Array.from({ length }, (_, i) => i + 1)
  const lags = Array.from({ length: 2 * length - 1 }, (_, i) => i - (length - 1))
  const outputs = Math.max(0, ...subjects.map(({ irt }) => irt.length))
  const curve = (x: readonly number[], of: (s: SubjectStatistics) => readonly SubjectValue[]): Curve => ({
    x,
    members: subjects.map(of)
  })
  return {
    ...about,
    members: 'subjects',
    n: subjects.length,
    length,
    curves: {
      spc: curve(positions, (s) => s.spc),
      pfr: curve(positions, (s) => s.pnr[0]),
      p2r: curve(positions, (s) => s.pnr[1] ?? []),
      p3r: curve(positions, (s) => s.pnr[2] ?? []),
      'lag-crp': curve(lags, (s) => s.lagCrp),
      ...(outputs > 0 && {
        irt: curve(
          Array.from({ length: outputs }, (_, i) => i + 1),
          (s) => s.irt
        )
      })
    },
    numbers: Object.fromEntries(Object.entries(numbersOf).map(([name, of]) => [name, subjects.map(of)]))
  }
}

/** One model at one point of a run as a group of simulated subjects. */
export function modelGroup(
  about: Pick<Group, 'id' | 'label' | 'style'>,
  cell: Pick<CellResult, 'seeds' | 'metrics'>,
  series: readonly Pick<SeriesResult, 'name' | 'x' | 'y' | 'damaged'>[]
): Group {
  const curves: Group['curves'] = {}
  for (const { name, x, y, damaged } of series)
    if (y.some((row) => row.some((value) => value !== null))) curves[name as CurveName] = { x, members: y, damaged }
  return {
    ...about,
    members: 'seeds',
    n: cell.seeds.length,
    length: curves.spc?.x.length,
    curves,
    numbers: cell.metrics
  }
}

const titles: Readonly<Record<CurveName, { title: string; y: string; x: string; unit?: string }>> = {
  spc: { title: 'Serial position curve', y: 'Probability of recall', x: 'Serial position' },
  pfr: { title: 'Probability of first recall', y: 'Probability of first recall', x: 'Serial position' },
  p2r: { title: 'Probability of second recall', y: 'Probability of second recall', x: 'Serial position' },
  p3r: { title: 'Probability of third recall', y: 'Probability of third recall', x: 'Serial position' },
  'lag-crp': { title: 'Lag-CRP', y: 'Conditional response probability', x: 'Lag' },
  irt: { title: 'Inter-response times', y: 'Time to the next recall', x: 'Output position', unit: 's' }
}
export const curveNames = Object.keys(titles) as CurveName[]

/** Lags shown on either side: farther ones have few data. */
const farthestLag = 6

/** A curve of all groups that have it: means with 95 % t intervals over members; undefined when none has. */
export function curveFigure(name: CurveName, groups: readonly Group[]): FigureSpec | undefined {
  const { title, x, y, unit } = titles[name]
  const series = groups.flatMap(({ label, style, curves }) => {
    const curve = curves[name]
    if (!curve) return []
    const scale: MetricScale = name === 'irt' ? { kind: 'positive' } : shareScale
    const kept = curve.x.flatMap((at, i) => (name === 'lag-crp' && Math.abs(at) > farthestLag ? [] : [{ at, i }]))
    return [
      {
        label,
        style,
        points: kept.map(({ at, i }) => ({
          x: at,
          ...over(
            curve.members.map((row) => row[i] ?? null),
            scale
          )
        })),
        members: curve.members.map((row, seed) => ({
          seed,
          points: kept.map(({ at, i }): FigurePoint => ({ x: at, y: row[i] ?? null }))
        }))
      }
    ]
  })
  if (series.length === 0) return undefined
  const damage = damagedCurves(
    groups.map(({ label, curves }) => ({ label, damaged: [...(curves[name]?.damaged ?? [])] })),
    ({ label }) => label
  )
  const highest = Math.max(...series.flatMap(({ points }) => points.map(({ y: value, high }) => high ?? value ?? 0)))
  return {
    title,
    x: { label: x, scale: 'linear', integer: true },
    y: { label: y, scale: 'linear', ...(unit && { unit }), range: [0, name === 'spc' ? 1 : above(highest)] },
    series,
    member: memberOf(groups.filter(({ n }) => n > 1)),
    interval: 'bars',
    ...(damage !== undefined && { damage }),
    ...(series.some(({ points }) => points.some(isUneven)) && { asymmetric: true }),
    method: '95 % t interval over subjects or seeds, on the scale of the score where it would leave the possible range'
  }
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

function over(values: readonly SubjectValue[], scale: MetricScale): Omit<FigurePoint, 'x'> {
  const interval = intervalOf(values, scale)
  if (!interval) return { y: null, n: 0 }
  const { mean, low, high, n } = interval
  return { y: mean, n, ...(low !== null && high !== null && { low, high }) }
}

const present = (values: readonly SubjectValue[] | undefined): number[] =>
  values?.filter((value): value is number => value !== null && Number.isFinite(value)) ?? []

/** Mean and interval of what is there. */
export function intervalOf(values: readonly SubjectValue[] | undefined, scale?: MetricScale): Interval | undefined {
  const there = present(values)
  return there.length ? meanInterval(there, scale) : undefined
}

/** Measures that at least one group has. */
export const measuresOf = (groups: readonly Group[]): Measure[] =>
  measures.filter(({ name }) => groups.some(({ numbers }) => intervalOf(numbers[name]) !== undefined))

/** How a measure of one group differs from that of another. */
export interface GroupDifference {
  measure: Measure
  first: string
  second: string
  /** Second minus first. */
  difference: number
  p: number
  /** p after Holm over all tests of the table. */
  adjusted: number
}

/** Welch's test of every measure between the first group and each other one, p values adjusted by Holm. */
export function groupDifferences(groups: readonly Group[]): GroupDifference[] {
  const [first, ...others] = groups
  const tests = others.flatMap((other) =>
    measuresOf(groups).flatMap((measure) => {
      const [a, b] = [first, other].map(({ numbers }) => present(numbers[measure.name]))
      if (a.length < 2 || b.length < 2) return []
      const { p } = welch(a, b)
      if (p === null || Number.isNaN(p)) return []
      const mean = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0) / values.length
      return [{ measure, first: first.label, second: other.label, difference: mean(b) - mean(a), p }]
    })
  )
  const adjusted = holm(tests.map(({ p }) => p))
  return tests.map((test, i) => ({ ...test, adjusted: adjusted[i] }))
}

/** Fewer people than this have no range worth the name. */
const fewestPeople = 5

/** Where models lie among people in one measure. */
export interface PlaceAmongPeople {
  measure: Measure
  /** The middle nine tenths of people. */
  low: number
  high: number
  people: number
  /** For each model: its mean over seeds, and the share of people below it (equal ones count half); null without a value. */
  models: readonly ({ mean: number; below: number; within: boolean } | null)[]
}

/** Every measure that people and at least one model have. */
export function placesAmongPeople(people: Group, models: readonly Group[]): PlaceAmongPeople[] {
  return measures.flatMap((measure) => {
    const values = present(people.numbers[measure.name]).sort((a, b) => a - b)
    if (values.length < fewestPeople) return []
    const [low, high] = [quantile(values, 0.05), quantile(values, 0.95)]
    const places = models.map(({ numbers }) => {
      const own = intervalOf(numbers[measure.name])
      if (!own) return null
      const below = values.reduce((sum, v) => sum + (v < own.mean ? 1 : v === own.mean ? 0.5 : 0), 0) / values.length
      return { mean: own.mean, below, within: own.mean >= low && own.mean <= high }
    })
    return places.some((place) => place !== null) ? [{ measure, low, high, people: values.length, models: places }] : []
  })
}

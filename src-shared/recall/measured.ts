/** Every statistic of free recall over the lists of one group: its values for each subject, and what is left out and why. */
import { meanInterval, type Interval } from '../statistics/interval.ts'
import type { RecallList } from './data.ts'
import {
  needs,
  usualAnalysis,
  type Analysis,
  type Measure,
  type MeasuredData,
  type MeasuredSubject,
  type Need,
  type SimilarityBins
} from './measures/measure.ts'
import { recallMeasures } from './measures/registry.ts'
import { similarityBins } from './measures/similarity.ts'
import { similarityMatrix } from './similarity.ts'
import type { MeasuredStatistic } from './statistics-schema.ts'
import { statisticsOf, type SubjectStatistics, type SubjectValue } from './statistics.ts'
import { viewSubjects, type ListView } from './view.ts'

/** Mean over subjects at one place; low and high are null with a single one. */
export type Estimate = Pick<Interval, 'mean' | 'low' | 'high' | 'n'>

export interface MeasuringOptions {
  analysis?: Partial<Analysis> | undefined
  similarity?: ((a: string, b: string) => number) | undefined
  /** Every list of the sessions, which tell what was studied before. */
  among?: readonly RecallList[] | undefined
  /** The lists whose pairs of words make the bins of similarity, where groups are compared; the lists themselves if left out. */
  binned?: readonly RecallList[] | undefined
  /** Only those by shuffling, or only the others. */
  permuted?: boolean | undefined
}

/** @throws StudioError bad-input when the lists differ in length */
export function measureRecall(
  lists: readonly RecallList[],
  { analysis: chosen, similarity, among, binned, permuted = false }: MeasuringOptions = {}
): { subjects: SubjectStatistics[]; statistics: MeasuredStatistic[] } {
  const analysis = { ...usualAnalysis, ...chosen }
  const length = lists[0]?.items.length ?? 0
  const matrices = new Map<readonly string[], Float64Array>()
  const alike =
    similarity &&
    (({ list: { items } }: Pick<ListView, 'list'>): Float64Array => {
      let matrix = matrices.get(items)
      if (!matrix) matrices.set(items, (matrix = similarityMatrix(items, similarity)))
      return matrix
    })
  const subjects = viewSubjects(lists, among).map((view): MeasuredSubject => ({
    ...view,
    basic: statisticsOf(view, { alike })
  }))
  let bins: SimilarityBins | undefined
  const data: MeasuredData = {
    length,
    subjects,
    analysis,
    alike,
    bins: () => (bins ??= similarityBins(binned ? viewSubjects(binned) : subjects, { alike, length, analysis }))
  }
  return {
    subjects: subjects.map(({ basic }) => basic),
    statistics: recallMeasures.flatMap((measure) =>
      (measure.permuted ?? false) === permuted ? [measured(measure, data)] : []
    )
  }
}

const have: Readonly<Record<Need, (data: MeasuredData) => boolean>> = {
  categories: (data) => someList(data, ({ categories }) => categories !== undefined),
  sources: (data) => someList(data, ({ sources }) => sources !== undefined),
  similarity: ({ alike }) => alike !== undefined,
  times: (data) => someList(data, ({ times }) => times !== undefined),
  recallTime: ({ analysis }) => analysis.recallTime !== undefined,
  delays: (data) => someList(data, ({ delays }) => delays !== undefined)
}
const someList = ({ subjects }: MeasuredData, is: (list: RecallList) => boolean): boolean =>
  subjects.some(({ lists }) => lists.some(({ list }) => is(list)))

function measured(measure: Measure, data: MeasuredData): MeasuredStatistic {
  const { name } = measure
  const none: MeasuredStatistic = { name, x: [], rows: [], means: [], members: [] }
  const lacking = measure.needs?.find((need) => !have[need](data))
  if (lacking) return { ...none, missing: needs[lacking] }
  const { x, rows = [] } = measure.places?.(data) ?? { x: [0] }
  const members = data.subjects.map((subject) => [...measure.of(subject, data, { x, rows })])
  if (!members.some((own) => own.some((value) => value !== null)))
    return { ...none, missing: 'no subject gives a value' }
  if (measure.look !== 'map') return { name, x: [...x], rows: [...rows], means: [], members }
  return { name, x: [...x], rows: [...rows], means: estimates(measure, members), members: [] }
}

/** Mean and 95 % interval over subjects at each place; a subject without a value is left out of that place. */
export function estimates(
  { value: { scale } }: Pick<Measure, 'value'>,
  members: readonly (readonly SubjectValue[])[]
): (Estimate | null)[] {
  return (members[0] ?? []).map((_, i) => {
    const there = members.flatMap((own) => own[i] ?? [])
    if (there.length === 0) return null
    const { mean, low, high, n } = meanInterval(there, scale)
    return { mean, low, high, n }
  })
}

/** From the lists of a data set to its statistics: of one length and one condition, without subjects of too little data. */
import { StudioError } from '../shapes/errors.ts'
import type { RecallList } from './data.ts'
import { leaveOut, type Least } from './left-out.ts'
import { measureRecall } from './measured.ts'
import type { Analysis } from './measures/measure.ts'
import { groupStatistics } from './statistics.ts'
import type { MeasuredStatistic, RecallStatistics } from './statistics-schema.ts'

export interface RecallRequest {
  /** Items of the lists; those of which there are most if left out. */
  length?: number | undefined
  /** Of the lists; all of them if left out. */
  condition?: string | undefined
  analysis?: Partial<Analysis> | undefined
  least?: Least | undefined
}

type Alike = (a: string, b: string) => number

/** How many lists there are of each length, the most frequent first. */
export const lengthsOf = (lists: readonly RecallList[]): { length: number; lists: number }[] =>
  [...Map.groupBy(lists, ({ items }) => items.length)]
    .map(([length, own]) => ({ length, lists: own.length }))
    .sort((a, b) => b.lists - a.lists)

/** The conditions of lists in the order in which they come; a list without one is in none. */
export const conditionsOf = (lists: readonly RecallList[]): { name: string; lists: number }[] =>
  [...Map.groupBy(lists, ({ condition }) => condition)].flatMap(([name, own]) =>
    name === undefined ? [] : [{ name, lists: own.length }]
  )

/** @throws StudioError bad-input for a length or a condition that no list has */
export function chooseLists(
  all: readonly RecallList[],
  { length, condition }: RecallRequest,
  file?: string
): RecallList[] {
  const lengths = lengthsOf(all)
  const wanted = length ?? lengths[0]?.length
  const alike = all.filter(({ items }) => items.length === wanted)
  if (alike.length === 0)
    throw new StudioError(
      'bad-input',
      `No list has ${wanted} items; there are lists of ${lengths.map((own) => own.length).join(', ')}.`,
      { file, field: 'length' }
    )
  const lists = condition === undefined ? alike : alike.filter((list) => list.condition === condition)
  if (lists.length === 0) {
    const there = conditionsOf(alike).map(({ name }) => name)
    throw new StudioError(
      'bad-input',
      `No list of ${wanted} items has the condition "${condition}"; ${there.length ? `there are ${there.join(', ')}` : 'none of them has one'}.`,
      { file, field: 'condition' }
    )
  }
  return lists
}

/** @throws StudioError bad-input for a length or a condition that no list has, or where nobody has enough data */
export function analyseRecall(
  all: readonly RecallList[],
  request: RecallRequest,
  similarity?: Alike,
  file?: string
): RecallStatistics {
  const { kept, leftOut, binned } = analysed(all, request, file)
  const { subjects, statistics } = measureRecall(kept, {
    analysis: request.analysis,
    similarity,
    among: all,
    binned
  })
  return { length: kept[0].items.length, group: groupStatistics(subjects), subjects, statistics, leftOut }
}

/**
 * The statistics by shuffling, subject by subject, so that others may go on between two of them.
 * @throws as analyseRecall
 */
export async function permuteRecall(
  all: readonly RecallList[],
  request: RecallRequest,
  similarity?: Alike,
  between: () => Promise<void> = () => Promise.resolve()
): Promise<MeasuredStatistic[]> {
  const { kept } = analysed(all, request)
  let found: MeasuredStatistic[] | undefined
  for (const own of Map.groupBy(kept, ({ subject }) => subject).values()) {
    const { statistics } = measureRecall(own, { analysis: request.analysis, similarity, among: all, permuted: true })
    found = found ? found.map((one, i) => joined(one, statistics[i])) : statistics
    await between()
  }
  return found ?? []
}

/** A statistic without a value of one subject has one row of nothing of it. */
function joined(one: MeasuredStatistic, other: MeasuredStatistic): MeasuredStatistic {
  const known = one.missing === undefined ? one : other
  if (known.missing !== undefined) return { ...one, members: [] }
  const rows = ({ missing, members }: MeasuredStatistic, n: number): (number | null)[][] =>
    missing === undefined ? members : Array.from({ length: n }, () => known.x.map(() => null))
  return { ...known, members: [...rows(one, Math.max(1, one.members.length)), ...rows(other, 1)] }
}

function analysed(
  all: readonly RecallList[],
  request: RecallRequest,
  file?: string
): ReturnType<typeof leaveOut> & { binned: RecallList[] } {
  const found = leaveOut(chooseLists(all, request, file), request.least)
  if (found.kept.length === 0)
    throw new StudioError('bad-input', `Every subject is left out: ${found.leftOut.rule}.`, { file, field: 'least' })
  // Conditions are compared in the same bins.
  return { ...found, binned: chooseLists(all, { length: request.length }, file) }
}

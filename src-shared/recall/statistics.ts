/**
 * The statistics of free recall, per subject and over subjects (with intervals within what is possible), for human and simulated data alike.
 * Sources: Kahana (1996) for the lag-CRP; Polyn, Norman & Kahana (2009) for factors and clustering; Roenker, Thompson &
 * Brown (1971) for ARC; Stricker et al. (2002) for list-based clustering.
 */
import { StudioError } from '../shapes/errors.ts'
import type { MetricScale } from '../shapes/scale.ts'
import { meanInterval, type Interval } from '../statistics/interval.ts'
import { mean } from '../statistics/numbers.ts'
import { isMissing } from '../text/read.ts'
import { correctPositions, serialPositions, type RecallList } from './data.ts'
import { lagCounts, temporalMerit, transitionRank, transitions } from './transitions.ts'

/** null where a subject gives no value (never had the chance, nothing recalled). */
export type SubjectValue = number | null

export interface SubjectStatistics {
  subject: string
  lists: number
  /** Different studied items recalled per list. */
  recalled: number
  /** Probability of recall by serial position. */
  spc: SubjectValue[]
  /** `pnr[n][i]`: probability that the (n+1)-th correct recall is serial position i+1, given that it still could be. */
  pnr: SubjectValue[][]
  /** Conditional response probability by lag -(L-1)..L-1; 0 has none. */
  lagCrp: SubjectValue[]
  lagRank: SubjectValue
  categoryCrp: SubjectValue
  arc: SubjectValue
  lbc: SubjectValue
  sourceCrp: SubjectValue
  semanticRank: SubjectValue
  /** Mean time between output n and n+1, in seconds. */
  irt: SubjectValue[]
  /** Per list. */
  intrusions: number
  /** Intrusions that were studied in an earlier list of the session. */
  priorListIntrusions: number
  repeats: number
}

export interface RecallOptions {
  /** Similarity of two items by name, for the semantic factor. */
  similarity?: (a: string, b: string) => number
  /** Outputs of which the probability by serial position is kept. */
  outputs?: number
  /** Every list of the sessions, those of other lengths too: what was studied earlier is told by them. The lists themselves if left out. */
  among?: readonly RecallList[]
}

/** @throws StudioError bad-input when lists of one analysis differ in length, since positions would not compare */
export function subjectStatistics(lists: readonly RecallList[], options: RecallOptions = {}): SubjectStatistics[] {
  const length = lists[0]?.items.length ?? 0
  const other = lists.find((l) => l.items.length !== length)
  if (other)
    throw new StudioError(
      'bad-input',
      `List ${other.list} of subject ${other.subject} has ${other.items.length} items, others have ${length}: choose lists of one length.`,
      { field: 'list' }
    )
  const among = Map.groupBy(options.among ?? lists, (l) => l.subject)
  return [...Map.groupBy(lists, (l) => l.subject)].map(([subject, own]) =>
    oneSubject(subject, own, among.get(subject) ?? own, length, options)
  )
}

function oneSubject(
  subject: string,
  lists: readonly RecallList[],
  all: readonly RecallList[],
  length: number,
  { similarity, outputs = 3 }: RecallOptions
): SubjectStatistics {
  const correct = lists.map(correctPositions)
  const recalled = lists.map(serialPositions)
  const moves = recalled.map((r) => transitions(r, length))
  const spc = Array.from({ length }, (_, i) => correct.filter((c) => c.includes(i + 1)).length / lists.length)
  const lags = lagCounts(moves.flat(), length)
  const ranks = (merit: (l: RecallList) => (from: number, to: number) => number): SubjectValue =>
    average(moves.flatMap((own, i) => own.map((t) => transitionRank(t, merit(lists[i])))))
  const sharing = (labels: (l: RecallList) => readonly string[] | undefined): SubjectValue => {
    let [actual, possible] = [0, 0]
    for (const [i, list] of lists.entries()) {
      const label = labels(list)
      if (!label) return null
      for (const t of moves[i]) {
        // What has no category shares none; going to it leaves that of the item before.
        if (isMissing(label[t.from - 1])) continue
        const same = t.possible.filter((p) => label[p - 1] === label[t.from - 1]).length
        if (!same) continue
        possible++
        if (label[t.to - 1] === label[t.from - 1]) actual++
      }
    }
    return possible ? actual / possible : null
  }
  // Clustering is one of whole lists: none where a category is missing.
  const clustered = lists.flatMap((l, i) =>
    l.categories && !l.categories.some(isMissing) ? [{ categories: l.categories, correct: correct[i] }] : []
  )
  return {
    subject,
    lists: lists.length,
    recalled: average(correct.map((c) => c.length)) ?? 0,
    spc,
    pnr: Array.from({ length: outputs }, (_, n) => outputProbability(correct, length, n)),
    lagCrp: lags.actual.map((a, i) => (lags.possible[i] ? a / lags.possible[i] : null)),
    lagRank: ranks(() => temporalMerit),
    categoryCrp: sharing((l) => l.categories),
    arc: average(clustered.map(({ categories, correct }) => arc(correct.map((p) => categories[p - 1])))),
    lbc: average(
      clustered.map(({ categories, correct }) =>
        lbc(
          correct.map((p) => categories[p - 1]),
          categories
        )
      )
    ),
    sourceCrp: sharing((l) => l.sources),
    semanticRank: similarity ? ranks((l) => (from, to) => similarity(l.items[from - 1], l.items[to - 1])) : null,
    irt: interResponseTimes(lists),
    intrusions: average(recalled.map((r) => r.filter((p) => p === 0).length)) ?? 0,
    priorListIntrusions: priorLists(lists, all) / lists.length,
    repeats: average(recalled.map((r, i) => r.filter((p) => p > 0).length - correct[i].length)) ?? 0
  }
}

/** Mean of what is there; null when nothing is. */
function average(values: readonly (number | undefined | null)[]): SubjectValue {
  const there = values.filter((v): v is number => v !== undefined && v !== null)
  return there.length ? mean(there) : null
}

/** Of the lists with more than n correct recalls, how often the n-th (from 0) was each position, while it still could be. */
function outputProbability(correct: readonly (readonly number[])[], length: number, n: number): SubjectValue[] {
  const actual = new Array<number>(length).fill(0)
  const possible = [...actual]
  for (const positions of correct) {
    if (positions.length <= n) continue
    const before = new Set(positions.slice(0, n))
    actual[positions[n] - 1]++
    for (let p = 1; p <= length; p++) if (!before.has(p)) possible[p - 1]++
  }
  return actual.map((a, i) => (possible[i] ? a / possible[i] : null))
}

/**
 * Adjusted ratio of clustering of one recall sequence, from the categories of its correct recalls:
 *   ARC = (R - E) / (maxR - E),  R = neighbours of one category,  E = sum n_i^2 / N - 1,  maxR = N - categories recalled
 * undefined where it is 0/0. Chance 0, perfect 1.
 */
export function arc(categories: readonly string[]): number | undefined {
  const counts = [...Map.groupBy(categories, (c) => c).values()].map((g) => g.length)
  const N = categories.length
  const expected = counts.reduce((sum, n) => sum + n * n, 0) / N - 1
  const most = N - counts.length
  return N > 1 && most > expected ? (neighbours(categories) - expected) / (most - expected) : undefined
}

/**
 * List-based clustering: R - (r - 1)(m - 1)/(L - 1), r = correct recalls, m = items per category, L = list length.
 * undefined when the list's categories differ in size.
 */
export function lbc(categories: readonly string[], studied: readonly string[]): number | undefined {
  const sizes = new Set([...Map.groupBy(studied, (c) => c).values()].map((g) => g.length))
  if (sizes.size !== 1 || categories.length === 0 || studied.length < 2) return undefined
  const [m] = sizes
  return neighbours(categories) - ((categories.length - 1) * (m - 1)) / (studied.length - 1)
}

const neighbours = (categories: readonly string[]): number =>
  categories.filter((c, i) => i > 0 && c === categories[i - 1]).length

function interResponseTimes(lists: readonly RecallList[]): SubjectValue[] {
  const timed = lists.flatMap((l) => (l.times ? [l.times] : []))
  const longest = Math.max(0, ...timed.map((t) => t.length - 1))
  return Array.from({ length: longest }, (_, n) =>
    average(timed.map((t) => (n + 1 < t.length ? t[n + 1] - t[n] : undefined)))
  )
}

/** Recalls of items that an earlier list of the session had and their own has not, in the lists that are asked about. */
function priorLists(lists: readonly RecallList[], all: readonly RecallList[]): number {
  const asked = new Set(lists)
  let count = 0
  for (const session of Map.groupBy(all, (l) => l.session ?? '').values()) {
    const before = new Set<string>()
    for (const list of inListOrder(session)) {
      const studied = new Set(list.items)
      if (asked.has(list)) count += list.recalls.filter((item) => !studied.has(item) && before.has(item)).length
      for (const item of list.items) before.add(item)
    }
  }
  return count
}

/** By their numbers, whatever the order of the rows; lists that are named otherwise keep that order. */
function inListOrder(lists: readonly RecallList[]): readonly RecallList[] {
  const numbered = lists.every(({ list }) => list.trim() !== '' && Number.isFinite(Number(list)))
  return numbered ? [...lists].sort((a, b) => Number(a.list) - Number(b.list)) : lists
}

/** Of what a subject shows: a probability or a mean rank, and a time or a count. */
export const shareScale: MetricScale = { kind: 'bounded', low: 0, high: 1 }
const positiveScale: MetricScale = { kind: 'positive' }

export interface GroupStatistics {
  subjects: number
  lists: number
  recalled: Interval
  spc: (Interval | null)[]
  pnr: (Interval | null)[][]
  lagCrp: (Interval | null)[]
  lagRank: Interval | null
  categoryCrp: Interval | null
  arc: Interval | null
  lbc: Interval | null
  sourceCrp: Interval | null
  semanticRank: Interval | null
  irt: (Interval | null)[]
  intrusions: Interval
  priorListIntrusions: Interval
  repeats: Interval
}

/** Mean and 95 % t interval over subjects; a subject without a value is left out of that value. */
export function groupStatistics(subjects: readonly SubjectStatistics[]): GroupStatistics {
  if (!subjects.length) throw new StudioError('bad-input', 'There is no subject to average over.')
  const over = (of: (s: SubjectStatistics) => SubjectValue | undefined, scale?: MetricScale): Interval | null => {
    const values = subjects.map(of).filter((v): v is number => typeof v === 'number')
    return values.length ? meanInterval(values, scale) : null
  }
  const each = (of: (s: SubjectStatistics) => SubjectValue[], scale: MetricScale): (Interval | null)[] =>
    Array.from({ length: Math.max(...subjects.map((s) => of(s).length)) }, (_, i) => over((s) => of(s)[i], scale))
  return {
    subjects: subjects.length,
    lists: subjects.reduce((n, s) => n + s.lists, 0),
    recalled: over((s) => s.recalled)!,
    spc: each((s) => s.spc, shareScale),
    pnr: subjects[0].pnr.map((_, n) => each((s) => s.pnr[n], shareScale)),
    lagCrp: each((s) => s.lagCrp, shareScale),
    lagRank: over((s) => s.lagRank, shareScale),
    categoryCrp: over((s) => s.categoryCrp, shareScale),
    arc: over((s) => s.arc),
    lbc: over((s) => s.lbc),
    sourceCrp: over((s) => s.sourceCrp, shareScale),
    semanticRank: over((s) => s.semanticRank, shareScale),
    irt: each((s) => s.irt, positiveScale),
    intrusions: over((s) => s.intrusions, positiveScale)!,
    priorListIntrusions: over((s) => s.priorListIntrusions, positiveScale)!,
    repeats: over((s) => s.repeats, positiveScale)!
  }
}

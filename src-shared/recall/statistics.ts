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
import type { RecallList } from './data.ts'
import { lagCounts, temporalMerit, transitionRank } from './transitions.ts'
import { similarityMatrix } from './similarity.ts'
import { viewSubjects, type ListView, type SubjectView } from './view.ts'

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

interface StatisticsOptions {
  /** [length, length] of a list: how alike its items are, for the semantic factor. */
  alike?: ((view: ListView) => Float64Array) | undefined
  /** Outputs of which the probability by serial position is kept. */
  outputs?: number
}

export interface RecallOptions extends Omit<StatisticsOptions, 'alike'> {
  /** Similarity of two items by name, for the semantic factor. */
  similarity?: (a: string, b: string) => number
  /** Every list of the sessions, those of other lengths too: what was studied earlier is told by them. The lists themselves if left out. */
  among?: readonly RecallList[]
}

/** @throws StudioError bad-input when lists of one analysis differ in length, since positions would not compare */
export function subjectStatistics(
  lists: readonly RecallList[],
  { similarity, among, outputs }: RecallOptions = {}
): SubjectStatistics[] {
  const alike = similarity && (({ list }: ListView) => similarityMatrix(list.items, similarity))
  return viewSubjects(lists, among).map((own) =>
    statisticsOf(own, { alike, ...(outputs !== undefined && { outputs }) })
  )
}

export function statisticsOf(
  { subject, lists: views }: SubjectView,
  { alike, outputs = 3 }: StatisticsOptions = {}
): SubjectStatistics {
  const lists = views.map(({ list }) => list)
  const length = lists[0].items.length
  const correct = views.map((view) => view.correct)
  const recalled = views.map((view) => view.recalled)
  const moves = views.map((view) => view.moves)
  const intrusions = views.map((view) => view.intrusions)
  const spc = Array.from({ length }, (_, i) => correct.filter((c) => c.includes(i + 1)).length / lists.length)
  const lags = lagCounts(moves.flat(), length)
  const ranks = (merit: (view: ListView) => (from: number, to: number) => number): SubjectValue =>
    average(
      views.flatMap((view) => {
        const of = merit(view)
        return view.moves.map((t) => transitionRank(t, of))
      })
    )
  const byMeaning = (view: ListView): ((from: number, to: number) => number) => {
    const matrix = alike!(view)
    return (from, to) => matrix[(from - 1) * length + to - 1]
  }
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
    semanticRank: alike ? ranks(byMeaning) : null,
    irt: interResponseTimes(lists),
    intrusions: average(intrusions.map((own) => own.length)) ?? 0,
    priorListIntrusions: average(intrusions.map((own) => own.filter((lag) => lag !== undefined).length)) ?? 0,
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

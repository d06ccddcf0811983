/** `engram recall-stats` and `engram recall-likelihood`: human (or simulated) free recall from a psifr-style CSV. */
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { parseJson } from '../../../src-shared/shapes/json.ts'
import { readColumns } from '../../../src-shared/recall/columns.ts'
import { readRecall, type RecallList } from '../../../src-shared/recall/data.ts'
import {
  logLikelihood,
  readLikelihoodParams,
  sequencesOf,
  type LikelihoodParams
} from '../../../src-shared/recall/likelihood.ts'
import { readSimilarity } from '../../../src-shared/recall/similarity.ts'
import {
  groupStatistics,
  subjectStatistics,
  type GroupStatistics,
  type SubjectStatistics,
  type SubjectValue
} from '../../../src-shared/recall/statistics.ts'
import { readText } from './read.ts'
import { table } from './text.ts'
import { fixed, numberText, valueText, plural } from '../../../src-shared/text/numbers.ts'

/** How a file is to be read. */
export interface RecallReading {
  /** `subject=participant,list=trial`: which column is which. */
  columns?: string
  /** A file with the presented items of a matrix of serial positions. */
  items?: string
}

export async function readLists(
  file: string,
  { columns, items, length }: RecallReading & { length?: number } = {}
): Promise<RecallList[]> {
  const lists = readRecall(await readText(file), file, {
    ...(columns !== undefined && { columns: readColumns(columns) }),
    ...(items !== undefined && { items: await readText(items) }),
    ...(length !== undefined && { length })
  })
  if (lists.length === 0) throw new StudioError('bad-file', 'There is no list in this file.', { file })
  return lists
}

export interface RecallReport {
  file: string
  /** Items of the lists that were counted: curves by position need one length. */
  length: number
  lists: number
  /** Lists of another length, left out. */
  otherLists: number
  /** Means over subjects. */
  group: Curves
  /** The same with 95 % t intervals over subjects. */
  intervals: GroupStatistics
  subjects: ({ subject: string; lists: number } & Curves)[]
}

/** Statistics by name: curves as lists by position, the lag-CRP by lag. */
interface Curves {
  [name: string]:
    SubjectValue | readonly SubjectValue[] | readonly SubjectValue[][] | Record<string, SubjectValue> | string
}

/**
 * The statistics of a file, of its lists of one length.
 * @param options length: by default that of most lists; similarity: a file with the words' cosines
 * @throws StudioError bad-file that names line and column, bad-input for a length that no list has
 */
export async function recallStatistics(
  file: string,
  { length: wanted, similarity, ...reading }: RecallReading & { length?: number; similarity?: string } = {}
): Promise<RecallReport> {
  const all = await readLists(file, { ...reading, ...(wanted !== undefined && { length: wanted }) })
  const alike = similarity === undefined ? undefined : readSimilarity(await readText(similarity), similarity)
  const lengths = [...Map.groupBy(all, ({ items }) => items.length)].sort((a, b) => b[1].length - a[1].length)
  const length = wanted ?? lengths[0][0]
  const lists = all.filter(({ items }) => items.length === length)
  if (lists.length === 0)
    throw new StudioError(
      'bad-input',
      `No list has ${length} items; there are lists of ${lengths.map(([l]) => l).join(', ')}.`,
      { file, field: 'length' }
    )
  const subjects = subjectStatistics(lists, { among: all, ...(alike && { similarity: alike.of }) })
  const intervals = groupStatistics(subjects)
  return {
    file,
    length,
    lists: lists.length,
    otherLists: all.length - lists.length,
    group: meansOf(intervals),
    intervals,
    subjects: subjects.map((own) => ({ subject: own.subject, lists: own.lists, ...curvesOf(own) }))
  }
}

function curvesOf(statistics: Omit<SubjectStatistics, 'subject' | 'lists'>): Curves {
  const { recalled, spc, pnr, lagCrp, lagRank, categoryCrp, arc, lbc, sourceCrp, semanticRank } = statistics
  const { irt, intrusions, priorListIntrusions, repeats } = statistics
  return {
    recalled,
    spc,
    pfr: pnr[0],
    pnr,
    lagCrp: Object.fromEntries(lagCrp.map((value, i) => [i - (lagCrp.length - 1) / 2, value])),
    lagRank,
    categoryCrp,
    arc,
    lbc,
    sourceCrp,
    semanticRank,
    irt,
    intrusions,
    priorListIntrusions,
    repeats
  }
}

type WithMean = { mean: number } | null
const meanOf = (value: WithMean): SubjectValue => value?.mean ?? null

function meansOf(group: GroupStatistics): Curves {
  return curvesOf({
    recalled: group.recalled.mean,
    spc: group.spc.map(meanOf),
    pnr: group.pnr.map((row) => row.map(meanOf)),
    lagCrp: group.lagCrp.map(meanOf),
    lagRank: meanOf(group.lagRank),
    categoryCrp: meanOf(group.categoryCrp),
    arc: meanOf(group.arc),
    lbc: meanOf(group.lbc),
    sourceCrp: meanOf(group.sourceCrp),
    semanticRank: meanOf(group.semanticRank),
    irt: group.irt.map(meanOf),
    intrusions: group.intrusions.mean,
    priorListIntrusions: group.priorListIntrusions.mean,
    repeats: group.repeats.mean
  })
}

const named = {
  recalled: 'recalled per list',
  lagRank: 'temporal factor (lag rank)',
  categoryCrp: 'same-category transitions',
  arc: 'clustering ARC',
  lbc: 'clustering LBC',
  sourceCrp: 'same-source transitions',
  semanticRank: 'semantic factor (rank)',
  intrusions: 'intrusions per list',
  priorListIntrusions: 'of them from prior lists',
  repeats: 'repeats per list'
} as const

/** As tables for a terminal. */
export function recallTable({ length, lists, otherLists, intervals, subjects }: RecallReport): string {
  const cell = (value: WithMean | undefined): string => (value ? numberText(value.mean) : '')
  const scalars = Object.entries(named).flatMap(([key, title]) => {
    const value = intervals[key as keyof typeof named]
    return value
      ? [
          [
            title,
            numberText(value.mean),
            value.low === null ? '' : numberText(value.low),
            value.high === null ? '' : numberText(value.high)
          ]
        ]
      : []
  })
  const lags = [...intervals.lagCrp.keys()].map((i) => i - (length - 1)).filter((lag) => Math.abs(lag) <= 5)
  return [
    `${plural(subjects.length, 'subject')}, ${plural(lists, 'list')} of ${length} items${otherLists ? `; ${plural(otherLists, 'list')} of other lengths left out (--length)` : ''}`,
    '',
    table(['over subjects', 'mean', 'low 95 %', 'high 95 %'], scalars),
    '',
    table(
      ['position', 'recalled', 'first recall'],
      intervals.spc.map((value, i) => [String(i + 1), cell(value), cell(intervals.pnr[0][i])])
    ),
    '',
    table(
      ['lag', 'CRP'],
      lags.map((lag) => [valueText(lag), cell(intervals.lagCrp[lag + length - 1])])
    )
  ].join('\n')
}

export interface LikelihoodReport {
  file: string
  params: LikelihoodParams
  /** Different items in the whole file. */
  pool: number
  logLikelihood: number
  points: number
  subjects: { subject: string; lists: number; logLikelihood: number; points: number }[]
}

/**
 * Log-likelihood of every subject's recalls.
 * @throws StudioError bad-file that names line and column, bad-input that names the parameter
 */
export async function recallLikelihood(
  file: string,
  paramsFile: string,
  reading: RecallReading = {}
): Promise<LikelihoodReport> {
  const params = readLikelihoodParams(parseJson(await readText(paramsFile), { file: paramsFile }), paramsFile)
  const { pool, subjects } = sequencesOf(await readLists(file, reading))
  const each = subjects.map(({ subject, lists }) => ({
    subject,
    lists: lists.length,
    ...logLikelihood(lists, pool, params)
  }))
  return {
    file,
    params,
    pool,
    logLikelihood: each.reduce((sum, own) => sum + own.logLikelihood, 0),
    points: each.reduce((sum, own) => sum + own.points, 0),
    subjects: each
  }
}

export function likelihoodTable({ subjects, logLikelihood: sum, points }: LikelihoodReport): string {
  const row = (subject: string, lists: number, value: number, n: number): string[] => [
    subject,
    String(lists),
    String(n),
    fixed(value, 4)
  ]
  return table(
    ['subject', 'lists', 'data points', 'log-likelihood'],
    [
      ...subjects.map((own) => row(own.subject, own.lists, own.logLikelihood, own.points)),
      row(
        'all',
        subjects.reduce((n, own) => n + own.lists, 0),
        sum,
        points
      )
    ]
  )
}

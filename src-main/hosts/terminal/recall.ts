/** `engram recall-stats` and `engram recall-likelihood`: human (or simulated) free recall from a psifr-style CSV. */
import { basename } from 'node:path'
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
import { analyseRecall, chooseLists, conditionsOf, permuteRecall } from '../../../src-shared/recall/analyse.ts'
import type { Estimate } from '../../../src-shared/recall/measured.ts'
import { usualAnalysis, type Analysis } from '../../../src-shared/recall/measures/measure.ts'
import { recallReportPage } from '../../../src-shared/documents/recall-report.ts'
import { reportedStatistics, type ReportedStatistic } from '../../../src-shared/documents/recall-statistics.ts'
import { peopleGroup, type Group } from '../../../src-shared/figures/recall.ts'
import { modelStyle } from '../../../src-shared/figures/model-style.ts'
import type { RecallStatistics } from '../../../src-shared/recall/statistics-schema.ts'
import { matchSpelling, type SpellingVariant } from '../../../src-shared/recall/spelling.ts'
import type { LeftOut } from '../../../src-shared/recall/statistics-schema.ts'
import type { GroupStatistics, SubjectStatistics, SubjectValue } from '../../../src-shared/recall/statistics.ts'
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
  /** Subjects with too little data, and the rule that left them out. */
  leftOut: LeftOut
  /** Recalls that were taken for words they are near to; null where each was taken as it was spelt. */
  spelling: { edits: number; variants: SpellingVariant[] } | null
  /** What was chosen. */
  analysis: Analysis
  /** Every statistic with its definition, of all lists and of each condition: `resources/guide/recall-stats.md`. */
  statistics: ReportedStatistic[]
}

/** Statistics by name: curves as lists by position, the lag-CRP by lag. */
interface Curves {
  [name: string]:
    SubjectValue | readonly SubjectValue[] | readonly SubjectValue[][] | Record<string, SubjectValue> | string
}

export interface RecallStatsOptions extends RecallReading, Partial<Record<AnalysisName, number>> {
  length?: number
  /** A file with the words' cosines. */
  similarity?: string
  /** Take recalls for words that differ in up to so many letters. */
  spelling?: number
  leastLists?: number
  leastRecalls?: number
}

/** What of an analysis is chosen by options of these names. */
const analysisNames = ['skip', 'listLag', 'bins', 'shift', 'recallTime', 'exitTime', 'permutations'] as const
type AnalysisName = (typeof analysisNames)[number]

/** What the statistics of a file are reported and drawn from: all of its lists, and each of its conditions. */
export interface RecallAnalysis {
  all: readonly RecallList[]
  spelling: RecallReport['spelling']
  analysis: Analysis
  /** All lists first, then each condition where there is more than one. */
  groups: { group: Group; found: RecallStatistics }[]
}

/**
 * The statistics of a file, of its lists of one length.
 * @throws StudioError bad-file that names line and column, bad-input for a length that no list has or where nobody has
 *   enough data
 */
export async function analyseFile(
  file: string,
  { length, similarity, spelling: edits, leastLists, leastRecalls, ...options }: RecallStatsOptions = {}
): Promise<RecallAnalysis> {
  const { columns, items } = options
  const read = await readLists(file, {
    ...(columns !== undefined && { columns }),
    ...(items !== undefined && { items }),
    ...(length !== undefined && { length })
  })
  const spelt = edits === undefined ? undefined : matchSpelling(read, { edits, undone: [] })
  const all = spelt?.lists ?? read
  const alike = similarity === undefined ? undefined : readSimilarity(await readText(similarity), similarity).of
  const chosen: Partial<Analysis> = Object.fromEntries(
    analysisNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]))
  )
  const request = { length, analysis: chosen, least: { lists: leastLists, recalls: leastRecalls } }
  const whole = analyseRecall(all, request, alike, file)
  const conditions = conditionsOf(chooseLists(all, { length: whole.length }))
  const groups: RecallAnalysis['groups'] = []
  for (const condition of [undefined, ...(conditions.length > 1 ? conditions.map(({ name }) => name) : [])]) {
    const own = { ...request, condition }
    const found = condition === undefined ? whole : analyseRecall(all, own, alike, file)
    const permuted = await permuteRecall(all, own, alike)
    const statistics = [...found.statistics, ...permuted]
    const label = condition ?? 'all'
    const style = modelStyle(groups.length, 0, false)
    groups.push({ group: peopleGroup({ id: label, label, style }, { ...found, statistics }), found })
  }
  return {
    all,
    spelling: edits === undefined || !spelt ? null : { edits, variants: spelt.variants },
    analysis: { ...usualAnalysis, ...chosen },
    groups
  }
}

export function recallReport(file: string, { all, spelling, analysis, groups }: RecallAnalysis): RecallReport {
  const [
    {
      found: { length, group, subjects, leftOut }
    }
  ] = groups
  const lists = all.filter(({ items }) => items.length === length).length
  return {
    file,
    length,
    lists,
    otherLists: all.length - lists,
    group: meansOf(group),
    intervals: group,
    subjects: subjects.map((own) => ({ subject: own.subject, lists: own.lists, ...curvesOf(own) })),
    leftOut,
    spelling,
    analysis,
    statistics: reportedStatistics(groups.map((own) => own.group))
  }
}

/** The same as a page of its own. */
export const recallPage = (
  file: string,
  { groups, spelling }: RecallAnalysis,
  { version, created }: { version: string; created: string }
): string =>
  recallReportPage({
    title: `Free recall: ${basename(file)}`,
    version,
    created,
    groups: groups.map(({ group }) => group),
    leftOut: groups.map(({ group, found }) => ({ label: group.label, leftOut: found.leftOut })),
    spelling: spelling ? [{ label: basename(file), variants: spelling.variants }] : []
  })

/** The statistics of a file as they are printed. */
export const recallStatistics = async (file: string, options: RecallStatsOptions = {}): Promise<RecallReport> =>
  recallReport(file, await analyseFile(file, options))

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

/** As tables for a terminal. */
export function recallTable(report: RecallReport): string {
  const { length, lists, otherLists, subjects, leftOut, spelling, statistics } = report
  const numbers = statistics.filter(({ look }) => look === 'number')
  const conditions = statistics[0].groups.map(({ group }) => group)
  const estimateText = (value: Estimate | null): string[] =>
    value
      ? [
          numberText(value.mean),
          ...[value.low, value.high].map((end) => (end === null ? '' : numberText(end))),
          String(value.n)
        ]
      : ['', '', '', '']
  const curve = (name: string, most = Infinity): [string, string][] => {
    const { x, groups } = statistics.find((own) => own.name === name)!
    return (x?.places ?? []).flatMap((at, i): [string, string][] => {
      const value = groups[0].values[i]
      return typeof at === 'number' && Math.abs(at) <= most
        ? [[valueText(at), value ? numberText(value.mean) : '']]
        : []
    })
  }
  const [spc, pfr] = [curve('spc'), curve('pfr')]
  const crp = curve('lag-crp', 5)
  return [
    `${plural(subjects.length, 'subject')}, ${plural(lists, 'list')} of ${length} items${otherLists ? `; ${plural(otherLists, 'list')} of other lengths left out (--length)` : ''}`,
    ...(leftOut.subjects.length
      ? [`left out (${leftOut.rule}): ${leftOut.subjects.map(({ subject, why }) => `${subject} (${why})`).join(', ')}`]
      : []),
    ...(spelling
      ? [
          `spelling: ${plural(
            spelling.variants.reduce((sum, own) => sum + own.count, 0),
            'recall'
          )} taken for another word: ${spelling.variants.map((own) => `${own.recalled} = ${own.studied}`).join(', ') || 'none'}`
        ]
      : []),
    '',
    table(
      ['over subjects', ...(conditions.length > 1 ? ['condition'] : []), 'mean', 'low 95 %', 'high 95 %', 'n'],
      numbers.flatMap(({ label, groups }) =>
        groups.flatMap(({ group, values: [value] }) =>
          value ? [[label, ...(conditions.length > 1 ? [group] : []), ...estimateText(value)]] : []
        )
      )
    ),
    ...(spc.length
      ? [
          '',
          table(
            ['position', 'recalled', 'first recall'],
            spc.map((row, i) => [...row, pfr[i]?.[1] ?? ''])
          )
        ]
      : []),
    ...(crp.length ? ['', table(['lag', 'CRP'], crp)] : []),
    '',
    'Curves and maps: --json, --csv, --html.',
    ...[...Map.groupBy(statistics, ({ missing }) => missing)].flatMap(([why, own]) =>
      why === undefined ? [] : [`Not there, ${why}: ${own.map(({ label }) => label).join(', ')}.`]
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

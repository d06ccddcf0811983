/**
 * What a statistic of free recall is: its name, its definition, where it has values, and how they come from a subject's
 * lists. The page, reports, `engram recall-stats` and the guide are made from these alone.
 */
import type { MetricScale } from '../../shapes/scale.ts'
import { mean } from '../../statistics/numbers.ts'
import { shareScale, type SubjectStatistics, type SubjectValue } from '../statistics.ts'
import type { ListView, SubjectView } from '../view.ts'

/** Parts of the page, in its order. */
export const sections = {
  amount: 'How much is recalled',
  order: 'Where recall goes in time',
  meaning: 'Where recall goes in meaning',
  categories: 'Categories and sources',
  errors: 'Intrusions and repetitions',
  time: 'Timing and stopping'
} as const
export type Section = keyof typeof sections

/** What data must have for a statistic, and how it is said where they do not. */
export const needs = {
  categories: 'needs a category of each item',
  sources: 'needs a source of each item',
  similarity: 'needs a table of how alike the words are',
  times: 'needs times of the recalls',
  recallTime: 'needs how long recall lasted',
  delays: 'needs a delay between study and test'
} as const
export type Need = keyof typeof needs

/** What is chosen in an analysis. */
export interface Analysis {
  /** Recalls that are left out at the start of each list, where a statistic is of what comes after them. */
  skip: number
  /** Farthest list from which intrusions are told. */
  listLag: number
  /** Bins of similarity. */
  bins: number
  /** Items back to which similarity is ranked. */
  shift: number
  /** Seconds that recall lasted, where times are given. */
  recallTime?: number | undefined
  /** Seconds without a recall at the end, from which recall counts as stopped by the subject rather than by the clock. */
  exitTime: number
  /** Random orders of the recalls of each list. */
  permutations: number
}
export const usualAnalysis: Analysis = { skip: 3, listLag: 5, bins: 10, shift: 3, exitTime: 12, permutations: 500 }

/** A subject with what several statistics are made of. */
export interface MeasuredSubject extends SubjectView {
  basic: SubjectStatistics
}

/** All that is measured together. */
export interface MeasuredData {
  length: number
  subjects: readonly MeasuredSubject[]
  analysis: Analysis
  /** [length, length] of a list: how alike its words are. */
  alike?: ((list: ListView) => Float64Array) | undefined
  bins: () => SimilarityBins
}

export interface SimilarityBins {
  /** Ends of the bins, lowest first: one more than there are bins. */
  edges: readonly number[]
  /** Mean similarity of each. */
  at: readonly number[]
}

export type Place = number | string
/** Places at which a statistic has values: along x, and of each of its rows. */
export interface Places {
  x: readonly Place[]
  rows?: readonly Place[]
}

export interface MeasureAxis {
  label: string
  unit?: string
}

export interface Measure {
  /** Stable: in `--json`, in files and in addresses. */
  name: string
  label: string
  section: Section
  /** One sentence. */
  help: string
  tex: string
  source: string
  /** One number, a curve, a few curves, or a map. */
  look: 'number' | 'curve' | 'curves' | 'map'
  x?: MeasureAxis
  rows?: MeasureAxis
  value: MeasureAxis & { scale?: MetricScale }
  /** A value that means nothing happened: chance. */
  chance?: number
  needs?: readonly Need[]
  /** By shuffling: slower than all the others, and asked for on its own. */
  permuted?: true
  /** Left out for a number. */
  places?: (data: MeasuredData) => Places
  /** The values of one subject, row by row; null where there is none. */
  of: (subject: MeasuredSubject, data: MeasuredData, places: Places) => readonly SubjectValue[]
}

export const probability = (label = 'Probability'): Measure['value'] => ({ label, scale: shareScale })

export const countTo = (last: number, first = 1): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)

/** The most correct recalls of any list. */
export const mostRecalled = ({ subjects }: MeasuredData): number =>
  subjects.reduce((most, { lists }) => lists.reduce((m, { correct }) => Math.max(m, correct.length), most), 0)

/** How often each place happened, and how often it could have. */
export class Tally {
  readonly #actual: Float64Array
  readonly #possible: Float64Array
  constructor(size: number) {
    this.#actual = new Float64Array(size)
    this.#possible = new Float64Array(size)
  }
  happened(at: number, times = 1): void {
    this.#actual[at] += times
  }
  couldHave(at: number, times = 1): void {
    this.#possible[at] += times
  }
  /** Actual over possible; null where it was never possible. */
  shares(): SubjectValue[] {
    return Array.from(this.#possible, (possible, i) => (possible > 0 ? this.#actual[i] / possible : null))
  }
}

/** The mean of what is there; null when nothing is. */
export function average(values: readonly (number | null | undefined)[]): SubjectValue {
  const there = values.filter((value): value is number => value !== undefined && value !== null)
  return there.length ? mean(there) : null
}

/** A number of each subject. */
export function numberMeasure(
  about: Omit<Measure, 'look' | 'of' | 'places'>,
  of: (subject: MeasuredSubject, data: MeasuredData) => SubjectValue
): Measure {
  return { ...about, look: 'number', of: (subject, data) => [of(subject, data)] }
}

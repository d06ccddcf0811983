/** The statistics of free recall as they cross the contract. */
import { z } from 'zod'
import { axisValueSchema } from '../shapes/point.ts'
import { recallColumnsSchema } from './columns.ts'
import type { Analysis } from './measures/measure.ts'
import { spellingSchema } from './spelling.ts'
import type { GroupStatistics, SubjectStatistics } from './statistics.ts'

const value = z.number().nullable()
const values = z.array(value)
const interval = z.object({ mean: z.number(), low: value, high: value, n: z.int() }).loose()

export const subjectStatisticsSchema = z.object({
  subject: z.string(),
  lists: z.int(),
  recalled: z.number(),
  spc: values,
  pnr: z.array(values),
  lagCrp: values,
  lagRank: value,
  categoryCrp: value,
  arc: value,
  lbc: value,
  sourceCrp: value,
  semanticRank: value,
  irt: values,
  intrusions: z.number(),
  priorListIntrusions: z.number(),
  repeats: z.number()
}) satisfies z.ZodType<SubjectStatistics>

const intervals = z.array(interval.nullable())
export const groupStatisticsSchema = z.object({
  subjects: z.int(),
  lists: z.int(),
  recalled: interval,
  spc: intervals,
  pnr: z.array(intervals),
  lagCrp: intervals,
  lagRank: interval.nullable(),
  categoryCrp: interval.nullable(),
  arc: interval.nullable(),
  lbc: interval.nullable(),
  sourceCrp: interval.nullable(),
  semanticRank: interval.nullable(),
  irt: intervals,
  intrusions: interval,
  priorListIntrusions: interval,
  repeats: interval
}) as unknown as z.ZodType<GroupStatistics>

/** A data set of free recall. */
export const recallDatasetSchema = z.object({
  id: z.string(),
  name: z.string(),
  file: z.string(),
  imported: z.string(),
  subjects: z.int(),
  lists: z.int(),
  /** Lengths of its lists, the most frequent first: curves by position need one length. */
  lengths: z.array(z.object({ length: z.int(), lists: z.int() })).min(1),
  /** File of the words' similarities, from which the semantic factor comes; null without. */
  similarity: z.string().nullable(),
  /** How its file was read. */
  reading: z.object({
    /** Of a table: which of its columns was taken for what. */
    columns: recallColumnsSchema.optional(),
    /** Of a matrix of serial positions: the file of the presented items, or how long its lists were said to be. */
    items: z.string().optional(),
    length: z.int().optional(),
    /** What its lists were given under, where more than one condition is told. */
    conditions: z.array(z.object({ name: z.string(), lists: z.int() })).optional(),
    /** Whether recalls that are spelt otherwise are taken for the words they are near to. */
    spelling: spellingSchema.optional()
  })
})

/** What is chosen in an analysis, where it is not as usual. */
export const analysisSchema = z
  .object({
    skip: z.int().min(0).max(1000),
    listLag: z.int().min(1).max(100),
    bins: z.int().min(2).max(50),
    shift: z.int().min(1).max(20),
    recallTime: z.number().positive().max(86_400).optional(),
    exitTime: z.number().min(0).max(86_400),
    permutations: z.int().min(10).max(10_000)
  })
  .partial() satisfies z.ZodType<Partial<Analysis>>

/** Fewer lists or correct recalls than these are too little data. */
export const leastSchema = z.object({ lists: z.int().min(0).optional(), recalls: z.int().min(0).optional() })

const place = z.union([z.number(), z.string()])
export const measuredStatisticSchema = z.object({
  name: z.string(),
  missing: z.string().optional(),
  x: z.array(place),
  rows: z.array(place),
  means: z.array(z.object({ mean: z.number(), low: value, high: value, n: z.int() }).nullable()),
  members: z.array(values)
})

export const recallStatisticsSchema = z.object({
  length: z.int(),
  group: groupStatisticsSchema,
  subjects: z.array(subjectStatisticsSchema),
  /** All statistics by name: `measures/registry.ts`. */
  statistics: z.array(measuredStatisticSchema),
  /** Who is not among the subjects, and by which rule. */
  leftOut: z.object({ rule: z.string(), subjects: z.array(z.object({ subject: z.string(), why: z.string() })) })
})

/** Of one model at one point of a run, each seed a subject. */
export const simulatedStatisticsSchema = z.object({
  label: z.string(),
  point: z.record(z.string(), axisValueSchema),
  found: recallStatisticsSchema
})

export type SimulatedStatistics = z.infer<typeof simulatedStatisticsSchema>
export type RecallDataset = z.infer<typeof recallDatasetSchema>
export type RecallStatistics = z.infer<typeof recallStatisticsSchema>
export type MeasuredStatistic = z.infer<typeof measuredStatisticSchema>
export type LeftOut = RecallStatistics['leftOut']

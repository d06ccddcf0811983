/** The statistics of free recall as they cross the contract. */
import { z } from 'zod'
import { recallColumnsSchema } from './columns.ts'
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

/** How many of a thing there are: a data set of free recall. */
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
    length: z.int().optional()
  })
})

export const recallStatisticsSchema = z.object({
  length: z.int(),
  group: groupStatisticsSchema,
  subjects: z.array(subjectStatisticsSchema)
})

export type RecallDataset = z.infer<typeof recallDatasetSchema>
export type RecallStatistics = z.infer<typeof recallStatisticsSchema>

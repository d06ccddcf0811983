/** Data and fits of human free recall. */
import { z } from 'zod'
import { recallColumnsSchema } from '../recall/columns.ts'
import { fitRequestSchema, fitSchema } from '../recall/fit-request.ts'
import { spellingSchema, spellingVariantSchema } from '../recall/spelling.ts'
import {
  analysisSchema,
  leastSchema,
  measuredStatisticSchema,
  recallDatasetSchema,
  recallStatisticsSchema,
  simulatedStatisticsSchema
} from '../recall/statistics-schema.ts'
import { done, id, label, nothing, type Calls, type Events } from './call.ts'

/** Lists of one length (that of most lists if left out) and one condition (all if left out). */
const analysed = z.object({
  id,
  length: z.int().optional(),
  condition: z.string().max(500).optional(),
  analysis: analysisSchema.optional(),
  least: leastSchema.optional()
})

export const recallCalls = {
  /** Data sets of human free recall, newest first. */
  'recall.list': { input: nothing, output: z.array(recallDatasetSchema) },
  /** Read a psifr-style CSV or a matrix of serial positions. Larger files than this: `engram recall-stats` reads any. */
  'recall.import': {
    input: z.object({
      name: z.string().trim().min(1).max(255),
      text: z.string().max(7 * 2 ** 20),
      /** Which column is which, where they are named otherwise. */
      columns: recallColumnsSchema.optional(),
      /** Of a matrix of serial positions: the presented items, or the length of its lists. */
      items: z.object({ name: z.string().trim().min(1).max(255), text: z.string().max(7 * 2 ** 20) }).optional(),
      length: z.int().min(1).max(1000).optional()
    }),
    output: recallDatasetSchema
  },
  /** Say how alike the words of a data set are, by a square CSV table of cosines; it replaces an earlier one. */
  'recall.similarity': {
    input: z.object({ id, name: z.string().trim().min(1).max(255), text: z.string().max(7 * 2 ** 20) }),
    output: z.object({
      dataset: recallDatasetSchema,
      /** Words of the data set that the table has, and all. */ known: z.int(),
      words: z.int()
    })
  },
  'recall.trashSimilarity': { input: z.object({ id, trashed: z.boolean() }), output: done },
  'recall.rename': { input: z.object({ id, name: label }), output: done },
  'recall.trash': { input: z.object({ id, trashed: z.boolean() }), output: done },
  /** Of the lists of one length: that of most lists if left out. */
  'recall.statistics': { input: analysed, output: recallStatisticsSchema },
  /** Those that take shuffling, which takes its time. */
  'recall.permuted': { input: analysed, output: z.array(measuredStatisticSchema) },
  /** All of them, of each model at each point of a run of free recall: a seed is a subject. */
  'recall.simulated': {
    input: z.object({ run: id, analysis: analysisSchema.optional() }),
    output: z.array(simulatedStatisticsSchema)
  },
  /** Recalls within so many edits of a word that was studied. */
  'recall.spelling': {
    input: z.object({ id, edits: spellingSchema.shape.edits }),
    output: z.array(spellingVariantSchema)
  },
  /** Take them for these words from now on, but for what is undone; null: for none. */
  'recall.setSpelling': { input: z.object({ id, spelling: spellingSchema.nullable() }), output: recallDatasetSchema },
  'recall.fits': { input: z.object({ id }), output: z.array(fitSchema) },
  /** The statistics of lists that the subjects of a likelihood fit recall by its model, each with their own parameters. */
  'recall.fitCurves': {
    input: z.object({ dataset: id, fit: id, condition: z.string().max(500).optional() }),
    output: recallStatisticsSchema
  },
  /** Take in lists that the studio's own CMR recalls: for who has no data yet. Its name says so. */
  'recall.simulate': { input: nothing, output: recallDatasetSchema },
  /** Fit in the background; `recall.fit` tells every step. */
  'recall.startFit': { input: fitRequestSchema, output: z.object({ id }) },
  'recall.cancelFit': { input: z.object({ id }), output: done },
  'recall.trashFit': { input: z.object({ id, trashed: z.boolean() }), output: done }
} as const satisfies Calls

export const recallEvents = {
  /** A fit to human free recall, as far as it is. */
  'recall.fit': fitSchema
} as const satisfies Events

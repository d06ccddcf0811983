/** Runs: their life, their results, and the history of them. */
import { z } from 'zod'
import { rerunCheckSchema } from '../exchange/rerun.ts'
import { longestFilter } from '../filter/parse.ts'
import { limits } from '../shapes/experiment.ts'
import { fileSchema } from '../shapes/exported-file.ts'
import { backendSchema } from '../shapes/machine.ts'
import { placeSchema } from '../shapes/place.ts'
import { registeredPredictionSchema } from '../shapes/prediction.ts'
import {
  cellCostSchema,
  cellResultSchema,
  pointSchema as point,
  progressSchema,
  runRowSchema,
  runSchema,
  seriesResultSchema,
  trialSchema,
  trialStatus
} from '../shapes/run.ts'
import { tuningTableSchema } from '../shapes/tuning.ts'
import { done, fewIds, id, ids, label, nothing, type Calls, type Events } from './call.ts'
import { markdownSchema } from '../shapes/nesting.ts'

export const historyQuerySchema = z.object({
  /** In the language of src-shared/filter. */
  filter: z.string().max(longestFilter).optional(),
  /** One row per group: `seeds` groups runs that differ only in their seeds. */
  group: z
    .union([
      z.enum(['seeds', 'task', 'model', 'status', 'backend', 'tag']),
      z.templateLiteral(['param.', z.string()], 'param.NAME')
    ])
    .optional(),
  /** Only the runs of this group of `group`. */
  member: z.union([z.string(), z.number()]).optional(),
  trashed: z.boolean().default(false),
  /** With the references that ship with the studio and were taken in. */
  references: z.boolean().optional(),
  /** A column, or any metric or parameter. */
  sort: z
    .union([
      z.enum(['name', 'task', 'status', 'created', 'elapsedMs', 'trials', 'best']),
      z.templateLiteral([z.enum(['metric.', 'param.']), z.string().max(500)], 'metric.NAME or param.NAME')
    ])
    .default('created'),
  descending: z.boolean().default(true),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(1000).default(200)
})
export type HistoryQuery = z.infer<typeof historyQuerySchema>

/** Of a log, in one answer. */
export const mostLogLines = 2000

/** Only these of each run's grid: a large run is read in parts. */
const cellRange = z.object({ from: z.int().min(0), count: z.int().min(1) })

export const runCalls = {
  'runs.start': {
    input: z.object({ experiment: z.json(), name: label.optional(), on: placeSchema.optional() }),
    output: z.object({ id })
  },
  'runs.pause': { input: z.object({ id }), output: done },
  'runs.resume': { input: z.object({ id }), output: done },
  'runs.cancel': { input: z.object({ id }), output: done },
  /** Go on with a run that has ended until it has so many seeds; what is stored stays. */
  'runs.extend': { input: z.object({ id, seeds: z.int().min(1).max(limits.seeds) }), output: done },
  'runs.list': { input: historyQuerySchema, output: z.object({ rows: z.array(runRowSchema), total: z.int() }) },
  'runs.facets': {
    input: nothing,
    output: z.object({
      tasks: z.array(z.string()),
      models: z.array(z.string()),
      tags: z.array(z.string()),
      /** Names that `param.` and `metric.` of a filter know. */
      params: z.array(z.string()),
      metrics: z.array(z.string()),
      trashed: z.int()
    })
  },
  'runs.get': { input: z.object({ id }), output: runSchema },
  'runs.results': { input: z.object({ ids: fewIds, cells: cellRange.optional() }), output: z.array(cellResultSchema) },
  /** What tuning has tried so far and what won; null for a run that tunes nothing. */
  'runs.tuning': { input: z.object({ id }), output: tuningTableSchema.nullable() },
  /** What one trial of each model at each point costs, predicted; nothing for models that are no longer there. */
  'runs.costs': { input: z.object({ ids: fewIds }), output: z.array(cellCostSchema) },
  'runs.series': {
    input: z.object({ ids: fewIds, name: z.string(), cells: cellRange.optional() }),
    output: z.array(seriesResultSchema)
  },
  /** Trials that need a look (diverged, failed), or all; newest last. */
  'runs.trials': {
    input: z.object({ id, status: trialStatus.optional(), offset: z.int().min(0), limit: z.int().min(1).max(1000) }),
    output: z.object({ rows: z.array(trialSchema), total: z.int() })
  },
  'runs.traces': { input: z.object({ id, trial: z.int() }), output: z.array(z.json()) },
  /** The weights a trial began with, by PyTorch's names, as a file in base64. */
  'runs.weights': {
    input: z.object({ id, trial: z.int(), format: z.enum(['safetensors', 'npz']) }),
    output: fileSchema
  },
  /** What was predicted before the run, and how it was judged after it. */
  'runs.predictions': { input: z.object({ id }), output: z.array(registeredPredictionSchema) },
  /** The last lines, in their order. */
  'runs.log': {
    input: z.object({ id, limit: z.int().min(1).max(mostLogLines).optional() }),
    output: z.array(z.object({ time: z.string(), text: z.string() }))
  },
  /** How the best model of each run lies to that of a baseline, on the baseline's main metric; runs that cannot be compared are left out. */
  'runs.deltas': {
    input: z.object({ baseline: id, ids: z.array(id).max(200) }),
    output: z.array(
      z.object({
        id,
        difference: z.number(),
        low: z.number().nullable(),
        high: z.number().nullable(),
        method: z.string()
      })
    )
  },
  /** Of runs any parameter, and of any metric the mean of the best model over all points, with its interval over seeds. */
  'runs.values': {
    input: z.object({
      ids: z.array(id).max(200),
      params: z.array(z.string().max(500)).max(50),
      metrics: z.array(z.string().max(500)).max(50)
    }),
    output: z.array(
      z.object({
        id,
        /** Every value that occurs in the run. */
        params: z.record(z.string(), z.array(z.union([z.string(), z.number()]))),
        metrics: z.record(
          z.string(),
          z.object({
            label: z.string(),
            mean: z.number(),
            low: z.number().nullable(),
            high: z.number().nullable(),
            n: z.int(),
            method: z.string(),
            beyond: z.object({ limit: z.number(), count: z.int() }).optional()
          })
        )
      })
    )
  },
  /** What could not be stored of a run, as a file of results to be saved elsewhere. */
  'runs.unsaved': { input: z.object({ id }), output: fileSchema },
  'runs.update': {
    input: z.object({
      ids,
      name: label.optional(),
      notes: markdownSchema.optional(),
      addTags: z.array(label).optional(),
      removeTags: z.array(label).optional()
    }),
    output: done
  },
  'runs.trash': { input: z.object({ ids }), output: done },
  'runs.restore': { input: z.object({ ids }), output: done },
  'runs.purge': { input: z.object({ ids }), output: done },
  /** Compute a sample of a run's trials again and hold it to what is stored; answers when all of it is done. */
  'runs.rerun': {
    input: z.object({
      id,
      sample: z.int().min(1).max(1000).default(5),
      draw: z
        .int()
        .min(0)
        .max(2 ** 32 - 1)
        .default(1),
      backend: backendSchema.shape.name.optional()
    }),
    output: rerunCheckSchema
  },
  /** Give up the check of a run that is being made. */
  'runs.cancelRerun': { input: z.object({ id }), output: done },
  /** The checks made of a run, newest first. */
  'runs.reruns': { input: z.object({ id }), output: z.array(rerunCheckSchema) }
} as const satisfies Calls

export const runEvents = {
  'run.progress': progressSchema,
  /** Trials that ended since the last message, for live curves. */
  'run.trials': z.object({
    runId: id,
    trials: z.array(
      z.object({
        label: z.string(),
        model: z.string(),
        point,
        seed: z.int(),
        status: trialStatus,
        metrics: z.record(z.string(), z.number()),
        series: z.record(z.string(), z.object({ x: z.array(z.number()), y: z.array(z.number().nullable()) })).optional()
      })
    )
  }),
  /** Learning curves of trials under way: points that are new since the last message. */
  'run.points': z.object({
    runId: id,
    curves: z.array(
      z.object({
        label: z.string(),
        model: z.string(),
        point,
        seed: z.int(),
        /** Name of the series. */
        name: z.string(),
        x: z.array(z.number()),
        y: z.array(z.number().nullable())
      })
    )
  }),
  /** Trials of a run that were computed again so far, for the check that is being made. */
  'rerun.progress': z.object({ id, done: z.int(), total: z.int() }),
  'run.log': z.object({ runId: id, time: z.string(), text: z.string() }),
  /** Rows of the history changed. */
  'runs.changed': z.object({ ids: z.array(id) })
} as const satisfies Events

/** A run and its results, as every side reads them. */
import { z } from 'zod'
import { metricScaleSchema } from './scale.ts'
import { errorSchema } from './errors.ts'
import { computerSchema, placeNames, slurmSchema } from './place.ts'
import { experimentSchema } from './experiment.ts'

const id = z.string().min(1).max(64)

export const runStatuses = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted'] as const
export const trialStatuses = ['done', 'diverged', 'failed'] as const
export const runStatus = z.enum(runStatuses)
export const trialStatus = z.enum(trialStatuses)
/** As trials are shown: one whose stored numbers are not those that were written is damaged and has none. */
const shownStatus = z.enum([...trialStatuses, 'damaged'])
export type RunStatus = z.infer<typeof runStatus>
export type TrialStatus = z.infer<typeof trialStatus>

export const pointSchema = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]))
const point = pointSchema

/** One line of the history. Times are ISO 8601 UTC. */
export const runRowSchema = z.object({
  id,
  name: z.string(),
  task: z.string(),
  /** Labels of its models. */
  labels: z.array(z.string()),
  status: runStatus,
  created: z.string(),
  ended: z.string().nullable(),
  trials: z.int(),
  done: z.int(),
  diverged: z.int(),
  failed: z.int(),
  seeds: z.int(),
  elapsedMs: z.number(),
  backend: z.string(),
  tags: z.array(z.string()),
  notes: z.string(),
  trashed: z.string().nullable(),
  /** Mean of the task's main metric over all done trials of the best model, and that model's label. */
  best: z.object({ label: z.string(), metric: z.string(), mean: z.number() }).nullable(),
  /** The file a run was taken in from; left out for a run of this studio. */
  origin: z.string().max(1000).optional(),
  /** What is stored of it is not what was written. */
  damaged: z.boolean().optional(),
  /** Trials that could not be stored: they are kept until they can be, or are saved elsewhere. */
  unsaved: z.int().optional(),
  /** Of a grouped list: what the group's runs have in common, how many they are, and their seeds together. */
  group: z
    .object({
      value: z.union([z.string(), z.number()]),
      runs: z.int(),
      seeds: z.int(),
      /** Of runs that differ only in their seeds: their names, newest first, each once; a few of many. */
      names: z.array(z.string()).optional()
    })
    .optional()
})
export type RunRow = z.infer<typeof runRowSchema>

/** Everything needed to know where a run's numbers come from. */
export const provenanceSchema = z.object({
  version: z.string(),
  commit: z.string(),
  experimentHash: z.string(),
  backend: z.string(),
  adapter: z.string(),
  generator: z.string(),
  node: z.string(),
  libraries: z.record(z.string(), z.string()),
  os: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  started: z.string(),
  ended: z.string().nullable(),
  exit: z.string(),
  /** Where it is computed; here if left out. */
  place: z.enum(placeNames).optional(),
  /** Of another place: what is asked of the cluster. */
  slurm: slurmSchema.optional(),
  /** The other computers that its trials came from. */
  computers: z.array(computerSchema.extend({ trials: z.int() })).optional(),
  /** Trials that were computed on another backend than was chosen, because that one failed. */
  fallbacks: z.array(z.object({ from: z.string(), to: z.string(), trials: z.int(), reason: z.string() })).optional()
})
export type Fallback = NonNullable<z.infer<typeof provenanceSchema>['fallbacks']>[number]
/** `40 trials on wasm instead of webgpu: the device was lost` */
export const fallbackText = ({ from, to, trials, reason }: Fallback): string =>
  `${trials} ${trials === 1 ? 'trial' : 'trials'} on ${to} instead of ${from}: ${reason}`
export type Provenance = z.infer<typeof provenanceSchema>

export const runSchema = runRowSchema.extend({
  experiment: experimentSchema,
  provenance: provenanceSchema,
  error: errorSchema.nullable()
})
export type Run = z.infer<typeof runSchema>

/** One model at one point, its numbers by seed. null = that trial has none (not done, diverged or failed). */
export const cellResultSchema = z.object({
  runId: id,
  label: z.string(),
  model: z.string(),
  params: z.record(z.string(), z.json()),
  point,
  seeds: z.array(z.int()),
  statuses: z.array(z.union([shownStatus, z.literal('missing')])),
  metrics: z.record(z.string(), z.array(z.number().nullable())),
  /** Milliseconds of compute per trial. */
  elapsedMs: z.array(z.number().nullable()),
  /** By metric, where its task says so. */
  scales: z.record(z.string(), metricScaleSchema).optional()
})
export type CellResult = z.infer<typeof cellResultSchema>

/** What one trial of a model at a point costs; bytes at 4 a value. */
export const cellCostSchema = z.object({
  runId: id,
  label: z.string(),
  point,
  flops: z.number(),
  parameters: z.number(),
  stateBytes: z.number()
})
export type CellCost = z.infer<typeof cellCostSchema>

/** Curves of one model at one point: `y[seed][x]`. */
export const seriesResultSchema = z.object({
  runId: id,
  label: z.string(),
  model: z.string(),
  point,
  name: z.string(),
  x: z.array(z.number()),
  seeds: z.array(z.int()),
  y: z.array(z.array(z.number().nullable())),
  /** Seeds whose curve is damaged in the data file, or whose trial is: left out above. */
  damaged: z.array(z.int()).optional()
})
export type SeriesResult = z.infer<typeof seriesResultSchema>

export const trialSchema = z.object({
  id: z.int(),
  label: z.string(),
  model: z.string(),
  params: z.record(z.string(), z.json()),
  point,
  seed: z.int(),
  status: shownStatus,
  error: errorSchema.nullable(),
  metrics: z.record(z.string(), z.number()),
  elapsedMs: z.number(),
  backend: z.string()
})
export type TrialRow = z.infer<typeof trialSchema>

export const progressSchema = z.object({
  runId: id,
  status: runStatus,
  trials: z.int(),
  done: z.int(),
  diverged: z.int(),
  failed: z.int(),
  /** Of a run that tunes first: trials of tuning, which the others do not count. */
  tuning: z.object({ trials: z.int(), done: z.int() }).optional(),
  elapsedMs: z.number(),
  /** Estimated time left; null before the first trial. */
  leftMs: z.number().nullable(),
  /** Paused, it still ends what is under way: in about so long, null where that is not known. */
  pausing: z.object({ ms: z.number().nullable() }).optional(),
  backend: z.string(),
  error: errorSchema.nullable()
})
export type Progress = z.infer<typeof progressSchema>

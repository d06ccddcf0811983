/**
 * Everything the renderer may ask of the studio and everything the studio tells it: one name, one pair of schemas.
 * The preload bridge, the IPC wrapper, the WebSocket host, the CLI and the renderer's client derive from this file, so a
 * missing handler does not compile.
 */
import { z } from 'zod'
import type { Catalog } from '../shapes/catalog.ts'
import { measurementSchema, measureRequestSchema } from '../cost/measurement.ts'
import { rerunCheckSchema } from '../exchange/rerun.ts'
import { errorSchema, type ErrorData } from '../shapes/errors.ts'
import { backendChoices, experimentSchema, limits } from '../shapes/experiment.ts'
import { registeredPredictionSchema } from '../findings/prediction.ts'
import { suiteSchema } from '../grid/suite.ts'
import { fitRequestSchema, fitSchema } from '../recall/fit-request.ts'
import { recallDatasetSchema, recallStatisticsSchema } from '../recall/statistics-schema.ts'
import { longestFilter } from '../filter/parse.ts'
import { reportRowSchema, reportSchema } from '../documents/report.ts'

const id = z.string().min(1).max(64)
const ids = z.array(id).min(1).max(100_000)
const label = z.string().trim().min(1).max(200)
const nothing = z.object({})
const done = z.null()

export const backendSchema = z.object({
  name: z.enum(['tensorflow', 'webgpu', 'wasm', 'cpu']),
  available: z.boolean(),
  /** GPU adapter and driver, or the CPU's SIMD level. */
  adapter: z.string(),
  /** Why it is not available. */
  reason: z.string().optional()
})
export type Backend = z.infer<typeof backendSchema>

export const infoSchema = z.object({
  version: z.string(),
  commit: z.string(),
  host: z.enum(['desktop', 'serve', 'cli']),
  dataFolder: z.string(),
  node: z.string(),
  electron: z.string().optional(),
  os: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  workers: z.int(),
  backends: z.array(backendSchema),
  engine: z.object({ state: z.enum(['starting', 'ready', 'crashed']), message: z.string() }),
  /** Set when the store had to be repaired or opened read-only at the start: said to the user once. */
  storeNotice: z.string().optional()
})
export type StudioInfo = z.infer<typeof infoSchema>

export const runStatuses = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted'] as const
export const trialStatuses = ['done', 'diverged', 'failed'] as const
const runStatus = z.enum(runStatuses)
const trialStatus = z.enum(trialStatuses)
export type RunStatus = z.infer<typeof runStatus>
export type TrialStatus = z.infer<typeof trialStatus>

const point = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]))

/** One line of the history. Times are ISO 8601 UTC. */
export const runRowSchema = z.object({
  id,
  name: z.string(),
  task: z.string(),
  /** Labels of its models. */
  models: z.array(z.string()),
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
  best: z.object({ model: z.string(), metric: z.string(), mean: z.number() }).nullable(),
  /** The file a run was taken in from; left out for a run of this studio. */
  origin: z.string().max(1000).optional(),
  /** Of a grouped list: what the group's runs have in common, how many they are, and their seeds together. */
  group: z.object({ value: z.union([z.string(), z.number()]), runs: z.int(), seeds: z.int() }).optional()
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
  exit: z.string()
})
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
  model: z.string(),
  kind: z.string(),
  params: z.record(z.string(), z.json()),
  point,
  seeds: z.array(z.int()),
  statuses: z.array(z.union([trialStatus, z.literal('missing')])),
  metrics: z.record(z.string(), z.array(z.number().nullable())),
  /** Milliseconds of compute per trial. */
  elapsedMs: z.array(z.number().nullable())
})
export type CellResult = z.infer<typeof cellResultSchema>

/** What one trial of a model at a point costs; bytes at 4 a value. */
export const cellCostSchema = z.object({
  runId: id,
  model: z.string(),
  point,
  flops: z.number(),
  parameters: z.number(),
  stateBytes: z.number()
})
export type CellCost = z.infer<typeof cellCostSchema>

/** Curves of one model at one point: `y[seed][x]`. */
export const seriesResultSchema = z.object({
  runId: id,
  model: z.string(),
  kind: z.string(),
  point,
  name: z.string(),
  x: z.array(z.number()),
  seeds: z.array(z.int()),
  y: z.array(z.array(z.number().nullable()))
})
export type SeriesResult = z.infer<typeof seriesResultSchema>

export const trialSchema = z.object({
  id: z.int(),
  model: z.string(),
  kind: z.string(),
  params: z.record(z.string(), z.json()),
  point,
  seed: z.int(),
  status: trialStatus,
  error: errorSchema.nullable(),
  metrics: z.record(z.string(), z.number()),
  elapsedMs: z.number(),
  backend: z.string()
})
export type TrialRow = z.infer<typeof trialSchema>

export const historyQuerySchema = z.object({
  /** Words, all of which must occur. */
  text: z.string().max(500).default(''),
  /** In the language of src-shared/filter. */
  filter: z.string().max(longestFilter).optional(),
  /** One row per group: `seeds` groups runs that differ only in their seeds. */
  group: z
    .union([z.enum(['seeds', 'task', 'model', 'status', 'backend', 'tag']), z.templateLiteral(['param.', z.string()])])
    .optional(),
  /** Only the runs of this group of `group`. */
  member: z.union([z.string(), z.number()]).optional(),
  task: z.string().optional(),
  model: z.string().optional(),
  status: runStatus.optional(),
  tag: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  trashed: z.boolean().default(false),
  sort: z.enum(['name', 'task', 'status', 'created', 'elapsedMs', 'trials', 'best']).default('created'),
  descending: z.boolean().default(true),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(1000).default(200)
})
export type HistoryQuery = z.infer<typeof historyQuerySchema>

export const progressSchema = z.object({
  runId: id,
  status: runStatus,
  trials: z.int(),
  done: z.int(),
  diverged: z.int(),
  failed: z.int(),
  elapsedMs: z.number(),
  /** Estimated time left; null before the first trial. */
  leftMs: z.number().nullable(),
  backend: z.string(),
  error: errorSchema.nullable()
})
export type Progress = z.infer<typeof progressSchema>

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  backend: z.enum(backendChoices).default('auto'),
  /** Worker threads; 0 = one per core. */
  workers: z.int().min(0).max(256).default(0),
  /** Folder of the user's own models, or empty. The code in it is run. */
  modelFolder: z.string().max(4000).default(''),
  /** The renderer's remembered layout, by page. */
  layout: z.record(z.string(), z.json()).default({})
})
export type Settings = z.infer<typeof settingsSchema>

/** Imported vectors, one per row, known by the hash of their content. */
export const vectorSetSchema = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  rows: z.int(),
  columns: z.int(),
  imported: z.string()
})
export type VectorSet = z.infer<typeof vectorSetSchema>

/** Only the settings it names: `settingsSchema.partial()` would fill in the defaults of the others. */
const { theme, backend, workers, modelFolder, layout } = settingsSchema.shape
const settingsChangeSchema = z
  .object({
    theme: theme.unwrap(),
    backend: backend.unwrap(),
    workers: workers.unwrap(),
    modelFolder: modelFolder.unwrap(),
    layout: layout.unwrap()
  })
  .partial()

const fileSchema = z.object({ name: z.string(), mime: z.string(), content: z.string() })
export type ExportedFile = z.infer<typeof fileSchema>

/** What became of a file that was taken in. */
const importReportSchema = z.object({
  runs: z.array(
    z.object({
      id,
      name: z.string(),
      /** The run was here already and got the trials it lacked. */
      merged: z.boolean(),
      /** How many trials were new. */
      trials: z.int()
    })
  ),
  /** Trials that were here already with the same numbers, and with numbers within tolerance. */
  identical: z.int(),
  within: z.int()
})
export type ImportReport = z.infer<typeof importReportSchema>

const catalogSchema = z.custom<Catalog>((value) => typeof value === 'object' && value !== null)

export const calls = {
  'studio.info': { input: nothing, output: infoSchema },
  'settings.get': { input: nothing, output: settingsSchema },
  'settings.set': { input: settingsChangeSchema, output: settingsSchema },
  'catalog.get': { input: nothing, output: catalogSchema },
  /** Load the user's model folder again; errors per file. */
  'catalog.reload': {
    input: nothing,
    output: z.object({ catalog: catalogSchema, errors: z.array(errorSchema) })
  },
  'examples.list': { input: nothing, output: z.array(z.object({ file: z.string(), experiment: experimentSchema })) },
  /** Grid size, cost and expected time; every error of the experiment. */
  'experiment.plan': {
    input: z.object({ experiment: z.json() }),
    output: z.object({
      errors: z.array(errorSchema),
      trials: z.int(),
      cells: z.int(),
      /** FLOPs of one trial, by model label (mean over points), and of the whole grid. */
      flopsPerTrial: z.record(z.string(), z.number()),
      /** By model label, the largest over points: what training could change, and bytes the memory writes. */
      storage: z.record(z.string(), z.object({ parameters: z.number(), stateBytes: z.number() })),
      totalFlops: z.number()
    })
  },
  /** Measured by running one small batch per model (at most about two seconds). */
  'experiment.estimate': {
    input: z.object({ experiment: z.json() }),
    output: z.object({ ms: z.number(), backend: z.string() })
  },
  /** The suites that ship with the studio. */
  'suites.list': { input: nothing, output: z.array(z.object({ file: z.string(), suite: suiteSchema })) },
  /** Start a run for every task of a suite, tagged with its name; `left` says which model does not fit which task. */
  'suites.start': {
    input: z.object({ suite: z.json() }),
    output: z.object({
      ids: z.array(id),
      left: z.array(z.object({ task: z.string(), model: z.string(), reason: z.string() }))
    })
  },
  /** Vectors that experiments can take as keys and values, newest first. */
  'vectors.list': { input: nothing, output: z.array(vectorSetSchema) },
  /** Read a CSV or NPY file; `content` is its bytes in base64. Larger files: `engram import`. */
  'vectors.import': {
    input: z.object({ name: z.string().min(1).max(255), content: z.base64().max(6 * 2 ** 20) }),
    output: vectorSetSchema
  },
  /** Keep a weights file in the data folder; `file` is what a model's `weights` then names. */
  'weights.import': {
    input: z.object({ name: z.string().min(1).max(255), content: z.base64().max(6 * 2 ** 20) }),
    output: z.object({ file: z.string(), tensors: z.int() })
  },
  /** Sizes at which the other models cost what the reference does, at the first point; null where none comes near. */
  'experiment.match': {
    input: z.object({
      experiment: z.json(),
      /** A model's label. */
      reference: label,
      /** Trainable numbers, bytes of state, or FLOPs of a trial. */
      by: z.enum(['parameters', 'state', 'flops'])
    }),
    output: z.object({
      target: z.number(),
      models: z.array(
        z.object({
          label: z.string(),
          /** What it costs as it is. */
          now: z.number(),
          match: z.object({ param: z.string(), value: z.int(), cost: z.number() }).nullable()
        })
      )
    })
  },
  'runs.start': { input: z.object({ experiment: z.json(), name: label.optional() }), output: z.object({ id }) },
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
  'runs.results': { input: z.object({ ids }), output: z.array(cellResultSchema) },
  /** What one trial of each model at each point costs, predicted; nothing for models that are no longer there. */
  'runs.costs': { input: z.object({ ids }), output: z.array(cellCostSchema) },
  'runs.series': { input: z.object({ ids, name: z.string() }), output: z.array(seriesResultSchema) },
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
  'runs.log': { input: z.object({ id }), output: z.array(z.object({ time: z.string(), text: z.string() })) },
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
  'runs.update': {
    input: z.object({
      ids,
      name: label.optional(),
      notes: z.string().max(100_000).optional(),
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
  /** The checks made of a run, newest first. */
  'runs.reruns': { input: z.object({ id }), output: z.array(rerunCheckSchema) },
  /** Take in a file of runs, in parts of base64; null until the last part is here. All of it or nothing. */
  'exchange.import': {
    input: z.object({
      upload: id,
      name: z.string().min(1).max(1000),
      part: z.string().max(6 * 1024 * 1024),
      more: z.boolean()
    }),
    output: importReportSchema.nullable()
  },
  'reports.list': { input: z.object({ trashed: z.boolean().default(false) }), output: z.array(reportRowSchema) },
  'reports.get': { input: z.object({ id }), output: reportSchema },
  /** Make a report, or put it in place of the one with its id. */
  'reports.save': { input: z.object({ report: reportSchema }), output: done },
  'reports.trash': { input: z.object({ id, trashed: z.boolean() }), output: done },
  'reports.export': {
    input: z.object({ id, format: z.enum(['html', 'latex', 'csv', 'json']) }),
    output: fileSchema
  },
  'runs.export': {
    input: z.object({
      ids,
      format: z.enum(['html', 'csv-long', 'csv-wide', 'csv-pivot', 'latex', 'json', 'manifest', 'experiment'])
    }),
    output: fileSchema
  },
  /** Time real blocks on this machine, in the background; `measurement.changed` tells every step. */
  'measurements.start': { input: measureRequestSchema, output: z.object({ id }) },
  'measurements.cancel': { input: z.object({ id }), output: done },
  /** Data sets of human free recall, newest first. */
  'recall.list': { input: nothing, output: z.array(recallDatasetSchema) },
  /** Read a psifr-style CSV. Larger files than this: `engram recall-stats` reads any. */
  'recall.import': {
    input: z.object({ name: z.string().trim().min(1).max(255), text: z.string().max(7 * 2 ** 20) }),
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
  'recall.statistics': { input: z.object({ id, length: z.int().optional() }), output: recallStatisticsSchema },
  'recall.fits': { input: z.object({ id }), output: z.array(fitSchema) },
  /** Fit in the background; `recall.fit` tells every step. */
  'recall.startFit': { input: fitRequestSchema, output: z.object({ id }) },
  'recall.cancelFit': { input: z.object({ id }), output: done },
  'recall.trashFit': { input: z.object({ id, trashed: z.boolean() }), output: done },
  'measurements.list': { input: nothing, output: z.array(measurementSchema) },
  'measurements.trash': { input: z.object({ id, trashed: z.boolean() }), output: done }
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>

export type RecallDataset = z.infer<typeof recallDatasetSchema>
export type RecallStatistics = z.infer<typeof recallStatisticsSchema>

export type CallName = keyof typeof calls
/** What a caller passes (defaults may be left out). */
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]['input']>
export type CallOutput<N extends CallName> = z.output<(typeof calls)[N]['output']>
export type Result<T> = { ok: true; value: T } | { ok: false; error: ErrorData }

/** The studio: one handler for every call. */
export type Handlers = {
  [N in CallName]: (input: z.output<(typeof calls)[N]['input']>) => Promise<CallOutput<N>> | CallOutput<N>
}

export const events = {
  'run.progress': progressSchema,
  /** Trials that ended since the last message, for live curves. */
  'run.trials': z.object({
    runId: id,
    trials: z.array(
      z.object({
        model: z.string(),
        kind: z.string(),
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
        model: z.string(),
        kind: z.string(),
        point,
        seed: z.int(),
        /** Name of the series. */
        name: z.string(),
        x: z.array(z.number()),
        y: z.array(z.number().nullable())
      })
    )
  }),
  'run.log': z.object({ runId: id, time: z.string(), text: z.string() }),
  /** Rows of the history changed. */
  'runs.changed': z.object({ ids: z.array(id) }),
  /** A fit to human free recall, as far as it is. */
  'recall.fit': fitSchema,
  'measurement.changed': measurementSchema,
  'engine.state': infoSchema.shape.engine,
  'settings.changed': settingsSchema
} as const satisfies Record<string, z.ZodType>

export type EventName = keyof typeof events
export type EventData<N extends EventName> = z.output<(typeof events)[N]>

/** What the renderer holds: the preload bridge on the desktop, a WebSocket in the browser. */
export interface Bridge {
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<Result<CallOutput<N>>>
  /** Returns a function that stops listening. */
  on<N extends EventName>(name: N, listener: (data: EventData<N>) => void): () => void
}

export function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(calls, name)
}

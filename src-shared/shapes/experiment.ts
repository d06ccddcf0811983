/** The experiment file: one task, the models it tests, sweep axes and seeds. */
import { z } from 'zod'
import { parseJson, refuseDeep } from './json.ts'
import { StudioError } from './errors.ts'
import { complaint } from './issues.ts'
import { axisValueSchema as scalar } from './point.ts'
import { predictionSchema } from './prediction.ts'

export const experimentFormat = 'engram-experiment/1'

export const limits = {
  fileBytes: 4 * 1024 * 1024,
  models: 64,
  axes: 8,
  values: 1000,
  seeds: 10_000,
  trials: 1_000_000,
  predictions: 64
} as const

const name = z.string().trim().min(1).max(200)
const values = z.record(z.string().max(500), z.json())

/** The axis is swept only where this parameter (of the same owner, or of the task) has one of these values. */
const when = z.strictObject({ param: name, in: z.array(scalar).min(1).max(100) }).optional()

/** Seeds as a run of whole numbers, or as a list. */
const seedsSchema = z.union([
  z.strictObject({
    first: z
      .int()
      .min(0)
      .max(2 ** 31)
      .default(0),
    count: z.int().min(1).max(limits.seeds)
  }),
  z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 32 - 1)
    )
    .min(1)
    .max(limits.seeds)
])
type Seeds = z.infer<typeof seedsSchema>

/** Far from the seeds that anybody reports. */
const firstTuningSeed = 1_000_000

export const samplers = ['default', 'tpe', 'cma-es'] as const
/** Points that Optuna tries for each model, where the experiment does not say. */
export const defaultPoints = 20

const tuningSchema = z.strictObject({
  params: z
    .array(z.strictObject({ param: name, values: z.array(scalar).min(1).max(limits.values) }))
    .min(1)
    .max(limits.axes)
    .default([{ param: 'task.learningRate', values: [0.001, 0.003, 0.01, 0.03] }])
    .describe('What is tuned: task.NAME, model.NAME or LABEL.NAME, with the values that are tried'),
  metric: name.optional().describe('By which the best is chosen; the task’s main metric if left out'),
  seeds: seedsSchema.default({ first: firstTuningSeed, count: 2 }).describe('None of them may be a seed of the report'),
  steps: z.int().min(1).max(1_000_000).optional().describe('Training steps while tuning; the task’s if left out'),
  tuner: z
    .enum(['grid', 'optuna'])
    .optional()
    .describe('Who says what is tried: every combination of the values; or Optuna in your own Python, between them'),
  sampler: z.enum(samplers).optional().describe('How Optuna looks for the best; its own default if left out'),
  points: z
    .int()
    .min(1)
    .max(limits.values)
    .optional()
    .describe(`How many points Optuna tries for each model; ${defaultPoints} if left out`)
})
export type Tuning = z.infer<typeof tuningSchema>

const axisSchema = z
  .union([
    z.strictObject({
      param: name,
      when,
      values: z.array(scalar).min(1).max(limits.values),
      probabilities: z
        .array(z.number().positive())
        .min(1)
        .max(limits.values)
        .optional()
        .describe('How likely a random search draws each value; equally if left out')
    }),
    z.strictObject({
      param: name,
      when,
      from: z.number(),
      to: z.number(),
      steps: z.int().min(2).max(limits.values),
      scale: z.enum(['linear', 'log']).default('linear'),
      /** Round every value to a whole number and drop repeats. */
      integer: z.boolean().default(false)
    })
  ])
  .describe('A swept parameter: task.NAME, model.NAME (every model that has it) or LABEL.NAME (that model)')

export const backendChoices = ['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const
export type BackendChoice = (typeof backendChoices)[number]

export const experimentSchema = z.strictObject({
  $schema: z.string().max(500).optional(),
  format: z.literal(experimentFormat),
  name: name.describe('Shown everywhere the experiment is'),
  description: z.string().max(10_000).default(''),
  task: z.strictObject({ kind: name, params: values.default({}) }),
  models: z
    .array(
      z.strictObject({
        kind: name,
        label: name.optional().describe('Shown on charts; the kind if left out'),
        params: values.default({}),
        weights: z.string().max(1000).optional().describe('A weights file: .npz, .safetensors or fixture JSON')
      })
    )
    .min(1)
    .max(limits.models),
  sweep: z.array(axisSchema).max(limits.axes).default([]),
  search: z
    .strictObject({
      method: z.literal('random'),
      count: z.int().min(1).max(limits.values),
      seed: z
        .int()
        .min(0)
        .max(2 ** 32 - 1)
        .default(0)
    })
    .optional()
    .describe('Points drawn at random from the axes instead of every combination'),
  seeds: seedsSchema.default({ first: 0, count: 10 }),
  tuning: tuningSchema
    .optional()
    .describe('Parameters that every model has tuned on seeds of their own before the report seeds run'),
  predictions: z
    .array(predictionSchema)
    .max(limits.predictions)
    .optional()
    .describe('What is expected, written down before the run'),
  opens: z
    .strictObject({
      metric: name.optional(),
      axis: name.optional(),
      series: name.optional(),
      against: z.literal('stateBytes').optional()
    })
    .optional()
    .describe('The figure with which its run opens; what the task opens with if left out'),
  generator: z.enum(['philox', 'torch']).default('philox'),
  backend: z.enum(backendChoices).default('auto')
})

export type Experiment = z.infer<typeof experimentSchema>
export type Axis = Experiment['sweep'][number]
export type ModelUse = Experiment['models'][number]

/**
 * Read an experiment file.
 * @throws StudioError bad-file for text that is not JSON, bad-input that names the field for one that breaks the schema
 */
export function parseExperiment(text: string, file?: string): Experiment {
  if (text.length > limits.fileBytes)
    throw new StudioError('too-large', `An experiment file may hold at most ${limits.fileBytes} bytes.`, { file })
  return checkExperiment(parseJson(text, { file }), file)
}

/** The same for an object that is already parsed. */
export function checkExperiment(json: unknown, file?: string): Experiment {
  refuseDeep(json, { file })
  const hostile = hostileKey(json, '')
  if (hostile !== undefined)
    throw new StudioError('bad-input', `The key "${hostile.split('.').at(-1)}" is not allowed.`, {
      file,
      field: hostile
    })
  const result = experimentSchema.safeParse(json)
  if (!result.success) {
    const { message, ...about } = complaint(result.error, json)
    throw new StudioError('bad-input', message, { file, ...about })
  }
  refuseShared(result.data, file)
  return result.data
}

/** Numbers on which a parameter was chosen say nothing about how good it is. */
function refuseShared(experiment: Experiment, file: string | undefined): void {
  if (!experiment.tuning) return
  const reported = new Set(seedsOf(experiment))
  const shared = seedList(experiment.tuning.seeds).find((seed) => reported.has(seed))
  if (shared !== undefined)
    throw new StudioError('bad-input', `Seed ${shared} is a seed of the report; tune on others.`, {
      file,
      field: 'tuning.seeds'
    })
}

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])
function hostileKey(json: unknown, at: string): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  for (const key of Object.keys(json)) {
    const path = at ? `${at}.${key}` : key
    if (forbidden.has(key)) return path
    const inner = hostileKey((json as Record<string, unknown>)[key], path)
    if (inner !== undefined) return inner
  }
  return undefined
}

export const seedsOf = (experiment: Pick<Experiment, 'seeds'>): number[] => seedList(experiment.seeds)

export const seedList = (seeds: Seeds): number[] =>
  Array.isArray(seeds) ? [...new Set(seeds)] : Array.from({ length: seeds.count }, (_, i) => seeds.first + i)

/** The experiment with more seeds: those it has, then the next whole numbers that it does not have. */
export function withSeeds(experiment: Experiment, count: number): Experiment {
  const { seeds } = experiment
  if (!Array.isArray(seeds)) return { ...experiment, seeds: { ...seeds, count } }
  const all = seedsOf(experiment)
  const next = Math.max(...all) + 1
  const more = Array.from({ length: Math.max(0, count - all.length) }, (_, i) => next + i)
  return { ...experiment, seeds: [...all, ...more] }
}

/** A model's label on charts, unique within the experiment: repeated kinds get #2, #3 ... */
export function modelLabels(models: readonly { kind: string; label?: string }[]): string[] {
  const seen = new Map<string, number>()
  return models.map((model) => {
    const base = model.label ?? model.kind
    const count = (seen.get(base) ?? 0) + 1
    seen.set(base, count)
    return count === 1 ? base : `${base} #${count}`
  })
}

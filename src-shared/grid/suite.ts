/**
 * A suite file: several tasks over the same models. It expands to one experiment per task, each with the models that
 * fit; their runs are tagged with the suite's name and read together as a matrix of models and tasks.
 */
import { complaint } from '../shapes/issues.ts'
import { z } from 'zod'
import { type Catalog, misfit, modelIn, taskIn, type TaskInfo } from '../shapes/catalog.ts'
import { StudioError, type ErrorData } from '../shapes/errors.ts'
import { checkExperiment, experimentFormat, experimentSchema, limits, type Experiment } from '../shapes/experiment.ts'
import { refuseDeep } from '../shapes/json.ts'
import { expandGrid } from './expand.ts'

export const suiteFormat = 'engram-suite/1'

const { models, sweep, seeds, generator, backend, name, description, $schema } = experimentSchema.shape

export const suiteSchema = z.strictObject({
  $schema,
  format: z.literal(suiteFormat),
  name,
  description,
  /** Tasks with their parameters, or every task of a family of the catalog with its defaults. */
  tasks: z
    .union([
      z
        .array(
          z.strictObject({
            kind: z.string().min(1).max(200),
            params: z.record(z.string().max(100), z.json()).default({}),
            sweep
          })
        )
        .min(1)
        .max(100),
      z.strictObject({ family: z.string().min(1).max(200) })
    ])
    .describe('A list of tasks, or { family }'),
  /** Models with their parameters, or every model of an interface with its defaults. */
  models: z.union([models, z.strictObject({ interface: z.enum(['key-value', 'sequence', 'recall']) })]),
  seeds,
  generator,
  backend
})
export type Suite = z.infer<typeof suiteSchema>

/** Whether a file's JSON says that it is a suite. */
export const isSuite = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && (json as { format?: unknown }).format === suiteFormat

/** @throws StudioError bad-input that names the field */
export function checkSuite(json: unknown, file?: string): Suite {
  refuseDeep(json, { file })
  const result = suiteSchema.safeParse(json)
  if (result.success) return result.data
  const { message, ...about } = complaint(result.error, json)
  throw new StudioError('bad-input', message, { file, ...about })
}

export interface SuitePlan {
  experiments: Experiment[]
  /** Models that a task cannot test, each with the reason. */
  left: { task: string; label: string; reason: string }[]
  errors: ErrorData[]
  trials: number
}

/** One experiment per task. A model that does not fit a task is left out of it and said. */
export function expandSuite(suite: Suite, catalog: Catalog): SuitePlan {
  const plan: SuitePlan = { experiments: [], left: [], errors: [], trials: 0 }
  const refuse = (field: string, message: string): void => void plan.errors.push({ code: 'bad-input', message, field })
  const tasks = tasksOf(suite, catalog)
  if (!tasks.length) refuse('tasks', 'There is no task of this family.')
  const uses = Array.isArray(suite.models)
    ? suite.models
    : modelsWith(catalog, suite.models.interface).map((kind) => ({ kind, params: {} }))
  const named = `${suite.name}: `.slice(0, 100)
  for (const [i, { info, kind, params, sweep }] of tasks.entries()) {
    if (!info) {
      refuse(`tasks.${i}.kind`, `There is no task "${kind}".`)
      continue
    }
    const whole = checkExperiment({
      format: experimentFormat,
      name: `${named}${info.title}`,
      description: suite.description,
      task: { kind, params },
      models: uses,
      sweep,
      seeds: suite.seeds,
      generator: suite.generator,
      backend: suite.backend
    })
    const fitting = whole.models.filter((use) => {
      const model = modelIn(catalog, use.kind)
      const reason =
        (model && misfit(info, model)) ??
        expandGrid({ ...whole, models: [use] }, catalog).errors.find(({ field }) => field?.startsWith('models.'))
          ?.message
      if (reason) plan.left.push({ task: info.title, label: use.label ?? model?.title ?? use.kind, reason })
      return !reason
    })
    if (!fitting.length) continue
    const experiment = { ...whole, models: fitting }
    const { grid, errors } = expandGrid(experiment, catalog)
    plan.errors.push(...errors.map((error) => ({ ...error, message: `${info.title}: ${error.message}` })))
    plan.trials += grid?.trials ?? 0
    plan.experiments.push(experiment)
  }
  if (!plan.errors.length && !plan.experiments.length) refuse('tasks', 'None of these models fits any of these tasks.')
  if (plan.trials > limits.trials) refuse('seeds', `This suite has ${plan.trials} trials; at most ${limits.trials}.`)
  return plan
}

interface SuiteTask {
  info: TaskInfo | undefined
  kind: string
  params: Experiment['task']['params']
  sweep: Experiment['sweep']
}

function tasksOf({ tasks }: Suite, catalog: Catalog): SuiteTask[] {
  const known = (id: string): TaskInfo | undefined => taskIn(catalog, id)
  if (Array.isArray(tasks)) return tasks.map((task) => ({ ...task, info: known(task.kind) }))
  return catalog.tasks
    .filter(({ family }) => family === tasks.family)
    .map((info) => ({ info, kind: info.id, params: {}, sweep: [] }))
}

const modelsWith = (catalog: Catalog, interfaceName: 'key-value' | 'sequence' | 'recall'): string[] =>
  catalog.models.filter(({ interfaces }) => interfaces.includes(interfaceName)).map(({ id }) => id)

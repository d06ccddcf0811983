/**
 * W&B sweep files (YAML or JSON) as a sweep of an experiment:
 *   method: grid | random | bayes, parameters: { NAME: { values | value | min, max, distribution } }, run_cap
 * A NAME is `task.items`, `model.rate`, `LABEL.rate`, or the bare name of a parameter that the task or a model has.
 */
import { parse } from 'yaml'
import { z } from 'zod'
import { type Catalog, modelIn, taskIn } from '../../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { axisValues } from '../../../src-shared/grid/expand.ts'
import { limits, modelLabels, type Axis, type Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { Params } from '../../../src-shared/shapes/params.ts'

const scalar = z.union([z.number(), z.boolean(), z.string()])
const parameterSchema = z.object({
  value: scalar.optional(),
  values: z.array(scalar).min(1).max(limits.values).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  q: z.number().positive().optional(),
  distribution: z.string().optional()
})
const sweepSchema = z.object({
  method: z.enum(['grid', 'random', 'bayes']),
  parameters: z.record(z.string(), parameterSchema),
  run_cap: z.int().min(1).max(limits.values).optional(),
  early_terminate: z.unknown().optional(),
  metric: z.unknown().optional()
})
type Parameter = z.infer<typeof parameterSchema>

/** Points of a random search when the file sets no run_cap. */
const usualCount = 20

export interface Imported {
  experiment: Experiment
  /** What of the file means something else here, or nothing. */
  notes: string[]
}

/**
 * The experiment with the sweep of a file in place of its own.
 * @throws StudioError bad-file that names the parameter
 */
export function importWandb(text: string, experiment: Experiment, catalog: Catalog, file?: string): Imported {
  const refuse = (message: string, field?: string): never => {
    throw new StudioError('bad-file', message, { ...(file && { file }), ...(field && { field }) })
  }
  let json: unknown
  try {
    json = parse(text, { maxAliasCount: 20 })
  } catch (error) {
    return refuse(`This is neither YAML nor JSON: ${(error as Error).message.split('\n')[0]}.`)
  }
  const read = sweepSchema.safeParse(json)
  if (!read.success) {
    const [issue] = read.error.issues
    return refuse(`This is no W&B sweep: ${issue.message}.`, issue.path.join('.'))
  }
  const { method, parameters, run_cap, early_terminate, metric } = read.data
  const owners = ownersOf(experiment, catalog)
  const notes: string[] = []
  const sweep = Object.entries(parameters).map(([name, parameter]) => {
    const field = `parameters.${name}`
    const param = resolve(name, owners) ?? refuse(`Neither the task nor a model has a parameter "${name}".`, field)
    return { param, ...axisOf(parameter, method, (message) => refuse(`${name}: ${message}`, field)) } as Axis
  })
  if (method === 'bayes')
    notes.push(
      'bayes became a random search: the studio has no search that learns from its trials, since all of them are known before a run.'
    )
  if (early_terminate !== undefined) notes.push('early_terminate was left out: every trial runs to its end.')
  if (metric !== undefined) notes.push('metric was left out: every metric of the task is measured.')
  const rest = { ...experiment }
  delete rest.search
  if (method === 'grid') {
    if (run_cap !== undefined) notes.push('run_cap was left out: a grid runs whole.')
    return { experiment: { ...rest, sweep }, notes }
  }
  return { experiment: { ...rest, sweep, search: { method: 'random', count: run_cap ?? usualCount, seed: 0 } }, notes }
}

interface Owner {
  prefix: string
  params: Params
}

/** The task first, then what all models share, then each model. */
function ownersOf(experiment: Experiment, catalog: Catalog): Owner[] {
  const task = taskIn(catalog, experiment.task.kind)
  const labels = modelLabels(experiment.models)
  const models = experiment.models.map((use, i): Owner => {
    return { prefix: labels[i], params: modelIn(catalog, use.kind)?.params ?? {} }
  })
  const shared = Object.assign({}, ...models.map(({ params }) => params)) as Params
  return [...(task ? [{ prefix: 'task', params: task.params }] : []), { prefix: 'model', params: shared }, ...models]
}

function resolve(name: string, owners: readonly Owner[]): string | undefined {
  const dot = name.lastIndexOf('.')
  const [prefix, bare] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)]
  const owner = owners.find((o) => (prefix === undefined || o.prefix === prefix) && Object.hasOwn(o.params, bare))
  return owner && `${owner.prefix}.${bare}`
}

type Range = Omit<Extract<Axis, { from: number }>, 'param'>

function axisOf(
  { value, values, min, max, q, distribution }: Parameter,
  method: 'grid' | 'random' | 'bayes',
  refuse: (message: string) => never
): { values: Extract<Axis, { values: unknown }>['values'] } | Range {
  if (value !== undefined) return { values: [value] }
  if (values !== undefined) return { values }
  if (min === undefined || max === undefined) return refuse('it needs value, values, or min and max.')
  if (min >= max) return refuse(`min (${min}) must lie below max (${max}).`)
  const whole = Number.isInteger(min) && Number.isInteger(max)
  const kind = distribution ?? (whole ? 'int_uniform' : 'uniform')
  const range = (over: Partial<Range>): Range => ({
    from: min,
    to: max,
    steps: 10,
    scale: 'linear',
    integer: false,
    ...over
  })
  const found = ((): Range => {
    switch (kind) {
      case 'int_uniform':
        return range({ integer: true, steps: Math.max(2, Math.min(max - min + 1, limits.values)) })
      case 'uniform':
        return range({})
      case 'q_uniform': {
        const steps = Math.floor((max - min) / (q ?? 1)) + 1
        if (steps < 2 || steps > limits.values) return refuse(`steps of ${q ?? 1} give ${steps} values.`)
        return range({ to: min + (steps - 1) * (q ?? 1), steps })
      }
      case 'log_uniform':
        return range({ from: Math.exp(min), to: Math.exp(max), scale: 'log' })
      case 'log_uniform_values':
        if (min <= 0) return refuse('a logarithmic range needs min above zero.')
        return range({ scale: 'log' })
      default:
        return refuse(`the distribution "${kind}" is not known here; use values, a uniform or a log-uniform range.`)
    }
  })()
  if (kind === 'q_uniform') return { values: axisValues({ ...found, param: '' }) }
  if (method === 'grid' && kind !== 'int_uniform')
    return refuse('a grid needs values; a range with a distribution belongs to random.')
  return found
}

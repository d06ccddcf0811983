/**
 * W&B sweep files (YAML or JSON) as a sweep of an experiment, with the meaning that W&B's documentation gives them:
 *   method: grid | random | bayes, parameters: { NAME: { values | value | min, max, distribution | parameters } }, run_cap
 * A NAME is `task.items`, `model.rate`, `LABEL.rate`, or the bare name of a parameter that the task or a model has.
 */
import { parse, Scalar, type ScalarTag, type Tags } from 'yaml'
import { z } from 'zod'
import { type Catalog, modelIn, taskIn } from '../shapes/catalog.ts'
import { errorOf, StudioError } from '../shapes/errors.ts'
import { expandGrid } from '../grid/expand.ts'
import {
  checkExperiment,
  experimentFormat,
  limits,
  modelLabels,
  type Axis,
  type Experiment
} from '../shapes/experiment.ts'
import { decimalComma } from '../shapes/decimals.ts'
import { complaint } from '../shapes/issues.ts'
import type { NumberParam, Params } from '../shapes/params.ts'

/** A number that the file writes with a point or an exponent: an axis between two of those is not one of whole numbers. */
class Real {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

const plainNumber = z.union(
  [z.number(), z.custom<Real>((value) => value instanceof Real, 'a number').transform(({ value }) => value)],
  'a number'
)
const bound = z.union([z.number(), z.custom<Real>((value) => value instanceof Real, 'a number')], 'a number')
const scalar = z.union(
  [
    z.number(),
    z.boolean(),
    z.string(),
    z.custom<Real>((value) => value instanceof Real, 'a number').transform(({ value }) => value)
  ],
  'a number, true or false, or text'
)
const parameterSchema = z.strictObject({
  value: scalar.optional(),
  values: z.array(scalar).min(1).max(limits.values).optional(),
  probabilities: z.array(plainNumber.pipe(z.number().min(0))).optional(),
  min: bound.optional(),
  max: bound.optional(),
  q: plainNumber.pipe(z.number().positive()).optional(),
  mu: plainNumber.optional(),
  sigma: plainNumber.optional(),
  distribution: z.string().optional()
})
const sweepSchema = z.strictObject({
  method: z.enum(['grid', 'random', 'bayes']),
  parameters: z.record(z.string(), z.record(z.string(), z.unknown())),
  run_cap: z.int().min(1).max(limits.values).optional(),
  early_terminate: z.unknown().optional(),
  metric: z.unknown().optional(),
  // What says where and by whom a sweep is run.
  $schema: z.unknown().optional(),
  apiVersion: z.unknown().optional(),
  program: z.unknown().optional(),
  command: z.unknown().optional(),
  name: z.unknown().optional(),
  description: z.unknown().optional(),
  project: z.unknown().optional(),
  entity: z.unknown().optional(),
  controller: z.unknown().optional(),
  job: z.unknown().optional(),
  image_uri: z.unknown().optional()
})
type Parameter = z.infer<typeof parameterSchema>

/** Points of a random search when the file sets no run_cap. */
const usualCount = 20

export interface Imported {
  experiment: Experiment
  /** What of the file means something else here, or nothing. */
  notes: string[]
}

type Refuse = (message: string, field?: string) => never
const refusing =
  (file?: string): Refuse =>
  (message, field) => {
    throw new StudioError('bad-file', message, { ...(file && { file }), ...(field && { field }) })
  }

const isFloat = (tag: Tags[number]): tag is ScalarTag =>
  typeof tag === 'object' && tag.tag === 'tag:yaml.org,2002:float'

const isBoolean = (tag: Tags[number]): tag is ScalarTag & { test: RegExp } =>
  typeof tag === 'object' && tag.tag === 'tag:yaml.org,2002:bool' && tag.test instanceof RegExp
const longBoolean = (test: RegExp): RegExp => new RegExp(`^(?!.$)${test.source.replace(/^\^/, '')}`)

/** What YAML reads as a number with a point or an exponent. */
function real(tag: ScalarTag, written: Parameters<ScalarTag['resolve']>): Real {
  const read = tag.resolve(...written)
  return new Real(Number(read instanceof Scalar ? read.value : read))
}

function readSweepFile(text: string, refuse: Refuse): z.infer<typeof sweepSchema> {
  let json: unknown
  try {
    json = parse(text, {
      // W&B reads YAML 1.1: 010 is 8, 1_000 is 1000, yes is true; but y and n are names.
      version: '1.1',
      maxAliasCount: 20,
      logLevel: 'error',
      merge: true,
      customTags: (tags) =>
        tags.map((tag) => {
          if (isFloat(tag))
            return { ...tag, resolve: (...written: Parameters<ScalarTag['resolve']>) => real(tag, written) }
          return isBoolean(tag) ? Object.assign({ ...(tag as ScalarTag) }, { test: longBoolean(tag.test) }) : tag
        })
    })
  } catch (error) {
    return refuse(`This is neither YAML nor JSON: ${(error as Error).message.split('\n')[0]}.`)
  }
  const read = sweepSchema.safeParse(json)
  if (!read.success) {
    const { message, field } = complaint(read.error, json)
    return refuse(`This is no W&B sweep: ${message}`, field)
  }
  return read.data
}

/** Whether a text is a W&B sweep: it names a method and parameters. */
export function isWandbSweep(text: string): boolean {
  try {
    const json = parse(text, { maxAliasCount: 20, logLevel: 'error' }) as unknown
    return typeof json === 'object' && json !== null && 'parameters' in json && 'method' in json
  } catch {
    return false
  }
}

/** Every parameter by its dotted name; `parameters` inside of one are its own. */
function* flat(
  parameters: Record<string, Record<string, unknown>>,
  refuse: Refuse,
  at = '',
  path = 'parameters'
): Generator<{ name: string; parameter: Parameter; field: string }> {
  for (const [own, raw] of Object.entries(parameters)) {
    const name = at + own
    const field = `${path}.${own}`
    if (Object.hasOwn(raw, 'parameters')) {
      const other = Object.keys(raw).find((key) => key !== 'parameters')
      if (other !== undefined) refuse(`${name}: beside nested parameters there is no "${other}".`, `${field}.${other}`)
      const inner = z.record(z.string(), z.record(z.string(), z.unknown())).safeParse(raw.parameters)
      if (!inner.success) refuse(`${name}: its parameters are a list of names, each with what it may be.`, field)
      yield* flat(inner.data!, refuse, `${name}.`, `${field}.parameters`)
      continue
    }
    for (const [key, value] of Object.entries(raw)) {
      const comma = typeof value === 'string' && decimalComma(value)
      if (comma && key !== 'value') refuse(`${name}: ${comma}.`, `${field}.${key}`)
    }
    const read = parameterSchema.safeParse(raw)
    if (!read.success) {
      const { message, field: inner } = complaint(read.error, raw)
      refuse(`${name}: ${message}`, inner === undefined ? field : `${field}.${inner}`)
    }
    yield { name, parameter: read.data!, field }
  }
}

/**
 * The experiment with the sweep of a file in place of its own.
 * @throws StudioError bad-file that names the parameter
 */
export function importWandb(text: string, experiment: Experiment, catalog: Catalog, file?: string): Imported {
  const refuse = refusing(file)
  const { method, parameters, run_cap, early_terminate, metric, program, command } = readSweepFile(text, refuse)
  const owners = ownersOf(experiment, catalog)
  const notes: string[] = []
  const sweep = [...flat(parameters, refuse)].map(({ name, parameter, field }) => {
    const found = resolve(name, owners) ?? refuse(`Neither the task nor a model has a parameter "${name}".`, field)
    const axis = axisOf(parameter, method, found.declared, (message) => refuse(`${name}: ${message}`, field))
    return { param: found.param, ...axis } as Axis
  })
  if (method === 'bayes')
    notes.push(
      'bayes became a random search: the studio has no search that learns from its trials, since all of them are known before a run.'
    )
  if (early_terminate !== undefined) notes.push('early_terminate was left out: every trial runs to its end.')
  if (metric !== undefined) notes.push('metric was left out: every metric of the task is measured.')
  if (program !== undefined || command !== undefined)
    notes.push('program and command were left out: the studio runs its own models.')
  const rest = { ...experiment }
  delete rest.search
  if (method === 'grid') {
    if (run_cap !== undefined) notes.push('run_cap was left out: a grid runs whole.')
    return { experiment: { ...rest, sweep }, notes }
  }
  return { experiment: { ...rest, sweep, search: { method: 'random', count: run_cap ?? usualCount, seed: 0 } }, notes }
}

/**
 * The experiment that a sweep file alone is: of the first task that has what it calls the task's, and the first model that
 * the task can test and that has the rest.
 * @throws StudioError bad-file that names the parameter
 */
export function experimentOfWandb(text: string, catalog: Catalog, file: string): Imported {
  const refuse = refusing(file)
  const read = readSweepFile(text, refuse)
  const names = [...flat(read.parameters, refuse)].map(({ name }) => name)
  let first: StudioError | undefined
  for (const task of catalog.tasks)
    for (const model of catalog.models) {
      const base = checkExperiment({
        format: experimentFormat,
        name: typeof read.name === 'string' && read.name.trim() ? read.name.trim().slice(0, 200) : file,
        ...(typeof read.description === 'string' && { description: read.description.slice(0, 10_000) }),
        task: { kind: task.id },
        models: [{ kind: model.id }]
      })
      const owners = ownersOf(base, catalog)
      if (!names.every((name) => resolve(name, owners))) continue
      try {
        const { experiment, notes } = importWandb(text, base, catalog, file)
        const [wrong] = expandGrid(experiment, catalog).errors
        if (wrong) throw errorOf(wrong, { file })
        const chosen = `The file names neither task nor model: ${task.id} and ${model.id} have its parameters; --experiment names others.`
        return { experiment, notes: [chosen, ...notes] }
      } catch (error) {
        if (!(error instanceof StudioError)) throw error
        first ??= error
      }
    }
  throw first ?? refuse(`No task and model have the parameters ${names.join(', ')} together.`, 'parameters')
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

function resolve(name: string, owners: readonly Owner[]): { param: string; declared: Params[string] } | undefined {
  const dot = name.lastIndexOf('.')
  const [prefix, bare] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)]
  const owner = owners.find((o) => (prefix === undefined || o.prefix === prefix) && Object.hasOwn(o.params, bare))
  return owner && { param: `${owner.prefix}.${bare}`, declared: owner.params[bare] }
}

type Values = Pick<Extract<Axis, { values: unknown }>, 'values' | 'probabilities'>
type Range = Omit<Extract<Axis, { from: number }>, 'param'>

const withoutCounterpart = ['normal', 'q_normal', 'log_normal', 'q_log_normal', 'beta', 'q_beta']
const rounded = ['q_uniform', 'q_log_uniform', 'q_log_uniform_values']
const logarithmic = ['log_uniform', 'q_log_uniform', 'inv_log_uniform']

function axisOf(
  { value, values, probabilities, min: low, max: high, q, mu, sigma, distribution }: Parameter,
  method: 'grid' | 'random' | 'bayes',
  declared: Params[string],
  refuse: (message: string) => never
): Values | Range {
  if (distribution !== undefined && withoutCounterpart.includes(distribution))
    return refuse(
      `the distribution "${distribution}" is not supported; give values, or min and max for a uniform or log-uniform one.`
    )
  const given = { value, values, probabilities, min: low, max: high, q, mu, sigma }
  const lone = value !== undefined ? ['value'] : values !== undefined ? ['values', 'probabilities'] : undefined
  const beside = lone && Object.entries(given).find(([key, what]) => what !== undefined && !lone.includes(key))
  if (beside) return refuse(`beside ${lone[0]} there is no "${beside[0]}".`)
  if (mu !== undefined || sigma !== undefined) return refuse('mu and sigma belong to a normal distribution.')
  if (value !== undefined) return { values: [value] }
  if (values !== undefined) {
    if (probabilities === undefined) return { values }
    if (probabilities.length !== values.length)
      return refuse(`${values.length} values have ${probabilities.length} probabilities.`)
    const sum = probabilities.reduce((total, p) => total + p, 0)
    if (Math.abs(sum - 1) > 1e-6) return refuse(`its probabilities add up to ${Number(sum.toPrecision(6))}, not to 1.`)
    return weighted(values, probabilities, method)
  }
  if (probabilities !== undefined) return refuse('probabilities belong to values.')
  if (low === undefined || high === undefined) return refuse('it needs value, values, or min and max.')
  const [min, max] = [low, high].map((end) => (end instanceof Real ? end.value : end))
  if (!(min < max)) return refuse(`min (${min}) must lie below max (${max}).`)
  const written = !(low instanceof Real) && !(high instanceof Real)
  const kind = distribution ?? (written ? 'int_uniform' : 'uniform')
  if (q !== undefined && !rounded.includes(kind)) return refuse(`q belongs to ${rounded.join(', ')}, not to ${kind}.`)
  const range = (over: Partial<Range>): Range => ({
    from: min,
    to: max,
    steps: 10,
    scale: 'linear',
    integer: false,
    ...over
  })
  if (logarithmic.includes(kind)) {
    const sign = kind === 'inv_log_uniform' ? -1 : 1
    const ends = [Math.exp(sign * min), Math.exp(sign * max)]
    const most = Math.max(...ends)
    const { max: limit = Infinity } = declared as Partial<NumberParam>
    if (!Number.isFinite(most) || most > limit)
      return refuse(
        `the min and max of ${kind} are exponents of e, here up to e^${sign * (sign > 0 ? max : min)}; ${kind.replace('inv_', '')}_values takes the values themselves.`
      )
  }
  if (kind.endsWith('log_uniform_values') && min <= 0) return refuse('a logarithmic range needs min above zero.')
  switch (kind) {
    case 'int_uniform':
      if (!Number.isInteger(min) || !Number.isInteger(max)) return refuse('int_uniform needs whole numbers.')
      if (method === 'grid' && max - min + 1 > limits.values)
        return refuse(`a grid of ${max - min + 1} values is too large; at most ${limits.values} are allowed.`)
      return range({ integer: true, steps: Math.max(2, Math.min(max - min + 1, limits.values)) })
    case 'q_uniform':
    case 'q_log_uniform':
    case 'q_log_uniform_values': {
      const [from, to] = kind === 'q_log_uniform' ? [Math.exp(min), Math.exp(max)] : [min, max]
      const multiples = multiplesOf(q ?? 1, from, to, kind === 'q_uniform' ? (x) => x : Math.log)
      if (!multiples)
        return refuse(`multiples of ${q ?? 1} from ${from} to ${to} are too many: more than ${limits.values}.`)
      return weighted(multiples.values, multiples.probabilities, method)
    }
  }
  if (method === 'grid') return refuse('a grid needs values; a range with a distribution belongs to random.')
  switch (kind) {
    case 'uniform':
      return range({})
    case 'log_uniform':
      return range({ from: Math.exp(min), to: Math.exp(max), scale: 'log' })
    case 'inv_log_uniform':
      return range({ from: Math.exp(-max), to: Math.exp(-min), scale: 'log' })
    case 'log_uniform_values':
    case 'inv_log_uniform_values':
      return range({ scale: 'log' })
    default:
      return refuse(`the distribution "${kind}" is not known here; use values, a uniform or a log-uniform range.`)
  }
}

/** Values with their probabilities; a grid has each of them, and equal ones need not be written. */
function weighted(values: Values['values'], probabilities: readonly number[], method: string): Values {
  const kept = values.flatMap((value, i) => (probabilities[i] > 0 ? [{ value, p: probabilities[i] }] : []))
  const even = kept.every(({ p }) => Math.abs(p * kept.length - 1) < 1e-9)
  return {
    values: kept.map(({ value }) => value),
    ...(method !== 'grid' && !even && { probabilities: kept.map(({ p }) => p) })
  }
}

/** `round(x / q) q` of an x that is uniform between two ends on a scale: its values and how likely each is. */
function multiplesOf(
  q: number,
  from: number,
  to: number,
  scale: (x: number) => number
): { values: number[]; probabilities: number[] } | undefined {
  const [first, last] = [Math.round(from / q), Math.round(to / q)]
  if (!(last - first + 1 <= limits.values)) return undefined
  const whole = scale(to) - scale(from)
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i).map((n) => ({
    value: Number((n * q).toPrecision(12)),
    p: (scale(Math.min(to, (n + 0.5) * q)) - scale(Math.max(from, (n - 0.5) * q))) / whole
  }))
  const likely = all.filter(({ p }) => p > 1e-12)
  return { values: likely.map(({ value }) => value), probabilities: likely.map(({ p }) => p) }
}

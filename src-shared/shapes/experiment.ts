/**
 * The experiment file: one task, the models it tests, sweep axes and seeds; and the grid that follows from it.
 */
import { z } from 'zod'
import type { Catalog, ModelInfo, TaskInfo } from './catalog.ts'
import { misfit } from './catalog.ts'
import { StudioError, type ErrorData } from './errors.ts'
import { fillParams, type Dims, type Param, type ParamValues } from './params.ts'
import { predictionErrors, predictionSchema } from '../findings/prediction.ts'
import { conditioned, distinct, drawnPoints, gridPoints } from '../grid/sweep.ts'

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
const scalar = z.union([z.number(), z.boolean(), z.string().max(200)])
const values = z.record(z.string().max(100), z.json())

/** The axis is swept only where this parameter (of the same owner, or of the task) has one of these values. */
const when = z.strictObject({ param: name, in: z.array(scalar).min(1).max(100) }).optional()

const axisSchema = z
  .union([
    z.strictObject({ param: name, when, values: z.array(scalar).min(1).max(limits.values) }),
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
  seeds: z
    .union([
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
    .default({ first: 0, count: 10 }),
  predictions: z
    .array(predictionSchema)
    .max(limits.predictions)
    .optional()
    .describe('What is expected, written down before the run'),
  generator: z.enum(['philox', 'torch']).default('philox'),
  backend: z.enum(backendChoices).default('auto')
})

export type Experiment = z.infer<typeof experimentSchema>
export type Axis = Experiment['sweep'][number]
export type ModelUse = Experiment['models'][number]
export type AxisValue = z.infer<typeof scalar>
/** A trial's place on the sweep axes, by the parameter's bare name: `{ items: 20 }`. */
export type Point = Record<string, AxisValue>

/** All trials of one model at one point: they differ only in their seed, so they run as one batch. */
export interface Cell {
  /** Index into `experiment.models`. */
  modelIndex: number
  label: string
  kind: string
  params: ParamValues
  taskParams: ParamValues
  point: Point
  weights?: string
}

export interface Grid {
  task: TaskInfo
  cells: Cell[]
  seeds: number[]
  /** Cells times seeds. */
  trials: number
}

/** Sizes that a task's parameters fix: those of its parameters that are named like a size. */
export function taskDims(params: ParamValues): Dims {
  const size = (key: string): number | undefined => (typeof params[key] === 'number' ? params[key] : undefined)
  return {
    dim: size('dim') ?? (size('rows') ?? 8) * (size('columns') ?? 8),
    ...(size('valueDim') !== undefined && { valueDim: size('valueDim') }),
    ...(size('contextDim') !== undefined && { contextDim: size('contextDim') }),
    ...(size('rows') !== undefined && { rows: size('rows') }),
    ...(size('columns') !== undefined && { columns: size('columns') })
  } as Dims
}

/**
 * Read an experiment file.
 * @throws StudioError bad-file for text that is not JSON, bad-input that names the field for one that breaks the schema
 */
export function parseExperiment(text: string, file?: string): Experiment {
  if (text.length > limits.fileBytes)
    throw new StudioError('too-large', `An experiment file may hold at most ${limits.fileBytes} bytes.`, { file })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new StudioError('bad-file', `This is not JSON: ${(error as Error).message}.`, { file })
  }
  return checkExperiment(json, file)
}

/** The same for an object that is already parsed. */
export function checkExperiment(json: unknown, file?: string): Experiment {
  const hostile = hostileKey(json, '')
  if (hostile !== undefined)
    throw new StudioError('bad-input', `The key "${hostile.split('.').at(-1)}" is not allowed.`, {
      file,
      field: hostile
    })
  const result = experimentSchema.safeParse(json)
  if (!result.success) {
    const issue = result.error.issues[0]
    const field = issue.path.join('.')
    throw new StudioError('bad-input', `${issue.message}.`.replace('..', '.'), { file, ...(field && { field }) })
  }
  return result.data
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

/** The values of an axis, ranges written out. Log ranges are equal ratios, ends included. */
export function axisValues(axis: Axis): AxisValue[] {
  if ('values' in axis) return [...axis.values]
  const { from, to, steps, scale, integer } = axis
  const out: number[] = []
  for (let i = 0; i < steps; i++) {
    const t = i / (steps - 1)
    const value = scale === 'log' ? from * (to / from) ** t : from + (to - from) * t
    out.push(integer ? Math.round(value) : Number(value.toPrecision(12)))
  }
  return [...new Set(out)]
}

export function seedsOf(experiment: Experiment): number[] {
  const { seeds } = experiment
  return Array.isArray(seeds) ? [...new Set(seeds)] : Array.from({ length: seeds.count }, (_, i) => seeds.first + i)
}

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

/**
 * Expand an experiment over the catalog. Collects every error instead of stopping at the first; the grid is present
 * only when there is none.
 */
export function expandGrid(experiment: Experiment, catalog: Catalog): { grid?: Grid; errors: ErrorData[] } {
  const errors: ErrorData[] = []
  const refuse = (field: string, message: string): void => void errors.push({ code: 'bad-input', message, field })
  const task = catalog.tasks.find((t) => t.id === experiment.task.kind)
  if (!task) {
    refuse(
      'task.kind',
      `There is no task "${experiment.task.kind}"; known are ${catalog.tasks.map((t) => t.id).join(', ')}.`
    )
    return { errors }
  }
  const known = (kind: string): ModelInfo['params'] | undefined => catalog.models.find((m) => m.id === kind)?.params
  const labels = modelLabels(experiment.models)
  const models = experiment.models.map((use, i) => {
    const info = catalog.models.find((m) => m.id === use.kind)
    if (!info)
      refuse(
        `models.${i}.kind`,
        `There is no model "${use.kind}"; known are ${catalog.models.map((m) => m.id).join(', ')}.`
      )
    const reason = info && misfit(task, info)
    if (reason) refuse(`models.${i}.kind`, reason)
    return info
  })
  const axes = experiment.sweep.map((axis, i) => {
    const dot = axis.param.lastIndexOf('.')
    const [owner, param] = [axis.param.slice(0, dot), axis.param.slice(dot + 1)]
    const at = `sweep.${i}.param`
    if (dot <= 0) refuse(at, `Name a swept parameter as task.NAME, model.NAME or LABEL.NAME, not "${axis.param}".`)
    if ('from' in axis && axis.scale === 'log' && (axis.from <= 0 || axis.to <= 0))
      refuse(`sweep.${i}.from`, 'A log range needs both ends above zero.')
    const onTask = owner === 'task'
    const indices = onTask
      ? []
      : models.flatMap((m, j) =>
          m && Object.hasOwn(m.params, param) && (owner === 'model' || owner === labels[j]) ? [j] : []
        )
    if (dot > 0 && (onTask ? !Object.hasOwn(task.params, param) : indices.length === 0))
      refuse(
        at,
        onTask ? `${task.title} has no parameter "${param}".` : `No model here has the parameter "${axis.param}".`
      )
    const condition = axis.when && {
      param: axis.when.param.slice(axis.when.param.lastIndexOf('.') + 1),
      in: axis.when.in
    }
    if (condition) {
      const owners = [task.params, ...indices.map((j) => (models[j] as ModelInfo).params)]
      const declared = owners.filter((params) => Object.hasOwn(params, condition.param)).map((p) => p[condition.param])
      const never = condition.in.find((value) => !declared.some((one) => couldBe(one, value)))
      if (condition.param === param || !declared.length)
        refuse(`sweep.${i}.when`, `"${axis.when!.param}" is no parameter on which "${axis.param}" could depend.`)
      else if (never !== undefined)
        refuse(`sweep.${i}.when`, `"${axis.when!.param}" is never "${never}", so "${axis.param}" would not be swept.`)
    }
    return {
      param,
      onTask,
      indices,
      values: axisValues(axis),
      stream: axis.param,
      ...(condition && { when: condition }),
      ...('from' in axis && { range: axis })
    }
  })
  const taken = new Set<string>()
  for (const [i, axis] of axes.entries())
    for (const owner of axis.onTask ? [-1, ...models.keys()] : axis.indices) {
      if (taken.has(`${owner}.${axis.param}`)) refuse(`sweep.${i}.param`, `"${axis.param}" is swept twice.`)
      taken.add(`${owner}.${axis.param}`)
    }
  const seeds = seedsOf(experiment)
  if (errors.length) return { errors }

  const taskAxes = axes.filter((a) => a.onTask)
  const axesOf = models.map((_, j) => axes.filter((a) => a.indices.includes(j)))
  const size = (list: typeof axes): number => list.reduce((n, a) => n * a.values.length, 1)
  const { search } = experiment
  const trials = axesOf.reduce((sum, own) => sum + (search?.count ?? size(own) * size(taskAxes)), 0) * seeds.length
  if (trials > limits.trials) {
    refuse(
      'sweep',
      `This grid has ${trials.toLocaleString('en')} trials; at most ${limits.trials.toLocaleString('en')} are allowed.`
    )
    return { errors }
  }
  /** The points of a model's own axes at a point of the task's. */
  const modelPoints = (j: number, taskPoint: Point): Point[] => {
    const own = axesOf[j]
    const fixed = (name: string): unknown =>
      taskPoint[name] ?? experiment.models[j].params[name] ?? models[j]?.params[name]?.default ?? fixedTask(name)
    if (!search || !drawn) return gridPoints(own, fixed)
    const key = JSON.stringify(taskPoint)
    const here = drawnPoints(own, search).filter((_, i) => JSON.stringify(drawn[i]) === key)
    return distinct(here.map((point) => conditioned(point, own, fixed)))
  }
  const cells: Cell[] = []
  const seen = new Set<string>()
  const report = (list: ErrorData[]): void => {
    for (const error of list) {
      const key = `${error.field} ${error.message}`
      if (!seen.has(key)) errors.push(error)
      seen.add(key)
    }
  }
  const fixedTask = (name: string): unknown => experiment.task.params[name] ?? task.params[name]?.default
  const drawn = search && drawnPoints(taskAxes, search).map((point) => conditioned(point, taskAxes, fixedTask))
  for (const taskPoint of drawn ? distinct(drawn) : gridPoints(taskAxes, fixedTask)) {
    const filledTask = fillParams(
      task.params,
      { ...experiment.task.params, ...taskPoint },
      'task.params',
      undefined,
      known
    )
    report(filledTask.errors)
    if (filledTask.errors.length) continue
    for (const [j, use] of experiment.models.entries())
      for (const modelPoint of modelPoints(j, taskPoint)) {
        const filled = fillParams(
          (models[j] as ModelInfo).params,
          { ...use.params, ...modelPoint },
          `models.${j}.params`,
          taskDims(filledTask.values),
          known
        )
        report(filled.errors)
        cells.push({
          modelIndex: j,
          label: labels[j],
          kind: use.kind,
          params: filled.values,
          taskParams: filledTask.values,
          point: { ...taskPoint, ...modelPoint },
          ...(use.weights !== undefined && { weights: use.weights })
        })
      }
  }
  if (!errors.length) errors.push(...predictionErrors(experiment.predictions ?? [], task, cells))
  return errors.length ? { errors } : { grid: { task, cells, seeds, trials: cells.length * seeds.length }, errors }
}

/** Whether a parameter can have this value at all. */
function couldBe(declared: Param, value: AxisValue): boolean {
  switch (declared.type) {
    case 'choice':
      return declared.options.includes(value as string)
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
    case 'number':
      return typeof value === 'number' && value >= declared.min && value <= declared.max
    default:
      return false
  }
}

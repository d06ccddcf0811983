/** What can be done to an experiment: pure functions that return a new one. */
import type { ModelInfo, TaskInfo } from '../../../src-shared/shapes/catalog.ts'
import { experimentFormat, modelLabels, type Axis, type Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { Prediction } from '../../../src-shared/shapes/prediction.ts'
import type { AxisValue } from '../../../src-shared/shapes/point.ts'
import type { Sweep } from './sweep-text.ts'

export type Path = readonly (string | number)[]

/** An experiment with no task and no model yet: the check asks for both. */
export const blank: Experiment = {
  format: experimentFormat,
  name: 'New experiment',
  description: '',
  task: { kind: '', params: {} },
  models: [],
  sweep: [],
  seeds: { first: 0, count: 20 },
  generator: 'philox',
  backend: 'auto'
}

/** A copy with the value at a path replaced; undefined takes it away. */
export function setAt<T>(whole: T, path: Path, value: unknown): T {
  if (path.length === 0) return value as T
  const [key, ...rest] = path
  const copy = (Array.isArray(whole) ? [...whole] : { ...whole }) as Record<string | number, unknown>
  const next = setAt(copy[key], rest, value)
  if (next === undefined && Array.isArray(copy)) copy.splice(Number(key), 1)
  else if (next === undefined) delete copy[key]
  else copy[key] = next
  return copy as T
}

/** Another task: its defaults and its usual sweeps; sweeps of models stay, what was predicted of the old one goes. */
export function withTask(experiment: Experiment, task: TaskInfo): Experiment {
  const own = Object.entries(task.defaultSweep).map(([param, values]) => ({
    param: `task.${param}`,
    values: [...values]
  }))
  const rest = experiment.sweep.flatMap(({ when, ...axis }): Axis[] => {
    if (axis.param.startsWith('task.')) return []
    const kept = when && (!when.param.startsWith('task.') || Object.hasOwn(task.params, when.param.slice(5)))
    return [{ ...axis, ...(kept && { when }) } as Axis]
  })
  const kept = { ...experiment }
  delete kept.predictions
  delete kept.opens
  return { ...kept, task: { kind: task.id, params: {} }, sweep: [...own, ...rest] }
}

/** Another list of models; sweeps and predictions that name a model by its label follow it, and go with it. */
function withModels(
  experiment: Experiment,
  models: Experiment['models'],
  /** Where each old model is now; undefined = gone. */
  place: (index: number) => number | undefined
): Experiment {
  const before = modelLabels(experiment.models)
  const after = modelLabels(models)
  /** A parameter under its owner's new name; undefined when its model is gone. */
  const moved = (param: string): string | undefined => {
    const dot = param.lastIndexOf('.')
    const index = before.indexOf(param.slice(0, dot))
    if (index < 0) return param
    const now = place(index)
    return now === undefined ? undefined : `${after[now]}${param.slice(dot)}`
  }
  const sweep = experiment.sweep.flatMap(({ when, ...axis }): Axis[] => {
    const [param, condition] = [moved(axis.param), when && moved(when.param)]
    if (param === undefined) return []
    return [{ ...axis, param, ...(condition !== undefined && { when: { ...when!, param: condition } }) } as Axis]
  })
  const { predictions, tuning, ...rest } = experiment
  const tuned = tuning?.params.flatMap((axis) => {
    const param = moved(axis.param)
    return param === undefined ? [] : [{ ...axis, param }]
  })
  const nameOf = (label: string): string | undefined => {
    const index = before.indexOf(label)
    const now = index < 0 ? undefined : place(index)
    return now === undefined ? undefined : after[now]
  }
  const kept = predictions?.flatMap((prediction) => renamed(prediction, nameOf))
  return {
    ...rest,
    models,
    sweep,
    ...(tuning && tuned?.length && { tuning: { ...tuning, params: tuned } }),
    ...(kept?.length && { predictions: kept })
  }
}

/** A prediction under the models' new names, without those that are gone; nothing where too few are left. */
function renamed(prediction: Prediction, nameOf: (label: string) => string | undefined): Prediction[] {
  if ('order' in prediction) {
    const order = prediction.order.flatMap((label) => nameOf(label) ?? [])
    return order.length < 2 ? [] : [{ ...prediction, order }]
  }
  if ('same' in prediction) {
    const same = prediction.same.flatMap((label) => nameOf(label) ?? [])
    return same.length < 2 ? [] : [{ ...prediction, same }]
  }
  const intervals = Object.entries(prediction.intervals).flatMap(([label, interval]) => {
    const name = nameOf(label)
    return name === undefined ? [] : [[name, interval] as const]
  })
  return intervals.length ? [{ ...prediction, intervals: Object.fromEntries(intervals) }] : []
}

/** One model more, under its title: a reader of charts and tables need not know its id. */
export function addModel(experiment: Experiment, { id, title }: Pick<ModelInfo, 'id' | 'title'>): Experiment {
  return { ...experiment, models: [...experiment.models, { kind: id, label: title, params: {} }] }
}

export function removeModel(experiment: Experiment, index: number): Experiment {
  const models = experiment.models.filter((_, i) => i !== index)
  return withModels(experiment, models, (i) => (i === index ? undefined : i < index ? i : i - 1))
}

/** A second model of the same kind and parameters, after the first; its sweeps are not copied. */
export function copyModel(experiment: Experiment, index: number): Experiment {
  const models = experiment.models.toSpliced(index + 1, 0, structuredClone(experiment.models[index]))
  return withModels(experiment, models, (i) => (i <= index ? i : i + 1))
}

export function moveModel(experiment: Experiment, from: number, to: number): Experiment {
  const models = experiment.models.toSpliced(from, 1).toSpliced(to, 0, experiment.models[from])
  return withModels(experiment, models, (i) => models.indexOf(experiment.models[i]))
}

export function labelModel(experiment: Experiment, index: number, label: string): Experiment {
  const { models } = setAt(experiment, ['models', index, 'label'], label.trim() === '' ? undefined : label)
  return withModels(experiment, models, (i) => i)
}

/** Sweep a parameter, change its sweep (its condition stays), or (undefined) sweep it no longer. */
export function withSweep(experiment: Experiment, param: string, sweep: Sweep | undefined): Experiment {
  const index = experiment.sweep.findIndex((axis) => axis.param === param)
  const axes = experiment.sweep
  if (!sweep) return { ...experiment, sweep: axes.filter((axis) => axis.param !== param) }
  const when = axes[index]?.when
  const axis = { param, ...(when && { when }), ...sweep } as Axis
  return { ...experiment, sweep: index < 0 ? [...axes, axis] : axes.with(index, axis) }
}

/** Tune a parameter over these values, or over others than before. */
export function withTuned(experiment: Experiment, param: string, values: AxisValue[]): Experiment {
  const { params = [], ...rest } = experiment.tuning ?? { seeds: { first: 1_000_000, count: 2 } }
  const known = params.some((axis) => axis.param === param)
  const next = known
    ? params.map((axis) => (axis.param === param ? { param, values } : axis))
    : [...params, { param, values }]
  return { ...experiment, tuning: { ...rest, params: next } }
}

/** Tune it no longer; without any that is tuned, nothing is. */
export function withoutTuned(experiment: Experiment, param: string): Experiment {
  const { tuning, ...rest } = experiment
  const params = tuning?.params.filter((axis) => axis.param !== param) ?? []
  return tuning && params.length ? { ...rest, tuning: { ...tuning, params } } : rest
}

/** Sweep an axis only where another parameter has one of these values, or (undefined) everywhere. */
export function withCondition(experiment: Experiment, index: number, when: Axis['when']): Experiment {
  return setAt(experiment, ['sweep', index, 'when'], when)
}

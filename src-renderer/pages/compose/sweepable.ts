import { type Catalog, modelIn, taskIn } from '../../../src-shared/shapes/catalog.ts'
import { modelLabels, type Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { AxisValue } from '../../../src-shared/shapes/point.ts'
import { boundSize, withoutEffect, type Dims, type Param } from '../../../src-shared/shapes/params.ts'

export type Sweepable = Exclude<Param, { type: 'model' | 'models' | 'numbers' | 'vectors' }>

/** Whether an axis can hold values of this parameter: one plain value at a time. */
export const sweepable = (param: Param): param is Sweepable =>
  param.type !== 'model' && param.type !== 'models' && param.type !== 'numbers' && param.type !== 'vectors'

/** A first proposal: every option, or half, the same and double, within the bounds. */
export function firstSweep(param: Param, value: unknown): AxisValue[] {
  if (param.type === 'boolean') return [false, true]
  if (param.type === 'choice') return [...param.options]
  if (param.type !== 'integer' && param.type !== 'number') return []
  const at = typeof value === 'number' ? value : param.default
  const near = [at / 2, at, at * 2].map((v) => (param.type === 'integer' ? Math.round(v) : v))
  return [...new Set(near.filter((v) => v >= param.min && v <= param.max))]
}

export interface SweepTarget {
  /** As an axis names it: `task.items`, `model.rate`, `LABEL.rate`. */
  param: string
  label: string
  declared: Sweepable
  value: unknown
}

/** Everything that could be swept in an experiment: of the task, of all models that share it, of each model. */
export function sweepTargets(experiment: Experiment, catalog: Catalog, dims: Dims | undefined): SweepTarget[] {
  const task = taskIn(catalog, experiment.task.kind)
  const labels = modelLabels(experiment.models)
  const of = (params: Record<string, Param>, values: Record<string, unknown>, owner: string, title: string) =>
    Object.entries(params).flatMap(([name, declared]): SweepTarget[] =>
      sweepable(declared) && !('from' in declared && declared.from && boundSize(declared.from, dims) !== undefined)
        ? [{ param: `${owner}.${name}`, label: `${title}: ${declared.label}`, declared, value: values[name] }]
        : []
    )
  const own = experiment.models.flatMap((use, i) => {
    const info = modelIn(catalog, use.kind)
    return info ? of(info.params, use.params, labels[i], labels[i]) : []
  })
  const shared = Map.groupBy(own, ({ param }) => param.slice(param.lastIndexOf('.') + 1))
  const all = [...shared].flatMap(([name, targets]): SweepTarget[] =>
    targets.length > 1
      ? [{ ...targets[0], param: `model.${name}`, label: `All models: ${targets[0].declared.label}` }]
      : []
  )
  return [...(task ? of(task.params, experiment.task.params, 'task', task.title) : []), ...all, ...own]
}

/**
 * What a swept parameter would need to have an effect: undefined where it has one, of several models where it has one in
 * any of them.
 */
export function effectMissing(experiment: Experiment, catalog: Catalog, { param }: SweepTarget): string | undefined {
  const [owner, name] = [param.slice(0, param.lastIndexOf('.')), param.slice(param.lastIndexOf('.') + 1)]
  const labels = modelLabels(experiment.models)
  const task = taskIn(catalog, experiment.task.kind)
  const owners =
    owner === 'task'
      ? [{ params: task?.params ?? {}, values: experiment.task.params, label: 'task' }]
      : experiment.models.flatMap((use, i) => {
          const params = modelIn(catalog, use.kind)?.params
          return params && (owner === 'model' || owner === labels[i])
            ? [{ params, values: use.params, label: labels[i] }]
            : []
        })
  const missing = owners
    .filter(({ params }) => Object.hasOwn(params, name))
    .map(({ params, values, label }) =>
      withoutEffect(params[name], params, values, (other) =>
        experiment.sweep.some(({ param }) => param === `${label}.${other}` || param === `model.${other}`)
      )
    )
  return missing.length && missing.every((needs) => needs !== undefined) ? missing[0] : undefined
}

/**
 * The parameters on which an axis may depend: those of the task and, for an axis of models, those of the same owner.
 * Several models' parameter of one name stands once, since a condition knows it by its name.
 */
export function conditionTargets(param: string, targets: readonly SweepTarget[]): SweepTarget[] {
  const parts = (name: string): [owner: string, bare: string] => {
    const dot = name.lastIndexOf('.')
    return [name.slice(0, dot), name.slice(dot + 1)]
  }
  const [owner, bare] = parts(param)
  const fits = targets.filter((target) => {
    const [other, name] = parts(target.param)
    if (name === bare) return false
    if (other === 'task' || other === owner) return true
    return owner === 'model' && other !== 'model'
  })
  const seen = new Set<string>()
  return fits.filter((target) => {
    const [, name] = parts(target.param)
    return !seen.has(name) && seen.add(name)
  })
}

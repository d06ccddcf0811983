/** On what the sweep of a parameter can depend, and which values that can have here. */
import { axisValues, modelLabels, type Axis, type AxisValue, type Experiment } from '../../../src-shared/experiment.ts'
import type { SweepTarget } from './sweepable.ts'

export type Condition = NonNullable<Axis['when']>

export interface ConditionTarget extends SweepTarget {
  /** The values to choose from; without, they are typed: any number may be meant. */
  choices?: AxisValue[]
  /** The values it has in this experiment: those of its own sweep, or what it is set to. */
  taken: AxisValue[]
}

/** Longer lists are typed. */
const mostChoices = 24

const parts = (param: string): [owner: string, name: string] => {
  const dot = param.lastIndexOf('.')
  return [param.slice(0, dot), param.slice(dot + 1)]
}

/** The other parameters of the task and, for an axis of models, of these models: each named once. */
export function conditionTargets(
  axis: Axis,
  experiment: Experiment,
  targets: readonly SweepTarget[]
): ConditionTarget[] {
  const [owner, name] = parts(axis.param)
  const labels = modelLabels(experiment.models)
  const swept = owner === 'model' ? labels.filter((label) => has(targets, label, name)) : [owner]
  const found = new Map<string, ConditionTarget>()
  for (const target of targets) {
    const [theirs, bare] = parts(target.param)
    const fits =
      theirs === 'task' || (owner !== 'task' && (theirs === 'model' ? owner === 'model' : swept.includes(theirs)))
    // A condition names its parameter by its bare name: what the task has comes before what models have.
    if (!fits || bare === name || found.has(bare) || asksFor(bare, name, experiment.sweep)) continue
    const owners = theirs === 'task' ? ['task'] : swept.filter((label) => has(targets, label, bare))
    found.set(bare, { ...target, ...valuesOf(bare, owners, target, experiment, targets) })
  }
  return [...found.values()]
}

/** Whether the sweep of one parameter depends, at once or through others, on another: it cannot be the other way round too. */
function asksFor(one: string, other: string, sweep: readonly Axis[], seen: readonly string[] = []): boolean {
  if (seen.includes(one)) return false
  return sweep.some(({ param, when }) => {
    if (!when || parts(param)[1] !== one) return false
    const asked = parts(when.param)[1]
    return asked === other || asksFor(asked, other, sweep, [...seen, one])
  })
}

const has = (targets: readonly SweepTarget[], owner: string, name: string): boolean =>
  targets.some(({ param }) => param === `${owner}.${name}`)

function valuesOf(
  name: string,
  owners: readonly string[],
  { declared }: SweepTarget,
  experiment: Experiment,
  targets: readonly SweepTarget[]
): Pick<ConditionTarget, 'choices' | 'taken'> {
  const axes = experiment.sweep.filter(({ param }) => {
    const [owner, bare] = parts(param)
    return bare === name && (owners.includes(owner) || (owner === 'model' && !owners.includes('task')))
  })
  const set = owners.flatMap((owner) => {
    const own = targets.find(({ param }) => param === `${owner}.${name}`)
    return own ? [(own.value ?? own.declared.default) as AxisValue] : []
  })
  const taken = [...new Set(axes.length ? axes.flatMap(listed) : set)]
  if (axes.length && taken.length > 0 && taken.length <= mostChoices) return { taken, choices: taken }
  if (declared.type === 'choice') return { taken, choices: [...declared.options] }
  if (declared.type === 'boolean') return { taken, choices: [true, false] }
  return { taken }
}

/** The values of an axis; none while its range is being typed. */
function listed(axis: Axis): AxisValue[] {
  if ('values' in axis) return axis.values
  const whole = [axis.from, axis.to, axis.steps].every((part) => typeof part === 'number') && axis.steps <= 1000
  return whole && (axis.scale === 'linear' || (axis.from > 0 && axis.to > 0)) ? axisValues(axis) : []
}

/** A first condition: one value that the parameter has here. */
export const firstCondition = ({ param, taken, choices, declared }: ConditionTarget): Condition => ({
  param,
  in: [taken[0] ?? choices?.[0] ?? declared.default]
})

/** What one most often asks about: a choice that is swept, then a number that is, then a choice. */
export function usualTarget(targets: readonly ConditionTarget[]): ConditionTarget | undefined {
  const isChoice = ({ declared }: ConditionTarget): boolean => declared.type === 'choice' || declared.type === 'boolean'
  const swept = targets.filter(({ taken }) => taken.length > 1)
  return swept.find(isChoice) ?? swept[0] ?? targets.find(isChoice) ?? targets[0]
}

/** The target that a condition names; a file may name its parameter in full or by its bare name. */
export const targetOf = (condition: Condition, targets: readonly ConditionTarget[]): ConditionTarget | undefined =>
  targets.find(({ param }) => parts(param)[1] === parts(condition.param)[1])

/** What the experiment would do with a condition that it accepts but that changes nothing, or undefined. */
export function idleCondition(condition: Condition, target: ConditionTarget): string | undefined {
  const { taken, label } = target
  if (!taken.length || !condition.in.length) return undefined
  const met = taken.filter((value) => condition.in.includes(value)).length
  if (met === 0) return `Never swept: ${label} has none of these values here.`
  return met === taken.length ? `Always swept: ${label} has no other value here.` : undefined
}

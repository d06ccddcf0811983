/** Whether runs asked the same: results of unlike tasks say nothing about which model is better. */
import { canonical } from '../grid/identity.ts'
import type { TaskInfo } from '../shapes/catalog.ts'
import type { Point } from '../shapes/point.ts'
import type { Run } from '../shapes/run.ts'
import { listText } from './naming.ts'
import { taskParams } from './results.ts'

export interface Unlike {
  /** The task's parameter. */
  name: string
  label: string
  unit?: string
  values: { value: string; runs: string[] }[]
}

/**
 * The parameters of the task that are set differently in runs of it.
 * @param axes names of parameters along which the results lie: there the points say what differs
 */
export function unlikeParams(runs: readonly Run[], task: TaskInfo | undefined, axes: readonly string[]): Unlike[] {
  const set = runs.map((run) => ({ run, params: taskParams(run, task) as Readonly<Record<string, unknown>> }))
  const names = new Set(set.flatMap(({ params }) => Object.keys(params)))
  return [...names].flatMap((name): Unlike[] => {
    if (axes.includes(name)) return []
    const groups = Map.groupBy(set, ({ params }) => textOf(params[name]))
    if (groups.size < 2) return []
    const info = task?.params[name]
    return [
      {
        name,
        label: info?.label ?? name,
        ...(info?.unit && { unit: info.unit }),
        values: [...groups].map(([value, own]) => ({ value, runs: own.map(({ run }) => run.name) }))
      }
    ]
  })
}

/** The same for runs with their results: what lies on an axis is no difference. */
export const unlikeIn = (
  cells: readonly { point: Point }[],
  runs: readonly Run[],
  task: TaskInfo | undefined
): Unlike[] => unlikeParams(runs, task, [...new Set(cells.flatMap(({ point }) => Object.keys(point)))])

/** By run: a key that runs share which set these parameters alike. */
export function likenessOf(
  runs: readonly Run[],
  task: TaskInfo | undefined,
  unlike: readonly Unlike[]
): (runId: string) => string {
  const keys = new Map(
    runs.map((run) => {
      const params = taskParams(run, task) as Readonly<Record<string, unknown>>
      return [run.id, canonical(unlike.map(({ name }) => textOf(params[name])))]
    })
  )
  return (runId) => keys.get(runId) ?? ''
}

/** `Cue noise: 0 in “Exact”, 0.3 in “Noisy”`. */
export const unlikeText = ({ label, unit, values }: Unlike): string =>
  `${label}${unit ? ` (${unit})` : ''}: ${values
    .map(({ value, runs }) => `${value} in ${listText(runs.map((name) => `“${name}”`))}`)
    .join(', ')}`

const textOf = (value: unknown): string =>
  value === undefined ? 'not set' : typeof value === 'object' && value !== null ? canonical(value) : String(value)

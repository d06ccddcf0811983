/** Whether the figure that an experiment opens with is one that its task has. */
import type { TaskInfo } from '../shapes/catalog.ts'
import type { ErrorData } from '../shapes/errors.ts'
import type { Experiment } from '../shapes/experiment.ts'

/** What is wrong with the opening figure: it names metrics or a series that the task does not have. */
export function openingErrors(
  { metric, series, against }: NonNullable<Experiment['opens']>,
  task: Pick<TaskInfo, 'title' | 'metrics' | 'series'>
): ErrorData[] {
  const unknown = (what: string, wished: string | undefined, known: readonly { name: string }[]): ErrorData[] => {
    if (wished === undefined || known.some(({ name }) => name === wished)) return []
    const kind = what === 'against' ? 'metric' : what
    const there = known.length ? `it has ${known.map(({ name }) => name).join(', ')}` : 'it has none'
    const message = `${task.title} has no ${kind} "${wished}"; ${there}.`
    return [{ code: 'bad-input', message, field: `opens.${what}` }]
  }
  return [
    ...unknown('metric', metric, task.metrics),
    ...unknown('series', series, task.series),
    ...unknown('against', against, task.metrics)
  ]
}

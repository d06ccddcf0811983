/** Whether the predictions of an experiment speak of its grid. */
import type { TaskInfo } from '../shapes/catalog.ts'
import type { ErrorData } from '../shapes/errors.ts'
import { liesAt } from '../shapes/point.ts'
import { modelsOf, type Prediction } from '../shapes/prediction.ts'
import type { Cell } from './cell.ts'

/** What is wrong with the predictions of an experiment: each must mean exactly one cell per model. */
export function predictionErrors(
  predictions: readonly Prediction[],
  task: TaskInfo,
  cells: readonly Pick<Cell, 'label' | 'point'>[]
): ErrorData[] {
  const labels = [...new Set(cells.map((cell) => cell.label))]
  return predictions.flatMap((prediction, i) => {
    const errors: ErrorData[] = []
    const refuse = (field: string, message: string): void =>
      void errors.push({ code: 'bad-input', message, field: `predictions.${i}.${field}` })
    if (!task.metrics.some(({ name }) => name === prediction.metric))
      refuse(
        'metric',
        `${task.title} has no metric "${prediction.metric}"; it has ${task.metrics.map(({ name }) => name).join(', ')}.`
      )
    const part = 'order' in prediction ? 'order' : 'same' in prediction ? 'same' : 'intervals'
    const named = modelsOf(prediction)
    if (named.length === 0) refuse(part, 'A prediction needs an interval for at least one model.')
    if (new Set(named).size < named.length) refuse(part, 'Every model stands in a prediction once.')
    for (const name of named) {
      if (!labels.includes(name)) {
        refuse(part, `There is no model "${name}" here; there are ${labels.join(', ')}.`)
        continue
      }
      const own = cells.filter((cell) => cell.label === name && liesAt(cell.point, prediction.at))
      if (own.length === 0) refuse('at', `The sweep has no such point for ${name}.`)
      if (own.length > 1)
        refuse('at', `Say where: ${name} has ${own.length} points here, along ${varying(own).join(', ')}.`)
    }
    if ('intervals' in prediction)
      for (const [name, [low, high]] of Object.entries(prediction.intervals))
        if (low > high) refuse('intervals', `The interval of ${name} ends before it begins.`)
    return errors
  })
}

function varying(cells: readonly Pick<Cell, 'point'>[]): string[] {
  const names = new Set(cells.flatMap(({ point }) => Object.keys(point)))
  return [...names].filter((name) => new Set(cells.map(({ point }) => point[name])).size > 1)
}

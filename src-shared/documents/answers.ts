/** The answers of a comparison as a document holds them: one for each group of runs that asked the same. */
import type { CellResult, Run } from '../shapes/run.ts'
import type { AxisValue } from '../shapes/point.ts'
import type { Catalog, MetricInfo, TaskInfo } from '../shapes/catalog.ts'
import { axisOf, type AxisChoice } from '../figures/axes.ts'
import { answer, modelsAt, placeText, type Answer } from '../findings/answer.ts'
import { likenessOf, unlikeIn, unlikeText } from '../findings/likeness.ts'
import { listText } from '../findings/naming.ts'

export interface Answers {
  /** What is set differently in the runs, so that they are not compared with each other: one entry a parameter. */
  unlike: string[]
  /** `of` names the runs where there are several groups. */
  answers: (Answer & { of?: string })[]
}

export interface AnswerOptions {
  runs: readonly Run[]
  task: TaskInfo | undefined
  catalog: Catalog
  metric: MetricInfo
  choice: Pick<AxisChoice, 'drawable' | 'axis' | 'at'>
  /** Of the axis; left out: over all of its values. */
  value?: AxisValue | undefined
  labelOf(cell: CellResult): string
}

export function answersOf(cells: readonly CellResult[], options: AnswerOptions): Answers {
  const { runs, task, catalog, metric, choice, value, labelOf } = options
  const { axis, at, drawable } = choice
  const unlike = unlikeIn(cells, runs, task)
  const keyOf = likenessOf(runs, task, unlike)
  const where = placeText(
    axis && { label: axisOf(axis, catalog, task).label, values: axis.values },
    value,
    drawable
      .filter((other) => other !== axis && at[other.name] !== undefined)
      .map((other) => ({ label: axisOf(other, catalog, task).label, value: at[other.name] }))
  )
  const groups = [...Map.groupBy(cells, ({ runId }) => keyOf(runId))]
  return {
    unlike: unlike.map(unlikeText),
    answers: groups.flatMap(([key, own]) => {
      const said = answer(modelsAt(own, { axis, value, at }, metric, labelOf).models, metric, where)
      const names = runs.filter(({ id }) => keyOf(id) === key).map(({ name }) => `“${name}”`)
      return said ? [{ ...said, ...(groups.length > 1 && { of: listText(names) }) }] : []
    })
  }
}

/** Said where runs differ in what they asked. */
export const notCompared = 'These runs did not ask the same, so no model is called best across them'

/** Said where there is nothing to compare. */
export const noAnswer = 'There is nothing to compare here: no point at which two models have finished trials.'

/** As paragraphs of plain text. */
export const answerLines = ({ unlike, answers }: Answers, caption: string): string[] =>
  [
    unlike.length > 0 && `${notCompared}: ${unlike.join('; ')}.`,
    ...answers.map(({ of, verdict, unknown }) => [of && `${of}:`, verdict, unknown].filter(Boolean).join(' ')),
    answers.length === 0 && noAnswer,
    caption
  ].filter((line): line is string => typeof line === 'string' && line !== '')

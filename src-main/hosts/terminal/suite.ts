/** `engram run SUITE`: every task of a suite, one run after another, and the matrix of models and tasks. */
import { errorOf, StudioError } from '../../../src-shared/shapes/errors.ts'
import { suiteMatrix, type MatrixCell, type SuiteMatrix } from '../../../src-shared/findings/matrix.ts'
import { checkSuite, expandSuite, isSuite, type Suite, type SuitePlan } from '../../../src-shared/grid/suite.ts'
import { readText } from './read.ts'
import { waitFor, withOptions, type RunOptions } from './run.ts'
import { withStudio } from './session.ts'
import { intervalText } from '../../../src-shared/text/interval-text.ts'
import { fixed } from '../../../src-shared/text/numbers.ts'
import { plain, table } from './text.ts'

export interface SuiteResult {
  suite: string
  runs: string[]
  left: SuitePlan['left']
  matrix: SuiteMatrix
}

/** The suite in a file, or undefined when it holds something else. @throws StudioError not-found, bad-input */
export async function readSuite(file: string): Promise<Suite | undefined> {
  const text = await readText(file)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  return isSuite(json) ? checkSuite(json, file) : undefined
}

/** @throws StudioError what is wrong with the suite, or what ended a run */
export async function runSuite(suite: Suite, file: string, options: RunOptions): Promise<SuiteResult> {
  return withStudio(
    options.data,
    'change',
    async ({ ask, runEnd }) => {
      const catalog = await ask('catalog.get', {})
      const { experiments, left, errors } = expandSuite(suite, catalog)
      if (errors.length) throw errorOf({ file, ...errors[0] })
      const ids: string[] = []
      for (const experiment of experiments) {
        const missing = left.filter(({ task }) => experiment.name.endsWith(`: ${task}`))
        const without = missing.length ? `, without ${missing.map(({ label }) => label).join(', ')}` : ''
        process.stderr.write(`${plain(experiment.name + without)}\n`)
        const { id } = await ask('runs.start', {
          experiment: withOptions(experiment, options),
          ...(options.on && { on: { kind: options.on } })
        })
        ids.push(id)
        await ask('runs.update', { ids: [id], addTags: [suite.name] })
        await waitFor(id, { ask, runEnd })
      }
      if (!ids.length) throw new StudioError('bad-input', 'None of these models fits any of these tasks.', { file })
      const runs = await Promise.all(ids.map((id) => ask('runs.get', { id })))
      const cells = await ask('runs.results', { ids })
      return { suite: suite.name, runs: ids, left, matrix: suiteMatrix(runs, cells, catalog) }
    },
    options
  )
}

/** The result as `--json` prints it; its names are those that readers of earlier versions know. */
export const suiteJson = ({ left, matrix, ...result }: SuiteResult): unknown => ({
  ...result,
  left: left.map(({ label, ...rest }) => ({ ...rest, model: label })),
  matrix: { ...matrix, rows: matrix.rows.map(({ model, ...row }) => ({ ...row, kind: model })) }
})

/** One row per model: mean, half of its interval and rank for every task, the best mean rank first. */
export function matrixTable({ matrix: { tasks, rows } }: SuiteResult): string {
  const text = (cell: MatrixCell | undefined): string => {
    if (!cell) return '-'
    return `${intervalText(cell)}${cell.rank === null ? '' : ` (${cell.rank})`}`
  }
  const head = ['model', 'mean rank', ...tasks.map(({ task, metric }) => `${task.id} ${metric.name}`)]
  return [
    table(
      head,
      rows.map(({ label, meanRank, cells }) => [
        label,
        meanRank === null ? '-' : fixed(meanRank, 1),
        ...cells.map(text)
      ])
    ),
    'Mean over seeds ± half of its 95 % interval, or [its ends], and the rank within the task (1 is best).'
  ].join('\n')
}

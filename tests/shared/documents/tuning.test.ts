import { describe, expect, it } from 'vitest'
import { defaultBlocks } from '../../../src-shared/documents/default-blocks.ts'
import { checklist, methodsText } from '../../../src-shared/documents/methods.ts'
import { exportRuns } from '../../../src-shared/documents/run-files.ts'
import { tuningText } from '../../../src-shared/documents/tuning.ts'
import { checkExperiment } from '../../../src-shared/shapes/experiment.ts'
import type { TuningTable } from '../../../src-shared/shapes/tuning.ts'
import { hostile, input } from '../support.ts'

const row = { model: 'm', point: { items: 5 }, n: 2, diverged: 0, failed: 0, missing: 0, chosen: false, edges: [] }
const table: TuningTable = {
  ...{ metric: 'similarity', seeds: [70, 71], steps: 50 },
  rows: [
    { ...row, label: 'hebb', values: { rate: 0.1 }, mean: 0.25 },
    { ...row, label: 'hebb', values: { rate: 0.2 }, mean: 0.5, chosen: true, edges: ['rate'] },
    { ...row, label: hostile, values: { rate: 0.1 }, mean: null, n: 0, diverged: 1, missing: 1 }
  ]
}
const data = () => {
  const all = input()
  const [first] = all.runs
  const experiment = checkExperiment({
    ...first.run.experiment,
    tuning: { params: [{ param: 'task.noise', values: [0.1, 0.2] }], seeds: [70, 71], steps: 50 }
  })
  return { ...all, runs: [{ ...first, run: { ...first.run, experiment }, tuning: table }] }
}

describe('the table of tuning', () => {
  it('has a line for every value tried, marks the chosen and the edge, and counts what was lost', () => {
    const { columns, rows, caption } = tuningText(table)
    expect(columns.map(({ head }) => head)).toEqual(['Model', 'items', 'rate', 'similarity', 'n', 'Outcome'])
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['hebb', '5', '0.1', '0.25', '2', ''],
      ['hebb', '5', '0.2', '0.5', '2', 'chosen, at the edge'],
      [hostile, '5', '0.1', '–', '0', '1 diverged; 1 to come']
    ])
    expect(caption).toContain('seeds 70, 71, with 50 training steps')
    expect(caption).toContain('At the edge')
  })
  it('stands in the report as HTML, LaTeX and CSV, with every name escaped', () => {
    const [html, tex, csv] = (['html', 'latex', 'csv-pivot'] as const).map(
      (format) => exportRuns(format, data()).content
    )
    expect(html).toContain('<h2>Tuning</h2>')
    expect(html).not.toContain('<img src=x')
    expect(html).toContain('chosen, at the edge')
    expect(tex).toContain('chosen, at the edge')
    expect(csv).toContain('hebb,5,0.2,0.5,2,"chosen, at the edge"')
  })
  it('is no block of a report whose runs tuned nothing', () => {
    expect(defaultBlocks(input()).some(({ kind }) => kind === 'tuning')).toBe(false)
    expect(defaultBlocks(data()).filter(({ kind }) => kind === 'tuning')).toHaveLength(1)
  })
})

it('the methods say what was tuned, on how many seeds and with what budget, and the checklist how it was chosen', () => {
  const [text] = methodsText(data())
  expect(text).toContain('task.noise (0.1, 0.2) was tuned for each model at each condition')
  expect(text).toContain('over 2 seeds of its own (seeds 70, 71, 50 training steps)')
  const answer = (of: ReturnType<typeof input>) =>
    checklist(of).find(({ item }) => item.startsWith('How hyperparameters'))!.answer
  expect(answer(data())).toContain('task.noise (0.1, 0.2)')
  expect(answer(input())).toBeNull()
  expect(methodsText(input())[0]).not.toContain('tuned')
})

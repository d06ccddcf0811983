import { expect, it } from 'vitest'
import { damagedCurves, damagedTrials } from '../../../src-shared/findings/damage.ts'
import { latexFigure } from '../../../src-shared/figures/pgfplots.ts'
import { stepsFigure, sweepFigure } from '../../../src-shared/figures/measured.ts'
import { figureMarkup } from '../../../src-shared/documents/html-parts.ts'
import type { CellResult, SeriesResult } from '../../../src-shared/shapes/run.ts'

const cell = (label: string, statuses: CellResult['statuses'], over: Partial<CellResult> = {}): CellResult => ({
  ...{ runId: 'r', label, model: label, params: {}, point: {} },
  seeds: statuses.map((_, i) => 10 + i),
  statuses,
  metrics: { accuracy: statuses.map((status) => (status === 'done' ? 0.5 : null)) },
  elapsedMs: statuses.map(() => 1),
  ...over
})
const labelOf = ({ label }: { label: string }): string => label

it('damaged trials are named by model and seed; where there is none, nothing is said', () => {
  expect(damagedTrials([cell('a', ['done', 'failed', 'missing'])], labelOf)).toBeUndefined()
  expect(damagedTrials([cell('a', ['done', 'damaged'])], labelOf)).toBe('1 damaged trial is left out (a: seed 11)')
  const many = cell('b', Array<'damaged'>(10).fill('damaged'))
  expect(damagedTrials([cell('a', ['damaged', 'damaged']), many], labelOf)).toBe(
    '12 damaged trials are left out (a: seeds 10, 11; b: seeds 10, 11, 12, 13, 14, 15, 16, 17, …)'
  )
  // At two points of the grid the same seed is two trials.
  const twice = [cell('a', ['damaged'], { point: { n: 1 } }), cell('a', ['damaged'], { point: { n: 2 } })]
  expect(damagedTrials(twice, labelOf)).toBe('2 damaged trials are left out (a: seed 10)')
})

it('a figure says which of its trials and curves are damaged, in a report and in LaTeX too, and draws none of them', () => {
  const style = { colour: '#000', dash: [], marker: 'circle' } as const
  const names = { labelOf, styleOf: () => style, at: {}, title: 'T', taskParamsOf: () => ({}) }
  const metric = { name: 'accuracy', label: 'Accuracy', direction: 'higher', help: '', tex: '' } as const
  const sweep = sweepFigure([cell('a', ['done', 'damaged', 'done'])], {
    ...names,
    metric,
    axis: undefined,
    x: undefined
  })
  expect(sweep.damage).toBe('1 damaged trial is left out (a: seed 11)')
  expect(sweep.series[0].points[0].n).toBe(2)

  const curve: SeriesResult = {
    ...{ runId: 'r', label: 'a', model: 'a', point: {}, name: 'loss', x: [1, 2], seeds: [10], y: [[3, 4]] },
    damaged: [11, 12]
  }
  const info = { name: 'loss', label: 'Loss', direction: 'lower', help: '', x: { label: 'Step' } } as const
  const steps = stepsFigure([curve], { ...names, info })
  expect(steps.damage).toBe('2 damaged curves are left out (a: seeds 11, 12)')
  expect(steps.series[0].members?.map(({ seed }) => seed)).toEqual([10])
  for (const text of [String(figureMarkup(steps)), latexFigure(steps, 'f')])
    expect(text).toContain('2 damaged curves are left out (a: seeds 11, 12).')
  expect(stepsFigure([{ ...curve, damaged: undefined } as never], { ...names, info }).damage).toBeUndefined()
  expect(damagedCurves([], labelOf)).toBeUndefined()
})

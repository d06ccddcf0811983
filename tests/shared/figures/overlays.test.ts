import { describe, expect, it } from 'vitest'
import type { DerivedInfo, MetricInfo } from '../../../src-shared/shapes/catalog.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import linearAssociator from '../../../src-main/models/linear-associator.ts'
import capacity from '../../../src-main/tasks/capacity.ts'
import forgetting from '../../../src-main/tasks/forgetting.ts'
import { figureSvg } from '../../../src-shared/figures/svg.ts'
import { sweepFigure } from '../../../src-shared/figures/measured.ts'
import { withCrossings, withPredictions, withTheory } from '../../../src-shared/figures/overlays.ts'
import { sweptAxes } from '../../../src-shared/findings/results.ts'
import { cellResult } from '../../support/cell-result.ts'

const metric = { name: 'cosine', label: 'Cosine', direction: 'higher', tex: '', help: '' } as MetricInfo
const cell = (model: string, items: number, values: number[]): CellResult =>
  cellResult(model, values, { metric: 'cosine', model: 'linear-associator', point: { items } })
/** At N = 49 in 16 dimensions the law says 1 / sqrt(1 + 48 / 16) = .5; at 1 it says 1. */
const cells = [cell('Hebb', 1, [1, 1]), cell('Hebb', 49, [0.52, 0.54])]
const [axis] = sweptAxes(cells)
const labelOf = ({ label }: { label: string }): string => label
const styleOf = () => ({ colour: '#123456', dash: [], marker: 'circle' as const })
const drawn = { metric, axis, at: {}, labelOf }
const figure = sweepFigure(cells, { ...drawn, styleOf, x: { label: 'Items', scale: 'log' }, title: 'Cosine' })
const params = { dim: 16, items: 20, source: 'independent', recall: 'exact' }
const catalog = { models: [{ ...linearAssociator, origin: 'built-in' }] }
const law = { ...drawn, task: capacity, catalog, taskParamsOf: () => params }

describe('theory beside a measurement', () => {
  it('is a dashed curve in the model’s colour through the values of the law, with its formula', () => {
    const [curve] = withTheory(figure, cells, law).references!
    expect(curve).toMatchObject({ label: 'Hebb: theory', colour: '#123456' })
    expect(curve.tex).toContain('\\sqrt{1+(N-1)/d}')
    const at = (x: number) => curve.points!.find((point) => point.x === x)!.y
    expect([at(1), at(49)]).toEqual([1, 0.5])
  })
  it('prints what is left: measured minus theory', () => {
    // Gaps of 0 and .03: root mean square .03 / sqrt(2) = .0212.
    expect(withTheory(figure, cells, law).remarks).toEqual([
      'Hebb, measured minus theory: rms 0.02121, largest 0.03 at 49'
    ])
  })
  it('is left out where no law holds', () => {
    expect(withTheory(figure, cells, { ...law, task: forgetting })).toBe(figure)
    expect(withTheory(figure, cells, { ...law, metric: { ...metric, name: 'mse' } })).toBe(figure)
    expect(withTheory(figure, cells, { ...law, axis: undefined })).toBe(figure)
  })
})

describe('a threshold in a figure', () => {
  const info: DerivedInfo = {
    name: 'capacity',
    label: 'Capacity',
    kind: 'crossing',
    metric: 'cosine',
    axis: 'items',
    threshold: 0.75,
    scale: 'linear',
    help: ''
  }
  it('is a line with a drop where each model falls through it', () => {
    const rising = [
      cell('Hebb', 1, [1, 1]),
      cell('Hebb', 49, [0.5, 0.5]),
      cell('Kept', 1, [1, 1]),
      cell('Kept', 49, [0.9, 1])
    ]
    const two = sweepFigure(rising, { ...drawn, styleOf, x: { label: 'Items', scale: 'log' }, title: 'Cosine' })
    const [line, drop, ...rest] = withCrossings(two, [info], drawn).references!
    expect(line).toMatchObject({ label: 'Capacity: cosine = 0.75', y: 0.75 })
    // Half way from 1 to 49; the other model never falls so low.
    expect(drop.label).toBe('Hebb: 25')
    expect(drop.points!.map(({ x }) => x)).toEqual([25, 25])
    expect(rest).toEqual([])
  })
  it('is left out over another axis and for another metric', () => {
    expect(withCrossings(figure, [{ ...info, axis: 'dim' }], drawn)).toBe(figure)
    expect(withCrossings(figure, [{ ...info, metric: 'mse' }], drawn)).toBe(figure)
    expect(withCrossings(figure, [info], { ...drawn, axis: undefined })).toBe(figure)
  })
})

describe('predictions in a figure', () => {
  const registered = (at: Record<string, number>, over: object = {}) => [
    {
      runId: 'r',
      registered: [
        {
          prediction: { metric: 'cosine', at, intervals: { Hebb: [0.4, 0.6] as [number, number] }, ...over },
          hash: 'h',
          registered: '2026-01-01T00:00:00Z',
          judged: null,
          judgement: null
        }
      ]
    }
  ]
  it('stand at their point as a band in the model’s colour', () => {
    const { bands } = withPredictions(figure, registered({ items: 49 }), drawn)
    expect(bands).toEqual([{ label: 'Hebb: predicted', x: 49, low: 0.4, high: 0.6, colour: '#123456' }])
    expect(figureSvg({ ...figure, bands })).toContain('Hebb: predicted')
  })
  it('are left out of other metrics, other places and figures without their model', () => {
    expect(withPredictions(figure, registered({ items: 49 }, { metric: 'mse' }), drawn)).toBe(figure)
    expect(withPredictions(figure, registered({ items: 49, dim: 8 }), { ...drawn, at: { dim: 16 } })).toBe(figure)
    const others = { ...drawn, labelOf: () => 'someone else' }
    expect(withPredictions(figure, registered({ items: 49 }), others)).toBe(figure)
  })
})

import { expect, it } from 'vitest'
import type { MetricInfo } from '../../../src-shared/shapes/catalog.ts'
import type { CellCost, CellResult } from '../../../src-shared/shapes/run.ts'
import { figureSvg } from '../../../src-shared/figures/svg.ts'
import { stateFigure, tradeFigure, tradePoints } from '../../../src-shared/figures/trade-off.ts'
import { cellResult } from '../../support/cell-result.ts'

const metric: MetricInfo = {
  name: 'accuracy',
  label: 'Accuracy',
  direction: 'higher',
  tex: '',
  help: '',
  range: [0, 1]
}
const cell = (model: string, items: number, values: (number | null)[]): CellResult =>
  cellResult(model, values, {
    runId: 'R',
    point: { items },
    elapsedMs: values.map((v) => (v === null ? null : 10 * items))
  })
const cost = (model: string, items: number, flops: number): CellCost => ({
  runId: 'R',
  label: model,
  point: { items },
  flops,
  parameters: 0,
  stateBytes: 2 * flops
})
const cells = [cell('a', 5, [0.9, 0.7]), cell('b', 5, [0.5, 0.5]), cell('b', 10, [null, null]), cell('c', 5, [1, 1])]
const costs = [cost('a', 5, 100), cost('b', 5, 200), cost('b', 10, 300), cost('c', 5, 400)]

it('puts each finished cell at its mean and cost, and marks the front', () => {
  const points = tradePoints(cells, costs, metric, 'flops', ({ label }) => label)
  expect(points.map(({ label, place, cost: at, n, best }) => [label, place, at, n, best])).toEqual([
    ['a', 'items = 5', 100, 2, true],
    ['b', 'items = 5', 200, 2, false],
    ['c', 'items = 5', 400, 2, true]
  ])
  expect(points[0].mean).toBeCloseTo(0.8, 12)
  expect(points[0].low).toBeLessThan(0.8)
})

it('can cost bytes or measured time instead', () => {
  const at = (by: 'stateBytes' | 'time'): number[] =>
    tradePoints(cells, costs, metric, by, ({ label }) => label).map((point) => point.cost)
  expect(at('stateBytes')).toEqual([200, 400, 800])
  expect(at('time')).toEqual([50, 50, 50])
})

it('has no front for a metric without a better direction, and turns with it', () => {
  const best = (direction: MetricInfo['direction']): boolean[] =>
    tradePoints(cells, costs, { ...metric, direction }, 'flops', ({ label }) => label).map((point) => point.best)
  expect(best('none')).toEqual([false, false, false])
  expect(best('lower')).toEqual([true, true, false])
})

it('draws a series per model and the front as a line', () => {
  const points = tradePoints(cells, costs, metric, 'flops', ({ label }) => label)
  const spec = tradeFigure(points, metric, 'flops', () => ({ colour: '#000000', dash: [], marker: 'circle' }))
  expect(spec.series.map(({ label }) => label)).toEqual(['a', 'b', 'c'])
  expect(spec.references![0].points).toEqual([
    { x: 100, y: points[0].mean },
    { x: 400, y: 1 }
  ])
  expect(spec.title).toBe('Accuracy against FLOPs per trial')
  // Points of a scatter are not joined in an SVG either: the front is the only line.
  expect(figureSvg({ ...spec, references: [] })).not.toContain('<polyline')
  expect(spec.x).toMatchObject({ scale: 'log', unit: 'FLOP' })
})

it('stands against the bytes of state that a task measured, whatever the points differ in', () => {
  const sized = (model: string, point: Record<string, number>, accuracy: number, bytes: number | null): CellResult => ({
    ...cellResult(model, [accuracy, accuracy], { runId: 'R', point }),
    metrics: { accuracy: [accuracy, accuracy], stateBytes: [bytes, bytes] }
  })
  const spec = stateFigure(
    [
      sized('bank', { slots: 8 }, 0.2, 1000),
      sized('bank', { slots: 64 }, 0.9, 8000),
      sized('all', {}, 0.8, 4000),
      sized('none', {}, 0.1, null)
    ],
    metric,
    { labelOf: ({ label }) => label, styleOf: () => ({ colour: '#000', dash: [], marker: 'circle' }) }
  )
  expect(spec.series.map(({ label, points }) => [label, points.map(({ x, y }) => [x, y])])).toEqual([
    [
      'bank',
      [
        [1000, 0.2],
        [8000, 0.9]
      ]
    ],
    ['all', [[4000, 0.8]]]
  ])
  expect(spec.x).toMatchObject({ label: 'State', unit: 'B' })
})

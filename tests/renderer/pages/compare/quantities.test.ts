import { describe, expect, it } from 'vitest'
import { isWithin, placeOn, quantitiesOf, rangeOf } from '../../../../src-renderer/pages/compare/quantities.ts'
import type { CellResult } from '../../../../src-shared/shapes/run.ts'
import type { MetricInfo } from '../../../../src-shared/shapes/catalog.ts'
import { cellResult } from '../../../support/cell-result.ts'

const metric: MetricInfo = { name: 'a', label: 'Accuracy', direction: 'higher', tex: '', help: '' }
const cell = (items: number, rate: number, value: number | null, kernel = 'rbf'): CellResult =>
  cellResult(`m${rate}`, [value], {
    lost: 'failed',
    metric: 'a',
    model: 'm',
    params: { rate, kernel, same: 3 },
    point: { items }
  })
const of = (cells: CellResult[]) =>
  quantitiesOf(cells, [metric], ({ label }) => label, undefined, { models: [], tasks: [] })

describe('the quantities of compared cells', () => {
  const { entries, quantities } = of([cell(5, 0.1, 1), cell(10, 0.2, 0.5), cell(10, 0.1, null, 'linear')])

  it('are the parameters that differ, numbers and words, and the means that there are', () => {
    expect(quantities.map(({ id, words }) => [id, words])).toEqual([
      ['param.rate', undefined],
      ['param.kernel', ['rbf', 'linear']],
      ['param.items', undefined],
      ['metric.a', undefined]
    ])
    expect(entries[2].values).toEqual({
      'param.rate': 0.1,
      'param.kernel': 'linear',
      'param.same': 3,
      'param.items': 10
    })
    expect(of([cell(5, 0.1, null)]).quantities).toEqual([])
  })

  it('lie on their axis between the smallest and the largest, words at equal steps', () => {
    const [rate, kernel, , accuracy] = quantities
    expect(rangeOf(accuracy, entries)).toEqual([0.5, 1])
    expect([0.5, 0.75, 1].map(placeOn(accuracy, entries))).toEqual([0, 0.5, 1])
    expect(['rbf', 'linear'].map(placeOn(kernel, entries))).toEqual([0, 1])
    expect(placeOn(rate, [entries[0]])(0.1)).toBe(0.5)
  })

  it('are kept by brushes on all their axes; a cell without the quantity is kept by none', () => {
    const place = Object.fromEntries(quantities.map((q) => [q.id, placeOn(q, entries)]))
    const kept = (brushes: Record<string, [number, number]>): boolean[] =>
      entries.map((entry) => isWithin(entry, brushes, place))
    expect(kept({})).toEqual([true, true, true])
    expect(kept({ 'param.items': [0.9, 1] })).toEqual([false, true, true])
    expect(kept({ 'param.items': [0.9, 1], 'param.rate': [0, 0.4] })).toEqual([false, false, true])
    expect(kept({ 'metric.a': [0, 1] })).toEqual([true, true, false])
  })
})

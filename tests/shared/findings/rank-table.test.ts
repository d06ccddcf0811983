import { expect, it } from 'vitest'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { rankTable } from '../../../src-shared/findings/rank-table.ts'
import { cellResult } from '../../support/cell-result.ts'

const cell = (model: string, items: number, values: readonly (number | null)[]): CellResult =>
  cellResult(model, values, { metric: 'a', point: { items } })
const label = ({ model }: CellResult): string => model

const cells = [
  cell('good', 5, [0.9, 0.91, 0.92, 0.93]),
  cell('good', 10, [0.8, 0.81, 0.82, null]),
  cell('like', 5, [0.95, 0.85, 0.97, 0.9]),
  cell('like', 10, [0.7, 0.9, 0.75, 0.8]),
  cell('bad', 5, [0.1, 0.11, 0.12, 0.13]),
  cell('bad', 10, [0.2, 0.21, 0.22, 0.23]),
  cell('bad', 20, [1, 1, 1, 1])
]

it('models are ranked over the points and seeds they all finished, and grouped by what cannot be told apart', () => {
  const table = rankTable(cells, { name: 'a', direction: 'higher' }, label)!
  expect([table.points, table.seeds]).toEqual([2, 3])
  expect(table.rows.map(({ label: name, letters }) => [name, letters])).toEqual([
    ['good', 'a'],
    ['like', 'a'],
    ['bad', 'b']
  ])
  // Means at 5: .91 and .9233; at 10: .81 and .7833: good is second, then first.
  expect(table.rows.map(({ rank }) => rank)).toEqual([1.5, 1.5, 3])
  expect(table.rows[2].interval.mean).toBeCloseTo((0.11 + 0.21) / 2, 12)
})

it('turns round with the direction and is not made without one, or without two models', () => {
  const lower = rankTable(cells, { name: 'a', direction: 'lower' }, label)!
  expect(lower.rows[0].label).toBe('bad')
  expect(rankTable(cells, { name: 'a', direction: 'none' }, label)).toBeUndefined()
  expect(rankTable(cells.slice(0, 2), { name: 'a', direction: 'higher' }, label)).toBeUndefined()
  expect(rankTable([cells[0], cell('other', 7, [1])], { name: 'a', direction: 'higher' }, label)).toBeUndefined()
})

it('equal means share their rank and letter, in the order given', () => {
  const equal = [cell('a', 5, [0.6, 0.7, 0.8]), cell('b', 5, [0.7, 0.8, 0.6]), cell('c', 5, [0.1, 0.1, 0.1])]
  const rows = (order: CellResult[]) =>
    rankTable(order, { name: 'a', direction: 'higher' }, label)!.rows.map((row) => [row.label, row.rank, row.letters])
  expect(rows(equal)).toEqual([
    ['a', 1.5, 'a'],
    ['b', 1.5, 'a'],
    ['c', 3, 'b']
  ])
  expect(rows([equal[1], equal[0], equal[2]])[0]).toEqual(['b', 1.5, 'a'])
})

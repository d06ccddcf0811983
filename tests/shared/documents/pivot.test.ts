import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { captionOf, cellText, pivotCsv, pivotTable } from '../../../src-shared/documents/pivot.ts'
import { cellResult } from '../../support/cell-result.ts'

const accuracy = { name: 'accuracy', label: 'Accuracy', unit: 'share', direction: 'higher' as const, tex: '', help: '' }
const cell = (model: string, items: number | undefined, values: (number | null)[]): CellResult =>
  cellResult(model, values, { lost: 'failed', runId: 'R', model: 'm', point: items === undefined ? {} : { items } })
const axis = { name: 'items', values: [5, 10], numeric: true }
const options = { metric: accuracy, axis, at: {}, title: 'Accuracy', labelOf: ({ label }: CellResult) => label }

describe('the table of a paper', () => {
  const table = pivotTable(
    [cell('a', 5, [0.9, 1, 0.8]), cell('a', 10, [0.5, 0.6, 0.4]), cell('b', undefined, [0.2, null, 0.3])],
    options
  )
  it('has models down and swept values across; a model that was not swept has its one value everywhere', () => {
    expect(table.columns.map(({ head }) => head)).toEqual(['items = 5', 'items = 10'])
    // t(2, .975) = 4.3027, sd .1, n = 3: half = .2484; t(1) = 12.706, sd .0707, n = 2: half = .635.
    expect(table.rows.map(({ label, cells }) => [label, ...cells.map((cell) => cellText(cell))])).toEqual([
      ['a', '0.90 ± 0.25 (3)', '0.50 ± 0.25 (3)'],
      ['b', '0.25 ± 0.64 (2, 1 failed)', '0.25 ± 0.64 (2, 1 failed)']
    ])
  })
  it('says how many trials once, where all cells have as many, and in a cell what was lost there', () => {
    const even = pivotTable([cell('a', 5, [0.9, 1, 0.8]), cell('b', 5, [0.5, 0.6, 0.4, null])], options)
    expect(even.rows.map(({ cells }) => cellText(cells[0], 1, even.n))).toEqual([
      '0.90 ± 0.25',
      '0.50 ± 0.25 (3, 1 failed)'
    ])
    expect(captionOf(even)).toMatch(/Mean ± half of the interval; 95 % Student t interval over seeds, n = 3\.$/)
    expect([table.n, pivotTable([cell('a', 5, [null])], options).n]).toEqual([undefined, undefined])
    const beyond = { mean: 1, low: null, high: null, n: 3, beyond: { limit: 400, count: 2 }, diverged: 0, failed: 0 }
    expect(cellText(beyond, 1, 3)).toBe('1 (3, 2 > 400)')
  })
  it('writes 0 for what is nothing beside the bounds of its metric', () => {
    const noise = { n: 3, mean: -6.94e-19, low: -1.694e-18, high: 3.06e-19, diverged: 0, failed: 0 }
    expect([cellText(noise, 1), cellText(noise)]).toEqual(['0 ± 0 (3)', '−7e−19 ± 1.0e−18 (3)'])
  })
  it('has a minus sign in its heads, and a hyphen in those of its CSV', () => {
    const own = { name: 'lag', values: [-1, 1], numeric: true }
    const at = [-1, 1].map((lag) => ({ ...cell('a', undefined, [0.5, 0.6]), point: { lag } }))
    const lags = pivotTable(at, { ...options, axis: own })
    expect(lags.columns.map(({ head }) => head)).toEqual(['lag = −1', 'lag = 1'])
    expect(pivotCsv([lags])).toMatch(/^metric,unit,model,lag = -1: mean,/)
  })
  it('says what its numbers are', () => {
    expect(captionOf(table)).toBe(
      'Accuracy (share); higher is better. Mean ± half of the interval (n); 95 % Student t interval over seeds, n = 2 to 3.'
    )
    expect(captionOf({ ...table, title: 'Accuracy, noise = 0.1' })).toMatch(/^Accuracy, noise = 0.1 \(share\)/)
  })
  it('goes into CSV with the exact numbers, and comes back', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true }).map((v) => v + 0)
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(value, { minLength: 2, maxLength: 5 }), (label, values) => {
        const given = pivotTable([cell(label, 5, values)], options)
        const { data } = Papa.parse<Record<string, string>>(pivotCsv([given]).trimEnd(), { header: true })
        const [{ mean, low, n }] = given.rows[0].cells.filter((c) => c !== undefined)
        expect(data).toHaveLength(1)
        // Text that could be a formula, also behind a separator of another program, has an apostrophe before it.
        expect(data[0].model.replace(/^'(?=[\t\r])|(?<=(?:^|[;|\t\r\n])["'\s]*)'(?=[=+\-@])/g, '')).toBe(label)
        expect(Number(data[0]['items = 5: mean'])).toBe(mean! + 0)
        expect(Number(data[0]['items = 5: low'])).toBe(low! + 0)
        expect(Number(data[0]['items = 5: n'])).toBe(n)
        expect(data[0]['items = 10: mean']).toBe('')
      })
    )
  })
})

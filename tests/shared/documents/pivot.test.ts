import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { captionOf, cellText, pivotCsv, pivotTable } from '../../../src-shared/documents/pivot.ts'

const accuracy = { name: 'accuracy', label: 'Accuracy', unit: 'share', direction: 'higher' as const, tex: '', help: '' }
const cell = (model: string, items: number | undefined, values: (number | null)[]): CellResult => ({
  runId: 'R',
  label: model,
  model: 'm',
  params: {},
  point: items === undefined ? {} : { items },
  seeds: values.map((_, i) => i),
  statuses: values.map((v) => (v === null ? 'failed' : 'done')),
  metrics: { accuracy: values },
  elapsedMs: values.map(() => 1)
})
const axis = { name: 'items', values: [5, 10], numeric: true }
const options = { metric: accuracy, axis, at: {}, labelOf: ({ label }: CellResult) => label }

describe('the table of a paper', () => {
  const table = pivotTable(
    [cell('a', 5, [0.9, 1, 0.8]), cell('a', 10, [0.5, 0.6, 0.4]), cell('b', undefined, [0.2, null, 0.3])],
    options
  )
  it('has models down and swept values across; a model that was not swept has its one value everywhere', () => {
    expect(table.columns.map(({ head }) => head)).toEqual(['items = 5', 'items = 10'])
    // t(2, .975) = 4.3027, sd .1, n = 3: half = .2484; t(1) = 12.706, sd .0707, n = 2: half = .635.
    expect(table.rows.map(({ label, cells }) => [label, ...cells.map(cellText)])).toEqual([
      ['a', '0.90 ± 0.25 (3)', '0.50 ± 0.25 (3)'],
      ['b', '0.25 ± 0.64 (2, 1 failed)', '0.25 ± 0.64 (2, 1 failed)']
    ])
  })
  it('says what its numbers are', () => {
    expect(captionOf(table)).toBe(
      'Accuracy (share); higher is better. Mean ± half of the interval (n); 95 % Student t interval over seeds, n = 2 to 3.'
    )
    expect(captionOf({ ...table, at: { noise: 0.1 } })).toMatch(/^Accuracy, noise = 0.1 \(share\)/)
  })
  it('goes into CSV with the exact numbers, and comes back', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true }).map((v) => v + 0)
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(value, { minLength: 2, maxLength: 5 }), (label, values) => {
        const given = pivotTable([cell(label, 5, values)], options)
        const { data } = Papa.parse<Record<string, string>>(pivotCsv([given]).trimEnd(), { header: true })
        const [{ mean, half, n }] = given.rows[0].cells.filter((c) => c !== undefined)
        expect(data).toHaveLength(1)
        expect(data[0].model.replace(/^'(?=[=+\-@\t\r])/, '')).toBe(label)
        expect(Number(data[0]['items = 5: mean'])).toBe(mean! + 0)
        expect(Number(data[0]['items = 5: low'])).toBe(mean! - half! + 0)
        expect(Number(data[0]['items = 5: n'])).toBe(n)
        expect(data[0]['items = 10: mean']).toBe('')
      })
    )
  })
})

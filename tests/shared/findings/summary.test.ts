import { describe, expect, it } from 'vitest'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { doneValues, summarise } from '../../../src-shared/findings/summary.ts'
import { cellResult } from '../../support/cell-result.ts'

const cell = (model: string, values: (number | null)[], extra: Partial<CellResult> = {}): CellResult =>
  cellResult(model, values, { lost: 'missing', point: { items: 5 }, ...extra })
const higher = [{ name: 'accuracy', direction: 'higher' as const }]

describe('summarise', () => {
  it('gives the mean, the t interval and n of each model, and marks the best', () => {
    const [a, b] = summarise([cell('a', [1, 2, 3]), cell('b', [2, 3, 5])], higher)
    // t(2, .975) = 4.302653; sd 1; half = 4.302653 / sqrt(3).
    expect(a).toMatchObject({ mean: 2, n: 3, sd: 1, diverged: 0, failed: 0, missing: 0, best: false })
    expect(a.high! - 2).toBeCloseTo(4.302652729696 / Math.sqrt(3), 9)
    expect(b.best).toBe(true)
  })
  it('turns round for a metric where lower is better, and marks none without a direction', () => {
    const cells = [cell('a', [1, 2]), cell('b', [3, 4])]
    expect(summarise(cells, [{ name: 'accuracy', direction: 'lower' }]).map((r) => r.best)).toEqual([true, false])
    expect(summarise(cells).map((r) => r.best)).toEqual([false, false])
  })
  it('marks equals alike, a lone model not, and compares only at the same point', () => {
    expect(summarise([cell('a', [1]), cell('b', [1])], higher).map((r) => r.best)).toEqual([true, true])
    expect(summarise([cell('a', [1]), cell('b', [2], { point: { items: 9 } })], higher).map((r) => r.best)).toEqual([
      false,
      false
    ])
  })
  it('never averages a diverged, failed or missing trial, and counts each', () => {
    const mixed = cell('a', [1, null, null, null, 3, null], {
      statuses: ['done', 'diverged', 'failed', 'missing', 'done', 'done']
    })
    const [row] = summarise([mixed], higher)
    expect(row).toMatchObject({ n: 2, mean: 2, diverged: 1, failed: 1, missing: 2 })
    expect(doneValues(mixed, 'accuracy')).toEqual({ seeds: [0, 4], values: [1, 3] })
  })
  it('does not average a value that a diverged trial left behind', () => {
    const [row] = summarise([cell('a', [1, 1e30], { statuses: ['done', 'diverged'] })], higher)
    expect(row).toMatchObject({ n: 1, mean: 1, low: null, high: null, sd: null })
  })
  it('says so when nothing is done', () => {
    const [row] = summarise([cell('a', [null, null])], higher)
    expect(row).toMatchObject({ n: 0, mean: null, low: null, missing: 2, method: 'no done trials', best: false })
  })
})

import { describe, expect, it } from 'vitest'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { compareModels, estimates } from '../../../src-shared/findings/compare.ts'
import { cellResult } from '../../support/cell-result.ts'

const cell = (label: string, values: (number | null)[]): { label: string; cell: CellResult } => ({
  label,
  cell: cellResult(label, values, { metric: 'x' })
})
/** R: t.test(a, b, paired = TRUE) gives t = 4.2426, p = .013236; wilcox.test p = .0625; t.test(a, b) p = .01324. */
const [a, b] = [cell('a', [1, 2, 3, 4, 5]), cell('b', [0, 0, 0, 0, 0])]

describe('a family of comparisons', () => {
  it('tests every pair by the chosen test', () => {
    const p = (test: Parameters<typeof compareModels>[2]) => compareModels([a, b], 'x', test)[0].test!.p
    expect(p('paired-t')).toBeCloseTo(0.013236, 5)
    expect(p('wilcoxon')).toBeCloseTo(0.0625, 10)
    // Of 2^5 signs two are as extreme.
    expect(p('permutation')).toBeCloseTo(2 / 32, 10)
    expect(p('welch')).toBeCloseTo(0.013236, 5)
  })
  it('corrects over the family: three models against one', () => {
    const models = [a, b, cell('c', [0, 0, 0, 0, 0]), cell('d', [0, 0, 0, 0, 0])]
    const rows = compareModels(models, 'x', 'paired-t', { against: 'a' })
    expect(rows.map((row) => [row.a, row.b])).toEqual([
      ['b', 'a'],
      ['c', 'a'],
      ['d', 'a']
    ])
    expect(rows[0].test!.adjusted).toBeCloseTo(3 * 0.013236, 4)
    expect(compareModels(models, 'x', 'paired-t')).toHaveLength(6)
  })
  it('gives effect, improvement and what had no partner', () => {
    const [row] = compareModels([a, cell('b', [0, 0, 0, 0, null])], 'x', 'paired-t')
    expect(row.unmatched).toBe(1)
    expect(row.improvement).toBe(1)
    // mean 2.5 over sd 1.29099
    expect(row.test!.effect).toMatchObject({ name: 'paired dz' })
    expect(row.test!.effect.value).toBeCloseTo(2.5 / 1.2909944, 6)
    expect(compareModels([cell('a', [1]), cell('b', [2])], 'x', 'welch')[0].test).toBeUndefined()
  })
})

describe('estimates', () => {
  it('are the mean with t, or the mean and interquartile mean with BCa, and say so', () => {
    const [t] = estimates([a], 'x', 'mean-t')
    expect(t).toMatchObject({ estimate: 3, n: 5, method: '95 % Student t, n = 5' })
    expect(t.high! - 3).toBeCloseTo(2.776445 * Math.sqrt(2.5 / 5), 5)
    const odd = cell('odd', [1, 2, 3, 4, 5, 6, 7, 800])
    const [robust] = estimates([odd], 'x', 'iqm-bca')
    expect(robust.estimate).toBe(4.5)
    expect(robust.method).toContain('BCa')
    expect(estimates([odd], 'x', 'mean-bca')[0].estimate).toBe(103.5)
    expect(estimates([cell('none', [null])], 'x', 'mean-bca')[0].estimate).toBeNull()
    expect(estimates([cell('one', [2])], 'x', 'iqm-bca')[0]).toMatchObject({ estimate: 2, low: null, n: 1 })
  })
})

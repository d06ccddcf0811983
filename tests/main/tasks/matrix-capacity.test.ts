import { describe, expect, it } from 'vitest'
import matrixCapacity, { gridPatterns } from '../../../src-main/tasks/matrix-capacity.ts'
import { amnesia, dictionary, drawsOf, mean, runTask, seeds } from './harness.ts'

describe('the patterns of matrix-capacity', () => {
  const [rows, columns, items] = [4, 5, 24]
  const d = rows * columns
  const all = gridPatterns(drawsOf([1]).normal('x', items * d), items, rows, columns)
  const pattern = (i: number): number[] => Array.from(all.subarray(i * d, (i + 1) * d))
  const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0)

  it('begin with rows, columns and the diagonal', () => {
    const lit = (i: number): number[] => pattern(i).flatMap((x, k) => (x > 0 ? [k] : []))
    expect(lit(1)).toEqual([5, 6, 7, 8, 9])
    expect(lit(4)).toEqual([0, 5, 10, 15])
    expect(lit(9)).toEqual([0, 6, 12, 18])
  })
  it('all have length sqrt(d)', () => {
    for (let i = 0; i < items; i++) expect(dot(pattern(i), pattern(i))).toBeCloseTo(d, 4)
  })
  it('put random ones at right angles to all before, while there is room', () => {
    // Rows and columns span rows + columns - 1 = 8 dimensions, the diagonal a ninth: 11 random ones fit.
    for (let i = 10; i < 21; i++)
      for (let j = 0; j < i; j++) expect(Math.abs(dot(pattern(i), pattern(j)))).toBeLessThan(1e-4)
    expect(Math.abs(dot(pattern(21), pattern(20)))).toBeGreaterThan(1e-3)
  })
})

describe('matrix-capacity', () => {
  it('scores a dictionary 1 and amnesia at chance', async () => {
    expect(mean((await runTask(matrixCapacity, { items: 40 }, seeds(2), dictionary)).metrics.accuracy)).toBe(1)
    expect(mean((await runTask(matrixCapacity, { items: 40 }, seeds(2), amnesia)).metrics.accuracy)).toBeCloseTo(
      1 / 40,
      10
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { deltaFrom } from '../../../src-shared/findings/baseline.ts'
import { cellResult } from '../../support/cell-result.ts'

const cell = (items: number, values: readonly (number | null)[], first = 0): CellResult =>
  cellResult('m', values, { lost: 'failed', metric: 'a', point: { items }, seeds: values.map((_, i) => first + i) })

describe('the difference from a baseline', () => {
  it('is paired by seed where seeds are common', () => {
    // Differences 1, 2, 3: mean 2, sd 1, t(2, .975) = 4.30265, half = 4.30265 / sqrt(3).
    const delta = deltaFrom([cell(5, [2, 4, 6])], [cell(5, [1, 2, 3])], 'a')!
    expect(delta.difference).toBe(2)
    expect(delta.low).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5)
    expect(delta.high).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 5)
    expect(delta.method).toBe('paired t over 3 common seeds')
  })

  it('takes the points that both have, and only seeds with all of them', () => {
    const run = [cell(5, [1, 1, 9]), cell(10, [3, 3, null]), cell(20, [100, 100, 100])]
    const delta = deltaFrom(run, [cell(5, [0, 1, 0]), cell(10, [0, 1, 0])], 'a')!
    // Seeds 0 and 1: (1 + 3)/2 - 0 and (1 + 3)/2 - 1.
    expect(delta.difference).toBe(1.5)
    expect(delta.method).toBe('paired t over 2 common seeds')
  })

  it('is Welch without common seeds, has no interval with too few, and is nothing without trials', () => {
    const other = deltaFrom([cell(5, [2, 4], 100)], [cell(5, [1, 2, 3])], 'a')!
    expect(other.method).toBe('Welch t, n = 2 and 3')
    expect(other.low! < 1 && other.high! > 1).toBe(true)
    expect(deltaFrom([cell(5, [4], 100)], [cell(5, [1, 2, 3])], 'a')).toMatchObject({ difference: 2, low: null })
    expect(deltaFrom([cell(5, [null])], [cell(5, [1])], 'a')).toBeUndefined()
    expect(deltaFrom([cell(5, [1])], [cell(5, [1])], 'b')).toBeUndefined()
  })

  it('turns its sign when run and baseline change places', () => {
    const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 8 })
    fc.assert(
      fc.property(values, values, fc.integer({ min: 0, max: 12 }), (a, b, first) => {
        const there = deltaFrom([cell(5, a)], [cell(5, b, first)], 'a')!
        const back = deltaFrom([cell(5, b, first)], [cell(5, a)], 'a')!
        expect(back.difference).toBeCloseTo(-there.difference, 9)
        expect(back.low).toBeCloseTo(-there.high!, 9)
      })
    )
  })
})

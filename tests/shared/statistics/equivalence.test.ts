import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  beyondBounds,
  equivalence,
  practicalVerdict,
  testBy,
  testNames
} from '../../../src-shared/statistics/equivalence.ts'
import { wilcoxon } from '../../../src-shared/statistics/significance.ts'

const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

describe('two one-sided tests', () => {
  it('give the p values of statsmodels for the sleep data', () => {
    // statsmodels 0.13: ttost_paired(one, two, -2.5, 2.5), ttost_ind(one, two, -4, 4, usevar='unequal')
    expect(equivalence('paired-t', one, two, 2.5).p).toBeCloseTo(0.021116860246500724, 12)
    expect(equivalence('welch', one, two, 4).p).toBeCloseTo(0.005361624103159117, 12)
  })
  it('count the signs of ranks and differences exactly', () => {
    // All differences but one lie above -2.5 less their own: by enumeration of 2^9 and 2^10 signs.
    const byCounting = (within: number, sum: (d: readonly number[]) => number): number => {
      const d = one.map((x, i) => Math.round(10 * (x - two[i]) + 10 * within)).filter((x) => x !== 0)
      const observed = sum(d)
      let count = 0
      for (let signs = 0; signs < 2 ** d.length; signs++)
        if (sum(d.map((x, i) => ((signs >> i) & 1 ? Math.abs(x) : -Math.abs(x)))) >= observed - 1e-9) count++
      return count / 2 ** d.length
    }
    const ranked = (d: readonly number[]): number => {
      const sizes = d.map(Math.abs)
      const rank = (x: number): number =>
        sizes.filter((other) => other < x).length + (sizes.filter((other) => other === x).length + 1) / 2
      return d.reduce((total, x) => total + Math.sign(x) * rank(Math.abs(x)), 0)
    }
    expect(equivalence('wilcoxon', one, two, 2.5).p).toBeCloseTo(byCounting(2.5, ranked), 12)
    expect(equivalence('permutation', one, two, 2.5).p).toBeCloseTo(
      byCounting(2.5, (d) => d.reduce((a, b) => a + b, 0)),
      12
    )
  })
  it.each(testNames)('%s: is symmetric, and means that the 90 %% interval lies within the bounds', (name) => {
    const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 6, maxLength: 9 })
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 30 }), (x, y, within) => {
        const n = Math.min(x.length, y.length)
        const [a, b] = [x.slice(0, n), y.slice(0, n)]
        const found = equivalence(name, a, b, within)
        expect(equivalence(name, b, a, within).p).toBeCloseTo(found.p, 12)
        const scaled = equivalence(
          name,
          a.map((v) => v / 10),
          b.map((v) => v / 10),
          within / 10
        )
        expect(scaled.p).toBeCloseTo(found.p, 12)
        if ((name === 'paired-t' || name === 'welch') && found.low !== null && found.low < found.high!)
          expect(found.p < 0.05).toBe(found.low > -within && found.high! < within)
      }),
      { numRuns: 60 }
    )
  })
  it('say the same, different, or nothing', () => {
    const [flat, near, far] = [
      [1, 1.1, 0.9, 1.05, 0.95, 1],
      [1.02, 1.08, 0.93, 1.04, 0.97, 1],
      [5, 5.1, 4.8, 5.2, 4.9, 5]
    ]
    const verdict = (a: number[], b: number[], within: number): string =>
      practicalVerdict(equivalence('paired-t', a, b, within).p, beyondBounds('paired-t', a, b, within))
    expect(verdict(flat, near, 0.1)).toBe('same')
    expect(verdict(flat, far, 0.1)).toBe('different')
    expect(verdict([0, 4, -3], [1, -2, 2], 0.1)).toBe('open')
    expect(verdict(flat, flat, 0.1)).toBe('same')
    // A difference that meets the bounds is neither within nor beyond.
    expect(verdict([1, 1, 1], [0.9, 0.9, 0.9], 0.1)).toBe('open')
  })
  it('refuse bounds that are not above zero', () => {
    for (const within of [0, -1, NaN, Infinity])
      expect(() => equivalence('welch', one, two, within)).toThrow('above zero')
  })
  it('have one-sided p values that add to one, but for ties', () => {
    const [above, below] = [
      testBy('paired-t', one, two, { side: 'above' }),
      testBy('paired-t', two, one, { side: 'above' })
    ]
    expect(above.p + below.p).toBeCloseTo(1, 12)
  })
})

describe('the Hodges-Lehmann estimate', () => {
  it('is the median of all averages of two', () => {
    const d = [1.1, 2.3, -0.4, 3.5, 0.2, 4.1, -1.3]
    const zero = d.map(() => 0)
    const averages = d.flatMap((x, i) => d.slice(i).map((y) => (x + y) / 2)).sort((x, y) => x - y)
    expect(wilcoxon(d, zero).difference).toBeCloseTo((averages[13] + averages[14]) / 2, 12)
    // P(W <= 3) = 5/128 = .039 is the last below .05: the fourth from either end.
    const { low, high } = wilcoxon(d, zero, { level: 0.9 })
    expect([low, high]).toEqual([expect.closeTo(averages[3], 12), expect.closeTo(averages[24], 12)])
  })
  it('has an interval that holds what the test does not refuse', () => {
    const d = [0.13, -0.4, 0.57, 0.92, 0.31, -0.11, 0.76, 0.48]
    const { low, high } = wilcoxon(
      d,
      d.map(() => 0)
    )
    const p = (shift: number): number =>
      wilcoxon(
        d.map((x) => x - shift),
        d.map(() => 0)
      ).p
    expect(p(low! - 1e-6)).toBeLessThan(0.05)
    expect(p(low! + 1e-6)).toBeGreaterThan(0.05)
    expect(p(high! - 1e-6)).toBeGreaterThan(0.05)
    expect(p(high! + 1e-6)).toBeLessThan(0.05)
  })
  it('has none where so few pairs refuse nothing', () =>
    expect(wilcoxon([1, 2, 3, 4, 5], [0, 0, 0, 0, 0])).toMatchObject({ difference: 3, low: null, high: null }))
})

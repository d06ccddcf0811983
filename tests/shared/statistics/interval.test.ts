import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { tInterval } from '../../../src-shared/statistics/interval.ts'

describe('tInterval', () => {
  it("gives R's t.test interval for Student's sleep data, group 2", () => {
    // t.test(extra ~ 1, sleep, group == 2): mean 2.33, sd 2.002249; 2.262157 is t(9, .975).
    const { mean, low, high, sd, n, method } = tInterval([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    expect(mean).toBeCloseTo(2.33, 12)
    expect(sd).toBeCloseTo(2.002249, 6)
    const half = (2.2621571628 * 2.0022487357) / Math.sqrt(10)
    expect(low).toBeCloseTo(2.33 - half, 8)
    expect(high).toBeCloseTo(2.33 + half, 8)
    expect(n).toBe(10)
    expect(method).toBe('95 % Student t, n = 10')
  })
  it('gives no interval for one value', () =>
    expect(tInterval([3])).toEqual({ mean: 3, low: null, high: null, n: 1, sd: null, method: 'no interval (n = 1)' }))
  it('refuses what must not be averaged', () => {
    expect(() => tInterval([])).toThrow('at least one')
    expect(() => tInterval([1, NaN])).toThrow('not finite')
    expect(() => tInterval([1, Infinity])).toThrow('not finite')
    expect(() => tInterval([1, 2], 1)).toThrow('between 0 and 1')
  })
  it('holds the mean, widens with the level and moves with the data', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 30 }), (xs) => {
        const [a, b] = [tInterval(xs), tInterval(xs, 0.99)]
        expect(a.low!).toBeLessThanOrEqual(a.mean)
        expect(b.high!).toBeGreaterThanOrEqual(a.high!)
        expect(tInterval(xs.map((x) => x + 5)).high!).toBeCloseTo(a.high! + 5, 6)
      })
    )
  })
})

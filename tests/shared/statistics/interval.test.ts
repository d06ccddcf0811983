import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { logInterval, meanInterval, shareInterval, tInterval } from '../../../src-shared/statistics/interval.ts'

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

describe('the interval of a share', () => {
  // The roots of (m - p)² = z² p (1 - p) / N, found by scipy.optimize.brentq.
  it.each([
    [[0.9, 1, 0.95, 0.85, 1], 20, 0.8159148926190918, 0.982262172862377],
    [[0.5, 0.75, 0.25], 8, 0.11053797069687585, 0.8894620293031241],
    [[1, 1, 0.2, 1], 100, 0.18449738988009529, 0.9860572949935298]
  ])('of %j of %i questions is where the score test just holds', (values, of, low, high) => {
    const found = shareInterval(values, of)
    expect(found.low).toBeCloseTo(low, 10)
    expect(found.high).toBeCloseTo(high, 10)
  })
  it('has a width where every seed has the same share: N/(N + z²) below 1', () => {
    const all = shareInterval([1, 1, 1, 1, 1], 24)
    expect(all.low).toBeCloseTo(120 / (120 + 1.959963984540054 ** 2), 12)
    expect(all.high).toBe(1)
    expect(shareInterval([0, 0, 0], 8)).toMatchObject({ low: 0, mean: 0 })
    expect(shareInterval([0, 0, 0], 8).high).toBeCloseTo(1.959963984540054 ** 2 / (24 + 1.959963984540054 ** 2), 12)
    expect(all.method).toBe('95 % Wilson score, n = 5 of 24 questions, spread between seeds included')
  })
  it('stays within 0 and 1, holds its mean, turns with the question, and narrows with more questions', () => {
    const sample = fc
      .integer({ min: 1, max: 60 })
      .chain((m) =>
        fc
          .array(fc.integer({ min: 0, max: m }), { minLength: 2, maxLength: 12 })
          .map((ks) => ({ m, values: ks.map((k) => k / m) }))
      )
    fc.assert(
      fc.property(sample, ({ m, values }) => {
        const { low, high, mean } = shareInterval(values, m)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
        expect(low).toBeLessThanOrEqual(mean)
        expect(high).toBeGreaterThanOrEqual(mean)
        const turned = shareInterval(
          values.map((x) => 1 - x),
          m
        )
        expect(turned.low).toBeCloseTo(1 - high!, 10)
        expect(turned.high).toBeCloseTo(1 - low!, 10)
        const same = values.map(() => values[0])
        const [few, more] = [shareInterval(same, m), shareInterval(same, 4 * m)]
        expect(more.high! - more.low!).toBeLessThan(few.high! - few.low!)
      })
    )
  })
})

describe('the interval of what is above zero', () => {
  it('is Student t on the scale of the logarithm of the mean', () => {
    // scipy: m exp(± t se / m).
    expect(logInterval([0.1, 0.5, 2, 0.3]).low).toBeCloseTo(0.10847107423294841, 12)
    expect(logInterval([0.1, 0.5, 2, 0.3]).high).toBeCloseTo(4.8457619113385695, 11)
    expect(logInterval([1, 2, 3]).low).toBeCloseTo(0.5775722851575411, 12)
    expect(logInterval([1, 2, 3]).high).toBeCloseTo(6.925540062762781, 11)
    expect(logInterval([0, 0, 0])).toMatchObject({ low: 0, high: 0, method: '95 % Student t on a log scale, n = 3' })
    expect(logInterval([5, 5])).toMatchObject({ low: 5, high: 5 })
  })
  it('never reaches below zero, and is that of any other unit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 9 }),
        fc.constantFrom(1e-3, 8, 1e6),
        (values, unit) => {
          const [one, other] = [logInterval(values), logInterval(values.map((x) => x * unit))]
          expect(one.low).toBeGreaterThanOrEqual(0)
          expect(other.low! / unit).toBeCloseTo(one.low!, 6)
        }
      )
    )
  })
})

describe('the interval that fits', () => {
  it('is chosen by what is known of the values, and Student t where that is nothing', () => {
    const values = [1, 1, 0.9]
    expect(meanInterval(values)).toEqual(tInterval(values))
    expect(meanInterval(values, { kind: 'share', of: 10 })).toEqual(shareInterval(values, 10))
    expect(meanInterval(values, { kind: 'positive' })).toEqual(logInterval(values))
    // The roots of (p - u)² = t² sd²/n u (1 - u) / (p (1 - p)) on the scale of the bounds, by scipy's brentq.
    const within = meanInterval(values, { kind: 'bounded', low: -1, high: 1 })
    expect(within.method).toBe('95 % score with Student t within -1 to 1, n = 3')
    expect(within.low).toBeCloseTo(0.4731899135694777, 10)
    expect(within.high).toBeCloseTo(0.998394605094129, 10)
    const low = meanInterval([0.02, 0, 0.1, 0.01], { kind: 'bounded', low: 0, high: 1 })
    expect([low.low, low.high]).toEqual([
      expect.closeTo(0.004632313758292625, 10),
      expect.closeTo(0.1951488200583335, 10)
    ])
    expect(meanInterval([1, 1, 1], { kind: 'bounded', low: 0, high: 1 })).toMatchObject({ low: 1, high: 1 })
    expect(meanInterval([0.5, 0.51], { kind: 'bounded', low: -1, high: 1 }).method).toBe('95 % Student t, n = 2')
  })
  it('is Student t for values that lie where their scale has none', () => {
    for (const scale of [
      { kind: 'share', of: 10 },
      { kind: 'positive' },
      { kind: 'bounded', low: 0, high: 1 }
    ] as const)
      expect(meanInterval([-3, 0.5], scale)).toEqual(tInterval([-3, 0.5]))
  })
  it('counts what was never reached, and gives no number where nothing was', () => {
    const scale = { kind: 'limit', limit: 20, never: 21 } as const
    expect(meanInterval([3, 5, 7], scale)).toEqual(logInterval([3, 5, 7]))
    const some = meanInterval([3, 21, 6, 20], scale)
    expect(some).toMatchObject({ mean: 12.5, n: 4, beyond: { limit: 20, count: 1 }, high: 21 })
    expect(some.method).toBe('restricted mean, 1 of 4 beyond 20 counted as 21; 95 % Student t on a log scale, n = 4')
    expect(meanInterval([21, 21], scale)).toMatchObject({ low: null, high: null, beyond: { limit: 20, count: 2 } })
  })
  it('needs two values, whatever the scale', () => {
    for (const scale of [
      { kind: 'share', of: 10 },
      { kind: 'positive' },
      { kind: 'limit', limit: 5, never: 5 }
    ] as const)
      expect(meanInterval([0.5], scale)).toMatchObject({ mean: 0.5, low: null, high: null, n: 1 })
  })
})

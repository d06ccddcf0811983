import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { powerLaw } from '../../../src-shared/statistics/fit.ts'

describe('powerLaw', () => {
  it('finds a law that was put there', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (b, a) => {
          const xs = [8, 16, 32, 64]
          const fit = powerLaw(
            xs,
            xs.map((x) => a * x ** b)
          )
          expect(fit.exponent).toBeCloseTo(b, 9)
          expect(fit.factor).toBeCloseTo(a, 7)
          expect(fit.high! - fit.low!).toBeLessThan(1e-6)
        }
      )
    )
  })
  it("gives R's lm interval of the slope", () => {
    // lm(y ~ x) on x = 0..3, y = (0, 1, 1, 2): slope .6, residual SS .2, se sqrt(.1 / 5), t(2, .975) = 4.302653.
    const xs = [0, 1, 2, 3].map(Math.exp)
    const fit = powerLaw(xs, [0, 1, 1, 2].map(Math.exp))
    expect(fit.exponent).toBeCloseTo(0.6, 12)
    expect(fit.high! - 0.6).toBeCloseTo(4.302652729696 * Math.sqrt(0.02), 8)
    expect(fit.r2).toBeCloseTo(0.9, 12)
  })
  it('gives no interval for two points and refuses what has no logarithm', () => {
    expect(powerLaw([1, 2], [1, 4]).low).toBeNull()
    expect(() => powerLaw([1, 2], [0, 4])).toThrow('above zero')
    expect(() => powerLaw([2, 2], [1, 4])).toThrow('different')
    expect(() => powerLaw([1], [1])).toThrow('two points')
  })
})

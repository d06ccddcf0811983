import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { bootstrap } from '../../../src-shared/statistics/bootstrap.ts'
import { tInterval } from '../../../src-shared/statistics/interval.ts'
import { mean } from '../../../src-shared/statistics/numbers.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'

const meanOf = ([sample]: readonly (readonly number[])[]): number => mean(sample)
/** The spatial data A of Efron & Tibshirani (1993), table 14.1. */
const spatial = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]
const populationVariance = ([x]: readonly (readonly number[])[]): number => {
  const centre = mean(x)
  return x.reduce((sum, v) => sum + (v - centre) ** 2, 0) / x.length
}

describe('bootstrap', () => {
  it('gives the published 90 % intervals of the spatial test data', () => {
    // Efron & Tibshirani (1993), table 14.2: variance 171.5, percentile (100.8, 233.9), BCa (115.8, 259.6), from 2000
    // draws. With sd* = 42 an end of theirs has a standard error of 2 (percentile) to 3 (BCa, upper): three of these.
    const options = { random: seeded(7), draws: 20_000, level: 0.9 }
    const percentile = bootstrap([spatial], populationVariance, { ...options, method: 'percentile' })
    const bca = bootstrap([spatial], populationVariance, options)
    expect(percentile.estimate).toBeCloseTo(171.5, 1)
    expect(Math.abs(percentile.low - 100.8)).toBeLessThan(6)
    expect(Math.abs(percentile.high - 233.9)).toBeLessThan(6)
    expect(Math.abs(bca.low - 115.8)).toBeLessThan(6)
    expect(Math.abs(bca.high - 259.6)).toBeLessThan(9)
  })
  it('comes near the t interval for the mean of a large sample', () => {
    const xs = Array.from({ length: 200 }, (_, i) => ((i * 37) % 200) / 200)
    const [a, b] = [bootstrap([xs], meanOf, { random: seeded(2) }), tInterval(xs)]
    expect(Math.abs(a.low - b.low!)).toBeLessThan(0.004)
    expect(Math.abs(a.high - b.high!)).toBeLessThan(0.004)
  })
  it('resamples strata within themselves', () => {
    const apart = [
      [0, 0, 0],
      [10, 10, 10]
    ]
    const { low, high, method } = bootstrap(apart, (s) => mean(s.flat()), { random: seeded(1), draws: 200 })
    expect([low, high]).toEqual([5, 5])
    expect(method).toBe('95 % stratified BCa bootstrap, 200 draws')
  })
  it('repeats itself with the same seed', () => {
    const run = (): unknown => bootstrap([spatial], meanOf, { random: seeded(5), draws: 300 })
    expect(run()).toEqual(run())
  })
  it('refuses what must not be averaged', () =>
    expect(() => bootstrap([[1, NaN]], meanOf, { random: seeded(1) })).toThrow('not finite'))
  it('stays within the data for a mean, and low below high', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 12 }), (xs) => {
        const { low, high } = bootstrap([xs], meanOf, { random: seeded(9), draws: 200 })
        expect(low).toBeGreaterThanOrEqual(Math.min(...xs) - 1e-9)
        expect(high).toBeLessThanOrEqual(Math.max(...xs) + 1e-9)
        expect(low).toBeLessThanOrEqual(high)
      }),
      { numRuns: 50 }
    )
  })
})

it('does not depend on the unit of a score, nor on the order of the seeds', () => {
  const random = seeded(3)
  for (let i = 0; i < 40; i++) {
    const counts = Array.from({ length: 12 }, () => Math.floor(random() * 25))
    const run = (values: readonly number[]) => {
      const { estimate, low, high } = bootstrap([values], ([sample]) => mean(sample), { random: seeded(1), draws: 400 })
      return [estimate, low, high]
    }
    const [inCounts, inShares] = [run(counts), run(counts.map((k) => k / 24))]
    inCounts.forEach((value, at) => expect(inShares[at] * 24).toBeCloseTo(value, 10))
    expect(run([...counts].reverse())).toEqual(inCounts)
  }
})

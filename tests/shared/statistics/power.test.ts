import { describe, expect, it } from 'vitest'
import { tInterval } from '../../../src-shared/statistics/interval.ts'
import { pairedPower, requiredSeeds, seedsToTell } from '../../../src-shared/statistics/power.ts'

describe('requiredSeeds', () => {
  it('is 38 for a spread of 15 and a width of 10 (t = 2.0262 with 37 degrees; 37 seeds give 10.003)', () =>
    expect(requiredSeeds(15, 10)).toBe(38))
  it('is the first n whose interval is narrow enough', () => {
    const n = requiredSeeds(1, 0.7)!
    const width = (count: number): number => {
      // A sample with standard deviation exactly 1.
      const raw = Array.from({ length: count }, (_, i) => i)
      const { sd } = tInterval(raw)
      const { low, high } = tInterval(raw.map((x) => x / sd!))
      return high! - low!
    }
    expect(width(n)).toBeLessThanOrEqual(0.7)
    expect(width(n - 1)).toBeGreaterThan(0.7)
  })
  it('is 2 without spread, and null when no number of seeds will do', () => {
    expect(requiredSeeds(0, 0.1)).toBe(2)
    expect(requiredSeeds(1e6, 1e-6)).toBeNull()
    expect(() => requiredSeeds(1, 0)).toThrow('above zero')
  })
})

describe('seeds to tell two models apart', () => {
  /** Differences with a given mean and standard deviation 1: two values either side. */
  const differences = (dz: number): number[] => [dz - Math.SQRT1_2, dz + Math.SQRT1_2]

  it.each([
    // Paired t, two-sided .05, power .8: Cohen's tables and G*Power.
    [0.2, 199],
    [0.5, 34],
    [0.8, 15],
    [1, 10]
  ])('a difference of %f standard deviations takes the published %i', (dz, n) =>
    expect(seedsToTell(differences(dz))).toBe(n)
  )
  it('the power is the level where there is no difference, and that of G*Power at n = 34', () => {
    expect(pairedPower(0, 12)).toBeCloseTo(0.05, 6)
    expect(pairedPower(0.5, 34)).toBeCloseTo(0.8078, 3)
  })
  it('a stricter level and a higher power take more', () => {
    // R: power.t.test(delta = .5, sig.level = .05, power = .9, type = "paired") gives 43.99.
    expect(seedsToTell(differences(0.5), { power: 0.9 })).toBe(44)
    expect(seedsToTell(differences(0.5), { level: 0.01 })!).toBeGreaterThan(34)
  })
  it('equal models are never told apart, a constant difference at once, and one seed says nothing', () => {
    expect(seedsToTell([0.1, -0.1])).toBeNull()
    expect(seedsToTell([1, -1, 1e-7])).toBeNull()
    expect(seedsToTell([0.5, 0.5, 0.5])).toBe(2)
    expect(() => seedsToTell([0.5])).toThrow('Two common seeds')
  })
})

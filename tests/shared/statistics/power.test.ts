import { describe, expect, it } from 'vitest'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { permutation, wilcoxon } from '../../../src-shared/statistics/significance.ts'
import { tInterval } from '../../../src-shared/statistics/interval.ts'
import {
  pairedPower,
  powerOf,
  requiredSeeds,
  seedsToTell,
  smallestEffect,
  type PoweredTest
} from '../../../src-shared/statistics/power.ts'

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

describe('the power of every test', () => {
  it('of the t tests is that of statsmodels', () => {
    // statsmodels 0.13: TTestPower().power(.5, 20, .05), TTestIndPower().power(.8, 12, .05), and solve_power for .8.
    expect(powerOf('paired-t', 0.5, 20)).toBeCloseTo(0.5645044184390378, 10)
    expect(powerOf('welch', -0.8, 12)).toBeCloseTo(0.46575928830210134, 10)
    expect(smallestEffect('paired-t', 10)).toBeCloseTo(0.9960019107432067, 5)
    expect(smallestEffect('welch', 10)).toBeCloseTo(1.324947368318951, 5)
  })
  it.each(['wilcoxon', 'permutation'] as const)('of %s is how often the test itself finds the effect', (name) => {
    const random = seeded(99)
    const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const zero = new Array<number>(8).fill(0)
    let found = 0
    const tries = 800
    for (let i = 0; i < tries; i++) {
      const d = zero.map(() => gauss() + 1)
      const { p } = name === 'wilcoxon' ? wilcoxon(d, zero) : permutation(d, zero, true, { random })
      if (p < 0.05) found++
    }
    // Both are simulated: four standard errors of the difference.
    expect(Math.abs(powerOf(name, 1, 8) - found / tries)).toBeLessThan(4 * Math.sqrt(0.25 * (1 / tries + 1 / 2000)))
  })
  it('is none where so few signs can never be significant', () => {
    for (const test of ['wilcoxon', 'permutation'] as const) {
      expect(powerOf(test, 100, 5)).toBe(0)
      expect(smallestEffect(test, 5)).toBeNull()
      expect(powerOf(test, 100, 6)).toBe(1)
    }
  })
  it('rises with the effect and with the seeds, whatever its sign, and begins near the level', () => {
    for (const test of ['paired-t', 'wilcoxon', 'permutation', 'welch'] satisfies PoweredTest[]) {
      const powers = [0, 0.5, 1, 2].map((effect) => powerOf(test, effect, 9))
      expect(powers).toEqual([...powers].sort((a, b) => a - b))
      expect(powers[0]).toBeLessThan(0.07)
      expect(powerOf(test, -1, 9)).toBe(powers[2])
      expect(powerOf(test, 1, 30)).toBeGreaterThan(powers[2])
      expect(powerOf(test, smallestEffect(test, 9)!, 9)).toBeGreaterThanOrEqual(0.8)
    }
  })
  it('refuses one seed', () => expect(() => powerOf('welch', 1, 1)).toThrow('two seeds'))
})

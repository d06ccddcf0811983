import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { seeded } from '../../../src-shared/statistics/random.ts'
import {
  iqm,
  performanceProfile,
  probabilityOfImprovement,
  profileBand
} from '../../../src-shared/statistics/robust.ts'

describe('the interquartile mean', () => {
  it('is 6.5 for a textbook list of twelve and 9 for one of nine, where quartiles count in part', () => {
    expect(iqm([5, 8, 4, 38, 8, 6, 9, 7, 7, 3, 1, 6])).toBeCloseTo(6.5, 12)
    expect(iqm([1, 3, 5, 7, 9, 11, 13, 15, 17])).toBeCloseTo(9, 12)
    // Of five, the middle half weighs .75, 1, .75.
    expect(iqm([0, 1, 2, 4, 100])).toBeCloseTo((0.75 * 1 + 2 + 0.75 * 4) / 2.5, 12)
  })
  it('is not moved by one wild trial', () => expect(iqm([1, 2, 3, 1e9])).toBe(iqm([1, 2, 3, 4])))
  it('refuses an empty list', () => expect(() => iqm([])).toThrow('at least one'))
})

describe('the probability of improvement', () => {
  it('counts wins and half the ties', () =>
    expect(probabilityOfImprovement([1, 4, 5], [0, 2, 4])).toBeCloseTo(6.5 / 9, 12))
  it('adds to one with its reverse', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(probabilityOfImprovement(a, b) + probabilityOfImprovement(b, a)).toBeCloseTo(1, 12)
      })
    )
  })
})

describe('the performance profile', () => {
  it('is the share of trials above each threshold, tasks weighing alike', () =>
    expect(
      performanceProfile(
        [
          [0, 1],
          [1, 1, 1, 0]
        ],
        [-1, 0, 0.5, 1]
      )
    ).toEqual([1, 0.625, 0.625, 0]))
})

describe('the band of a performance profile', () => {
  it('is that of a binomial share where there is one task', () => {
    // 12 of 20 above: shares of resampled trials are Binomial(20, .6) / 20, whose 2.5 % and 97.5 % quantiles are 8 and 16.
    const trials = Array.from({ length: 20 }, (_, i) => (i < 12 ? 1 : 0))
    const { low, high } = profileBand([trials], [-1, 0.5, 2], { random: seeded(1), draws: 4000 })
    expect(low).toEqual([1, 0.4, 0])
    expect(high).toEqual([1, 0.8, 0])
  })
  it('resamples within tasks: a task whose trials agree adds no width', () => {
    const [same, split] = [
      [1, 1, 1, 1],
      [0, 0, 1, 1]
    ]
    const { low, high } = profileBand([same, split], [0.5], { random: seeded(1) })
    expect(low[0]).toBeGreaterThanOrEqual(0.5)
    expect(high[0]).toBeLessThanOrEqual(1)
    expect(profileBand([same, same], [0.5], { random: seeded(1) })).toEqual({ low: [1], high: [1] })
  })
  it('refuses trials that are not numbers', () =>
    expect(() => profileBand([[1, NaN]], [0], { random: seeded(1) })).toThrow('not finite'))
})

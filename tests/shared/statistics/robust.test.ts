import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { seeded } from '../../../src-shared/statistics/random.ts'
import {
  iqm,
  performanceProfile,
  profileBand,
  probabilityOfImprovement
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

  it('has a band that holds the true share of a known distribution about as often as it says', () => {
    // Uniform scores: P(score > .3) = .7.
    const random = seeded(7)
    let held = 0
    const tries = 200
    for (let i = 0; i < tries; i++) {
      const seeds = Array.from({ length: 40 }, () => [random()])
      const [{ low, high }] = profileBand([seeds], [0.3], { random, draws: 400 })
      if (low <= 0.7 && 0.7 <= high) held++
    }
    expect(held / tries).toBeGreaterThan(0.88)
    expect(held / tries).toBeLessThan(1)
  })

  it('draws a seed with all its points: scores that go together widen the band', () => {
    const width = (tasks: number[][][]): number => {
      const [{ low, high }] = profileBand(tasks, [0.5], { random: seeded(1) })
      return high - low
    }
    const together = Array.from({ length: 30 }, (_, i) => [i % 2, i % 2])
    const apart = Array.from({ length: 30 }, (_, i) => [i % 2, (i + 1) % 2])
    expect(width([together])).toBeGreaterThan(0.3)
    expect(width([apart])).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { fitSubject, startParams, type FitSettings } from '../../../src-shared/recall/fit.ts'
import { logLikelihood, type Sequence } from '../../../src-shared/recall/likelihood.ts'
import { profileOf, profileSubject } from '../../../src-shared/recall/profile.ts'
import { evenly } from '../../../src-shared/statistics/numbers.ts'

/**
 * With a stop probability that does not grow, stopping is a coin thrown before each recall: its likelihood is a binomial's,
 * whatever the other parameters are.
 */
const lists: Sequence[] = [[4, 3, 0], [4], [0, 1, 2], [3, 4, 2, 1], [4, 0], [2, 1, 0, 3], [4, 3], [1]].map(
  (recalls) => ({
    items: 6,
    recalls
  })
)
const [going, ends] = [20, 8]
const sequences = { subject: 's', lists }
const settings: FitSettings = {
  free: [
    { name: 'B_enc', min: 0.05, max: 0.99 },
    { name: 'X1', min: 0.001, max: 0.9 }
  ],
  fixed: { ...startParams, X2: 0 },
  starts: 2,
  seed: 1
}
const binomial = (p: number): number => going * Math.log(1 - p) + ends * Math.log(p)

describe('the profile of a likelihood', () => {
  const fit = fitSubject(sequences, 48, settings)
  const values = evenly({ min: 0.02, max: 0.8 }, 14)
  const profile = profileSubject(sequences, 48, fit, settings, 'X1', values)

  it('of a stop probability that stays the same is the binomial’s', () => {
    const best = ends / (going + ends)
    expect(profile.best.x).toBeCloseTo(best, 3)
    for (const { x, logLikelihood } of profile.points)
      expect(logLikelihood - profile.best.logLikelihood).toBeCloseTo(binomial(x) - binomial(best), 4)
    expect(profile.points.map(({ x }) => x)).toEqual(profile.points.map(({ x }) => x).toSorted((a, b) => a - b))
  })
  it('has the interval where twice the drop is 3.841, found by halving', () => {
    const best = ends / (going + ends)
    const end = (inside: number, outside: number): number => {
      for (let i = 0; i < 60; i++) {
        const middle = (inside + outside) / 2
        if (2 * (binomial(best) - binomial(middle)) < 3.841459) inside = middle
        else outside = middle
      }
      return inside
    }
    expect(profile.low).toBeCloseTo(end(best, 1e-9), 3)
    expect(profile.high).toBeCloseTo(end(best, 1 - 1e-9), 3)
  })
  it('fits the others anew: it is what a fine grid over them has at the top', () => {
    const own = profileSubject(sequences, 48, fit, settings, 'B_enc', [0.2, 0.8])
    for (const x of [0.2, 0.8]) {
      const grid = evenly({ min: 0.2, max: 0.4 }, 401).map(
        (X1) => logLikelihood(lists, 48, { ...settings.fixed, B_enc: x, X1 }).logLikelihood
      )
      const found = own.points.find((point) => point.x === x)!.logLikelihood
      expect(found).toBeCloseTo(Math.max(...grid), 4)
    }
  })
  it('of the only free parameter is the likelihood itself', () => {
    const alone: FitSettings = { ...settings, free: settings.free.slice(1) }
    const own = profileSubject(sequences, 48, fitSubject(sequences, 48, alone), alone, 'X1', [0.1, 0.5])
    for (const x of [0.1, 0.5])
      expect(own.points.find((point) => point.x === x)!.logLikelihood).toBe(
        logLikelihood(lists, 48, { ...settings.fixed, X1: x }).logLikelihood
      )
  })
})

describe('the interval of a profile', () => {
  const parabola = (top: number, sd: number) =>
    [top, ...evenly({ min: -4, max: 4 }, 9)].map((x) => ({ x, logLikelihood: -((x - top) ** 2) / (2 * sd * sd) }))
  it('of a parabola is 1.96 standard deviations to each side, whatever lies between the values', () => {
    const { low, high, best } = profileOf(parabola(0.3, 1))
    expect(best.x).toBe(0.3)
    expect(low).toBeCloseTo(0.3 - 1.959964, 5)
    expect(high).toBeCloseTo(0.3 + 1.959964, 5)
  })
  it('has no end where the likelihood does not fall so far, and one at what is impossible', () => {
    expect(profileOf(parabola(3, 2))).toMatchObject({ high: null })
    expect(profileOf(parabola(0, 50))).toMatchObject({ low: null, high: null })
    const cliff = [
      { x: 0, logLikelihood: -Infinity },
      { x: 1, logLikelihood: 0 },
      { x: 2, logLikelihood: -0.5 }
    ]
    expect(profileOf(cliff)).toMatchObject({ low: 0, high: null })
  })
})

import { describe, expect, it } from 'vitest'
import { bayesianSignedRank } from '../../../src-shared/statistics/bayes.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'

const d = [0.3, -0.2, 1.5, 2.2, 0.1, -0.7, 0.9, 3, 0.2, 0.05]
const posterior = (values: readonly number[], rope: number) =>
  bayesianSignedRank(values, rope, { random: seeded(3), draws: 10_000 })

describe('the Bayesian signed-rank test', () => {
  it('gives the probabilities of baycomp within the error of both simulations', () => {
    // baycomp 1.0.3: SignedRankTest.probs(0, d, rope), 100,000 draws: (.00007, .45115, .54878); rope = 0: (.01636, .98364).
    const { below, within, above } = posterior(d, 0.5)
    expect(below).toBeLessThan(0.002)
    expect(Math.abs(within - 0.45115)).toBeLessThan(0.02)
    expect(Math.abs(above - 0.54878)).toBeLessThan(0.02)
    expect(Math.abs(posterior(d, 0).above - 0.98364)).toBeLessThan(0.005)
  })
  it('is exact where the weights decide nothing', () => {
    expect(posterior([2, 3, 4], 0.5).above).toBeGreaterThan(0.9)
    expect(posterior([0, 0, 0], 0)).toMatchObject({ below: 0.5, within: 0, above: 0.5 })
    expect(posterior([0.1, -0.1, 0], 1)).toMatchObject({ below: 0, within: 1, above: 0 })
  })
  it('of one difference that meets the region is a law of one weight: above = w, within = 1 - w', () => {
    // w of Dirichlet(1, .5) has the density .5 (1 - w)^-.5: P(w > 1/2) = sqrt(1/2).
    expect(Math.abs(posterior([1], 0.5).above - Math.SQRT1_2)).toBeLessThan(0.02)
  })
  it('turns round with the differences, and does not change with their unit or order', () => {
    const found = posterior(d, 0.5)
    expect(posterior([...d].reverse(), 0.5)).toEqual(found)
    const scaled = posterior(
      d.map((x) => x * 0.1),
      0.05
    )
    expect([scaled.below, scaled.within, scaled.above]).toEqual([found.below, found.within, found.above])
    expect(
      Math.abs(
        posterior(
          d.map((x) => -x),
          0.5
        ).below - found.above
      )
    ).toBeLessThan(0.02)
  })
  it('refuses a negative region and no differences', () => {
    expect(() => posterior(d, -1)).toThrow('zero or more')
    expect(() => posterior([], 0)).toThrow('at least one')
  })
})

import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { cohenD, hedgesG, pairedDz, rankBiserial } from '../../../src-shared/statistics/effect.ts'
import { pairedT } from '../../../src-shared/statistics/significance.ts'

const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

describe('effect sizes', () => {
  it('give the values known for the sleep data', () => {
    // d = t * sqrt(2/n) with Student's t = -1.8608 of equal groups; dz = -4.0621 / sqrt(10).
    expect(cohenD(one, two).value).toBeCloseTo(-1.8608 * Math.sqrt(0.2), 4)
    expect(pairedDz(one, two).value).toBeCloseTo(-4.0621 / Math.sqrt(10), 4)
  })
  it('corrects the bias of d by nearly 1 - 3 / (4v - 1)', () =>
    expect(hedgesG(one, two).value / cohenD(one, two).value).toBeCloseTo(1 - 3 / (4 * 18 - 1), 3))
  it('have the intervals of the noncentral t', () => {
    // By inversion of scipy's nct.cdf with brentq.
    const [dz, d] = [pairedDz(one, two), cohenD(one, two)]
    expect([dz.low, dz.high]).toEqual([expect.closeTo(-2.1180165139816, 9), expect.closeTo(-0.41462775638045873, 9)])
    expect([d.low, d.high]).toEqual([expect.closeTo(-1.7388168991067323, 9), expect.closeTo(0.09545039821141585, 9)])
    const { value, low, high } = pairedDz(two, one)
    expect([value, low, high]).toEqual([-dz.value, -dz.high, -dz.low])
  })
  it('says nothing of a difference without spread but that it is infinite', () =>
    expect(pairedDz([1, 2, 3], [0, 1, 2])).toMatchObject({ value: Infinity, low: Infinity, high: Infinity }))
  it('counts ranks of either sign', () => {
    // Differences 1, -2, 3, 4, -5: positive ranks 8 of 15.
    const r = rankBiserial([1, 0, 3, 4, 0], [0, 2, 0, 0, 5])
    expect(r.value).toBeCloseTo(1 / 15, 12)
    // Score interval of (r + 1) / 2 of N = 15² / 55 questions.
    const [N, p, z] = [225 / 55, 8 / 15, 1.959963984540054]
    const half = z * Math.sqrt((p * (1 - p)) / N + (z / (2 * N)) ** 2)
    const at = (sign: number): number => (2 * (p + (z * z) / (2 * N) + sign * half)) / (1 + (z * z) / N) - 1
    expect([r.low, r.high]).toEqual([expect.closeTo(at(-1), 9), expect.closeTo(at(1), 9)])
    const all = rankBiserial([1, 2, 3, 4, 5], [0, 0, 0, 0, 0])
    expect(all).toMatchObject({ value: 1, high: 1 })
    expect(all.low).toBeLessThan(0.1)
    expect(rankBiserial([1, 1], [1, 1])).toMatchObject({ value: 0, low: -1, high: 1 })
  })
  it('refuses a lone value', () => expect(() => cohenD([1], [2, 3])).toThrow('at least two'))
  it('turns round when the samples change places, and stays in its bounds', () => {
    const pair = fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }))
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 9 }), (pairs) => {
        const [a, b] = [0, 1].map((side) => pairs.map((pair) => pair[side]))
        const [forward, back] = [rankBiserial(a, b), rankBiserial(b, a)]
        expect(forward.value).toBeCloseTo(-back.value, 10)
        expect(forward.low).toBeCloseTo(-back.high, 10)
        expect(forward.low).toBeGreaterThanOrEqual(-1)
        expect(forward.high).toBeGreaterThanOrEqual(forward.value - 1e-12)
      })
    )
  })
  it('agrees with the paired t test: t = dz sqrt(n)', () =>
    expect(pairedDz(one, two).value * Math.sqrt(10)).toBeCloseTo(pairedT(one, two).statistic, 12))
})

import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { cliffDelta, cohenD, hedgesG, pairedDz } from '../../../src-shared/statistics/effect.ts'
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
  it('gives the large-sample interval of d', () => {
    const { value, low, high } = cohenD(one, two)
    const half = 1.959963984540054 * Math.sqrt(20 / 100 + value ** 2 / 40)
    expect(low).toBeCloseTo(value - half, 10)
    expect(high).toBeCloseTo(value + half, 10)
  })
  it("counts Cliff's delta over all pairs, with its ends at no overlap", () => {
    // Of nine pairs a > b six times, a < b twice.
    expect(cliffDelta([1, 4, 5], [0, 2, 4]).value).toBeCloseTo(4 / 9, 12)
    expect(cliffDelta([4, 5, 6], [1, 2, 3])).toEqual({ name: 'Cliff delta', value: 1, low: 1, high: 1 })
  })
  it('refuses a lone value', () => expect(() => cohenD([1], [2, 3])).toThrow('at least two'))
  it('turns round when the samples change places, and stays in its bounds', () => {
    const sample = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 9 })
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [forward, back] = [cliffDelta(a, b), cliffDelta(b, a)]
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

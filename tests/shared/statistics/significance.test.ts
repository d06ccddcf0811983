import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { holm, midRanks, pairedT, permutation, welch, wilcoxon } from '../../../src-shared/statistics/significance.ts'

// Student's sleep data as R ships it.
const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
const sample = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 8 })

describe('the t tests', () => {
  it('give what R prints for the sleep data, paired', () => {
    const { statistic, p, low, high, difference } = pairedT(one, two)
    expect(statistic).toBeCloseTo(-4.0621, 4)
    expect(p).toBeCloseTo(0.002833, 6)
    expect(difference).toBeCloseTo(-1.58, 12)
    expect(low).toBeCloseTo(-2.4598858, 7)
    expect(high).toBeCloseTo(-0.7001142, 7)
  })
  it('give what R prints for the sleep data, Welch', () => {
    const { statistic, p, low, high, method } = welch(one, two)
    expect(statistic).toBeCloseTo(-1.8608, 4)
    expect(p).toBeCloseTo(0.07939, 5)
    expect(low).toBeCloseTo(-3.3654832, 7)
    expect(high).toBeCloseTo(0.2054832, 7)
    expect(method).toBe('Welch t, df = 17.776')
  })
  it('are certain when nothing varies', () => {
    expect(pairedT([1, 1], [1, 1]).p).toBe(1)
    expect(pairedT([2, 2], [1, 1]).p).toBe(0)
    expect(welch([1, 1], [1, 1]).p).toBe(1)
  })
  it('refuse too few, unequal or non-finite values', () => {
    expect(() => pairedT([1], [2])).toThrow('at least two pairs')
    expect(() => pairedT([1, 2], [2])).toThrow('as many values')
    expect(() => welch([1, NaN], [2, 3])).toThrow('not finite')
  })
})

describe('the signed-rank test', () => {
  it("gives scipy's documented example", () => {
    const d = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]
    const { statistic, p } = wilcoxon(
      d,
      d.map(() => 0)
    )
    expect(statistic).toBe(24)
    expect(p).toBeCloseTo(0.041259765625, 12)
  })
  it('counts every sign assignment, ties and zeros included', () => {
    fc.assert(
      fc.property(sample, (d) => {
        const kept = d.filter((x) => x !== 0)
        if (!kept.length) return
        const ranks = midRanks(kept.map(Math.abs))
        const total = ranks.reduce((a, b) => a + b, 0)
        const small = (signs: number): number => {
          const plus = ranks.reduce((sum, rank, i) => sum + ((signs >> i) & 1 ? rank : 0), 0)
          return Math.min(plus, total - plus)
        }
        const own = small(kept.reduce((bits, x, i) => bits | (x > 0 ? 1 << i : 0), 0))
        let extreme = 0
        for (let signs = 0; signs < 2 ** kept.length; signs++) if (small(signs) <= own) extreme++
        expect(
          wilcoxon(
            d,
            d.map(() => 0)
          ).p
        ).toBeCloseTo(extreme / 2 ** kept.length, 12)
      })
    )
  })
  it('goes over to the normal distribution smoothly', () => {
    const d = Array.from({ length: 50 }, (_, i) => (i % 3 ? i + 1 : -i - 1))
    const exact = wilcoxon(
      d,
      d.map(() => 0)
    ).p
    const more = [...d, 0.5]
    expect(
      Math.abs(
        wilcoxon(
          more,
          more.map(() => 0)
        ).p - exact
      )
    ).toBeLessThan(0.005)
  })
  it('finds nothing where nothing differs', () => expect(wilcoxon([1, 2], [1, 2]).p).toBe(1))
})

describe('the permutation test', () => {
  const random = seeded(1)
  it('flips every sign when it can: five positive differences give 2 / 32', () => {
    const { p, method } = permutation([2, 3, 4, 5, 6], [1, 1, 1, 1, 1], true, { random })
    expect(p).toBe(2 / 32)
    expect(method).toBe('paired permutation, exact (32)')
  })
  it('exchanges labels in every way when it can: separated groups of 3 and 3 give 2 / 20', () =>
    expect(permutation([7, 8, 9], [1, 2, 3], false, { random }).p).toBeCloseTo(0.1, 12))
  it('comes near the exact value by random rearrangement, and near the t test', () => {
    const spread = (base: number): number[] => Array.from({ length: 30 }, (_, i) => base + ((i * 7) % 30) / 10)
    const { p, method } = permutation(spread(0), spread(0.5), false, { random: seeded(3), draws: 4000 })
    expect(method).toBe('permutation, 4000 draws')
    expect(Math.abs(p - welch(spread(0), spread(0.5)).p)).toBeLessThan(0.02)
  })
  it('is symmetric and never zero', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const p = permutation(a, b, false, { random }).p
        expect(p).toBeGreaterThan(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(permutation(b, a, false, { random }).p).toBeCloseTo(p, 12)
      })
    )
  })
})

describe("Holm's correction", () => {
  it("gives what R's p.adjust gives", () => {
    const adjusted = holm([0.04, 0.01, 0.03, 0.02, 0.05])
    ;[0.09, 0.05, 0.09, 0.08, 0.09].forEach((p, i) => expect(adjusted[i]).toBeCloseTo(p, 12))
  })
  it('never lowers a p value, keeps their order and stays at most 1', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), (ps) => {
        const adjusted = holm(ps)
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p)
          expect(adjusted[i]).toBeLessThanOrEqual(1)
          ps.forEach((q, j) => {
            if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j])
          })
        })
      })
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compare,
  descending,
  deviation,
  mean,
  significant,
  snapped,
  sum,
  tolerance
} from '../../../src-shared/statistics/numbers.ts'

/** A double as a whole number of 2^-1074, and what is nearest to a fraction of such numbers. */
const exact = (x: number): bigint => {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, x)
  const [high, low] = [bits.getUint32(0), bits.getUint32(4)]
  const exponent = (high >>> 20) & 0x7ff
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(low)
  const size = exponent ? (fraction | (1n << 52n)) << BigInt(exponent - 1) : fraction
  return high >>> 31 ? -size : size
}
const gap = (x: number, numerator: bigint, denominator: bigint): number => {
  const off = exact(x) * denominator - numerator
  const size = numerator < 0n ? -numerator : numerator
  return Number(((off < 0n ? -off : off) * 10n ** 20n) / (size === 0n ? 1n : size)) / 1e20
}

describe('comparing', () => {
  it('takes numbers for equal that rounding parts, and no others', () => {
    expect(compare(0.1 + 0.2, 0.3)).toBe(0)
    expect(compare(0.3 - 0.2, 0.1, tolerance([0.3, 0.2]))).toBe(0)
    expect(compare(1, 1 + 1e-13)).toBe(-1)
    expect(compare(1 + 1e-13, 1)).toBe(1)
    expect(compare(0, 1e-300)).toBe(-1)
    expect(compare(1e-300, 2e-300)).toBe(-1)
    expect(compare(-0, 0)).toBe(0)
  })
  it('knows the infinite', () => {
    expect(compare(Infinity, Infinity)).toBe(0)
    expect(compare(1e308, Infinity)).toBe(-1)
    expect(compare(Infinity, -Infinity)).toBe(1)
  })
  it('puts the greatest first and leaves equals where they are', () => {
    const rows = [
      { id: 'a', x: 0.3 },
      { id: 'b', x: 0.1 + 0.2 },
      { id: 'c', x: 0.4 }
    ]
    expect(rows.sort((p, q) => descending(p.x, q.x)).map(({ id }) => id)).toEqual(['c', 'a', 'b'])
  })
  it('does not call a p value at the level significant', () => {
    expect(significant(0.05)).toBe(false)
    expect(significant(3 * (0.05 / 3))).toBe(false)
    expect(significant(0.0499)).toBe(true)
  })
  it('makes equal sizes the same to the last bit and keeps their signs', () => {
    const d = [0.3 - 0.2, 0.1 - 0.2, 0.4 - 0.3, 0.25 - 0.25, 1e-17, 0.5]
    const out = snapped(d, tolerance([0.5]))
    expect(out[0]).toBe(-out[1])
    expect(out[2]).toBe(out[0])
    expect(out.slice(3)).toEqual([0, 0, 0.5])
  })
})

describe('a sum', () => {
  const millionths = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 60 })
  it('of decimals of at most six places is the decimal', () => {
    expect(sum([0.1, 0.2])).toBe(0.3)
    expect(mean([0.6, 0.7, 0.8])).toBe(0.7)
    fc.assert(
      fc.property(millionths, (ks) => {
        const total = ks.reduce((a, b) => a + b, 0)
        expect(sum(ks.map((k) => k / 1e6))).toBe(total / 1e6 + 0)
        expect(mean(ks.map((k) => k / 1e6))).toBe(total / (1e6 * ks.length) + 0)
      })
    )
  })
  it('of any numbers is theirs to the last bit, in any order', () => {
    const any = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), {
      minLength: 1,
      maxLength: 30
    })
    expect(sum([1e16, 1, -1e16])).toBe(1)
    fc.assert(
      fc.property(any, (values) => {
        const total = values.reduce((all, x) => all + exact(x), 0n)
        expect(gap(sum(values), total, 1n)).toBeLessThan(2.3e-16)
        expect(sum([...values].reverse())).toBe(sum(values))
        const centre = mean(values)
        expect(centre).toBeGreaterThanOrEqual(Math.min(...values))
        expect(centre).toBeLessThanOrEqual(Math.max(...values))
        // Below the normal range a double has fewer digits.
        if (Math.abs(centre) > 1e-300) expect(gap(centre, total, BigInt(values.length))).toBeLessThan(4.5e-16)
      })
    )
  })
  it('has a mean that is the value of equal values, and within the range at its ends', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 60 }), (x, n) => {
        expect(mean(new Array<number>(n).fill(x))).toBe(x + 0)
        expect(deviation(new Array<number>(n + 1).fill(x))).toBe(0)
      })
    )
    expect(mean([1.7e308, 1.7e308, 1.5e308]) / 1.7e308).toBeCloseTo(4.9 / 5.1, 12)
  })
})

describe('a standard deviation', () => {
  it.each([1e-310, 1e-200, 1, 1e160, 1e300])('is right in any unit: %d', (unit) => {
    expect(deviation([1, 2, 3].map((x) => x * unit)) / unit).toBeCloseTo(1, unit < 1e-305 ? 6 : 13)
  })
  it('is zero where values differ by rounding alone, and there is none of one value', () => {
    expect(deviation([0.3, 0.1 + 0.2, 0.3])).toBe(0)
    expect(deviation([1])).toBeNaN()
  })
  it('is that of the spread, however far from zero', () => {
    expect(deviation([1e9, 1e9 + 1, 1e9 + 2])).toBeCloseTo(1, 12)
  })
})

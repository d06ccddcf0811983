import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  atPrecision,
  bytes,
  count,
  fixed,
  flops,
  halfWidth,
  numberText,
  percent,
  plural,
  plusMinus,
  pValue,
  significant,
  siNumber,
  valueText,
  withEnds
} from '../../../src-shared/text/numbers.ts'

/** The number that a text says, read by other means than it was written. */
const read = (text: string): number => Number(text.replaceAll('−', '-').replaceAll('∞', 'Infinity'))

describe('a number with an interval', () => {
  it.each([
    [0.91234, 0.01449, '0.912 ± 0.014'],
    [123.456, 12.3, '123 ± 12'],
    [-0.5, 0.25, '−0.50 ± 0.25'],
    // .0996 to two digits is .10: no third decimal.
    [0.5, 0.0996, '0.50 ± 0.10'],
    [0.9999, 0.012, '1.000 ± 0.012'],
    [4, 1234.5, '4 ± 1235'],
    [2.926e17, 1.234e15, '2.926e17 ± 1.2e15'],
    [-2.926e17, 1.234e15, '−2.926e17 ± 1.2e15'],
    [3e8, 2e9, '3e8 ± 2.0e9'],
    [1e7, 2e9, '0 ± 2.0e9'],
    [1.5e-7, 2e-8, '1.50e−7 ± 2.0e−8'],
    [1e-7, 0.01, '0.000 ± 0.010'],
    [0.9999741, 8.02e-5, '0.999974 ± 0.000080'],
    [0.5, 1.23e-8, '0.500000000 ± 1.2e−8'],
    [-1e-19, 0.0123, '0.000 ± 0.012']
  ])('%d, half %d: %s', (mean, half, text) => expect(plusMinus(mean, half)).toBe(text))

  it('has none where all values are equal, however the mean was rounded', () => {
    expect(plusMinus(0.2, 2.8e-17)).toBe('0.2 ± 0')
    expect(plusMinus(1, 0)).toBe('1 ± 0')
    expect(plusMinus(0, 0)).toBe('0 ± 0')
    expect(plusMinus(-0, 0)).toBe('0 ± 0')
  })
  it('is alone for a single trial', () => {
    expect(plusMinus(0.5, halfWidth({}))).toBe('0.5')
    expect(plusMinus(0.5, null)).toBe('0.5')
    expect(halfWidth({ low: null, high: null })).toBeUndefined()
    expect(halfWidth({ low: 1, high: 2 })).toBe(0.5)
  })
  it('is zero where it is what rounding left of larger numbers', () => {
    expect(plusMinus(-6.94e-19, 1.2e-18, 0.3)).toBe('0 ± 0')
    expect(withEnds(-6.94e-19, -6.94e-19, -6.94e-19, 0.5)).toBe('0 (0 to 0)')
    expect(withEnds(-6.94e-19, -0.01, 0.01, 0.5)).toBe('0.000 (−0.010 to 0.010)')
    expect([atPrecision(1e-13, 1), atPrecision(1e-11, 1), atPrecision(1e-13, 0.01)]).toEqual([0, 1e-11, 1e-13])
    // A small number is no zero by itself, nor beside an infinite one.
    expect([plusMinus(-6.94e-19, undefined), atPrecision(3, Infinity)]).toEqual(['−6.94e−19', 3])
  })
  it('says both ends with the same decimals', () => {
    expect(withEnds(0.12345, 0.0812, 0.1657)).toBe('0.123 (0.081 to 0.166)')
    expect(withEnds(0.12345, null, null)).toBe('0.1235')
    expect(withEnds(0.1, 0.1, 0.1)).toBe('0.1 (0.1 to 0.1)')
  })
  it('lies within half a unit of the last digit of two digits of the interval', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        fc.integer({ min: -9, max: 12 }),
        fc.double({ min: 1, max: 9.9, noNaN: true }),
        (mean, exponent, lead) => {
          const half = lead * 10 ** exponent
          const slack = half / 20 + 1e-11 * Math.abs(mean)
          expect(Math.abs(read(numberText(mean, half)) - mean)).toBeLessThanOrEqual(slack)
          expect(Math.abs(read(numberText(half, half)) / half - 1)).toBeLessThanOrEqual(0.0501)
        }
      )
    )
  })
})

describe('a number alone', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [NaN, 'NaN'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
    [0.30000000000000004, '0.3'],
    [0.123456, '0.1235'],
    [-0.00012345, '−0.0001234'],
    [9.99996, '10'],
    [123456, '123456'],
    [999999.7, '1000000'],
    [1e6, '1e6'],
    [1e-7, '1e−7'],
    [2.5e9, '2.5e9'],
    [292600000000000000, '2.926e17'],
    [-6.94e-19, '−6.94e−19'],
    [5e-324, '4.941e−324'],
    [1.7976931348623157e308, '1.798e308']
  ])('%d: %s', (value, text) => expect(numberText(value)).toBe(text))

  it('is read back within four significant digits, and never has a sign before zero', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (value) => {
        const text = numberText(value)
        expect(text).not.toMatch(/-|−0(\.0*)?$/)
        if (Math.abs(value) > 1e-300) expect(Math.abs(read(text) / value - 1)).toBeLessThanOrEqual(5.001e-4)
      })
    )
  })
  it('takes no interval from one that is none', () => {
    expect([numberText(0.5, 0), numberText(0.5, NaN), numberText(0.5, Infinity)]).toEqual(['0.5', '0.5', '0.5'])
    expect(numberText(Infinity, 0.1)).toBe('∞')
  })
  it('has the decimals of its column', () => {
    expect([fixed(-0.004, 2), fixed(-0.35, 2), fixed(2, 1), fixed(-Infinity, 2), fixed(NaN, 2)]).toEqual([
      '0.00',
      '−0.35',
      '2.0',
      '−∞',
      'NaN'
    ])
  })
  it('as a share, a p value, a count', () => {
    expect([percent(0.1234), percent(0.00123), percent(1), percent(0)]).toEqual(['12 %', '0.12 %', '100 %', '0 %'])
    expect([pValue(0.0004), pValue(0.05), pValue(1)]).toEqual(['< 0.001', '0.050', '1.000'])
    expect([plural(1, 'trial'), plural(2000, 'trial'), plural(0, 'entry', 'entries'), count(-1234)]).toEqual([
      '1 trial',
      '2,000 trials',
      '0 entries',
      '−1,234'
    ])
    expect([significant(1234.5, 2), significant(0.05149, 2), significant(1e-19, 2)]).toEqual(['1235', '0.051', '1e−19'])
  })
  it('as the value of a parameter is not rounded', () => {
    expect([0.1 + 0.2, 100_000, 1_234_567, -3, 0.0005, 1e-9, 1e21, -0].map(valueText)).toEqual([
      '0.3',
      '100000',
      '1234567',
      '−3',
      '0.0005',
      '1e−9',
      '1e21',
      '0'
    ])
    expect([valueText(true), valueText('exact')]).toEqual(['true', 'exact'])
  })
})

describe('a quantity', () => {
  it('scales by a thousand with three digits', () => {
    expect([0, 12, 999, 999.6, 1234, 3.2e6, 17.94e9, 2.926e17, 1e21].map(siNumber)).toEqual([
      '0',
      '12',
      '999',
      '1 k',
      '1.23 k',
      '3.2 M',
      '17.9 G',
      '293 P',
      '1 Z'
    ])
    expect([12, 3.2e6, 0, 2.926e17, -1500, Infinity].map(flops)).toEqual([
      '12 FLOP',
      '3.2 MFLOP',
      '0 FLOP',
      '293 PFLOP',
      '−1.5 kFLOP',
      '∞ YFLOP'
    ])
  })
  it('scales bytes by 1024', () => {
    expect([0, 512, 1023, 1536, 25_200_000_000, 2 ** 60, -2048].map(bytes)).toEqual([
      '0 B',
      '512 B',
      '1023 B',
      '1.5 KiB',
      '23.5 GiB',
      '1 EiB',
      '−2 KiB'
    ])
  })
})

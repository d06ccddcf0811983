import { describe, expect, it } from 'vitest'
import { halfWidth, numberText, plusMinus } from '../../../src-renderer/charts/numbers.ts'

describe('numbers on charts and in tables', () => {
  it('gives the mean as many decimals as its interval has', () => {
    expect(plusMinus(0.91234, 0.01449)).toBe('0.912 ± 0.014')
    expect(plusMinus(123.456, 12.3)).toBe('123 ± 12')
    expect(plusMinus(5, 0)).toBe('5 ± 0')
    expect(plusMinus(-0.5, 0.25)).toBe('-0.50 ± 0.25')
  })

  it('writes extremes as powers of ten', () => {
    expect(plusMinus(2_500_000, 30_000)).toBe('2.50e6 ± 3.0e4')
    expect(plusMinus(0.00002, 0.000001)).toBe('2.00e-5 ± 1.0e-6')
    expect(numberText(1234567)).toBe('1.23e6')
  })

  it('invents no interval for a single trial', () => {
    expect(plusMinus(0.5, halfWidth({}))).toBe('0.5')
    expect(halfWidth({ low: null, high: null })).toBeUndefined()
    expect(halfWidth({ low: 1, high: 2 })).toBe(0.5)
  })
})

import { describe, expect, it } from 'vitest'
import { halfWidth, plusMinus } from '../../../src-shared/text/number-text.ts'

describe('numbers on charts and in tables', () => {
  it('give the mean as many decimals as its interval has', () => {
    expect(plusMinus(0.91234, 0.01449)).toBe('0.912 ± 0.014')
    expect(plusMinus(123.456, 12.3)).toBe('123 ± 12')
    expect(plusMinus(-0.5, 0.25)).toBe('-0.50 ± 0.25')
    expect(plusMinus(0.2, 2.8e-17)).toBe('0.2 ± 0')
  })

  it('invent no interval for a single trial', () => {
    expect(plusMinus(0.5, halfWidth({}))).toBe('0.5')
    expect(halfWidth({ low: null, high: null })).toBeUndefined()
    expect(halfWidth({ low: 1, high: 2 })).toBe(0.5)
  })
})

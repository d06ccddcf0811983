import { describe, expect, it } from 'vitest'
import { countText, intervalText, isAsymmetric } from '../../../src-shared/text/interval-text.ts'

describe('an estimate as text', () => {
  it('has half of its interval, or both ends where they lie unequally far', () => {
    expect(intervalText({ mean: 0.5, low: 0.4, high: 0.6, n: 5 })).toBe('0.50 ± 0.10')
    expect(intervalText({ mean: 0.98, low: 0.89, high: 1, n: 5 })).toBe('0.980 [0.890, 1.000]')
    expect(isAsymmetric({ mean: 0.98, low: 0.89, high: 1 })).toBe(true)
    expect(intervalText({ mean: 0.5, low: null, high: null, n: 1 })).toBe('0.5')
  })
  it('is a limit where no trial got there, and counts those that did not', () => {
    const none = { mean: 21, low: null, high: null, n: 5, beyond: { limit: 20, count: 5 } }
    expect([intervalText(none), countText(none)]).toEqual(['> 20', '5'])
    const some = { mean: 12, low: 8, high: 18, n: 5, beyond: { limit: 20, count: 2 } }
    expect([intervalText(some), countText(some)]).toEqual(['12.0 [8.0, 18.0]', '5, 2 > 20'])
  })
})

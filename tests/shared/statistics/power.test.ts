import { describe, expect, it } from 'vitest'
import { tInterval } from '../../../src-shared/statistics/interval.ts'
import { requiredSeeds } from '../../../src-shared/statistics/power.ts'

describe('requiredSeeds', () => {
  it('is 38 for a spread of 15 and a width of 10 (t = 2.0262 with 37 degrees; 37 seeds give 10.003)', () =>
    expect(requiredSeeds(15, 10)).toBe(38))
  it('is the first n whose interval is narrow enough', () => {
    const n = requiredSeeds(1, 0.7)!
    const width = (count: number): number => {
      // A sample with standard deviation exactly 1.
      const raw = Array.from({ length: count }, (_, i) => i)
      const { sd } = tInterval(raw)
      const { low, high } = tInterval(raw.map((x) => x / sd!))
      return high! - low!
    }
    expect(width(n)).toBeLessThanOrEqual(0.7)
    expect(width(n - 1)).toBeGreaterThan(0.7)
  })
  it('is 2 without spread, and null when no number of seeds will do', () => {
    expect(requiredSeeds(0, 0.1)).toBe(2)
    expect(requiredSeeds(1e6, 1e-6)).toBeNull()
    expect(() => requiredSeeds(1, 0)).toThrow('above zero')
  })
})

import { expect, it } from 'vitest'
import { quantile } from '../../../src-shared/statistics/quantile.ts'

it('a quantile is interpolated as R does by default (type 7)', () => {
  // quantile(c(1, 2, 4, 8), c(0, .1, .25, .5, .9, 1)) in R.
  const shares = [0, 0.1, 0.25, 0.5, 0.9, 1]
  const values = [1, 1.3, 1.75, 3, 6.8, 8]
  shares.forEach((share, i) => expect(quantile([1, 2, 4, 8], share)).toBeCloseTo(values[i], 12))
  expect(quantile([3], 0.95)).toBe(3)
  expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75)
})

it('a quantile keeps infinities as they are', () => {
  expect(quantile([-Infinity, -Infinity, 3], 0.2)).toBe(-Infinity)
  expect(quantile([1, 2, Infinity], 1)).toBe(Infinity)
})

import { expect, it } from 'vitest'
import { makeScale } from '../../../src-shared/figures/scales.ts'

const values = (integer: boolean, data: number[]): number[] =>
  makeScale({ label: 'Position', scale: 'linear', integer }, data).ticks.map(({ value }) => value)

it('an axis of whole numbers has ticks on whole numbers alone', () => {
  for (const data of [
    [1, 16],
    [-6, 6],
    [1, 3],
    [0, 1]
  ])
    for (const tick of values(true, data)) expect(Number.isInteger(tick)).toBe(true)
})

it('an axis keeps within where values can lie, and cuts none off', () => {
  const ends = (data: number[], within: readonly [number, number]) =>
    makeScale({ label: 'Cosine', scale: 'linear', within }, data).ends
  expect(ends([0.13, 0.97], [-1, 1])[1]).toBe(1)
  expect(ends([0.013, 5.2], [0, Infinity])[0]).toBe(0)
  expect(ends([1, 1], [-1, 1])[1]).toBe(1)
  expect(ends([1, 1], [-1, 1])[0]).toBeLessThan(1)
  expect(ends([0, 0], [0, Infinity])[0]).toBe(0)
  // A number that a model should not give is seen for all that.
  expect(ends([0.2, 1.3], [-1, 1])[1]).toBeGreaterThanOrEqual(1.3)
})

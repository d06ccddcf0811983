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

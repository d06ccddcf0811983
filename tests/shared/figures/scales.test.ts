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

it('an axis of bytes has ticks at powers of two, and says bytes and operations in the units of the tables', () => {
  const labels = (unit: string, scale: 'log' | 'linear', data: number[]) =>
    makeScale({ label: 'Cost', unit, scale }, data).ticks.map(({ label }) => label)
  expect(labels('B', 'log', [2 ** 20, 2 ** 26])).toEqual([
    '1 MiB',
    '2 MiB',
    '4 MiB',
    '8 MiB',
    '16 MiB',
    '32 MiB',
    '64 MiB'
  ])
  expect(labels('B', 'linear', [0, 3 * 2 ** 20])).toContain('1.5 MiB')
  expect(labels('FLOP', 'log', [1e5, 1e9])).toEqual(['100 k', '1 M', '10 M', '100 M', '1 G'])
  expect(labels('FLOP/s', 'log', [1e9, 1e11])).toEqual(expect.arrayContaining(['1 G', '10 G', '100 G']))
  // A number without a unit stays a number.
  expect(labels('ms', 'log', [1e5, 1e9]).at(-1)).toBe('1e9')
})

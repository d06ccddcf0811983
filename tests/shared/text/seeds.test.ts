import { expect, it } from 'vitest'
import { seedsText } from '../../../src-shared/text/seeds.ts'

it('names the ends of seeds in a row, lists others, and says how many a long list has', () => {
  expect(seedsText([0, 1, 2, 3])).toBe('0 to 3')
  expect(seedsText([7])).toBe('7')
  expect(seedsText([0, 1])).toBe('0, 1')
  expect(seedsText([1, 5])).toBe('1, 5')
  expect(seedsText([3, 2, 1])).toBe('3, 2, 1')
  expect(seedsText([9, 1, 4, 7], 3)).toBe('9, 1, 4, … (4)')
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { letterGroups } from '../../../src-shared/statistics/letters.ts'

const pairs = (...list: [number, number][]) => {
  const set = new Set(list.map(String))
  return (i: number, j: number): boolean => set.has(`${i},${j}`)
}

it('letters group what cannot be told apart', () => {
  expect(letterGroups(3, pairs())).toEqual(['a', 'a', 'a'])
  expect(letterGroups(3, pairs([0, 2]))).toEqual(['a', 'ab', 'b'])
  expect(letterGroups(3, pairs([0, 1], [0, 2], [1, 2]))).toEqual(['a', 'b', 'c'])
  expect(letterGroups(0, pairs())).toEqual([])
})

it('two models share a letter if and only if they are not different', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.boolean(), { minLength: 28, maxLength: 28 }), (n, bits) => {
      const differ = (i: number, j: number): boolean => bits[(i * (15 - i)) / 2 + j - i - 1]
      const letters = letterGroups(n, differ)
      for (let i = 0; i < n; i++) {
        expect(letters[i]).not.toBe('')
        for (let j = i + 1; j < n; j++) expect([...letters[i]].some((c) => letters[j].includes(c))).toBe(!differ(i, j))
      }
    })
  )
})

import { describe, expect, it } from 'vitest'
import { readSimilarity } from '../../../src-shared/recall/similarity.ts'

const good = ',cat,dog,cup\ncup,0,.1,1\ncat,1,.8,0\ndog,.8,1,.1\n'

describe('a table of similarities', () => {
  it('gives the cosine of two words, and 0 for words it does not have', () => {
    const { words, of: similarity } = readSimilarity(good)
    expect(words).toEqual(['cat', 'dog', 'cup'])
    expect(similarity('cat', 'dog')).toBe(0.8)
    expect(similarity('cup', 'dog')).toBe(0.1)
    expect(similarity('cat', 'sun')).toBe(0)
    expect(similarity('sun', 'cat')).toBe(0)
  })
  it.each([
    ['a word that comes twice', good.replace('dog,cup', 'dog,dog'), 'Line 1, column dog'],
    ['a cell that is no number', good.replace('cat,1,.8', 'cat,1,high'), 'Line 3, column dog'],
    ['an empty cell', good.replace('cat,1,.8', 'cat,1,'), 'Line 3, column dog'],
    ['a row that is too short', good.replace('dog,.8,1,.1', 'dog,.8'), 'Line 4'],
    ['a row that comes twice', `${good}cat,1,.8,0\n`, 'Line 5'],
    ['no words', '\n', 'Line 1']
  ])('with %s is refused by line and column', (_, text, where) => {
    expect(() => readSimilarity(text, 's.csv')).toThrow(where)
  })
})

import { expect, it } from 'vitest'
import { nearestName } from '../../../src-shared/text/nearest.ts'

it('is the name that differs in the fewest letters, in any case', () => {
  const known = ['accuracy', 'cosine', 'f1', 'learningRate']
  expect(nearestName('acuracy', known)).toBe('accuracy')
  expect(nearestName('ACCURACY', known)).toBe('accuracy')
  expect(nearestName('cosien', known)).toBe('cosine')
  expect(nearestName('learning_rate', known)).toBe('learningRate')
  expect(nearestName('f2', known)).toBe('f1')
})
it('is none where nothing is near', () => {
  expect(nearestName('zzzzzzzz', ['accuracy', 'f1'])).toBeUndefined()
  expect(nearestName('accuracy', [])).toBeUndefined()
})

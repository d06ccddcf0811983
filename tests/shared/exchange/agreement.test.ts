import { expect, it } from 'vitest'
import { compareOutcomes } from '../../../src-shared/exchange/agreement.ts'

const done = (metrics: Record<string, number>) => ({ status: 'done' as const, metrics })

it('two computations are identical bit by bit, within tolerance, or drifted', () => {
  expect(compareOutcomes(done({ a: 0.1, b: 0 }), done({ a: 0.1, b: -0 }))).toEqual({
    agreement: 'identical',
    worst: null
  })
  // 1e-6 + 1e-4 * 0.5 = 5.1e-5
  expect(compareOutcomes(done({ a: 0.5 }), done({ a: 0.500051 - 1e-9 })).agreement).toBe('within')
  expect(compareOutcomes(done({ a: 0.5 }), done({ a: 0.500052 }))).toEqual({
    agreement: 'drifted',
    worst: { metric: 'a', before: 0.5, after: 0.500052 }
  })
})
it('the worst metric decides and is named', () => {
  expect(compareOutcomes(done({ a: 1, b: 2 }), done({ a: 1 + 1e-9, b: 3 }))).toMatchObject({
    agreement: 'drifted',
    worst: { metric: 'b' }
  })
  expect(compareOutcomes(done({ a: 1, b: 2 }), done({ b: 2 }))).toMatchObject({
    agreement: 'drifted',
    worst: { metric: 'a', after: null }
  })
})
it('another end is drift', () => {
  expect(compareOutcomes(done({}), { status: 'diverged', metrics: {} }).agreement).toBe('drifted')
})

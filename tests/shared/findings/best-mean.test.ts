import { expect, it } from 'vitest'
import { bestMean } from '../../../src-shared/findings/best-mean.ts'
import { cellResult } from '../../support/cell-result.ts'

const higher = { name: 'accuracy', direction: 'higher' } as const

it('is the mean over points by seed of the model that is best, with t over seeds', () => {
  const cells = [
    cellResult('weak', [0.1, 0.2, 0.3], { point: { items: 5 } }),
    cellResult('strong', [1, 0.8, 0.6], { point: { items: 5 } }),
    cellResult('strong', [0.6, 0.6, 0.6], { point: { items: 10 } })
  ]
  const best = bestMean(cells, higher)!
  expect(best).toMatchObject({ label: 'strong', n: 3 })
  expect(best.mean).toBeCloseTo(0.7, 12)
  // Means by seed .8, .7, .6: sd .1, t of 2 degrees 4.302653.
  expect(best.high! - best.mean).toBeCloseTo((4.302652729911275 * 0.1) / Math.sqrt(3), 9)
})
it('is the lowest where lower is better, and the first of a metric without direction', () => {
  const cells = [cellResult('a', [3, 3]), cellResult('b', [1, 1]), cellResult('c', [2, 2])]
  expect(bestMean(cells, { ...higher, direction: 'lower' })?.label).toBe('b')
  expect(bestMean(cells, { ...higher, direction: 'none' })?.label).toBe('a')
})
it('leaves out a seed that is not done at every point, and a model without one', () => {
  const cells = [
    cellResult('a', [null, null], { point: { items: 5 } }),
    cellResult('b', [1, null, 0.5], { point: { items: 5 } }),
    cellResult('b', [1, 1, null], { point: { items: 10 } })
  ]
  expect(bestMean(cells, higher)).toMatchObject({ label: 'b', n: 1, mean: 1, low: null })
  expect(bestMean(cells.slice(0, 1), higher)).toBeUndefined()
})

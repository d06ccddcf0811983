import { expect, it } from 'vitest'
import { deltas } from '../../../src-main/studio/deltas.ts'
import { experiment, newRun, outcome, testStore } from '../store/support.ts'

it('runs are set against a baseline by their best models, and only where the main metric is the same', () => {
  const store = testStore()
  const best = (label: string, metric = 'accuracy') => ({ best: { label, metric, mean: 0 } })
  for (const id of ['A', 'B', 'C']) store.write.addRun(newRun(id))
  store.write.addRun(newRun('D', { experiment: experiment({ task: { kind: 'contiguity' } }) }))
  // Cells 0 and 1 are the two models at five items: accuracy is the cell plus a tenth of the seed.
  for (const id of ['A', 'B', 'D'])
    store.write.addTrials(
      id,
      [0, 1].flatMap((c) => [0, 1].map((s) => outcome(c, s))),
      1,
      'cpu'
    )
  store.write.changeRun('A', best('alpha'))
  store.write.changeRun('B', best('Beta, tuned'))
  store.write.changeRun('D', best('alpha'))
  const found = deltas('A', ['A', 'B', 'C', 'D'], store.read)
  expect(found.map(({ id }) => id)).toEqual(['B'])
  expect(found[0].difference).toBeCloseTo(1, 12)
  expect(found[0].method).toBe('paired t over 2 common seeds')
  expect(deltas('C', ['A'], store.read)).toEqual([])
  expect(() => deltas('A', ['X'], store.read)).toThrow('no run')
})

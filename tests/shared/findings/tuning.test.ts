import { expect, it } from 'vitest'
import { bestOf, edgesOf, tuningTable } from '../../../src-shared/findings/tuning.ts'
import type { TuningCell } from '../../../src-shared/grid/cell.ts'
import type { TuningTrial } from '../../../src-shared/shapes/tuning.ts'

const tried = (rate: number, ...scores: (number | null)[]) => ({ values: { rate }, scores })

it('the best mean over the seeds wins, the lowest where low is good', () => {
  const points = [tried(0.1, 0.2, 0.4), tried(0.2, 0.9, 0.1), tried(0.3, 0.5, 0.3)]
  expect(bestOf(points, 'higher')).toBe(1)
  expect(bestOf(points, 'lower')).toBe(0)
})

it('a tie goes to the smaller value, wherever it stands and however the means round', () => {
  // 0.1 + 0.2 and 0.15 + 0.15 have one mean in exact arithmetic and two in binary.
  expect(bestOf([tried(0.3, 0.1, 0.2), tried(0.1, 0.15, 0.15)], 'higher')).toBe(1)
  expect(bestOf([tried(0.1, 0.15, 0.15), tried(0.3, 0.1, 0.2)], 'higher')).toBe(0)
  expect(bestOf([tried(0.3, 1), tried(0.01, 1), tried(0.1, 1)], 'lower')).toBe(1)
})

it('a point of which one trial diverged is worse than any other, and where all did the smallest is left', () => {
  expect(bestOf([tried(0.1, 1, null), tried(0.2, 0, 0)], 'higher')).toBe(1)
  expect(bestOf([tried(0.1, 0, null), tried(0.2, 9, 9)], 'lower')).toBe(1)
  expect(bestOf([tried(0.3, null), tried(0.1, null), tried(0.2, null)], 'higher')).toBe(1)
})

it('of values that are no numbers the one named first wins a tie', () => {
  const points = ['softmax', 'linear'].map((read) => ({ values: { read }, scores: [1] }))
  expect(bestOf(points, 'higher')).toBe(0)
})

it('a winner is at the edge where a smaller or larger value was not tried, not where there was one value', () => {
  const all = [
    { rate: 1, size: 8 },
    { rate: 2, size: 8 },
    { rate: 3, size: 8 }
  ]
  expect(edgesOf(all[0], all)).toEqual(['rate'])
  expect(edgesOf(all[1], all)).toEqual([])
  expect(edgesOf(all[2], all)).toEqual(['rate'])
})

it('a proposed winner is at the edge in the outer twentieth of its range, by ratios where all of it is above zero', () => {
  const at = (rate: number, low = 0.001, high = 0.1): string[] =>
    edgesOf({ rate }, [{ rate }, { rate: 0.02 }], { rate: [low, high] })
  // 0.001 * 100^0.05 = 0.001259 and 0.1 / 100^0.05 = 0.0794.
  expect([0.001, 0.00125, 0.00127, 0.02, 0.079, 0.08, 0.1].map((rate) => at(rate).length)).toEqual([
    1, 1, 0, 0, 0, 1, 1
  ])
  expect([-1, -0.91, -0.89, 0.89, 0.91].map((rate) => at(rate, -1, 1).length)).toEqual([1, 1, 0, 0, 1])
})

it('what an optimiser proposed is held to its range, what lay in a grid to what was tried', () => {
  const params = [{ param: 'task.rate', values: [0.001, 1] }]
  const cells = [cell({ rate: 0.01 }), cell({ rate: 0.1 })]
  const trials = [0.5, 0.2].flatMap((value, i) => [trial(1 + i, 8, 'done', value), trial(1 + i, 9, 'done', value)])
  const chosen = (tuner: 'grid' | 'optuna'): string[] =>
    tuningTable({ ...results, cells, trials }, { params, tuner }).rows.find(({ chosen }) => chosen)!.edges
  expect(chosen('grid')).toEqual(['rate'])
  expect(chosen('optuna')).toEqual([])
})

const cell = (values: TuningCell['values']): TuningCell => ({
  ...{ use: 0, label: 'A', model: 'a', params: {}, taskParams: {}, point: { items: 5 }, tuned: ['rate'], for: 0 },
  values
})
const trial = (cell: number, seed: number, status: TuningTrial['status'], value: number | null): TuningTrial => ({
  ...{ cell, seed, status, value, hash: '0'.repeat(64), elapsedMs: 1, backend: 'wasm' }
})
const results = {
  ...{ first: 1, seeds: [8, 9], metric: 'accuracy', direction: 'higher' as const },
  cells: [cell({ rate: 0.1 }), cell({ rate: 0.2 })]
}

it('the table counts what is done, diverged and still to come, and names no winner before all have ended', () => {
  const { rows } = tuningTable({ ...results, trials: [trial(1, 8, 'done', 0.5), trial(1, 9, 'diverged', null)] })
  expect(rows).toMatchObject([
    { mean: 0.5, n: 1, diverged: 1, missing: 0, chosen: false },
    { mean: null, n: 0, missing: 2, chosen: false }
  ])
})

it('once all have ended the winner is marked, at the edge where it lies there', () => {
  const trials = [1, 2].flatMap((at) => [8, 9].map((seed) => trial(at, seed, 'done', at / 4)))
  const { rows } = tuningTable({ ...results, trials })
  expect(rows).toMatchObject([
    { mean: 0.25, n: 2, chosen: false, edges: [] },
    { mean: 0.5, n: 2, chosen: true, edges: ['rate'] }
  ])
})

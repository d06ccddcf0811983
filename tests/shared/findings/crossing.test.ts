import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import { crossing, crossingText, derive } from '../../../src-shared/findings/crossing.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { cellResult } from '../../support/cell-result.ts'

const xs = [5, 10, 20, 40, 80]
const info = {
  name: 'capacity',
  label: 'Capacity',
  kind: 'crossing' as const,
  metric: 'accuracy',
  axis: 'items',
  threshold: 0.95,
  scale: 'log' as const,
  help: ''
}
const cell = (items: number, values: number[], model = 'm'): CellResult =>
  cellResult(model, values, { point: { items, dim: 64 } })

describe('crossing', () => {
  it('interpolates in log x: halfway between 20 and 40 is 20 sqrt 2', () => {
    const { relation, at } = crossing(xs, [1, 1, 0.97, 0.93, 0], 0.95, 'log')
    expect(relation).toBe('=')
    expect(at).toBeCloseTo(20 * Math.SQRT2, 10)
    expect(crossing(xs, [1, 1, 0.97, 0.93, 0], 0.95, 'linear').at).toBeCloseTo(30, 10)
  })
  it('takes the largest N that reaches the threshold, also behind a dip', () =>
    expect(crossing(xs, [1, 0.9, 0.95, 0.95, 0.75], 0.95, 'log')).toEqual({ relation: '=', at: 40 }))
  it('says when the grid does not contain it', () => {
    expect(crossingText(crossing(xs, [1, 1, 1, 1, 0.95], 0.95, 'log'))).toBe('> 80')
    expect(crossingText(crossing(xs, [0.9, 0.2, 0.1, 0, 0], 0.95, 'log'))).toBe('< 5')
    expect(crossingText({ relation: '=', at: 28.284 })).toBe('28.3')
  })
  it('takes the least x of a curve that rises, and says when the grid does not contain it', () => {
    const { relation, at } = crossing(xs, [0, 0.93, 0.97, 1, 1], 0.95, 'log', true)
    expect(relation).toBe('=')
    expect(at).toBeCloseTo(10 * Math.SQRT2, 10)
    // Where it has been enough once, a dip behind it does not matter.
    expect(crossing(xs, [0.2, 0.95, 0.9, 1, 1], 0.95, 'log', true)).toEqual({ relation: '=', at: 10 })
    expect(crossingText(crossing(xs, [0, 0.1, 0.2, 0.3, 0.94], 0.95, 'log', true))).toBe('> 80')
    expect(crossingText(crossing(xs, [0.95, 0.1, 1, 1, 1], 0.95, 'log', true))).toBe('< 5')
  })
  it('finds a crossing that was put there', () => {
    fc.assert(
      fc.property(fc.double({ min: 5.01, max: 79, noNaN: true }), (capacity) => {
        // A straight line in log x through .95 at the capacity.
        const ys = xs.map((x) => 0.95 - 0.1 * Math.log(x / capacity))
        expect(crossing(xs, ys, 0.95, 'log').at).toBeCloseTo(capacity, 8)
        const rising = ys.map((y) => 1.9 - y)
        expect(crossing(xs, rising, 0.95, 'log', true).at).toBeCloseTo(capacity, 8)
      })
    )
  })
})

describe('derive', () => {
  it('gives each model its capacity with an interval over seeds', () => {
    const rows = derive(
      [
        cell(10, [1, 1, 1]),
        cell(40, [0.8, 0.7, 0.9]),
        cell(20, [0.98, 0.96, 0.97]),
        cell(10, [1], 'n'),
        cell(20, [1], 'n')
      ],
      info,
      { random: seeded(1), draws: 500 }
    )
    expect(rows.map((r) => r.label)).toEqual(['m', 'n'])
    const [m, n] = rows
    // Means 1, .97, .8: 20 * 2^(.02/.17).
    expect(m.value.at).toBeCloseTo(20 * 2 ** (0.02 / 0.17), 8)
    expect(m.point).toEqual({ dim: 64 })
    expect(m.low!.at).toBeLessThanOrEqual(m.value.at)
    expect(m.high!.at).toBeGreaterThanOrEqual(m.value.at)
    expect(n.value).toEqual({ relation: '>', at: 20 })
    expect(n.low).toBeNull()
  })
  it('has an open end where some resamples never cross', () => {
    const [row] = derive([cell(10, [1, 1]), cell(20, [0.88, 1])], info, { random: seeded(1), draws: 400 })
    expect(row.value.relation).toBe('=')
    expect(row.high).toEqual({ relation: '>', at: 20 })
  })
  it('leaves a model with a single grid point out', () =>
    expect(derive([cell(10, [1])], info, { random: seeded(1) })).toEqual([]))
})

it('a mean of exactly the threshold reaches it, however its seeds are rounded', () => {
  const at = (values: number[]) => {
    const [row] = derive(
      [
        cell(5, values),
        cell(
          10,
          values.map(() => 0.1)
        )
      ],
      info,
      { random: seeded(1), draws: 50 }
    )
    return crossingText(row.value)
  }
  expect(at([0.95, 0.95, 0.95])).toBe('5')
  expect(at(new Array<number>(10).fill(0.95))).toBe('5')
  expect(at([1, 0.9, 0.95])).toBe('5')
  expect(at([0.9, 1, 0.95, 0.95, 0.85, 1, 1])).toBe('5')
  expect(at([0.949, 0.95, 0.95])).toBe('< 5')
})

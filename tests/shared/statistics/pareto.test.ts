import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paretoFront } from '../../../src-shared/statistics/pareto.ts'

const points = fc.array(fc.record({ x: fc.integer({ min: -9, max: 9 }), y: fc.integer({ min: -9, max: 9 }) }))

describe('the Pareto front', () => {
  it('keeps what no other beats in both', () => {
    const given = [
      { x: 1, y: 0.2 },
      { x: 2, y: 0.9 },
      { x: 3, y: 0.9 },
      { x: 4, y: 0.95 },
      { x: 2, y: 0.5 }
    ]
    expect(paretoFront(given, 'lower', 'higher')).toEqual([true, true, false, true, false])
    expect(paretoFront(given, 'lower', 'lower')).toEqual([true, false, false, false, false])
  })
  it('keeps equal points together and leaves out what is not a number', () => {
    const given = [
      { x: 1, y: 1 },
      { x: 1, y: 1 },
      { x: 0, y: NaN }
    ]
    expect(paretoFront(given, 'lower', 'higher')).toEqual([true, true, false])
    expect(paretoFront([], 'lower', 'higher')).toEqual([])
  })
  it('is the same when an axis is negated and its direction turned', () => {
    fc.assert(
      fc.property(points, (given) => {
        const turned = given.map(({ x, y }) => ({ x, y: -y }))
        expect(paretoFront(turned, 'lower', 'lower')).toEqual(paretoFront(given, 'lower', 'higher'))
      })
    )
  })
  it('is never empty, rises along the better direction, and stands above everything else', () => {
    fc.assert(
      fc.property(points, (given) => {
        const on = paretoFront(given, 'lower', 'higher')
        const front = given.filter((_, i) => on[i]).sort((a, b) => a.x - b.x || a.y - b.y)
        expect(front.length > 0).toBe(given.length > 0)
        for (const [i, p] of front.entries())
          if (i > 0 && p.x !== front[i - 1].x) expect(p.y).toBeGreaterThan(front[i - 1].y)
        for (const [i, p] of given.entries()) if (!on[i]) expect(front.some((f) => f.x <= p.x && f.y >= p.y)).toBe(true)
      })
    )
  })
})

it('points that differ by rounding alone are equal', () => {
  const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length
  const [p, q] = [mean([0.6, 0.7, 0.8]), mean([0.7, 0.8, 0.6])]
  expect(p).not.toBe(q)
  expect(
    paretoFront(
      [p, q].map((y) => ({ x: 1, y })),
      'lower',
      'higher'
    )
  ).toEqual([true, true])
})

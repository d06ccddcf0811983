import { describe, expect, it } from 'vitest'
import { multiStart, nelderMead } from '../../../src-shared/statistics/nelder-mead.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'

const box = (n: number, min: number, max: number) => Array.from({ length: n }, () => ({ min, max }))

describe('the simplex search', () => {
  it('finds the minimum of a quadratic', () => {
    const { x, value, converged } = nelderMead(([a, b]) => (a - 1) ** 2 + 3 * (b + 2) ** 2, [0, 0], box(2, -5, 5))
    expect(x[0]).toBeCloseTo(1, 3)
    expect(x[1]).toBeCloseTo(-2, 3)
    expect(value).toBeLessThan(1e-6)
    expect(converged).toBe(true)
  })
  it('follows Rosenbrock’s valley to (1, 1)', () => {
    const f = ([a, b]: number[]): number => (1 - a) ** 2 + 100 * (b - a * a) ** 2
    const { x } = nelderMead(f, [-1.2, 1], box(2, -3, 3), { evaluations: 4000 })
    expect(x[0]).toBeCloseTo(1, 2)
    expect(x[1]).toBeCloseTo(1, 2)
  })
  it('stays within its bounds and goes to the bound when the minimum lies beyond', () => {
    const tried: number[] = []
    const { x } = nelderMead(
      ([a]) => {
        tried.push(a)
        return (a - 7) ** 2
      },
      [1],
      [{ min: 0, max: 2 }]
    )
    expect(Math.min(...tried)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...tried)).toBeLessThanOrEqual(2)
    expect(x[0]).toBeCloseTo(2, 4)
  })
  it('stops when its evaluations are used up, and says that it did not converge', () => {
    const { evaluations, converged } = nelderMead(([a, b]) => a * a + b * b, [3, 3], box(2, -5, 5), { evaluations: 10 })
    expect(evaluations).toBeLessThan(14)
    expect(converged).toBe(false)
  })
  it('goes round points that have no value', () => {
    const { x } = nelderMead(([a]) => (a < 1 ? NaN : (a - 2) ** 2), [3], [{ min: 0, max: 5 }])
    expect(x[0]).toBeCloseTo(2, 3)
  })
})

describe('several starts', () => {
  /** Rastrigin: a valley at every whole number, the deepest at 0. */
  const f = (x: number[]): number => x.reduce((s, v) => s + v * v - 10 * Math.cos(2 * Math.PI * v) + 10, 0)
  it('find the deepest of many valleys, where one from afar does not', () => {
    expect(nelderMead(f, [4.5, -4.5], box(2, -5, 5)).value).toBeGreaterThan(1)
    expect(multiStart(f, box(2, -5, 5), { starts: 40, uniform: seeded(3) }).value).toBeCloseTo(0, 6)
  })
  it('give the same result for the same seed', () => {
    const run = () => multiStart(f, box(3, -5, 5), { starts: 3, uniform: seeded(8) })
    expect(run()).toEqual(run())
  })
})

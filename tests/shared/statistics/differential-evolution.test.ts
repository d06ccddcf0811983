import { describe, expect, it } from 'vitest'
import { differentialEvolution } from '../../../src-shared/statistics/differential-evolution.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'

const box = (n: number, min: number, max: number) => Array.from({ length: n }, () => ({ min, max }))
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

describe('differential evolution', () => {
  it('finds the first three minima of De Jong’s suite, which the method was first shown on', () => {
    const sphere = (x: number[]): number => sum(x.map((v) => v * v))
    const saddle = ([a, b]: number[]): number => 100 * (a * a - b) ** 2 + (1 - a) ** 2
    const step = (x: number[]): number => sum(x.map((v) => Math.floor(v)))
    const found = differentialEvolution(sphere, box(3, -5.12, 5.12), { uniform: seeded(1) })
    expect(found.value).toBeLessThan(1e-6)
    expect(found.converged).toBe(true)
    const { x } = differentialEvolution(saddle, box(2, -2.048, 2.048), { uniform: seeded(1), evaluations: 20_000 })
    expect(x[0]).toBeCloseTo(1, 4)
    expect(x[1]).toBeCloseTo(1, 4)
    // Flat steps: five whole numbers, -6 each at the lowest.
    expect(differentialEvolution(step, box(5, -5.12, 5.12), { uniform: seeded(1) }).value).toBe(-30)
  })
  it('finds the lowest of many minima, where a simplex stays in the nearest', () => {
    // Rastrigin's function: a local minimum at every whole number.
    const f = (x: number[]): number => sum(x.map((v) => v * v - 10 * Math.cos(2 * Math.PI * v) + 10))
    const { x, value } = differentialEvolution(f, box(3, -5.12, 5.12), {
      uniform: seeded(3),
      start: [4, 4, 4],
      evaluations: 20_000
    })
    expect(value).toBeLessThan(1e-4)
    for (const v of x) expect(v).toBeCloseTo(0, 2)
  })
  it('tries nothing out of bounds, and comes to a bound when the minimum lies beyond', () => {
    const tried: number[] = []
    const f = ([a]: number[]): number => {
      tried.push(a)
      return (a - 7) ** 2
    }
    const { x } = differentialEvolution(f, [{ min: 0, max: 2 }], { uniform: seeded(1) })
    expect(Math.min(...tried)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...tried)).toBeLessThanOrEqual(2)
    expect(x[0]).toBeCloseTo(2, 3)
  })
  it('goes round points that have no value, and keeps a start that nothing beats', () => {
    const f = ([a, b]: number[]): number => (a < 0 ? NaN : a + b)
    const { x } = differentialEvolution(f, box(2, -1, 1), { uniform: seeded(2) })
    expect(x[0]).toBeCloseTo(0, 3)
    const at = differentialEvolution(([a]) => (a === 0.25 ? -1 : a), box(1, 0, 1), {
      uniform: seeded(2),
      start: [0.25],
      evaluations: 200
    })
    expect(at).toMatchObject({ x: [0.25], value: -1 })
  })
  it('is the same for the same seed, stops when its evaluations are used up, and says that it did not converge', () => {
    const f = (x: number[]): number => sum(x.map((v) => v ** 4))
    const run = (seed: number) => differentialEvolution(f, box(4, -1, 2), { uniform: seeded(seed), evaluations: 500 })
    expect(run(5)).toEqual(run(5))
    expect(run(5)).not.toEqual(run(6))
    expect(run(5).converged).toBe(false)
    expect(run(5).evaluations).toBeLessThan(500 + 40)
  })
})

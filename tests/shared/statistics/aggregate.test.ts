import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { aggregates, efficiencyCurve, improvementOver, weightedIqm } from '../../../src-shared/statistics/aggregate.ts'
import { seeded } from '../../../src-shared/statistics/random.ts'
import { iqm } from '../../../src-shared/statistics/robust.ts'

const x = [
  [0.46, 0.83, 0.53, 1.19, 0.41, 0.18, 0.51, 0.87],
  [0.3, 1.04, 0.46, 0.78, 1.18, 0.67, 0.55, 0.68],
  [0.63, 0.73, 0.92, 0.33, 0.76, 0.35, 0.49, 0.52]
]
const y = [
  [0.72, 0.52, 0.21, 0.51, 0.27, 0.27],
  [0.85, 0.31, 0.61, 0.29, 0.19, 0.95],
  [0.11, 0.55, 0.59, 0.48, 0.67, 0.81]
]
const draws = () => ({ random: seeded(1) })

describe('aggregates over tasks', () => {
  it('are those of rliable, with the interval of its stratified bootstrap', () => {
    const found = aggregates(x, draws())
    // rliable.metrics of the same scores; percentiles of 40,000 stratified draws of numpy's.
    const published = {
      median: [0.6225, 0.515, 0.76628],
      iqm: [0.6091666666666666, 0.5025, 0.735],
      mean: [0.6404166666666667, 0.53916, 0.74583],
      optimalityGap: [0.3766666666666666, 0.285, 0.46875]
    } as const
    for (const [name, [estimate, low, high]] of Object.entries(published)) {
      const own = found[name as keyof typeof published]
      expect(own.estimate).toBeCloseTo(estimate, 12)
      expect(Math.abs(own.low! - low)).toBeLessThan(0.02)
      expect(Math.abs(own.high! - high)).toBeLessThan(0.02)
    }
  })
  it('are those of rliable’s own tests', () => {
    const found = aggregates(
      [
        [1, 2, 1, 2],
        [2, 2, 1, 1]
      ],
      draws()
    )
    expect([found.median.estimate, found.mean.estimate, found.iqm.estimate]).toEqual([1.5, 1.5, 1.5])
    expect(
      improvementOver(
        [
          [1, 2, 1, 2],
          [2, 2, 1, 1]
        ],
        [
          [1, 2, 3],
          [1, 2, 3]
        ],
        draws()
      ).estimate
    ).toBeCloseTo(1 / 3, 12)
  })
  it('weigh tasks alike, whatever their seeds, and are the plain ones of one task', () => {
    expect(weightedIqm([x[0]])).toBeCloseTo(iqm(x[0]), 12)
    expect(
      weightedIqm([
        [0, 0, 0, 0, 0, 0],
        [1, 1]
      ])
    ).toBeCloseTo(0.5, 12)
    expect(
      aggregates(
        [
          [0, 0, 0, 0, 0, 0],
          [1, 1]
        ],
        draws()
      ).mean.estimate
    ).toBe(0.5)
  })
  it('have no interval from one seed, and none of zero width but of equal scores', () => {
    expect(aggregates([[0.5], [0.7]], draws()).mean).toMatchObject({ estimate: 0.6, low: null, high: null })
    expect(
      aggregates(
        [
          [0.5, 0.5],
          [0.7, 0.7]
        ],
        draws()
      ).median
    ).toMatchObject({ low: 0.6, high: 0.6 })
  })
  it('do not change with the order of seeds', () =>
    expect(
      aggregates(
        x.map((task) => [...task].reverse()),
        draws()
      )
    ).toEqual(aggregates(x, draws())))
  it('refuse no task, and one without a score', () => {
    expect(() => aggregates([], draws())).toThrow('at least one task')
    expect(() => aggregates([[1], []], draws())).toThrow('at least one')
  })
})

describe('the probability of improvement over tasks', () => {
  it('is rliable’s, with its interval', () => {
    const found = improvementOver(x, y, draws())
    expect(found.estimate).toBeCloseTo(0.6284722222222222, 12)
    expect(Math.abs(found.low! - 0.44444)).toBeLessThan(0.02)
    expect(Math.abs(found.high! - 0.79861)).toBeLessThan(0.02)
  })
  it('adds to one with its reverse, does not change with the unit, and lies in its interval', () => {
    const tasks = fc.array(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 5 }), {
      minLength: 2,
      maxLength: 2
    })
    fc.assert(
      fc.property(tasks, tasks, (a, b) => {
        const found = improvementOver(a, b, { random: seeded(2), draws: 200 })
        expect(found.estimate + improvementOver(b, a, { random: seeded(2), draws: 2 }).estimate).toBeCloseTo(1, 12)
        const tenth = (list: number[][]) => list.map((task) => task.map((v) => v * 0.1 + 0.7))
        expect(improvementOver(tenth(a), tenth(b), { random: seeded(2), draws: 200 })).toEqual(found)
        expect(found.low).toBeGreaterThanOrEqual(0)
        expect(found.high).toBeLessThanOrEqual(1)
      }),
      { numRuns: 40 }
    )
  })
})

describe('curves of sample efficiency', () => {
  it('are at every step the interquartile mean of that step', () => {
    const curves = x.map((task) => task.map((score) => [0, score / 2, score]))
    const found = efficiencyCurve(curves, { random: seeded(1), draws: 200 })
    expect(found.map(({ estimate }) => estimate)).toEqual(
      [0, weightedIqm(x) / 2, weightedIqm(x)].map((v) => expect.closeTo(v, 12) as number)
    )
    expect(found[0]).toMatchObject({ low: 0, high: 0 })
    expect(found[2].low!).toBeCloseTo(2 * found[1].low!, 10)
  })
  it('refuse curves of different steps', () =>
    expect(() => efficiencyCurve([[[1, 2]], [[1]]], { random: seeded(1) })).toThrow('the same steps'))
})

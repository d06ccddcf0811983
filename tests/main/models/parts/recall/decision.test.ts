import { describe, expect, it } from 'vitest'
import { luce, race, stopProbability } from '../../../../../src-main/models/parts/recall/decision.ts'
import { drawsFor, RecallPhase } from '../../../../../src-main/models/parts/recall/phase.ts'

const a = Float64Array.of(0.2, 0.9, 0.5)

describe('Luce’s rule', () => {
  it('chooses in proportion to exp(2a/tau) among the items not excluded', () => {
    const p = luce(a, 0.5, (item) => item === 1)
    expect(p[1]).toBe(0)
    expect(p[0] / p[2]).toBeCloseTo(Math.exp((2 * (0.2 - 0.5)) / 0.5), 12)
    expect(p[0] + p[2]).toBeCloseTo(1, 12)
  })
  it('has nothing to choose when all are excluded', () => {
    expect([...luce(a, 0.5, () => true)]).toEqual([0, 0, 0])
  })
  it('stops with X1 exp(X2 k), never quite surely', () => {
    expect(stopProbability(2, 0.05, 1)).toBeCloseTo(0.05 * Math.exp(2), 12)
    expect(stopProbability(50, 0.05, 1)).toBe(1 - 1e-6)
    expect(stopProbability(0, 0, 1)).toBe(1e-6)
  })
})

describe('a race', () => {
  const still = { kappa: 0, lambda: 0, dt: 100, tau: 1000 }
  const quiet = new Float64Array(3000)

  it('without leak, inhibition and noise ends after 1/(a dt/tau) steps', () => {
    const { winner, step } = race(a, still, [], quiet, 1, 0, 100)
    expect([winner, step]).toEqual([1, Math.ceil(1 / 0.09)])
  })
  it('sets a recalled item back and lets the next one win', () => {
    const { winner, accumulators } = race(a, still, [false, true, false], quiet, 1, 0, 100)
    expect(winner).toBe(2)
    expect(accumulators[1]).toBeLessThan(1)
  })
  it('with leak alone settles at a/kappa and nobody wins below threshold', () => {
    const { winner, step, accumulators } = race(a, { ...still, kappa: 2 }, [], quiet, 1, 0, 1000)
    expect([winner, step]).toEqual([-1, 1000])
    accumulators.forEach((x, j) => expect(x).toBeCloseTo(a[j] / 2, 6))
  })
  it('of two that cross at once the lower index wins when they are equal', () => {
    expect(race(Float64Array.of(0.1, 0.7, 0.7), still, [], quiet, 1, 0, 100).winner).toBe(1)
  })
})

describe('the recall phase of a list', () => {
  const decision = { kind: 'accumulator', kappa: 0, lambda: 0, eta: 0, tau: 1000, dt: 100 } as const
  it('uses up its time: each race adds to the clock, and recall ends with it', () => {
    const { kind, size } = drawsFor(decision, 3, 4)
    expect([kind, size]).toEqual(['normal', 120])
    const phase = new RecallPhase(decision, 3, 4, new Float64Array(size))
    const order = [phase.next(a), phase.next(a), phase.next(a)]
    // 12 steps for .9, then 20 for .5, and 8 are left of 40.
    expect(order).toEqual([1, 2, -1])
    expect(phase.times).toEqual([1.2, 3.2])
  })
  it('never recalls an item twice and ends when all are recalled', () => {
    const phase = new RecallPhase(decision, 3, 1000, new Float64Array(30_000))
    const got = [phase.next(a), phase.next(a), phase.next(a), phase.next(a)]
    expect(got).toEqual([1, 2, 0, -1])
  })
  it('with Luce’s rule stops when the draw says so', () => {
    const rule = { kind: 'luce', tau: 0.1, stopBase: 0.5, stopGrowth: 0 } as const
    const phase = new RecallPhase(rule, 3, 0, [0.9, 0.5, 0.4])
    expect([phase.next(a), phase.next(a)]).toEqual([1, -1])
    expect(phase.recalls).toEqual([1])
  })
})

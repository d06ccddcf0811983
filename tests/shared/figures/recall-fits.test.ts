import { describe, expect, it } from 'vitest'
import { profileFigure, recoveryFigure } from '../../../src-shared/figures/recall-fits.ts'
import { profileOf } from '../../../src-shared/recall/profile.ts'
import { recovered, recoveries } from '../../../src-shared/recall/recovered.ts'
import { startParams } from '../../../src-shared/recall/fit.ts'

const style = { colour: '#000000', dash: [], marker: 'circle' } as const

describe('the figure of a recovery', () => {
  it('has a point a subject, the line of perfect recovery, and says r, bias and RMSE', () => {
    const pairs = [
      { truth: 3, found: 3.5 },
      { truth: 1, found: 1.5 },
      { truth: 2, found: 2.5 }
    ]
    const { series, references, remarks, scatter } = recoveryFigure(
      { name: 'T', ...recovered(pairs) },
      'Choice noise',
      style
    )
    expect(scatter).toBe(true)
    expect(series[0].points.map(({ x, y }) => [x, y])).toEqual([
      [1, 1.5],
      [2, 2.5],
      [3, 3.5]
    ])
    expect(references![0].points).toEqual([
      { x: 1, y: 1 },
      { x: 3.5, y: 3.5 }
    ])
    expect(remarks).toEqual(['r 1, bias 0.5, RMSE 0.5, n = 3'])
  })
  it('of a parameter that does not vary says that r is not defined', () => {
    const pairs = [1, 1].map((truth) => ({ truth, found: truth }))
    expect(recoveryFigure({ name: 'T', ...recovered(pairs) }, 'T', style).remarks![0]).toContain('not defined')
  })
  it('of a parameter that each condition has pairs the conditions', () => {
    const of = (X1: number) => ({ ...startParams, X1 })
    const condition = (name: string, X1: number) => ({ condition: name, params: of(X1), logLikelihood: 0, points: 1 })
    const fit = {
      subject: '1',
      params: of(0.15),
      truth: of(0.1),
      conditions: [condition('a', 0.1), condition('b', 0.2)],
      truths: [condition('b', 0.25), condition('a', 0.05)]
    }
    const [X1, T] = recoveries(['X1', 'T'], [fit], ['X1'])
    expect(X1.pairs).toEqual([
      { truth: 0.05, found: 0.1 },
      { truth: 0.25, found: 0.2 }
    ])
    expect(T.pairs).toEqual([{ truth: startParams.T, found: startParams.T }])
  })
})

describe('the figure of a profile', () => {
  it('shows the drop from the best, where it leaves the interval, and both ends', () => {
    const points = [-2, -1, 0, 1, 2, 3].map((x) => ({ x, logLikelihood: 10 - 2 * x * x }))
    const { series, references, y } = profileFigure({ subject: '7', ...profileOf(points) }, 'T', 'Choice noise', style)
    expect(series[0].points.map((point) => point.y)).toEqual([-8, -2, 0, -2, -8])
    // 1.96 standard deviations of a half each.
    const [level, low, high] = references!
    expect(level.y).toBeCloseTo(-1.9207, 4)
    expect(low.x).toBeCloseTo(-0.98, 2)
    expect(high.x).toBeCloseTo(0.98, 2)
    expect(y.within![1]).toBe(0)
  })
  it('leaves out an end that lies beyond what was looked at, and values that are impossible', () => {
    const points = [
      { x: 0, logLikelihood: -Infinity },
      { x: 1, logLikelihood: 0 },
      { x: 2, logLikelihood: -1 }
    ]
    const { series, references } = profileFigure({ subject: '7', ...profileOf(points) }, 'T', 'Choice noise', style)
    expect(series[0].points.map(({ x }) => x)).toEqual([1, 2])
    expect(references!.filter(({ x }) => x !== undefined).map(({ x }) => x)).toEqual([0])
  })
})

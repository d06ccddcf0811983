import { describe, expect, it } from 'vitest'
import { efficiency, learningSeries } from '../../../src-shared/findings/efficiency.ts'
import type { SeriesResult } from '../../../src-shared/shapes/run.ts'

const curve = (label: string, x: number[], y: (number | null)[][], runId = 'r'): SeriesResult => ({
  runId,
  label,
  model: label,
  point: {},
  name: 'accuracy',
  x,
  seeds: y.map((_, i) => i),
  y
})
const labelOf = ({ label }: { label: string }): string => label

describe('sample efficiency', () => {
  it('is the interquartile mean over tasks and seeds at every step that all tasks reached', () => {
    const found = efficiency(
      [
        {
          name: 'one',
          runId: 'r',
          curves: [
            curve(
              'a',
              [0, 10, 20],
              [
                [0, 0.5, 1],
                [0, 0.5, 1]
              ]
            )
          ]
        },
        {
          name: 'two',
          runId: 's',
          curves: [
            curve(
              'a',
              [0, 10],
              [
                [0, 0.1],
                [0, 0.1]
              ],
              's'
            )
          ]
        }
      ],
      labelOf
    )!
    expect(found.steps).toEqual([0, 10])
    expect(found.models[0].points.map(({ estimate }) => estimate)).toEqual([0, expect.closeTo(0.3, 12)])
    expect(found.models[0].seeds).toBe(2)
  })
  it('is linear between steps, and keeps the last value of a training that stopped', () => {
    const found = efficiency(
      [
        {
          name: 'one',
          runId: 'r',
          curves: [curve('a', [0, 10, 20], [[0, 1, null]]), curve('b', [0, 4, 20], [[0, 1, 1]])]
        }
      ],
      labelOf
    )!
    expect(found.steps).toEqual([0, 4, 10, 20])
    expect(found.models[0].points.map(({ estimate }) => estimate)).toEqual([0, 0.4, 1, 1])
    expect(found.models[0].points[0]).toMatchObject({ low: null, high: null })
  })
  it('leaves out curves with a gap, and models that a task lacks', () => {
    const gap = [{ name: 'one', runId: 'r', curves: [curve('a', [0, 1, 2], [[0, null, 1]])] }]
    expect(efficiency(gap, labelOf)).toBeUndefined()
    const found = efficiency(
      [
        { name: 'one', runId: 'r', curves: [curve('a', [0, 1], [[0, 1]]), curve('b', [0, 1], [[0, 1]])] },
        { name: 'two', runId: 's', curves: [curve('a', [0, 1], [[0, 1]], 's')] }
      ],
      labelOf
    )!
    expect(found.models.map(({ model }) => model)).toEqual(['a'])
    expect(found.remarks.join()).toContain('b')
    expect(efficiency([], labelOf)).toBeUndefined()
  })
  it('reads the curve over steps that lies within 0 and 1', () => {
    const info = { name: 'loss', label: '', x: { label: 'Step' }, direction: 'lower' as const, help: '' }
    const accuracy = { ...info, name: 'accuracy', direction: 'higher' as const, range: [0, 1] as const }
    expect(learningSeries({ series: [info, accuracy] })?.name).toBe('accuracy')
    expect(learningSeries({ series: [info] })).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import {
  intervalsSaid,
  metricScale,
  pooledScale,
  seriesScale,
  withScales
} from '../../../src-shared/findings/scales.ts'
import { integer } from '../../../src-shared/shapes/params.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'

describe('the scale of a metric', () => {
  it('multiplies questions from numbers, parameters and lists', () => {
    const of = (factors: NonNullable<Parameters<typeof metricScale>[0]['of']>) =>
      metricScale({ of: factors }, { items: 24, lists: 3, lengths: [8, 16], rounds: 3, stretches: 7 })
    expect(of(['items'])).toEqual({ kind: 'share', of: 24 })
    expect(of(['items', 'lists', 2])).toEqual({ kind: 'share', of: 144 })
    expect(of(['lengths'])).toEqual({ kind: 'share', of: 2 })
    expect(
      of([
        { param: 'rounds', plus: -1 },
        { param: 'stretches', over: 2 }
      ])
    ).toEqual({ kind: 'share', of: 8 })
    expect(of(['gone'])).toBeUndefined()
  })
  it('knows errors, bounds and limits', () => {
    expect(metricScale({ positive: true }, {})).toEqual({ kind: 'positive' })
    expect(metricScale({ range: [-1, 1] }, {})).toEqual({ kind: 'bounded', low: -1, high: 1 })
    expect(metricScale({ limit: { param: 'steps', plus: 1 } }, { steps: 20 })).toEqual({
      kind: 'limit',
      limit: 20,
      never: 21
    })
    expect(metricScale({}, {})).toBeUndefined()
  })
  it('is that of the point: a swept parameter before the task’s own, before its default', () => {
    const cell = (point: CellResult['point']): CellResult => ({
      runId: 'r',
      label: 'm',
      model: 'm',
      params: {},
      point,
      seeds: [],
      statuses: [],
      metrics: {},
      elapsedMs: []
    })
    const task = {
      params: { items: integer('Items', 20, { help: '', min: 1, max: 100 }) },
      metrics: [{ name: 'accuracy', label: 'A', direction: 'higher' as const, tex: '', help: '', of: ['items'] }]
    }
    const of = (point: CellResult['point'], params: object) =>
      withScales([cell(point)], task, params as Record<string, unknown>)[0].scales?.accuracy
    expect(of({ items: 5 }, { items: 40 })).toEqual({ kind: 'share', of: 5 })
    expect(of({}, { items: 40 })).toEqual({ kind: 'share', of: 40 })
    expect(of({}, {})).toEqual({ kind: 'share', of: 20 })
    expect(withScales([cell({})], undefined, {})[0].scales).toBeUndefined()
  })
  it('of means over points has the questions that their variance has', () => {
    const share = (of: number) => ({ kind: 'share', of }) as const
    expect(pooledScale([share(24), share(24)])).toEqual(share(48))
    // Var = (1/4)(1/10 + 1/30) p(1-p) = p(1-p)/30.
    expect(pooledScale([share(10), share(30)])).toMatchObject({ kind: 'share', of: expect.closeTo(30, 9) as number })
    expect(pooledScale([share(10), undefined])).toBeUndefined()
    expect(pooledScale([{ kind: 'positive' }, { kind: 'positive' }])).toEqual({ kind: 'positive' })
    const upTo = (high: number) => ({ kind: 'bounded', low: 0, high }) as const
    expect(pooledScale([upTo(10), upTo(20)])).toEqual(upTo(15))
  })
  it('takes the least of several numbers, and counts that end at one', () => {
    const auc = { of: ['lists', { least: ['items', 'lures'] }], range: [0, 1] as [number, number] }
    expect(metricScale(auc, { lists: 3, items: 12, lures: 8 })).toEqual({ kind: 'share', of: 24 })
    expect(metricScale({ most: 'items' }, { items: 12 })).toEqual({ kind: 'bounded', low: 0, high: 12 })
    expect(metricScale({ most: 'items' }, {})).toBeUndefined()
  })
  it('of a series is that of a share where its questions are known', () => {
    expect(seriesScale({ of: ['lists'], range: [0, 1] }, { lists: 5 })).toEqual({ kind: 'share', of: 5 })
    expect(seriesScale({ range: [0, 1] }, { lists: 5 })).toEqual({ kind: 'bounded', low: 0, high: 1 })
    expect(seriesScale({}, {})).toBeUndefined()
  })
  it('is said in a sentence of what there is', () => {
    expect(intervalsSaid([])).toBe('95 % Student t intervals over seeds')
    expect(intervalsSaid([{ of: ['items'] }])).toContain('Wilson’s score')
  })
})

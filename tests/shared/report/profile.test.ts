import { describe, expect, it } from 'vitest'
import type { MetricInfo, TaskInfo } from '../../../src-shared/catalog.ts'
import type { CellResult } from '../../../src-shared/contract.ts'
import type { SeriesStyle } from '../../../src-shared/report/figure-spec.ts'
import { normalisedScores, pointScores, profileFigure } from '../../../src-shared/report/profile.ts'

const accuracy: MetricInfo = {
  name: 'accuracy',
  label: 'Accuracy',
  direction: 'higher',
  tex: '',
  help: '',
  range: [0, 1],
  chance: { oneOver: 'items' }
}
const mse: MetricInfo = { name: 'mse', label: 'MSE', direction: 'lower', tex: '', help: '' }
const cell = (model: string, metrics: CellResult['metrics'], point: CellResult['point'] = {}): CellResult => {
  const count = Object.values(metrics)[0].length
  return {
    runId: 'R',
    model,
    kind: model,
    point,
    seeds: Array.from({ length: count }, (_, i) => i),
    statuses: Array.from({ length: count }, () => 'done' as const),
    metrics,
    elapsedMs: Array.from({ length: count }, () => 1)
  } as unknown as CellResult
}
const styleOf = (): SeriesStyle => ({ colour: '#000', dash: [], marker: 'circle' })
const task = (title: string): TaskInfo => ({ title }) as TaskInfo

describe('a performance profile of one experiment', () => {
  it('falls from 1 to 0 along the metric, with every point of the sweep a stratum', () => {
    const cells = [
      cell('a', { accuracy: [0.9, 0.7] }, { items: 5 }),
      cell('a', { accuracy: [0.5, 0.3] }, { items: 10 }),
      cell('b', { accuracy: [0.2, 0.2] }, { items: 5 })
    ]
    const scores = pointScores(cells, accuracy, ({ model }) => model)
    expect(scores.map(({ label, strata }) => [label, strata.length])).toEqual([
      ['a', 2],
      ['b', 1]
    ])
    const spec = profileFigure(scores, { x: { label: 'Accuracy', direction: 'higher', range: [0, 1] }, styleOf })!
    const [a, b] = spec.series
    const at = (series: typeof a, x: number) => series.points.find((point) => Math.abs(point.x - x) < 1e-9)!
    expect([at(a, 0).y, at(a, 0.6).y, at(a, 1).y]).toEqual([1, 0.5, 0])
    expect([at(b, 0.1).y, at(b, 0.5).y]).toEqual([1, 0])
    expect(at(a, 0.6)).toMatchObject({ low: 0.5, high: 0.5, n: 4 })
    expect(spec.y.label).toBe('Share of trials above it')
    expect(spec.method).toContain('within each point')
  })
  it('rises where lower is better: the share of trials below the threshold', () => {
    const scores = pointScores([cell('a', { mse: [1, 2, 3, 5] })], mse, ({ model }) => model)
    const spec = profileFigure(scores, { x: { label: 'MSE', direction: 'lower' }, styleOf })!
    const { points } = spec.series[0]
    expect([points[0].x, points.at(-1)!.x]).toEqual([1, 5])
    expect(points.find(({ x }) => x > 2.5)!.y).toBe(0.5)
    expect(points[0].y).toBe(0)
    expect(points.every(({ y }, i) => i === 0 || y! >= points[i - 1].y!)).toBe(true)
    expect(spec.y.label).toBe('Share of trials below it')
  })
  it('is none without a better direction, without trials, and where all trials are the same', () => {
    expect(pointScores([cell('a', { mse: [1] })], { ...mse, direction: 'none' }, () => 'a')).toEqual([])
    const look = { x: { label: 'MSE', direction: 'lower' as const }, styleOf }
    expect(profileFigure([], look)).toBeUndefined()
    expect(profileFigure([{ label: 'a', kind: 'a', strata: [[2, 2]] }], look)).toBeUndefined()
  })
})

describe('scores of several experiments', () => {
  const one = cell('a', { accuracy: [1, 0.6] }, { items: 5 })
  const tasks = [
    { task: task('Capacity'), metric: accuracy, cells: [one, cell('b', { accuracy: [1] }, { items: 5 })], params: {} },
    {
      task: task('Recall'),
      metric: { ...accuracy, chance: { oneOver: 'n' } },
      cells: [cell('a', { accuracy: [0.75] })],
      params: { n: 2 }
    },
    { task: task('Loss'), metric: { ...mse, range: [0, 4] as const }, cells: [cell('a', { mse: [1] })], params: {} },
    { task: task('Adaptation'), metric: mse, cells: [cell('a', { mse: [1] })], params: {} }
  ]
  it('lie between chance and the best; what has no bounds, and who is not everywhere, is left out by name', () => {
    const { scores, unbounded, partial } = normalisedScores(tasks)
    // Chance of 5 items is .2: .6 is half of the way from it to 1; of two answers .75 is half of the way from .5.
    expect(scores).toEqual([
      { label: 'a', kind: 'a', strata: [[1, expect.closeTo(0.5, 12)], [expect.closeTo(0.5, 12)], [0.75]] }
    ])
    expect(unbounded).toEqual(['Adaptation'])
    expect(partial).toEqual(['b'])
  })
})

import { describe, expect, it } from 'vitest'
import { meanInterval, shareInterval, tInterval } from '../../../src-shared/statistics/interval.ts'
import type { MetricInfo, SeriesInfo } from '../../../src-shared/shapes/catalog.ts'
import type { CellResult, SeriesResult } from '../../../src-shared/shapes/run.ts'
import type { SeriesStyle } from '../../../src-shared/figures/spec.ts'
import {
  chanceReference,
  distribution,
  heatMap,
  sharedColours,
  sharedScale,
  stepsFigure,
  sweepFigure
} from '../../../src-shared/figures/measured.ts'
import { cellInterval, computeTime, finished, intervalMethod, sweptAxes } from '../../../src-shared/findings/results.ts'
import { cellResult } from '../../support/cell-result.ts'

const accuracy: MetricInfo = {
  name: 'accuracy',
  label: 'Accuracy',
  direction: 'higher',
  tex: 'a',
  help: '',
  chance: { oneOver: 'items' },
  range: [0, 1]
}
const style: SeriesStyle = { colour: '#0072B2', dash: [], marker: 'circle' }
const naming = { labelOf: (r: { label: string }) => r.label, styleOf: () => style }

const cell = (
  model: string,
  point: CellResult['point'],
  values: (number | null)[],
  extra: Partial<CellResult> = {}
): CellResult => cellResult(model, values, { point, elapsedMs: values.map(() => 2), ...extra })

describe('reading results', () => {
  it('gives the mean and the Student interval of three seeds', () => {
    // mean 2, sd 1, t(2, .975) = 4.30265 (tables): half-width 4.30265 / sqrt(3) = 2.48414
    const interval = cellInterval(cell('a', {}, [1, 2, 3]), 'accuracy')
    expect(interval?.mean).toBe(2)
    expect(interval?.low).toBeCloseTo(2 - 2.48414, 4)
    expect(interval?.high).toBeCloseTo(2 + 2.48414, 4)
  })

  it('never averages a diverged trial in, even when it left a number behind', () => {
    const bad = cell('a', {}, [1, 100, 3], { statuses: ['done', 'diverged', 'done'] })
    expect(finished(bad, 'accuracy')).toEqual([
      { seed: 0, value: 1 },
      { seed: 2, value: 3 }
    ])
    expect(cellInterval(bad, 'accuracy')?.mean).toBe(2)
    expect(cellInterval(cell('a', {}, [null, null]), 'accuracy')).toBeUndefined()
  })

  it('sorts numeric axes and keeps the order of named ones', () => {
    const axes = sweptAxes([{ point: { items: 40, recall: 'noisy' } }, { point: { items: 5, recall: 'exact' } }])
    expect(axes).toEqual([
      { name: 'items', numeric: true, values: [5, 40] },
      { name: 'recall', numeric: false, values: ['noisy', 'exact'] }
    ])
  })

  it('says how intervals were made, and that one trial gives none', () => {
    const of = (n: number) => tInterval(Array.from({ length: n }, (_, i) => i))
    expect(intervalMethod([of(20), of(20)])).toBe('95 % Student t interval over seeds, n = 20')
    expect(intervalMethod([of(18), of(20)])).toContain('n = 18 to 20')
    expect(intervalMethod([of(1)])).toContain('no interval')
    const shares = [shareInterval([1, 1, 0.5], 8), shareInterval([1, 1, 0.5, 1], 24)]
    const limit = { kind: 'limit', limit: 20, never: 21 } as const
    expect(intervalMethod([meanInterval([21, 21], limit)])).toBe('reached by no trial: no interval (n = 2)')
    expect(intervalMethod([meanInterval([3, 21], limit), meanInterval([21, 21], limit)])).toBe(
      'restricted mean, 95 % Student t on a log scale interval over seeds, n = 2'
    )
    expect(intervalMethod([...shares, of(1)])).toBe('95 % Wilson score interval over seeds, n = 1 to 4')
    expect(intervalMethod([])).toBeUndefined()
  })
})

describe('a metric over a swept axis', () => {
  const cells = [
    cell('a', { items: 20 }, [0.5, 0.7]),
    cell('a', { items: 5 }, [1, 1]),
    cell('b', { items: 5 }, [null, null]),
    cell('b', { items: 20 }, [0.2])
  ]
  const axis = sweptAxes(cells)[0]
  const figure = sweepFigure(cells, {
    ...naming,
    metric: accuracy,
    axis,
    x: { label: 'Items', scale: 'log' },
    at: {},
    title: 'Capacity'
  })

  it('has one series per model with points in the order of the axis', () => {
    expect(figure.series.map((s) => s.label)).toEqual(['a', 'b'])
    expect(figure.series[0].points.map((p) => [p.x, p.y, p.n])).toEqual([
      [5, 1, 2],
      [20, 0.6, 2]
    ])
    expect(figure.y).toMatchObject({ direction: 'higher', range: [0, 1] })
  })

  it('leaves a gap where all trials diverged and gives no interval for one trial', () => {
    expect(figure.series[1].points[0]).toEqual({ x: 5, y: null, n: 0 })
    expect(figure.series[1].points[1]).toEqual({ x: 20, y: 0.2, n: 1 })
  })

  it('keeps every trial as a member by its seed', () => {
    expect(figure.series[0].members).toEqual([
      {
        seed: 0,
        points: [
          { x: 5, y: 1 },
          { x: 20, y: 0.5 }
        ]
      },
      {
        seed: 1,
        points: [
          { x: 5, y: 1 },
          { x: 20, y: 0.7 }
        ]
      }
    ])
  })

  it('draws a model without the swept parameter as a level, not as measurements it does not have', () => {
    const own = [cell('a', { slots: 10 }, [0.5]), cell('a', { slots: 20 }, [0.6]), cell('plain', {}, [0.4, 0.4])]
    const swept = sweepFigure(own, {
      ...naming,
      metric: accuracy,
      axis: sweptAxes(own)[0],
      x: { label: 'Slots', scale: 'linear' },
      at: {},
      title: ''
    })
    expect(swept.series.map((s) => s.label)).toEqual(['a'])
    expect(swept.references).toMatchObject([{ label: 'plain (not swept)', y: 0.4 }])
  })

  it('sets the models side by side when nothing is swept', () => {
    const flat = sweepFigure([cell('a', {}, [1, 2]), cell('b', {}, [3])], {
      ...naming,
      metric: computeTime,
      axis: undefined,
      x: undefined,
      at: {},
      title: ''
    })
    expect(flat.x.categories).toEqual(['a', 'b'])
    expect(flat.series.map((s) => s.points[0].x)).toEqual([0, 1])
    expect(flat.series[0].points[0].y).toBe(2)
  })

  it('draws chance as a curve along the axis it depends on and as a level along another', () => {
    const [curve] = chanceReference(accuracy, axis, {})
    expect(curve.points?.[0]).toEqual({ x: 5, y: 0.2 })
    expect(curve.points?.at(-1)?.y).toBeCloseTo(1 / 20)
    expect(chanceReference(accuracy, undefined, { items: 10 })).toMatchObject([{ y: 0.1 }])
    expect(chanceReference(computeTime, axis, {})).toEqual([])
    const where = { param: 'valuesPer', is: 'cluster', chance: 0.5 }
    const clustered = { ...accuracy, chance: { oneOver: 'items', where } }
    expect(chanceReference(clustered, axis, { valuesPer: 'cluster' })).toMatchObject([
      { y: 0.5, label: 'chance (0.5)' }
    ])
    expect(chanceReference(clustered, undefined, { items: 10, valuesPer: 'item' })).toMatchObject([{ y: 0.1 }])
  })
})

describe('other views', () => {
  it('averages a learning curve step by step over the seeds that have a value there', () => {
    const info: SeriesInfo = { name: 'mse', label: 'MSE', x: { label: 'Step' }, direction: 'lower', help: '' }
    const result: SeriesResult = {
      runId: 'r',
      label: 'a',
      model: 'a',
      point: {},
      name: 'mse',
      x: [0, 1],
      seeds: [0, 1, 2],
      y: [
        [1, null],
        [2, 5],
        [3, null]
      ]
    }
    const figure = stepsFigure([result], { ...naming, info, at: {}, title: '', taskParamsOf: () => ({}) })
    expect(figure.interval).toBe('band')
    expect(figure.series[0].points[0].y).toBe(2)
    expect(figure.series[0].points[0].high).toBeCloseTo(4.48414, 4)
    expect(figure.series[0].points[1]).toEqual({ x: 1, y: 5, n: 1 })
    expect(figure.series[0].members?.[1].points[1].y).toBe(5)
  })

  it('draws a series on a log axis from its floor on, says so, and marks what a metric says of its steps', () => {
    const curve = {
      ...cellResult('a', []),
      name: 'mse',
      x: [0, 1],
      seeds: [0, 1],
      y: [
        [1, 0],
        [1, 1e-9]
      ]
    }
    const error = {
      name: 'mse',
      label: 'Error',
      x: { label: 'Updates' },
      direction: 'lower',
      help: '',
      logFrom: 1e-6,
      marks: 'elbow'
    } as const
    const elbow: MetricInfo = { name: 'elbow', label: 'Elbow', direction: 'lower', tex: '', help: '' }
    const drawn = (scale: CellResult['scales']) =>
      stepsFigure([curve], {
        ...naming,
        info: error,
        at: {},
        title: '',
        taskParamsOf: () => ({}),
        cells: [cellResult('a', [3, 5], { metric: 'elbow', ...(scale && { scales: scale }) })],
        metrics: [elbow]
      })
    const figure = drawn(undefined)
    expect(figure.y.scale).toBe('log')
    expect(figure.series[0].points[1].y).toBe(1e-6)
    expect(figure.series[0].members?.[0].points[1].y).toBe(1e-6)
    expect(figure.remarks).toEqual(['What lies below 1e−6 is drawn at 1e−6.'])
    expect(figure.references).toMatchObject([{ label: 'a: elbow 4', of: 'a', x: 4 }])
    const never = drawn({ elbow: { kind: 'limit', limit: 4, never: 5 } })
    expect(never.references).toMatchObject([{ label: 'a: elbow > 4 in 1 of 2' }])
    expect(never.references![0].x).toBeUndefined()
  })

  it('maps the mean over two axes, leaving empty what was not run', () => {
    const cells = [cell('a', { items: 5, dim: 8 }, [0.5, 0.7]), cell('a', { items: 10, dim: 16 }, [1])]
    const [x, y] = sweptAxes(cells)
    const map = heatMap(cells, {
      metric: accuracy,
      x,
      y,
      labels: [
        { label: 'Items', scale: 'linear' },
        { label: 'Dimension', scale: 'linear' }
      ],
      title: 'a'
    })
    expect(map.values).toEqual([
      [0.6, null],
      [null, 1]
    ])
    expect(map.x.ticks).toEqual(['5', '10'])
    expect(map.value.range).toEqual([0, 1])
  })

  it('gives maps beside each other one scale of colours', () => {
    const map = (values: (number | null)[][]) => ({
      title: '',
      x: { label: 'x', ticks: [] },
      y: { label: 'y', ticks: [] },
      values,
      value: { label: 'v' }
    })
    const ranges = sharedColours([map([[1, null]]), map([[-4, 2]])]).map(({ value }) => value.range)
    expect(ranges).toEqual([
      [-4, 2],
      [-4, 2]
    ])
    expect(sharedColours([map([[null]])])[0].value.range).toBeUndefined()
  })

  it('shows all trials of one place as distributions', () => {
    const spec = distribution([cell('a', { items: 5 }, [1, null, 3]), cell('a', { items: 9 }, [4])], {
      ...naming,
      metric: computeTime,
      at: { items: 5 },
      title: ''
    })
    expect(spec.groups).toEqual([
      {
        label: 'a',
        style,
        values: [
          { seed: 0, value: 2 },
          { seed: 2, value: 2 }
        ]
      }
    ])
  })

  it('gives small multiples one vertical scale that holds every interval', () => {
    const make = (values: number[]) =>
      sweepFigure([cell('a', {}, values)], {
        ...naming,
        metric: computeTime,
        axis: undefined,
        x: undefined,
        at: {},
        title: ''
      })
    const figures = sharedScale([make([1, 1]), make([1, 1])])
    expect(figures[0].y.range).toEqual(figures[1].y.range)
    expect(figures[0].y.range?.[0]).toBeLessThan(2)
    expect(figures[0].y.range?.[1]).toBeGreaterThan(2)
    // Alone it has none: what is hidden gives the axis to what is left.
    expect(sharedScale([make([1, 1])])[0].y.range).toBeUndefined()
  })
})

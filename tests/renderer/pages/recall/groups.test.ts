import { describe, expect, it } from 'vitest'
import { measureRecall } from '../../../../src-shared/recall/measured.ts'
import type { RecallList } from '../../../../src-shared/recall/data.ts'
import { welch } from '../../../../src-shared/statistics/significance.ts'
import { curveFigure, measuresOf, modelGroup, peopleGroup, type Group } from '../../../../src-shared/figures/recall.ts'
import { groupDifferences, placesAmongPeople } from '../../../../src-renderer/pages/recall/groups.ts'
import { recovered } from '../../../../src-shared/recall/recovered.ts'

const style = { colour: '#000', dash: [], marker: 'circle' } as const
const list = (subject: string, order: number[]): RecallList => ({
  subject,
  list: '1',
  items: Array.from({ length: 9 }, (_, i) => `w${i + 1}`),
  recalls: order.map((p) => `w${p}`)
})
const people = (id: string, lists: RecallList[]): Group =>
  peopleGroup({ id, label: id, style }, { length: 9, ...measureRecall(lists) })

const forward = people('forward', [list('a', [4, 5, 6, 9]), list('b', [3, 4, 5, 6, 9]), list('c', [2, 3, 4, 1])])
const backward = people('backward', [list('a', [7, 6, 5, 1]), list('b', [8, 7, 6, 5, 1, 2]), list('c', [8, 7, 6, 9])])

describe('a group of people', () => {
  it('has a row per subject in every curve, and lags around zero', () => {
    expect(forward.n).toBe(3)
    expect(forward.curves.spc!.members).toHaveLength(3)
    expect(forward.curves['lag-crp']!.x).toEqual(Array.from({ length: 17 }, (_, i) => i - 8))
    expect(forward.curves.irt).toBeUndefined()
  })
  it('has only the measures that its data allow', () => {
    const names = measuresOf([forward]).map(({ name }) => name)
    expect(names).toContain('asymmetry')
    expect(names).not.toContain('source-clustering')
  })
})

describe('a figure of groups', () => {
  const model = modelGroup({ id: 'm', label: 'CMR', style }, { seeds: [0, 1], metrics: { recalled: [5, 6] } }, [
    {
      name: 'spc',
      x: [1, 2, 3],
      y: [
        [1, 0, 0.5],
        [0.5, 0, null]
      ]
    },
    { name: 'irt', x: [1], y: [[null], [null]] }
  ])
  it('gives means over members, an interval where there are two, and every member', () => {
    const spec = curveFigure('spc', [forward, model])!
    expect(spec.series.map(({ label }) => label)).toEqual(['forward', 'CMR'])
    const points = spec.series[1].points
    expect(points.map(({ y }) => y)).toEqual([0.75, 0, 0.5])
    expect(points[0].low).toBeLessThan(0.75)
    expect(points[2].low).toBeUndefined()
    expect(spec.series[0].members).toHaveLength(3)
  })
  it('leaves out groups without the curve, and is none when no group has it', () => {
    expect(curveFigure('lag-crp', [forward, model])!.series).toHaveLength(1)
    expect(curveFigure('irt', [forward, model])).toBeUndefined()
  })
  it('shows the lags that have data, up to six', () => {
    const xs = curveFigure('lag-crp', [forward])!.series[0].points.map(({ x }) => x)
    expect([xs[0], xs.at(-1)]).toEqual([-6, 6])
  })
})

describe('differences between groups', () => {
  const rows = groupDifferences([forward, backward])
  it('are Welch tests with p adjusted over all of them', () => {
    const row = rows.find(({ measure }) => measure.name === 'recalled')!
    expect(row.difference).toBeCloseTo((4 + 6 + 4) / 3 - (4 + 5 + 4) / 3, 12)
    expect(row.p).toBeCloseTo(welch([4, 5, 4], [4, 6, 4]).p, 12)
    for (const { p, adjusted } of rows) expect(adjusted).toBeGreaterThanOrEqual(p)
  })
  it('tell people who go forward from those who go back', () => {
    expect(rows.find(({ measure }) => measure.name === 'asymmetry')!.difference).toBeLessThan(0)
  })
  it('need two members on either side', () => {
    expect(groupDifferences([forward, people('one', [list('a', [1, 2])])])).toEqual([])
  })
})

describe('recovery', () => {
  it('is perfect on the line, and has its bias and error beside it', () => {
    expect(recovered([1, 2, 3].map((x) => ({ truth: x, found: x })))).toMatchObject({ r: 1, bias: 0, rmse: 0 })
    const off = recovered([1, 2, 3].map((x) => ({ truth: x, found: x + 0.5 })))
    expect(off.r).toBeCloseTo(1, 12)
    expect([off.bias, off.rmse]).toEqual([0.5, 0.5])
  })
  it('has no correlation when a parameter did not vary', () => {
    expect(
      recovered([
        { truth: 1, found: 2 },
        { truth: 1, found: 3 }
      ]).r
    ).toBeUndefined()
  })
})

describe('models among people', () => {
  const group = (members: Group['members'], numbers: Group['numbers']): Group => ({
    id: members,
    label: members,
    style,
    members,
    length: undefined,
    n: 11,
    curves: {},
    numbers
  })
  // 0, .1 ... 1, and one who gave no value: the middle nine tenths are .05 to .95.
  const subjects = group('subjects', { primacy: [...Array.from({ length: 11 }, (_, i) => i / 10), null], arc: [1, 2] })
  it('are placed by the share of people below them, and outside the middle nine tenths or within', () => {
    const models: Group['numbers'][] = [{ primacy: [0.2, 0.4], arc: [1] }, { primacy: [1, 0.98], recency: [1] }, {}]
    const seeds = models.map((numbers) => group('seeds', numbers))
    const [place, ...others] = placesAmongPeople(subjects, seeds)
    expect(others).toEqual([])
    expect(place.measure.name).toBe('primacy')
    expect([place.low, place.high, place.people]).toEqual([0.05, 0.95, 11])
    expect(place.models[0]!.mean).toBeCloseTo(0.3, 12)
    expect(place.models.map((own) => own?.within)).toEqual([true, false, undefined])
    expect(place.models[1]!.below).toBeCloseTo(10 / 11, 12)
  })
  it('are not placed among fewer than five people', () => {
    expect(placesAmongPeople(group('subjects', { arc: [1, 2, 3, 4] }), [group('seeds', { arc: [2] })])).toEqual([])
  })
})

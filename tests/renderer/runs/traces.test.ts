import { describe, expect, it } from 'vitest'
import { branches, traceView, type TraceNode } from '../../../src-renderer/runs/traces.ts'

const at = { time: 0, position: 0 }
const node = (id: number, parent: number | null): TraceNode => ({
  id,
  parent,
  level: 0,
  start: at,
  end: at,
  importance: 1
})

describe('showing a trace', () => {
  it('draws few columns as lines over the rows', () => {
    const view = traceView(
      {
        name: 'gate',
        title: 'Gate',
        kind: 'line',
        axes: ['token', 'gate'],
        value: { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }
      },
      false
    )
    expect(view.kind === 'figure' && view.figure.series.map((s) => s.points.map((p) => p.y))).toEqual([
      [1, 3, 5],
      [2, 4, 6]
    ])
  })

  it('draws many columns as a map', () => {
    const view = traceView(
      { name: 'w', title: 'W', kind: 'line', value: { shape: [1, 20], data: Array(20).fill(0) } },
      false
    )
    expect(view.kind).toBe('map')
  })

  it('writes a matrix from the top', () => {
    const view = traceView(
      {
        name: 'a',
        title: 'A',
        kind: 'heatmap',
        axes: ['query', 'slot'],
        value: { shape: [2, 2], data: [1, 2, 3, null] }
      },
      false
    )
    expect(view.kind === 'map' && view.map.values).toEqual([
      [3, null],
      [1, 2]
    ])
    expect(view.kind === 'map' && view.map.y).toEqual({ label: 'query', ticks: ['1', '0'] })
  })

  it('draws frames as maps of one scale, named frame by frame', () => {
    const view = traceView(
      {
        name: 'bank',
        title: 'Bank',
        kind: 'frames',
        axes: ['Entry', 'Component'],
        value: {
          shape: [2, 2, 1],
          data: [1, null, 3, -4],
          labels: ['after token 1 of 2', 'after token 2 of 2', '1', '2', '1–4']
        }
      },
      false
    )
    expect(view.kind === 'frames' && view.frames.map(({ label }) => label)).toEqual([
      'after token 1 of 2',
      'after token 2 of 2'
    ])
    expect(view.kind === 'frames' && view.frames.map(({ map }) => map.values)).toEqual([
      [[null], [1]],
      [[-4], [3]]
    ])
    for (const { map } of view.kind === 'frames' ? view.frames : []) {
      expect(map.value.range).toEqual([-4, 3])
      expect(map.x).toEqual({ label: 'Component', ticks: ['1–4'] })
      expect(map.y).toEqual({ label: 'Entry', ticks: ['2', '1'] })
    }
  })

  it('names frames by their number where they have no labels, and draws none of an empty trace', () => {
    const of = (shape: number[], data: number[]) =>
      traceView({ name: 'a', title: 'A', kind: 'frames', value: { shape, data } }, true)
    const view = of([1, 1, 1], [2])
    expect(view.kind === 'frames' && view.frames[0].label).toBe('frame 1')
    expect(of([0, 0, 0], [])).toMatchObject({ kind: 'unknown' })
  })

  it('hangs nodes under their parents and survives a circle', () => {
    const roots = branches([node(1, null), node(2, 1), node(3, 2), node(4, 99)])
    expect(roots.map((r) => r.id)).toEqual([1, 4])
    expect(roots[0].children[0].children[0].id).toBe(3)
    expect(branches([node(1, 2), node(2, 1)]).map((r) => r.id)).toEqual([1, 2])
  })

  it('says so when it does not know the form', () => {
    expect(traceView({ kind: 'cube' }, false).kind).toBe('unknown')
    expect(traceView(null, true).kind).toBe('unknown')
  })
})

import { describe, expect, it } from 'vitest'
import {
  addPoints,
  countTrials,
  mergeSeries,
  mergeTrials,
  withLive,
  withoutEnded,
  type LiveCurve,
  type LiveTrial
} from '../../../../src-renderer/pages/run/live.ts'
import type { CellResult } from '../../../../src-shared/shapes/run.ts'
import { cellInterval } from '../../../../src-shared/findings/results.ts'

const stored: CellResult = {
  runId: 'r',
  label: 'a',
  model: 'a',
  params: { slots: 3 },
  point: { items: 5 },
  seeds: [0, 1, 2],
  statuses: ['done', 'missing', 'missing'],
  metrics: { accuracy: [1, null, null] },
  elapsedMs: [4, null, null]
}
const other: CellResult = { ...stored, label: 'b' }
const trial = (seed: number, extra: Partial<LiveTrial> = {}): LiveTrial => ({
  label: 'a',
  model: 'a',
  point: { items: 5 },
  seed,
  status: 'done',
  metrics: { accuracy: 0.5 },
  ...extra
})

describe('trials that come in while a run is watched', () => {
  it('take the place of the missing ones and leave other cells untouched', () => {
    const cells = [stored, other]
    const next = mergeTrials(cells, 'r', [trial(2)])
    expect(next[0].metrics.accuracy).toEqual([1, null, 0.5])
    expect(next[0].statuses).toEqual(['done', 'missing', 'done'])
    expect(next[0].params).toEqual({ slots: 3 })
    expect(next[1]).toBe(other)
    expect(stored.metrics.accuracy).toEqual([1, null, null])
  })

  it('count once when the store already had them', () => {
    expect(mergeTrials([stored], 'r', [trial(0, { metrics: { accuracy: 0 } })])[0]).toBe(stored)
    const twice = mergeTrials(mergeTrials([stored], 'r', [trial(1)]), 'r', [trial(1, { metrics: { accuracy: 9 } })])
    expect(twice[0].metrics.accuracy).toEqual([1, 0.5, null])
  })

  it('give no number when they diverged, whatever they carry', () => {
    const [cell] = mergeTrials([stored], 'r', [trial(1, { status: 'diverged', metrics: { accuracy: 99 } })])
    expect(cell.metrics.accuracy).toEqual([1, null, null])
    expect(cellInterval(cell, 'accuracy')).toMatchObject({ mean: 1, n: 1 })
    expect(countTrials([cell])).toEqual({ done: 1, diverged: 1, failed: 0, damaged: 0, missing: 1 })
  })

  it('open a new cell at a point that was not there, whatever the order of its axes', () => {
    const first = trial(4, { point: { items: 9, dim: 8 } })
    const second = trial(5, { point: { dim: 8, items: 9 }, metrics: { accuracy: 0.25, cosine: 0.1 } })
    const next = mergeTrials([stored], 'r', [first, second])
    expect(next).toHaveLength(2)
    expect(next[1].seeds).toEqual([4, 5])
    expect(next[1].metrics).toEqual({ accuracy: [0.5, 0.25], cosine: [null, 0.1] })
  })

  it('add their curve once, and none when they failed', () => {
    const curve = { mse: { x: [0, 1], y: [1, 0.5] } }
    const once = mergeSeries([], 'r', 'mse', [
      trial(0, { series: curve }),
      trial(1, { series: curve }),
      trial(2, { series: curve, status: 'failed' })
    ])
    expect(once).toHaveLength(1)
    expect(once[0].seeds).toEqual([0, 1])
    expect(mergeSeries(once, 'r', 'mse', [trial(1, { series: curve })])).toBe(once)
  })
})

describe('points of curves under way', () => {
  const curve = (seed: number, x: number[], y: number[], name = 'loss'): LiveCurve => ({
    ...{ label: 'a', model: 'a', point: { items: 5 } },
    ...{ seed, name, x, y }
  })

  it('grow the curve of their seed; a seed that lags has no value yet', () => {
    const one = addPoints([], 'r', [curve(0, [4, 8], [3, 2]), curve(1, [4], [3.5])])
    const two = addPoints(one, 'r', [curve(0, [12], [1]), curve(0, [12], [0.5], 'accuracy')])
    expect(two).toHaveLength(2)
    expect(two[0]).toMatchObject({ name: 'loss', x: [4, 8, 12], seeds: [0, 1] })
    expect(two[0].y).toEqual([
      [3, 2, 1],
      [3.5, null, null]
    ])
    expect(one[0].x).toEqual([4, 8])
  })

  it('give way to the stored curve of a trial that has ended', () => {
    const live = addPoints([], 'r', [curve(0, [4], [3]), curve(1, [4], [9])])
    const [stored] = mergeSeries([], 'r', 'loss', [trial(0, { series: { loss: { x: [4, 8], y: [3, 2] } } })])
    const [shown] = withLive([stored], live, 'loss')
    expect(shown).toMatchObject({ x: [4, 8], seeds: [0, 1] })
    expect(shown.y).toEqual([
      [3, 2],
      [9, null]
    ])
    const all = [stored]
    expect(withLive(all, live, 'accuracy')).toBe(all)
  })

  it('are let go when their trials end, of every series, and kept of the others', () => {
    const both = [curve(0, [4], [3]), curve(1, [4], [9]), curve(0, [4], [0.5], 'accuracy')]
    const live = addPoints([], 'r', both)
    const left = withoutEnded(live, [trial(0), trial(7)])
    expect(left).toEqual([expect.objectContaining({ name: 'loss', seeds: [1], y: [[9]] })])
    expect(withoutEnded(left, [trial(1, { status: 'diverged' })])).toEqual([])
    const elsewhere = trial(1, { point: { items: 6 } })
    expect(withoutEnded(left, [elsewhere])).toEqual(left)
  })
})

import { describe, expect, it } from 'vitest'
import { cellResultSchema, seriesResultSchema, trialSchema } from '../../../src-shared/shapes/run.ts'
import { newRun, outcome, testStore } from './support.ts'

const diverged = { status: 'diverged', error: { code: 'diverged', message: 'NaN' }, metrics: {}, series: {} } as const

describe('trials', () => {
  it('come back by model, point and seed, with null where there is no number', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    store.write.addTrials('A', [outcome(0, 2), outcome(3, 0)], 10, 'wasm')
    store.write.addTrials('A', [outcome(0, 1, { ...diverged, metrics: { accuracy: 0.5 } })], 20, 'wasm')
    const results = store.read.results('A')
    for (const result of results) expect(cellResultSchema.parse(result)).toEqual(result)
    expect(results.map((r) => [r.label, r.model, r.point])).toEqual([
      ['alpha', 'alpha', { items: 5 }],
      ['Beta, tuned', 'beta', { items: 5 }],
      ['alpha', 'alpha', { items: 10 }],
      ['Beta, tuned', 'beta', { items: 10 }]
    ])
    expect(results[0]).toMatchObject({
      seeds: [0, 1, 2],
      statuses: ['missing', 'diverged', 'done'],
      metrics: { accuracy: [null, null, 0.2], cosine: [null, null, 2] },
      elapsedMs: [null, 2.5, 2.5]
    })
    expect(results[3].metrics.accuracy).toEqual([3, null, null])
    expect(store.read.run('A')).toMatchObject({ done: 2, diverged: 1, failed: 0, elapsedMs: 20, backend: 'wasm' })
  })

  it('are stored once, however often they are reported', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    expect(store.write.addTrials('A', [outcome(0, 0)], 1, '')).toHaveLength(1)
    const again = store.write.addTrials('A', [outcome(0, 0, { metrics: { accuracy: 9 } }), outcome(0, 1)], 2, '')
    expect(again.map((t) => t.seed)).toEqual([1])
    expect(store.read.run('A').done).toBe(2)
    expect(store.read.results('A')[0].metrics.accuracy).toEqual([0, 0.1, null])
    expect(store.read.seedsStored('A')).toEqual(new Map([[0, new Set([0, 1])]]))
  })

  it('of one message are stored all or none', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    const broken = { ...outcome(0, 1), status: 'lost' } as never
    expect(() => store.write.addTrials('A', [outcome(0, 0), broken], 1, '')).toThrow('CHECK')
    expect(store.read.trials('A', undefined, 0, 10).total).toBe(0)
    expect(store.read.run('A').done).toBe(0)
  })

  it('leave out a metric that is not a finite number', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    store.write.addTrials('A', [outcome(0, 0, { metrics: { good: 1, nan: NaN, inf: -Infinity } })], 1, '')
    expect(store.read.results('A')[0].metrics).toEqual({ good: [1, null, null] })
    expect(store.read.trials('A', undefined, 0, 1).rows[0].metrics).toEqual({ good: 1 })
  })

  it('are listed in the order they came, all or by status, in pages', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    store.write.addTrials('A', [outcome(3, 0), outcome(0, 1, diverged), outcome(0, 0)], 1, '')
    const all = store.read.trials('A', undefined, 0, 10)
    for (const row of all.rows) expect(trialSchema.parse(row)).toEqual(row)
    expect(all.rows.map((r) => [r.label, r.seed])).toEqual([
      ['Beta, tuned', 0],
      ['alpha', 1],
      ['alpha', 0]
    ])
    expect(all.rows[0]).toMatchObject({
      params: { size: 8 },
      point: { items: 10 },
      metrics: { accuracy: 3, cosine: 0 }
    })
    const only = store.read.trials('A', 'diverged', 0, 10)
    expect(only.total).toBe(1)
    expect(only.rows[0]).toMatchObject({ seed: 1, error: { code: 'diverged' }, metrics: {} })
    expect(store.read.trials('A', undefined, 2, 10)).toMatchObject({ total: 3, rows: [{ seed: 0, model: 'alpha' }] })
  })

  it('keep their traces in order, and give them only under their own run', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    store.write.addRun(newRun('B'))
    const trace = (name: string) =>
      ({ name, title: name, kind: 'line', axes: ['step'], value: { shape: [2], data: [0.1, 1e-9] } }) as const
    store.write.addTrials('A', [outcome(0, 0, { traces: [trace('gate'), trace('age')] })], 1, '')
    const [{ id }] = store.read.trials('A', undefined, 0, 1).rows
    expect(store.read.traces('A', id)).toEqual([trace('gate'), trace('age')])
    expect(store.read.traces('B', id)).toEqual([])
  })
})

describe('series', () => {
  it('come back bit by bit, with null for what is not a number', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    const y = [0.1, NaN, -Infinity, 2 ** 24 + 1]
    store.write.addTrials(
      'A',
      [outcome(0, 1, { series: { loss: { x: [0.1, 0.2, 1e300, 3], y }, half: { x: [1, 2], y: [0.5, NaN] } } })],
      1,
      ''
    )
    const [curve] = store.read.series('A', 'loss')
    expect(seriesResultSchema.parse(curve)).toEqual(curve)
    expect(curve).toEqual({
      runId: 'A',
      label: 'alpha',
      model: 'alpha',
      point: { items: 5 },
      name: 'loss',
      x: [0.1, 0.2, 1e300, 3],
      seeds: [1],
      y: [[0.1, null, null, 2 ** 24 + 1]]
    })
    expect(store.read.series('A', 'half')[0]).toMatchObject({ x: [1, 2], y: [[0.5, null]] })
    expect(store.read.series('A', 'other')).toEqual([])
  })

  it('whose trials differ in x are laid over all of their x', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    const on = (seed: number, x: number[]) => outcome(0, seed, { series: { f: { x, y: x.map((v) => v * 2) } } })
    store.write.addTrials('A', [on(2, [1, 3]), on(0, [1, 2]), outcome(0, 1, diverged)], 1, '')
    expect(store.read.series('A', 'f')[0]).toMatchObject({
      x: [1, 2, 3],
      seeds: [0, 2],
      y: [
        [2, 4, null],
        [2, null, 6]
      ]
    })
  })
})

describe('the best model', () => {
  it('has the best mean over its done trials, by the direction of the metric', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    expect(store.read.bestModel('A', 'accuracy', 'higher')).toBeNull()
    const with_ = (cell: number, seed: number, score: number) => outcome(cell, seed, { metrics: { score } })
    store.write.addTrials(
      'A',
      [with_(0, 0, 1), with_(2, 0, 2), with_(1, 0, 1.4), outcome(1, 1, { ...diverged, metrics: { score: 99 } })],
      1,
      ''
    )
    expect(store.read.bestModel('A', 'score', 'higher')).toEqual({ label: 'alpha', metric: 'score', mean: 1.5 })
    expect(store.read.bestModel('A', 'score', 'lower')).toEqual({ label: 'Beta, tuned', metric: 'score', mean: 1.4 })
    expect(store.read.bestModel('A', 'score', 'none')).toBeNull()
  })
})

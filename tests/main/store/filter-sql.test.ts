import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { historyQuerySchema, type HistoryQuery } from '../../../src-shared/contract/runs.ts'
import type { RunRow } from '../../../src-shared/shapes/run.ts'
import { FilterError } from '../../../src-shared/filter/parse.ts'
import type { Store } from '../../../src-main/store/store.ts'
import { cellsOf, experiment, newRun, outcome, testStore } from './support.ts'

const query = (over: Partial<HistoryQuery>): HistoryQuery => historyQuerySchema.parse(over)
const rows = (store: Store, over: Partial<HistoryQuery>): RunRow[] => store.read.history(query(over)).rows
const found = (store: Store, filter: string): string =>
  rows(store, { filter, sort: 'name', descending: false })
    .map(({ id }) => id)
    .join('')

/** A: two models, accuracy 0.05 to 1.1; B: a tagged, finished run of another task, learning rate .5; C: in the trash. */
function filled(): Store {
  const store = testStore()
  store.write.addRun(newRun('A', { name: 'a slots', created: new Date(2026, 0, 5, 12).toISOString() }))
  store.write.addTrials('A', [outcome(0, 0), outcome(0, 1), outcome(1, 1, { status: 'diverged' })], 1500, 'wasm')
  const used = experiment({ task: { kind: 'contiguity' }, models: [{ kind: 'alpha', label: '100%' }] })
  const cells = cellsOf(used).map((cell) => ({
    ...cell,
    params: { rate: 0.5, kernel: 'rbf', inner: { kind: 'alpha', params: { size: 3 } } }
  }))
  store.write.addRun(
    newRun('B', { name: 'b gates', created: new Date(2026, 1, 5, 12).toISOString(), experiment: used, cells })
  )
  store.write.addTrials('B', [outcome(1, 0), outcome(1, 2)], 90_000, 'cpu')
  store.write.changeRun('B', { status: 'done', ended: new Date(2026, 1, 6).toISOString() })
  store.write.editRuns(['B'], { addTags: ['figure 2'], notes: 'Better. "Much"' })
  store.write.addRun(newRun('C', { name: 'c slots' }))
  store.write.trashRuns(['C'], '2026-01-01T00:00:00.000Z')
  return store
}

describe('a filter over the store', () => {
  it('finds by words, fields and their negation', () => {
    const store = filled()
    for (const [filter, ids] of [
      ['', 'AB'],
      ['slots', 'A'],
      ['not slots', 'B'],
      ['slots or gates', 'AB'],
      ['SLOTS gates', ''],
      ['name:SLO', 'A'],
      ['name = "a slots"', 'A'],
      ['notes ~ "\\"much\\""', 'B'],
      ['task:Contiguity', 'B'],
      ['not task:contiguity', 'A'],
      ['model:alpha', 'AB'],
      ['model:"beta, tuned"', 'A'],
      ['model ~ %', 'B'],
      ['model != beta', 'B'],
      ['tag:"FIGURE 2"', 'B'],
      ['not tag:"figure 2"', 'A'],
      ['status:done', 'B'],
      ['status != done', 'A'],
      ['backend:wasm', 'A'],
      ['diverged >= 1', 'A'],
      ['trials > 6 (status:done or slots)', 'A'],
      ['computing > 1min', 'B'],
      ['seeds = 3', 'AB']
    ])
      expect([filter, found(store, filter)]).toEqual([filter, ids])
  })

  it('finds by the mean of any one model, from finished trials only', () => {
    const store = filled()
    // A: alpha at two seeds 0 and 0.1; beta only diverged. B: 1 and 1.2.
    expect(found(store, 'metric.accuracy > 0.04 metric.accuracy < 0.06')).toBe('A')
    expect(found(store, 'metric.accuracy >= 1.1')).toBe('B')
    expect(found(store, 'metric.accuracy > 2')).toBe('')
    expect(() => found(store, 'metric.acuracy > 0')).toThrow(/accuracy/)
    store.write.addTrials('B', [outcome(0, 0, { metrics: { accuracy: -2.2 } })], 1, 'cpu')
    expect(found(store, 'metric.accuracy = 0')).toBe('B')
  })

  it('finds by parameters of models and tasks, numbers as numbers and text as text', () => {
    const store = filled()
    expect(found(store, 'param.rate <= 0.5')).toBe('B')
    expect(found(store, 'param.rate < 0.5')).toBe('')
    expect(found(store, 'param.kernel:RBF')).toBe('B')
    expect(found(store, 'param.kernel > 0')).toBe('')
    expect(found(store, 'param.kernel != rbf')).toBe('')
    expect(found(store, 'param.inner.params.size = 3')).toBe('B')
    expect(found(store, 'param.items = 10')).toBe('AB')
    expect(found(store, 'not param.rate > 0')).toBe('A')
  })

  it('takes dates as days of the calendar, and what has not ended as unequal to nothing', () => {
    const store = filled()
    expect(found(store, 'created = 2026-01-05')).toBe('A')
    expect(found(store, 'created > 2026-01-05')).toBe('B')
    expect(found(store, 'created >= 2026-01-05 created < 2026-02')).toBe('A')
    expect(found(store, 'created <= 2026-02-05')).toBe('AB')
    expect(found(store, 'ended = 2026')).toBe('B')
    expect(found(store, 'not ended > 2020')).toBe('A')
    expect(found(store, 'best > 0')).toBe('')
    expect(found(store, 'not best > 0')).toBe('AB')
  })

  it('refuses what is no filter, and lets no text into SQL', () => {
    const store = filled()
    expect(() => found(store, 'trials > (')).toThrow(FilterError)
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20, unit: 'binary' }),
        fc.constantFrom('name', 'tag', 'param.kernel', 'model'),
        (text, field) => {
          const quoted = `"${text.replace(/["\\]/g, '\\$&')}"`
          expect(found(store, `${field} = ${quoted} or name = "a slots"`)).toMatch(/A/)
          expect(found(store, quoted)).toMatch(/^A?B?$/)
        }
      )
    )
    expect(found(store, '')).toBe('AB')
  })
})

describe('a grouped history', () => {
  it('collapses runs that differ only in their seeds and name, and shows the newest', () => {
    const store = testStore()
    const put = (id: string, day: number, over: Record<string, unknown>): void =>
      store.write.addRun(
        newRun(id, { created: new Date(2026, 0, day).toISOString(), experiment: experiment(over), name: id })
      )
    put('A', 1, { seeds: [1, 2, 3] })
    put('B', 2, { seeds: [4, 5, 6], name: 'again' })
    put('C', 3, { generator: 'torch' })
    const list = store.read.history(query({ group: 'seeds' }))
    expect(list.rows.map(({ id, group }) => [id, group?.runs, group?.seeds])).toEqual([
      ['C', 1, 3],
      ['B', 2, 6]
    ])
    expect(list.total).toBe(2)
    const members = query({ group: 'seeds', member: list.rows[1].group!.value })
    expect(store.read.history(members).rows.map(({ id }) => id)).toEqual(['B', 'A'])
    expect(store.read.history(members).total).toBe(2)
    store.write.trashRuns(['B'], '2026-02-01T00:00:00.000Z')
    expect(rows(store, { group: 'seeds' }).map(({ id }) => id)).toEqual(['C', 'A'])
  })

  it('groups by parameters, models and tags; a run with two values is in two groups', () => {
    const store = filled()
    const by = (group: NonNullable<HistoryQuery['group']>): unknown[] =>
      rows(store, { group, sort: 'name', descending: false }).map(({ id, group }) => [group?.value, group?.runs, id])
    expect(by('param.rate')).toEqual([[0.5, 1, 'B']])
    expect(by('param.items')).toEqual([
      [5, 2, 'B'],
      [10, 2, 'B']
    ])
    expect(by('model')).toEqual([
      ['beta', 1, 'A'],
      ['alpha', 2, 'B']
    ])
    expect(by('tag')).toEqual([['figure 2', 1, 'B']])
    expect(rows(store, { group: 'param.items', member: 5, filter: 'slots' }).map(({ id }) => id)).toEqual(['A'])
    expect(rows(store, { group: 'task', offset: 1, limit: 1 })).toHaveLength(1)
  })

  it('is empty, not wrong, for a parameter no run has', () => {
    expect(store0().read.history(query({ group: 'param.__proto__' }))).toEqual({ rows: [], total: 0 })
  })
})

const store0 = (): Store => testStore()

import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { historyQuerySchema, type HistoryQuery } from '../../../src-shared/contract/runs.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { migrate } from '../../../src-main/store/migrate.ts'
import { migrations } from '../../../src-main/store/migrations/index.ts'
import { realPort } from '../../../src-main/store/port.ts'
import { cellsOf, experiment, fifthSchema, newRun, outcome, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const query = (over: Partial<HistoryQuery> = {}): HistoryQuery => historyQuerySchema.parse(over)

describe('the list of runs, of which the store keeps what belongs together', () => {
  it('shows a run that has come, one that went to the trash and came back, and none that is gone for good', () => {
    const store = testStore()
    const ids = (over: Partial<HistoryQuery> = {}): string =>
      store.read
        .history(query(over))
        .rows.map(({ id }) => id)
        .join('')
    expect(ids()).toBe('')
    store.write.addRun(newRun('A', { created: '2026-01-02T00:00:00.000Z' }))
    expect(ids()).toBe('A')
    // Taken in later, and older.
    store.write.addRun(newRun('B', { created: '2026-01-01T00:00:00.000Z' }))
    expect(ids()).toBe('AB')
    store.write.trashRuns(['A'], '2026-02-01T00:00:00.000Z')
    expect([ids(), ids({ trashed: true }), ids({ filter: 'memories' })]).toEqual(['B', 'A', 'B'])
    store.write.restoreRuns(['A'])
    expect([ids(), ids({ trashed: true })]).toEqual(['AB', ''])
    store.write.trashRuns(['B'], '2026-02-01T00:00:00.000Z')
    store.write.purgeRuns(['B'])
    expect([ids(), ids({ trashed: true })]).toEqual(['A', ''])
  })
  it('counts the seeds of a group anew when a run gets more of them', () => {
    const store = testStore()
    store.write.addRun(newRun('A'))
    store.write.addRun(newRun('B'))
    const group = () => store.read.history(query({ group: 'seeds' })).rows[0].group
    expect(group()).toMatchObject({ runs: 2, seeds: 6 })
    store.write.extendRun('B', experiment({ seeds: { first: 0, count: 5 } }), 5, 20)
    expect(group()).toMatchObject({ runs: 2, seeds: 8 })
  })
  it('reads nothing anew for trials, tags and notes', () => {
    const folder = temporaryFolder('store')
    const store = testStore(folder)
    store.write.addRun(newRun('A'))
    const revision = (): unknown => {
      const database = new Sqlite(storeFile(folder), { readonly: true })
      try {
        return database.prepare('SELECT revision FROM roster').pluck().get()
      } finally {
        database.close()
      }
    }
    const before = revision()
    store.write.addTrials('A', [outcome(0, 0), outcome(0, 1)], 5, 'wasm')
    store.write.editRuns(['A'], { addTags: ['x'], notes: 'y', name: 'z' })
    store.write.changeRun('A', { status: 'done', best: { label: 'alpha', metric: 'accuracy', mean: 1 } })
    expect(revision()).toBe(before)
    store.write.trashRuns(['A'], '2026-02-01T00:00:00.000Z')
    expect(revision()).not.toBe(before)
  })
  it('puts a run with two models in both of their groups, once in each, in every order', () => {
    const store = testStore()
    const twice = experiment({ models: [{ kind: 'alpha' }, { kind: 'alpha', label: 'again' }, { kind: 'beta' }] })
    store.write.addRun(newRun('A', { experiment: twice, cells: cellsOf(twice) }))
    const one = experiment({ models: [{ kind: 'beta' }] })
    store.write.addRun(newRun('B', { experiment: one, cells: cellsOf(one), created: '2026-03-01T00:00:00.000Z' }))
    for (const sort of ['created', 'name', 'trials', 'best'] as const)
      for (const descending of [true, false]) {
        const { rows, total } = store.read.history(query({ group: 'model', sort, descending }))
        expect(total).toBe(2)
        const groups = rows.map(({ id, group }) => [group?.value, group?.runs, group?.seeds, id])
        expect(groups.sort()).toEqual([
          ['alpha', 1, 3, 'A'],
          ['beta', 2, 6, 'B']
        ])
      }
  })
})

it('the tenth migration keeps parameters and what filters find of them, and counts from then on', () => {
  const folder = temporaryFolder('store')
  const store = testStore(folder)
  for (const id of ['A', 'B']) store.write.addRun(newRun(id))
  store.write.addTrials('A', [outcome(0, 0), outcome(2, 1)], 5, 'wasm')
  const found = (of: typeof store): unknown[] =>
    ['param.items >= 10', 'param.size = 8', 'metric.accuracy > 0.5', 'param.items = 7'].map((filter) =>
      of.read.history(query({ filter })).rows.map(({ id }) => id)
    )
  const before = found(store)
  expect(before).toEqual([['B', 'A'], ['B', 'A'], ['A'], []])
  store.close()
  const old = fifthSchema(folder)
  const database = realPort.connect(storeFile(old), { readonly: false, mustExist: true })
  const upTo = (last: number): void =>
    migrate(
      database,
      migrations.filter(({ version }) => version <= last)
    )
  const params = (): unknown[] => database.prepare('SELECT name, run, value FROM run_params ORDER BY 1, 2, 3').all()
  upTo(9)
  const kept = params()
  expect(kept.length).toBeGreaterThan(3)
  upTo(10)
  expect(params()).toEqual(kept)
  expect(database.pragma('foreign_key_check')).toEqual([])
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  database.close()
  const again = testStore(old)
  expect(found(again)).toEqual(before)
  again.write.addRun(newRun('C'))
  expect(again.read.history(query()).total).toBe(3)
})

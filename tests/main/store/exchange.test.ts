import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../../src-main/store/migrate.ts'
import { migrations } from '../../../src-main/store/migrations/index.ts'
import type { Report } from '../../../src-shared/shapes/report.ts'
import { codeOf, newRun, outcome, testStore } from './support.ts'

const hash = (n: number): string => n.toString(16).padStart(64, '0')

describe('runs as records', () => {
  it('come back from another store as they were, curves and odd numbers included', () => {
    const mine = testStore()
    mine.write.addRun(newRun('A'))
    mine.write.addTrials(
      'A',
      [
        outcome(0, 0, { hash: hash(1), metrics: { accuracy: 1 / 3, tiny: 5e-324 } }),
        outcome(1, 2, { hash: hash(2), series: { curve: { x: [0, 0.1], y: [NaN, 0.5] }, other: { x: [7], y: [1] } } }),
        outcome(2, 1, {
          hash: hash(3),
          status: 'diverged',
          error: { code: 'diverged', message: 'NaN' },
          metrics: {},
          series: {}
        })
      ],
      12.5,
      'wasm'
    )
    mine.write.changeRun('A', { status: 'done', ended: '2026-01-01T00:01:00.000Z' })
    mine.write.editRuns(['A'], { notes: 'n', addTags: ['t'] })
    const record = mine.read.record('A')
    const theirs = testStore()
    expect(theirs.write.importRuns([record], 'file.json')).toEqual([3])
    expect(theirs.read.record('A')).toEqual({ ...record, origin: 'file.json' })
    expect(theirs.read.results('A')).toEqual(mine.read.results('A'))
    expect(theirs.read.series('A', 'curve')).toEqual(mine.read.series('A', 'curve'))
    expect(
      theirs.read.history({
        text: 'n',
        trashed: false,
        sort: 'created',
        descending: true,
        offset: 0,
        limit: 9
      } as never).rows
    ).toMatchObject([{ id: 'A', origin: 'file.json', tags: ['t'] }])
  })
  it('add to a run that is here what it lacks and change nothing', () => {
    const mine = testStore()
    mine.write.addRun(newRun('A'))
    mine.write.addTrials('A', [outcome(0, 0, { hash: hash(1) })], 5, 'wasm')
    const record = mine.read.record('A')
    const before = mine.read.run('A')
    const more = {
      ...record,
      name: 'other',
      notes: 'other',
      results: [...record.results, { ...record.results[0], seed: 1, hash: hash(2) }]
    }
    expect(mine.write.importRuns([more], 'x')).toEqual([1])
    expect(mine.read.run('A')).toEqual({ ...before, done: 2 })
    expect(mine.write.importRuns([more], 'x')).toEqual([0])
  })
  it('of a run that was going on arrive interrupted; half a file leaves nothing', () => {
    const mine = testStore()
    mine.write.addRun(newRun('A'))
    const record = mine.read.record('A')
    const theirs = testStore()
    const broken = {
      ...record,
      id: 'B',
      cells: [] as typeof record.cells,
      results: [{ ...outcome(0, 0), cell: 9, hash: null as never, model: '', kind: '', point: {} }]
    }
    expect(() => theirs.write.importRuns([record, broken], 'x')).toThrow()
    expect(theirs.read.hasRun('A')).toBe(false)
    theirs.write.importRuns([record], 'x')
    expect(theirs.read.run('A').status).toBe('interrupted')
  })
  it('are found by what their trials compute', () => {
    const mine = testStore()
    mine.write.addRun(newRun('A'))
    mine.write.addTrials('A', [outcome(0, 0, { hash: hash(1) })], 5, 'wasm')
    expect(mine.read.knownTrials(hash(1))).toMatchObject([{ runId: 'A', cell: 0, seed: 0, metrics: { cosine: 0 } }])
    expect(mine.read.knownTrials(hash(2))).toEqual([])
  })
})

describe('reports', () => {
  const report: Report = {
    id: 'r1',
    title: 'One',
    created: '2026-01-01T00:00:00.000Z',
    changed: '2026-01-01T00:00:00.000Z',
    blocks: [{ id: 'b', kind: 'text', markdown: '# x' }]
  }
  it('are kept, changed, trashed and restored', () => {
    const { read, write } = testStore()
    write.saveReport(report)
    write.saveReport({ ...report, title: 'Two', changed: '2026-01-02T00:00:00.000Z', blocks: [] })
    write.saveReport({ ...report, id: 'r2' })
    expect(read.reports(false).map(({ id, title, blocks }) => [id, title, blocks])).toEqual([
      ['r1', 'Two', 0],
      ['r2', 'One', 1]
    ])
    expect(read.report('r2')).toEqual({ ...report, id: 'r2' })
    write.trashReport('r1', true)
    expect(read.reports(false)).toHaveLength(1)
    expect(read.reports(true)).toMatchObject([{ id: 'r1' }])
    write.trashReport('r1', false)
    expect(read.reports(true)).toEqual([])
  })
  it('that are not there are said to be not there', () => {
    const { read, write } = testStore()
    expect(codeOf(() => read.report('x'))).toBe('not-found')
    expect(codeOf(() => write.trashReport('x', true))).toBe('not-found')
  })
})

describe('the migration to exchange', () => {
  it('leaves every run where it was, made here', () => {
    const database = new Sqlite(':memory:')
    migrate(
      database,
      migrations.filter(({ version }) => version < 8)
    )
    database.exec(`INSERT INTO runs (id, name, task, models, status, created, trials, seeds, search)
      VALUES ('A', 'a', 't', '[]', 'done', '2026', 1, 1, '')`)
    database.exec(
      "INSERT INTO trials (run, cell, seed, hash, status, elapsed_ms, backend) VALUES (1, 0, 0, 'h', 'done', 1, 'cpu')"
    )
    migrate(
      database,
      migrations.filter(({ version }) => version <= 8)
    )
    expect(database.prepare('SELECT id, name, origin FROM runs').all()).toEqual([{ id: 'A', name: 'a', origin: '' }])
    expect(database.prepare('SELECT hash FROM trials').pluck().all()).toEqual(['h'])
    expect(database.prepare('SELECT count(*) FROM reports').pluck().get()).toBe(0)
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    database.close()
  })
})

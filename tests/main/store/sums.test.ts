import { describe, expect, it } from 'vitest'
import { listBackups, makeBackup } from '../../../src-main/store/backup.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { realPort } from '../../../src-main/store/port.ts'
import { rowSum } from '../../../src-main/store/sums.ts'
import { codeOf, fifthSchema, newRun, outcome, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Change a file as a bad disk does: nothing that watches over it is asked. */
function spoil(folder: string, sql: string): void {
  const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: true })
  const triggers = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
    name: string
    sql: string
  }[]
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`)
  database.exec(sql)
  for (const trigger of triggers) database.exec(trigger.sql)
  database.close()
}

/** A run of 4 cells and 3 seeds and its backup. */
function stored(): { folder: string; store: ReturnType<typeof testStore> } {
  const folder = temporaryFolder('store')
  const store = testStore(folder)
  store.write.addRun(newRun('A'))
  const outcomes = [0, 1, 2, 3].flatMap((cell) =>
    [0, 1, 2].map((seed) =>
      outcome(cell, seed, {
        traces: [{ name: 'gate', title: 'Gate', kind: 'line', value: { shape: [1], data: [seed] } }]
      })
    )
  )
  store.write.addTrials('A', outcomes, 5, 'wasm')
  store.write.changeRun('A', { status: 'done' })
  return { folder, store }
}

function backedUp(folder: string): void {
  const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: true })
  makeBackup(realPort, database, folder, new Date())
  database.close()
  expect(listBackups(realPort, folder)).toHaveLength(1)
}

const trial = (cell: number, seed: number): string => `(SELECT id FROM trials WHERE cell = ${cell} AND seed = ${seed})`

describe('a sum', () => {
  it('is the CRC-32 of the values as JSON, with the bytes of a blob before them', () => {
    // CRC-32 of the ASCII text [1,"a",null], and of the bytes 1, 2, 3 and [3]: by Python's zlib.crc32.
    expect(rowSum(1, 'a', null)).toBe(4111403571)
    expect(rowSum(Buffer.from([1, 2, 3]))).toBe(2477983648)
  })

  it('is there for everything that an older store brings', () => {
    const { folder, store } = stored()
    const before = store.read.results('A')
    store.close()
    const old = testStore(fifthSchema(folder))
    expect(old.check()).toBe('ok')
    // The older store brings no curves and no parameters of the task's sweep but these.
    expect(old.read.results('A')).toEqual(before)
  })
})

describe('what is damaged', () => {
  it.each([
    ['a metric', `UPDATE metrics SET value = value + 1e-12 WHERE trial = ${trial(1, 2)} AND name = 'accuracy'`],
    ['the name of a metric', `UPDATE metrics SET name = 'accurbcy' WHERE trial = ${trial(1, 2)} AND name = 'accuracy'`],
    ['a metric that is gone', `DELETE FROM metrics WHERE trial = ${trial(1, 2)} AND name = 'cosine'`],
    ['a status', `UPDATE trials SET status = 'failed' WHERE id = ${trial(1, 2)}`],
    ['a time', `UPDATE trials SET elapsed_ms = 3 WHERE id = ${trial(1, 2)}`]
  ])('%s makes a trial that has no numbers and is in no mean', (_, sql) => {
    const { folder, store } = stored()
    const before = store.read.results('A')
    spoil(folder, sql)
    const after = store.read.results('A')
    expect(after[1].statuses).toEqual(['done', 'done', 'damaged'])
    expect(after[1].metrics.accuracy).toEqual([before[1].metrics.accuracy[0], before[1].metrics.accuracy[1], null])
    expect(after[1].elapsedMs[2]).toBeNull()
    expect([after[0], after[2], after[3]]).toEqual([before[0], before[2], before[3]])
    const row = store.read.trials('A', undefined, 0, 100).rows.find(({ status }) => status === 'damaged')
    expect(row).toMatchObject({ label: 'Beta, tuned', seed: 2, metrics: {}, error: { code: 'store-corrupt' } })
    // Means by hand: alpha has 0, .1, .2 and 2, 2.1, 2.2; Beta 1, 1.1 and 3, 3.1, 3.2.
    expect(store.read.bestModel('A', 'accuracy', 'higher')?.mean).toBeCloseTo((1 + 1.1 + 3 + 3.1 + 3.2) / 5, 12)
    expect(store.check()).toContain('a trial of run A')
  })

  it('a trial that is gone is damaged, not missing', () => {
    const { folder, store } = stored()
    spoil(folder, `DELETE FROM trials WHERE id = ${trial(1, 2)}`)
    expect(store.read.results('A')[1].statuses[2]).toBe('damaged')
    expect(store.check()).toContain('12 were counted, 11 are there')
  })

  it('a curve is left out and named, a trace is refused', () => {
    const { folder, store } = stored()
    spoil(folder, `UPDATE series SET y = x'0000803f0000803f' WHERE trial = ${trial(0, 1)}`)
    const [curve] = store.read.series('A', 'curve')
    expect([curve.seeds, curve.damaged]).toEqual([[0, 2], [1]])
    const { id } = store.read.trials('A', undefined, 0, 1).rows[0]
    spoil(folder, `UPDATE traces SET json = '[]' WHERE trial = ${id}`)
    expect(codeOf(() => store.read.traces('A', id))).toBe('store-corrupt')
  })

  it('a run, its grid, its experiment and a document say so instead of showing something', () => {
    const { folder, store } = stored()
    store.write.saveReport({ ...report, title: 'Mine' })
    spoil(
      folder,
      `UPDATE runs SET best_mean = 7, best_metric = 'm', best_label = 'l'; UPDATE reports SET title = 'Other'`
    )
    const query = { trashed: false, sort: 'created', descending: true, offset: 0, limit: 9 } as const
    expect(store.read.history(query).rows).toMatchObject([{ id: 'A', damaged: true, best: null }])
    expect(codeOf(() => store.read.report('R'))).toBe('store-corrupt')
    expect(store.read.reports(false)).toMatchObject([{ title: 'A damaged report' }])
    spoil(folder, "UPDATE cells SET label = 'alphb' WHERE cell = 0")
    expect(codeOf(() => store.read.results('A'))).toBe('store-corrupt')
    spoil(folder, "UPDATE experiments SET json = replace(json, 'Two', 'Six')")
    expect(codeOf(() => store.read.run('A'))).toBe('store-corrupt')
    expect(store.damages().map(({ what }) => what)).toEqual([
      'an experiment',
      'the line of a run',
      'a cell of the grid',
      'a report'
    ])
  })

  it('stays damaged when something else of the row is changed', () => {
    const { folder, store } = stored()
    spoil(folder, 'UPDATE runs SET elapsed_ms = 9')
    store.write.editRuns(['A'], { name: 'Another' })
    expect(store.read.run('A').damaged).toBe(true)
  })
})

describe('mending', () => {
  it('puts everything back from a backup', () => {
    const { folder, store } = stored()
    store.write.saveReport(report)
    const read = (): unknown => [
      store.read.results('A'),
      store.read.series('A', 'curve'),
      { ...store.read.run('A') },
      store.read.report('R'),
      store.read.cells('A')
    ]
    const before = read()
    backedUp(folder)
    spoil(
      folder,
      `UPDATE metrics SET value = 9 WHERE trial = ${trial(1, 2)}; DELETE FROM trials WHERE id = ${trial(3, 0)};
       UPDATE series SET y = x'' WHERE trial = ${trial(0, 0)}; UPDATE runs SET name = 'x'; UPDATE reports SET json = '{}';
       UPDATE cells SET params = '{}' WHERE cell = 2; UPDATE run_metrics SET total = 0`
    )
    expect(store.mend()).toEqual({ restored: 6, missing: [], left: [] })
    expect(store.check()).toBe('ok')
    expect(read()).toEqual(before)
  })

  it('takes out the trials that no backup has, so that the run can be resumed, and names what is left', () => {
    const { folder, store } = stored()
    store.write.saveReport(report)
    spoil(
      folder,
      `UPDATE metrics SET value = 9 WHERE trial = ${trial(1, 2)}; DELETE FROM trials WHERE id = ${trial(3, 0)};
       UPDATE reports SET title = 'x'`
    )
    const mended = store.mend()
    expect(mended).toMatchObject({ restored: 0, missing: [{ run: 'A', trials: 2 }], left: [{ what: 'a report' }] })
    expect(store.read.run('A')).toMatchObject({ status: 'interrupted', done: 10 })
    expect(store.read.results('A')[1].statuses).toEqual(['done', 'done', 'missing'])
    store.write.addTrials('A', [outcome(1, 2), outcome(3, 0)], 6, 'wasm')
    expect(store.read.results('A')[1].metrics.accuracy[2]).toBe(1.2)
    expect(store.damages()).toHaveLength(1)
  })

  it('takes nothing from a backup that is damaged at the same place', () => {
    const { folder, store } = stored()
    spoil(folder, `UPDATE metrics SET value = 9 WHERE trial = ${trial(1, 2)}`)
    backedUp(folder)
    expect(store.mend().missing).toEqual([{ run: 'A', trials: 1 }])
  })
})

const report = {
  id: 'R',
  title: 'Mine',
  created: '2026-01-01T00:00:00.000Z',
  changed: '2026-01-01T00:00:00.000Z',
  blocks: []
}

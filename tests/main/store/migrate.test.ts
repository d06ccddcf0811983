import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backupFolder, checkFile, listBackups } from '../../../src-main/store/backup.ts'
import { latest, migrate } from '../../../src-main/store/migrate.ts'
import { migrations } from '../../../src-main/store/migrations/index.ts'
import type { Migration } from '../../../src-main/store/migrations/migration.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { realPort, type Database } from '../../../src-main/store/port.ts'
import { Fault, faultyPort } from './faults.ts'
import { newRun, outcome, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const now = latest(migrations)

/** A change as a later version may bring it: a column more, filled from what is there. */
const second: Migration = {
  version: now + 1,
  up: (database) =>
    database.exec(`ALTER TABLE runs ADD COLUMN loud TEXT NOT NULL DEFAULT '';
      UPDATE runs SET loud = upper(name);
      CREATE TABLE second_only (id INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;`)
}
const failing: Migration = {
  version: now + 2,
  up(database) {
    database.exec('DROP TABLE metrics; CREATE TABLE half (x)')
    throw new Error('no')
  }
}
const dangling: Migration = {
  version: now + 2,
  up: (database) => database.exec("DELETE FROM runs WHERE id = 'A'")
}

const prediction = { metric: 'accuracy', at: {}, order: ['a', 'b'], margin: 0 }

function oldFolder(): string {
  const folder = temporaryFolder('store')
  const store = openStore({ folder })
  store.write.addRun(newRun('A'))
  store.write.addTrials('A', [outcome(0, 0), outcome(1, 2)], 5, 'wasm')
  store.close()
  // The backup of the end of the session is not what these tests are about.
  for (const { path } of listBackups(realPort, folder)) realPort.remove(path)
  return folder
}

function inside<T>(folder: string, read: (database: Database) => T): T {
  const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: true })
  try {
    return read(database)
  } finally {
    database.close()
  }
}
const version = (folder: string): unknown => inside(folder, (d) => d.pragma('user_version', { simple: true }))

describe('migrations', () => {
  it('rise strictly', () => {
    const numbers = migrations.map((m) => m.version)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  })

  it('carry an old store over with everything in it, after a backup of the old state', () => {
    const folder = oldFolder()
    const before = testStore(folder, { readOnly: true }).read.results('A')
    const store = openStore({ folder, migrations: [...migrations, second] })
    expect(store.read.results('A')).toEqual(before)
    store.close()
    expect(inside(folder, (d) => d.prepare('SELECT loud FROM runs').pluck().get())).toBe('TWO MEMORIES')
    expect(version(folder)).toBe(now + 1)
    const [backup] = listBackups(realPort, folder)
    expect(checkFile(realPort, backup.path)).toEqual({ version: now, runs: 1, trials: 2 })
  })

  it('make no backup of a store that does not exist yet, and none when there is nothing to migrate', () => {
    const folder = temporaryFolder('store')
    testStore(folder).close()
    testStore(folder)
    expect(listBackups(realPort, folder)).toEqual([])
  })

  it('leave nothing half-applied when one fails, the ones before it included', () => {
    const folder = oldFolder()
    const before = testStore(folder, { readOnly: true }).read.results('A')
    expect(() => openStore({ folder, migrations: [...migrations, second, failing] })).toThrow('no')
    expect(version(folder)).toBe(now)
    expect(
      inside(folder, (d) => d.prepare("SELECT 1 FROM sqlite_schema WHERE name IN ('second_only', 'half')").get())
    ).toBe(undefined)
    expect(testStore(folder).read.results('A')).toEqual(before)
  })

  it('are refused when they leave dangling references', () => {
    const folder = oldFolder()
    expect(() => openStore({ folder, migrations: [...migrations, second, dangling] })).toThrow('dangling')
    expect(testStore(folder).read.run('A').done).toBe(2)
  })

  // As many starts as there are operations, each with its syncs: slow on a busy disk.
  it('either happen or do not, wherever the machine fails, and lose nothing', { timeout: 120_000 }, () => {
    const old = oldFolder()
    let failures = 0
    for (let n = 1; ; n++) {
      const folder = join(old, `try-${n}`)
      mkdirSync(folder)
      copyFileSync(storeFile(old), storeFile(folder))
      const port = faultyPort(n)
      try {
        openStore({ folder, port, migrations: [...migrations, second] }).close()
      } catch (error) {
        if (!(error instanceof Fault)) throw error
      }
      if (port.count() >= n) failures++
      const found = version(folder)
      expect([now, now + 1], `after a failure at operation ${n}`).toContain(found)
      // The lock is free again, the data is whole, and the next start finishes what was begun.
      const store = openStore({ folder, migrations: [...migrations, second] })
      expect(store.notice).toBeUndefined()
      expect(store.read.results('A')[1].metrics.accuracy[2]).toBe(1.2)
      expect(store.read.run('A').done).toBe(2)
      expect(store.check()).toBe('ok')
      store.close()
      expect(version(folder)).toBe(now + 1)
      for (const name of readdirSync(backupFolder(folder)))
        if (!name.endsWith('.partial')) expect(checkFile(realPort, join(backupFolder(folder), name))).toBeDefined()
      if (port.count() < n) break
    }
    expect(failures).toBeGreaterThan(30)
  })
})

describe('007, predictions', () => {
  it('adds an empty table to a store that has none, and registers from then on', () => {
    const folder = temporaryFolder('store')
    const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: false })
    migrate(
      database,
      migrations.filter(({ version }) => version < 7)
    )
    database.exec(`INSERT INTO runs (id, name, task, models, status, created, trials, seeds, search)
      VALUES ('A', 'a', 't', '[]', 'done', '2026', 1, 1, '')`)
    database.close()
    const store = testStore(folder)
    expect(store.read.predictions('A')).toEqual([])
    store.write.addRun({ ...newRun('B'), experiment: { ...newRun('B').experiment, predictions: [prediction] } })
    expect(store.read.predictions('B')).toMatchObject([{ prediction, judgement: null }])
    expect(version(folder)).toBe(now)
  })
})

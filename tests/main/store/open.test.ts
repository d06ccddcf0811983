import Sqlite from 'better-sqlite3'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { latest } from '../../../src-main/store/migrate.ts'
import { migrations } from '../../../src-main/store/migrations/index.ts'
import { openStore, storeFile } from '../../../src-main/store/open.ts'
import { codeOf, newRun, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('opening a store', () => {
  it('makes one where there is none, in a folder that did not exist', () => {
    const folder = join(temporaryFolder('store'), 'a', 'b')
    const store = testStore(folder)
    expect(store.read.history({ ...query }).total).toBe(0)
    expect(store.notice).toBeUndefined()
    expect(store.check()).toBe('ok')
  })

  it('writes ahead, waits for the disk and keeps references', () => {
    const folder = temporaryFolder('store')
    testStore(folder)
    expect(readFileSync(storeFile(folder)).subarray(18, 20)).toEqual(Buffer.from([2, 2]))
    const beside = new Sqlite(storeFile(folder), { readonly: true })
    expect(beside.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(beside.pragma('application_id', { simple: true })).toBe(0x456e6772)
    expect(beside.pragma('user_version', { simple: true })).toBe(latest(migrations))
    beside.close()
  })

  it('lets one writer in and refuses the second until the first has closed', () => {
    const folder = temporaryFolder('store')
    const first = testStore(folder)
    expect(codeOf(() => openStore({ folder }))).toBe('store-locked')
    first.close()
    expect(codeOf(() => openStore({ folder }).close())).toBe('nothing thrown')
  })

  it('can be read beside a writer, and refuses to write then', () => {
    const folder = temporaryFolder('store')
    const writer = testStore(folder)
    writer.write.addRun(newRun('A'))
    const reader = testStore(folder, { readOnly: true })
    expect(reader.read.run('A').name).toBe('Two memories')
    expect(codeOf(() => reader.write.addRun(newRun('B')))).toBe('read-only')
    writer.write.addRun(newRun('C'))
    expect(reader.read.history(query).total).toBe(2)
  })

  it('has nothing to read in an empty folder', () => {
    expect(codeOf(() => openStore({ folder: temporaryFolder('store'), readOnly: true }))).toBe('not-found')
  })

  it('refuses a newer schema, leaves the file as it is, and still reads it', () => {
    const folder = temporaryFolder('store')
    const store = openStore({ folder })
    store.write.addRun(newRun('A'))
    store.close()
    const newer = new Sqlite(storeFile(folder))
    newer.pragma('user_version = 99')
    newer.close()
    const before = readFileSync(storeFile(folder))
    expect(codeOf(() => openStore({ folder }))).toBe('store-newer')
    expect(readFileSync(storeFile(folder)).equals(before)).toBe(true)
    expect(testStore(folder, { readOnly: true }).read.run('A').id).toBe('A')
  })

  it("refuses another program's database and does not touch it", () => {
    const folder = temporaryFolder('store')
    const other = new Sqlite(storeFile(folder))
    other.exec('CREATE TABLE bookmarks (url TEXT)')
    other.close()
    const before = readFileSync(storeFile(folder))
    expect(codeOf(() => openStore({ folder }))).toBe('conflict')
    expect(readFileSync(storeFile(folder)).equals(before)).toBe(true)
  })

  it('takes an empty file, as a crash at the very start leaves it, for a new store', () => {
    const folder = temporaryFolder('store')
    writeFileSync(storeFile(folder), '')
    const store = testStore(folder)
    expect(store.notice).toBeUndefined()
    expect(store.read.history(query).total).toBe(0)
  })

  it('says so when the data folder cannot be made', () => {
    const folder = temporaryFolder('store')
    writeFileSync(join(folder, 'file'), '')
    expect(codeOf(() => openStore({ folder: join(folder, 'file', 'data') }))).toBe('bad-input')
    expect(existsSync(join(folder, 'file', 'data'))).toBe(false)
  })
})

const query = {
  trashed: false,
  sort: 'created',
  descending: true,
  offset: 0,
  limit: 200
} as const

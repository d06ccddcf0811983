import Sqlite from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { latest } from '../../../src-main/store/migrate.ts'
import { migrations } from '../../../src-main/store/migrations/index.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { realPort } from '../../../src-main/store/port.ts'
import { codeOf, newRun, outcome, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const root = join(import.meta.dirname, '../../..')

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

  it('lets no second writer in when the lock’s file is deleted or may only be read', () => {
    const folder = temporaryFolder('store')
    const first = testStore(folder)
    chmodSync(join(folder, 'studio.lock'), 0o444)
    expect(codeOf(() => openStore({ folder }))).toBe('store-locked')
    rmSync(join(folder, 'studio.lock'))
    expect(codeOf(() => openStore({ folder }))).toBe('store-locked')
    first.close()
    expect(codeOf(() => openStore({ folder }).close())).toBe('nothing thrown')
  })

  it('knows the process that has it open: gone, it lets the next one in, whose number it may have', async () => {
    const folder = temporaryFolder('store')
    const holder = `import { openStore } from ${JSON.stringify(join(root, 'src-main/store/open.ts'))}
      openStore({ folder: ${JSON.stringify(folder)} }); console.log('open'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '-e',
      holder
    ])
    await once(child.stdout, 'data')
    rmSync(join(folder, 'studio.lock'))
    expect(codeOf(() => openStore({ folder }))).toBe('store-locked')
    child.kill('SIGKILL')
    await once(child, 'close')
    const store = openStore({ folder })
    const database = realPort.connect(storeFile(folder), { readonly: false, mustExist: true })
    expect(database.prepare('SELECT pid FROM holder').pluck().get()).toBe(process.pid)
    store.close()
    // A process that lives, but was started at another time than the one that held the store.
    database.prepare('INSERT INTO holder (host, pid, started) VALUES (?, ?, ?)').run(hostname(), process.ppid, '1')
    database.close()
    expect(codeOf(() => openStore({ folder }).close())).toBe('nothing thrown')
  })

  it.skipIf(process.platform === 'win32')('keeps folder, data, lock and backups for its user alone', () => {
    const folder = join(temporaryFolder('store'), 'data')
    mkdirSync(folder, { mode: 0o755 })
    writeFileSync(storeFile(folder), '', { mode: 0o644 })
    const store = openStore({ folder })
    store.write.addRun(newRun('A'))
    const mode = (path: string): string => (statSync(join(folder, path)).mode & 0o777).toString(8)
    expect(['', ...readdirSync(folder).sort()].map((name) => [name, mode(name)])).toEqual([
      ['', '700'],
      ['engram.sqlite', '600'],
      ['engram.sqlite-shm', '600'],
      ['engram.sqlite-wal', '600'],
      ['studio.lock', '600'],
      ['studio.lock-journal', '600']
    ])
    store.close()
    expect(mode('backups')).toBe('700')
    for (const name of readdirSync(join(folder, 'backups'))) expect(mode(join('backups', name))).toBe('600')
  })

  it.skipIf(process.platform === 'win32')('leaves a folder that others use as it is', () => {
    const folder = temporaryFolder('store')
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, 'thesis.tex'), '')
    testStore(folder)
    expect(statSync(folder).mode & 0o777).toBe(0o755)
    expect(statSync(storeFile(folder)).mode & 0o777).toBe(0o600)
  })

  it('notices that its file is moved away or replaced, and goes on when it is back', () => {
    const folder = temporaryFolder('store')
    const store = testStore(folder)
    store.write.addRun(newRun('A'))
    const add = (seed: number) => () => store.write.addTrials('A', [outcome(0, seed)], 1, 'cpu')
    renameSync(storeFile(folder), join(folder, 'elsewhere'))
    expect(codeOf(add(0))).toBe('store-gone')
    writeFileSync(storeFile(folder), '')
    expect(codeOf(add(0))).toBe('store-gone')
    renameSync(join(folder, 'elsewhere'), storeFile(folder))
    expect(codeOf(add(0))).toBe('nothing thrown')
    expect(store.read.run('A').done).toBe(1)
  })

  it('a backup that fails at the end is told, and the store is closed all the same', () => {
    const folder = temporaryFolder('store')
    const store = testStore(folder)
    store.write.addRun(newRun('A'))
    writeFileSync(join(folder, 'backups'), 'in the way')
    expect(store.close()).toMatch(/backup could not be made/)
    rmSync(join(folder, 'backups'))
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

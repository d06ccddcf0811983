import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { storeError } from '../../../src-main/store/errors.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { realPort, type Database, type StorePort } from '../../../src-main/store/port.ts'
import { codeOf, newRun, outcome, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('a full disk is a typed error, and what was stored before it is whole', () => {
  let writer: Database | undefined
  const port: StorePort = {
    ...realPort,
    connect: (path, options) => (writer = realPort.connect(path, options))
  }
  const store = testStore(temporaryFolder('store'), { port })
  store.write.addRun(newRun('A', { seeds: 100_000 }))
  // SQLite reports a full disk and a full page limit in the same way.
  const pages = writer!.pragma('page_count', { simple: true }) as number
  writer!.pragma(`max_page_count = ${pages + 20}`)
  let stored = 0
  const codes = new Set<string>()
  for (let batch = 0; batch < 200; batch++) {
    const trials = Array.from({ length: 20 }, (_, i) => outcome(0, batch * 20 + i))
    const code = codeOf(() => store.write.addTrials('A', trials, 1, 'cpu'))
    codes.add(code)
    if (code !== 'nothing thrown') break
    stored += 20
  }
  expect([...codes]).toEqual(['nothing thrown', 'disk-full'])
  expect(store.read.run('A').done).toBe(stored)
  expect(store.read.trials('A', undefined, 0, 1).total).toBe(stored)
  writer!.pragma('max_page_count = 4294967294')
  store.write.addTrials('A', [outcome(1, 0)], 1, 'cpu')
  expect(store.check()).toBe('ok')
})

it('no room for a migration or a new file is a disk-full error at the start', () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  const port: StorePort = {
    ...realPort,
    makeFolder() {
      throw full
    }
  }
  expect(codeOf(() => openStore({ folder: temporaryFolder('store'), port }))).toBe('disk-full')
})

it('each failure below has its code, and keeps its cause for the log', () => {
  const of = (code: string): unknown => {
    const error = storeError(new Sqlite.SqliteError('what SQLite said', code), '/data/engram.sqlite')
    expect(error).toBeInstanceOf(StudioError)
    const { data } = error as StudioError
    expect(data.cause).toContain('what SQLite said')
    expect(data.file).toBe('/data/engram.sqlite')
    return data.code
  }
  expect(
    [
      'SQLITE_FULL',
      'SQLITE_READONLY_DBMOVED',
      'SQLITE_CORRUPT_VTAB',
      'SQLITE_NOTADB',
      'SQLITE_BUSY',
      'SQLITE_ERROR'
    ].map(of)
  ).toEqual(['disk-full', 'read-only', 'store-corrupt', 'store-corrupt', 'store-locked', 'internal'])
  const typed = new StudioError('conflict', 'As it was.')
  expect(storeError(typed)).toBe(typed)
})

/** Opening the store: the checks of the file before anything reads it, and the way back when they fail. */
import { resolve } from 'node:path'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { backupDue, listBackups, makeBackup, knownFormat } from './backup.ts'
import { damagedFile, isDamage, storeError } from './errors.ts'
import { storeFile } from './file.ts'
import { claim, takeLock } from './lock.ts'
import { brokenLog, keepBrokenLog } from './log.ts'
import { mend } from './mend.ts'
import { applicationId, latest, migrate, pragmaNumber, schemaStands } from './migrate.ts'
import { migrations as allMigrations } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import { realPort, type Database, type StorePort } from './port.ts'
import { finishRepair, repair } from './repair.ts'
import { storeOver, tryQueries, type Store } from './store.ts'

/** KiB of pages: the results of a large run are read without going to the file for every page. Readers are several. */
const pageCache = { writer: 'cache_size = -65536', reader: 'cache_size = -16384' }

export interface OpenOptions {
  folder: string
  /** Look only: takes no lock, changes nothing, and opens a newer schema as far as it can be read. */
  readOnly?: boolean
  port?: StorePort
  migrations?: readonly Migration[]
}

/**
 * Open the store of a data folder, making it when there is none.
 * @throws StudioError store-locked, store-newer, store-corrupt, disk-full, read-only
 */
export function openStore({
  folder,
  readOnly = false,
  port = realPort,
  migrations = allMigrations
}: OpenOptions): Store {
  const path = storeFile(folder)
  let release: (() => void) | undefined
  let leave: (() => void) | undefined
  let database: Database | undefined
  try {
    if (readOnly) {
      database = openToRead(port, path, migrations)
      const reader = database
      const close = (): undefined => void reader.close()
      const notice = brokenLog(port, path)
      return storeOver(reader, { path, readOnly, notice, present: () => {}, mend: refuseMend, close })
    }
    refuseLongPath(path)
    port.makeFolder(folder)
    release = takeLock(port, folder)
    let notice: string | undefined
    if (!port.exists(path)) notice = finishRepair(port, folder, path)
    const log = keepBrokenLog(port, path, new Date())
    const thorough = log !== undefined || backupDue(port, folder, new Date())
    if (
      isMissing(port, folder, path) ||
      (port.exists(path) && isDamaged(port, path, { newest: latest(migrations), thorough }))
    )
      notice = repair(port, folder, path, latest(migrations), new Date())
    notice = [log, notice].filter((told) => told !== undefined).join(' ') || undefined
    for (const suffix of ['-wal', '-shm']) if (port.exists(path + suffix)) port.makePrivate(path + suffix)
    port.makePrivate(path)
    database = openToWrite(port, folder, path, migrations)
    const writer = database
    leave = claim(writer, path, folder)
    return storeOver(writer, {
      path,
      readOnly,
      notice,
      present: presence(port, path),
      mend: () => mend(port, writer, folder),
      close: closing(
        writer,
        () => {
          leave?.()
          dailyBackup(port, writer, folder)
        },
        release
      )
    })
  } catch (error) {
    database?.close()
    leave?.()
    release?.()
    throw storeError(error, path)
  }
}

function refuseMend(): never {
  throw new StudioError('read-only', 'This data folder is open to look at only.')
}

/** What the session ends with may fail (a full disk, a folder that is gone): that is told, and hides no result. */
function closing(database: Database, last: () => void, release: () => void): Store['close'] {
  return () => {
    if (!database.open) return undefined
    try {
      last()
      return undefined
    } catch (error) {
      return `The day's backup could not be made: ${storeError(error).message}`
    } finally {
      database.close()
      release()
    }
  }
}

/** A store that is not where it was opened would be written to where nobody finds it. */
function presence(port: StorePort, path: string): () => void {
  const opened = port.identity(path)
  return () => {
    if (port.identity(path) !== opened)
      throw new StudioError(
        'store-gone',
        'The data file was moved, removed or replaced while the studio had it open. Put it back, then resume the run.',
        { file: path }
      )
  }
}

/** No history, but backups of one: it was lost, not never begun. */
function isMissing(port: StorePort, folder: string, path: string): boolean {
  return (!port.exists(path) || port.bytes(path) === 0) && listBackups(port, folder).length > 0
}

/** SQLite opens no file whose journal's path would be longer than this, and does not say so. */
const longestPath = 512

function refuseLongPath(path: string): void {
  if (Buffer.byteLength(`${resolve(path)}-journal`) > longestPath)
    throw Object.assign(new Error('longer than SQLite takes'), { code: 'ENAMETOOLONG' })
}

/**
 * application_id and user_version first, then quick_check: nothing is read from a file that fails them. Before the day's
 * backup, and after a broken log, the check is the full one (`thorough`), so that a backup that could not be verified leads to a repair at the next start.
 */
function isDamaged(
  port: StorePort,
  path: string,
  { newest, thorough }: { newest: number; thorough: boolean }
): boolean {
  let database: Database | undefined
  if (!knownFormat(port.head(path))) return true
  try {
    database = port.connect(path, { readonly: false, mustExist: true })
    const id = pragmaNumber(database, 'application_id')
    const version = pragmaNumber(database, 'user_version')
    if (id === applicationId) refuseNewer(version, path, newest)
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[]
    if (tables.length === 0) return id !== 0 && id !== applicationId ? refuseForeign(path) : version > 0
    const ours = tables.includes('runs') && tables.includes('trials')
    if (id !== applicationId) return ours || refuseForeign(path)
    const check = thorough ? 'integrity_check(1)' : 'quick_check(1)'
    if (version === 0 || !ours || database.pragma(check, { simple: true }) !== 'ok') return true
    if (!schemaStands(database, version)) return true
    if (version === newest) tryQueries(database)
    return false
  } catch (error) {
    if (isDamage(error)) return true
    throw error
  } finally {
    database?.close()
  }
}

function refuseForeign(path: string): never {
  throw new StudioError(
    'conflict',
    'engram.sqlite in this folder was not made by Engram Studio and is left as it is. Choose another folder with --data.',
    { file: path }
  )
}

function refuseNewer(version: number, path: string, newest: number): void {
  if (version > newest)
    throw new StudioError(
      'store-newer',
      'This data folder was written by a newer Engram Studio. Update this one, or open the folder read-only.',
      { file: path }
    )
}

function openToRead(port: StorePort, path: string, migrations: readonly Migration[]): Database {
  if (!port.exists(path))
    throw new StudioError('not-found', 'There is no Engram Studio data in this folder yet.', { file: path })
  const database = port.connect(path, { readonly: true, mustExist: true })
  try {
    if (pragmaNumber(database, 'application_id') !== applicationId) refuseForeign(path)
    const version = pragmaNumber(database, 'user_version')
    if (version < latest(migrations))
      throw new StudioError('conflict', 'This data folder is of an older version; open it once without read-only.', {
        file: path
      })
    if (!schemaStands(database, version)) throw new StudioError('store-corrupt', damagedFile, { file: path })
    database.pragma(pageCache.reader)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function openToWrite(port: StorePort, folder: string, path: string, migrations: readonly Migration[]): Database {
  const database = port.connect(path, { readonly: false, mustExist: false })
  try {
    const mode = database.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal')
      throw new StudioError(
        'not-supported',
        'This file system cannot hold the store safely (no write-ahead log). Choose a local folder with --data.',
        { file: path }
      )
    database.pragma('synchronous = FULL')
    database.pragma(pageCache.writer)
    const version = pragmaNumber(database, 'user_version')
    if (version > 0 && version < latest(migrations)) makeBackup(port, database, folder, new Date())
    migrate(database, migrations)
    database.pragma('foreign_keys = ON')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** At the end of a session, at most one backup a day, and only where there is room for it. */
function dailyBackup(port: StorePort, database: Database, folder: string): void {
  const now = new Date()
  if (!backupDue(port, folder, now)) return
  if (database.prepare('SELECT 1 FROM runs LIMIT 1').get() === undefined) return
  if (port.freeBytes(folder) < 3 * port.bytes(storeFile(folder))) return
  makeBackup(port, database, folder, now)
}

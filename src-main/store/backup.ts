/** Verified copies of the whole store, the newest seven kept. */
import { join } from 'node:path'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { isDamage } from './errors.ts'
import { applicationId, pragmaNumber } from './migrate.ts'
import type { Database, StorePort } from './port.ts'
import { tryQueries } from './store.ts'

const kept = 7
const pattern = /^engram-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)\.sqlite$/

export const backupFolder = (folder: string): string => join(folder, 'backups')

/** A time as it stands in file names: no colons, sorts as text. */
export const fileTime = (time: Date): string => time.toISOString().replace(/[:.]/g, '-')

export interface Backup {
  path: string
  time: Date
}

/** Newest first. */
export function listBackups(port: StorePort, folder: string): Backup[] {
  return port
    .list(backupFolder(folder))
    .flatMap((name) => {
      const stamp = pattern.exec(name)?.[1]
      if (!stamp) return []
      const [day, clock] = stamp.slice(0, -1).split('T')
      const [h, m, s, ms] = clock.split('-')
      return [{ path: join(backupFolder(folder), name), time: new Date(`${day}T${h}:${m}:${s}.${ms}Z`) }]
    })
    .sort((a, b) => b.time.getTime() - a.time.getTime())
}

/** At the end of a session a backup is made when the newest is older than a day. */
export function backupDue(port: StorePort, folder: string, now: Date): boolean {
  const newest = listBackups(port, folder)[0]
  return newest === undefined || now.getTime() - newest.time.getTime() >= 24 * 60 * 60 * 1000
}

/** Copy the store into a temporary file, check the copy, force it to the disk, then give it its name. */
export function makeBackup(port: StorePort, database: Database, folder: string, now: Date): string {
  const backups = backupFolder(folder)
  port.makeFolder(backups)
  for (const name of port.list(backups)) if (name.endsWith('.partial')) port.remove(join(backups, name))
  const path = join(backups, `engram-${fileTime(now)}.sqlite`)
  const partial = `${path}.partial`
  database.prepare('VACUUM INTO ?').run(partial)
  const runs = countRuns(database)
  if (checkFile(port, partial)?.runs !== runs)
    throw new StudioError('store-corrupt', 'The backup of the store could not be verified; nothing was changed.', {
      file: partial
    })
  port.sync(partial)
  port.rename(partial, path)
  port.sync(backups)
  for (const old of listBackups(port, folder).slice(kept)) port.remove(old.path)
  return path
}

/**
 * What a file holds when it is a sound store, or undefined. An error that is not the file's own goes on.
 * @param newest the schema that this version reads, where the file is to be used as it is
 */
export function checkFile(
  port: StorePort,
  path: string,
  newest?: number
): { version: number; runs: number } | undefined {
  let database: Database | undefined
  try {
    database = port.connect(path, { readonly: true, mustExist: true })
    if (pragmaNumber(database, 'application_id') !== applicationId) return undefined
    if (database.pragma('integrity_check', { simple: true }) !== 'ok') return undefined
    const version = pragmaNumber(database, 'user_version')
    if (version === newest) tryQueries(database)
    return { version, runs: countRuns(database) }
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  } finally {
    database?.close()
  }
}

function countRuns(database: Database): number {
  return database.prepare('SELECT count(*) FROM runs').pluck().get() as number
}

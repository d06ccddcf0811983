/** Verified copies of the whole store, kept by their age and by what is in them. */
import { join } from 'node:path'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { isDamage } from './errors.ts'
import { applicationId, pragmaNumber, schemaStands } from './migrate.ts'
import type { Database, StorePort } from './port.ts'
import { tryQueries } from './store.ts'

/** What is kept: the newest, one of each of some weeks before them, the one that holds most, and all that hold more than the store. */
const newestKept = 7
const weeksKept = 4
const weekMs = 7 * 24 * 60 * 60 * 1000
const pattern = /^engram-(?:(\d{6,})-)?(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)\.sqlite$/

export const backupFolder = (folder: string): string => join(folder, 'backups')

/** A time as it stands in file names: no colons, sorts as text. */
export const fileTime = (time: Date): string => time.toISOString().replace(/[:.]/g, '-')

export interface Backup {
  path: string
  /** Counts up with every backup, whatever the clock says; 0 for those made before there was a count. */
  sequence: number
  time: Date
}

/** Newest first, by their count: a clock can be wrong. */
export function listBackups(port: StorePort, folder: string): Backup[] {
  return port
    .list(backupFolder(folder))
    .flatMap((name): Backup[] => {
      const [, sequence = '0', stamp] = pattern.exec(name) ?? []
      if (!stamp) return []
      const [day, clock] = stamp.slice(0, -1).split('T')
      const [h, m, s, ms] = clock.split('-')
      const time = new Date(`${day}T${h}:${m}:${s}.${ms}Z`)
      return [{ path: join(backupFolder(folder), name), sequence: Number(sequence), time }]
    })
    .sort((a, b) => b.sequence - a.sequence || b.time.getTime() - a.time.getTime())
}

/** At the end of a session a backup is made when the newest is a day away; one from the future counts for nothing. */
export function backupDue(port: StorePort, folder: string, now: Date): boolean {
  const newest = listBackups(port, folder).find(({ time }) => time <= now)
  return newest === undefined || now.getTime() - newest.time.getTime() >= 24 * 60 * 60 * 1000
}

/** Copy the store into a temporary file, check the copy, force it to the disk, then give it its name. */
export function makeBackup(port: StorePort, database: Database, folder: string, now: Date): string {
  const backups = backupFolder(folder)
  port.makeFolder(backups)
  for (const name of port.list(backups)) if (name.includes('.partial')) port.remove(join(backups, name))
  const sequence = 1 + (listBackups(port, folder)[0]?.sequence ?? 0)
  const path = join(backups, `engram-${String(sequence).padStart(6, '0')}-${fileTime(now)}.sqlite`)
  const partial = `${path}.partial`
  port.makePrivate(partial)
  database.prepare('VACUUM INTO ?').run(partial)
  const present = contentOf(database)
  const copied = checkFile(port, partial)
  if (!copied || compareContent(copied, present) !== 0)
    throw new StudioError('store-corrupt', 'The backup of the store could not be verified; nothing was changed.', {
      file: partial
    })
  port.sync(partial)
  port.rename(partial, path)
  port.sync(backups)
  rotate(port, folder, present)
  return path
}

/** Remove what is neither new, nor one of the last weeks, nor holds most, nor holds more than the store does now. */
function rotate(port: StorePort, folder: string, present: Content): void {
  const all = listBackups(port, folder)
  if (all.length <= newestKept) return
  const contents = new Map(all.map((backup) => [backup, checkFile(port, backup.path)]))
  const weeks = new Set<number>()
  let largest: Backup | undefined
  for (const backup of all) {
    const content = contents.get(backup)
    const most = largest && contents.get(largest)
    if (content && (!most || compareContent(content, most) > 0)) largest = backup
  }
  for (const [i, backup] of all.entries()) {
    if (i < newestKept || backup === largest) continue
    const content = contents.get(backup)
    if (content && compareContent(content, present) > 0) continue
    const week = Math.floor(backup.time.getTime() / weekMs)
    if (content && !weeks.has(week) && weeks.size < weeksKept) {
      weeks.add(week)
      continue
    }
    port.remove(backup.path)
  }
}

/** How much is stored. */
interface Content {
  runs: number
  trials: number
}

const compareContent = (a: Content, b: Content): number => a.runs - b.runs || a.trials - b.trials

/**
 * What a file holds when it is a sound store, or undefined. An error that is not the file's own goes on.
 * @param newest the schema that this version reads, where the file is to be used as it is
 */
export function checkFile(port: StorePort, path: string, newest?: number): ({ version: number } & Content) | undefined {
  let database: Database | undefined
  try {
    if (!knownFormat(port.head(path))) return undefined
    database = port.connect(path, { readonly: true, mustExist: true })
    if (pragmaNumber(database, 'application_id') !== applicationId) return undefined
    if (database.pragma('integrity_check', { simple: true }) !== 'ok') return undefined
    const version = pragmaNumber(database, 'user_version')
    if (!schemaStands(database, version)) return undefined
    if (version === newest) tryQueries(database)
    return { version, ...contentOf(database) }
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  } finally {
    database?.close()
  }
}

/** A file format number that SQLite does not know would make the file look read-only. An empty file is a new store. */
export function knownFormat(head: Buffer): boolean {
  return head.length === 0 || (head.length === 100 && [18, 19].every((at) => head[at] === 1 || head[at] === 2))
}

function contentOf(database: Database): Content {
  return database
    .prepare('SELECT count(*) AS runs, coalesce(sum(done + diverged + failed), 0) AS trials FROM runs')
    .get() as Content
}

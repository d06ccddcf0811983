/**
 * One writer per data folder. The lock is SQLite's own on a file beside the store: the system frees it however the process
 * ends. Since that file can be deleted under a studio, the store itself also names the process that has it open.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Database, StorePort } from './port.ts'

const refused = (folder: string): StudioError =>
  new StudioError(
    'store-locked',
    'Another Engram Studio is using this data folder. Close it, or choose another folder with --data.',
    { file: folder }
  )

/**
 * @returns a function that gives the lock back
 * @throws StudioError store-locked when another studio holds it, read-only when the lock's file cannot be written
 */
export function takeLock(port: StorePort, folder: string): () => void {
  const path = join(folder, 'studio.lock')
  // A file that may only be read takes no lock that keeps anybody out.
  port.makePrivate(path)
  const database = port.connect(path, { readonly: false, mustExist: false })
  try {
    database.pragma('busy_timeout = 0')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    throw refused(folder)
  }
  return () => void database.close()
}

/** The stores that this process has open, by their path. */
const mine = new Set<string>()

/**
 * Refuse a store that another living process has open, whatever became of the lock's file; then put our name there.
 * @throws StudioError store-locked
 */
export function claim(database: Database, path: string, folder: string): () => void {
  const enter = database.transaction(() => {
    const holder = database.prepare('SELECT host, pid, started FROM holder').get() as Holder | undefined
    if (holder && lives(holder, path)) throw refused(folder)
    database.exec('DELETE FROM holder')
    database
      .prepare('INSERT INTO holder (host, pid, started) VALUES (?, ?, ?)')
      .run(hostname(), process.pid, startOf(process.pid))
  })
  enter.immediate()
  mine.add(path)
  return () => {
    mine.delete(path)
    if (database.open) database.exec('DELETE FROM holder')
  }
}

interface Holder {
  host: string
  pid: number
  started: string
}

/** A number is given to one process after another: only with the time of its start it names one. */
function lives({ host, pid, started }: Holder, path: string): boolean {
  if (host !== hostname() || started === '') return false
  if (pid === process.pid) return mine.has(path)
  return startOf(pid) === started
}

/** When a process was started, in whatever form the system has it; empty for one that does not live. */
function startOf(pid: number): string {
  try {
    // After the name in brackets: state, parent, ..., the 20th is the start in ticks since the machine's.
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19]
    // Windows lets nobody delete a file that is open, so the lock itself is enough there.
    if (process.platform === 'win32') return ''
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2000 }).trim()
  } catch {
    return ''
  }
}

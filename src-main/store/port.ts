/** Everything the store asks of the machine, as one value: a test can make the nth operation fail. */
import Sqlite from 'better-sqlite3'
import * as fs from 'node:fs'
import { dirname, resolve } from 'node:path'
import { learnSums } from './sums.ts'

export type Database = Sqlite.Database

export interface StorePort {
  connect(path: string, options: { readonly: boolean; mustExist: boolean }): Database
  exists(path: string): boolean
  /** Make a folder for its user alone; one that is there and holds things of others keeps its mode. */
  makeFolder(path: string): void
  /** Make a file readable by its user alone, making it when there is none. */
  makePrivate(path: string): void
  list(folder: string): string[]
  rename(from: string, to: string): void
  copy(from: string, to: string): void
  remove(path: string): void
  /** Force a file's (or folder's) content to the disk. */
  sync(path: string): void
  bytes(path: string): number
  /** The whole of a small file. */
  read(path: string): Buffer
  /** The first 100 bytes: a SQLite file's header. */
  head(path: string): Buffer
  freeBytes(folder: string): number
  /** Which file a path names now; undefined when none. */
  identity(path: string): string | undefined
}

/** What the studio itself puts into its folders. */
const ours = /^(\.?engram.*|studio\.lock.*|backups|vectors|weights|probes\.json|window\.json)$/

/**
 * Make a folder and those above it that are missing. Node's own `recursive` never returns where a folder exists that
 * takes no entries, such as /proc: it makes parent and child in turn for ever.
 */
function makeFolder(path: string): void {
  const missing: string[] = []
  for (let at = resolve(path); !fs.existsSync(at); at = dirname(at)) missing.unshift(at)
  for (const folder of missing) fs.mkdirSync(folder, 0o700)
  if (!fs.statSync(path).isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' })
}

export const realPort: StorePort = {
  connect(path, { readonly, mustExist }) {
    const database = new Sqlite(path, { readonly, fileMustExist: mustExist, timeout: 2000 })
    learnSums(database)
    return database
  },
  exists: fs.existsSync,
  makeFolder(path) {
    makeFolder(path)
    if (process.platform === 'win32' || !fs.readdirSync(path).every((name) => ours.test(name))) return
    fs.chmodSync(path, 0o700)
  },
  makePrivate(path) {
    if (fs.existsSync(path)) fs.chmodSync(path, 0o600)
    fs.closeSync(fs.openSync(path, 'a', 0o600))
  },
  list: (folder) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []),
  rename: fs.renameSync,
  copy: fs.copyFileSync,
  remove: (path) => fs.rmSync(path, { force: true }),
  sync(path) {
    const folder = fs.statSync(path).isDirectory()
    // Windows has no fsync for folders; its file system journals renames itself.
    if (folder && process.platform === 'win32') return
    const handle = fs.openSync(path, folder ? 'r' : 'r+')
    try {
      fs.fsyncSync(handle)
    } finally {
      fs.closeSync(handle)
    }
  },
  bytes: (path) => fs.statSync(path).size,
  read: (path) => fs.readFileSync(path),
  head(path) {
    const handle = fs.openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(100)
      return bytes.subarray(0, fs.readSync(handle, bytes, 0, 100, 0))
    } finally {
      fs.closeSync(handle)
    }
  },
  freeBytes(folder) {
    const { bavail, bsize } = fs.statfsSync(folder)
    return bavail * bsize
  },
  identity(path) {
    const found = fs.statSync(path, { bigint: true, throwIfNoEntry: false })
    return found && `${found.dev}:${found.ino}`
  }
}

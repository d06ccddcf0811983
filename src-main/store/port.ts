/** Everything the store asks of the machine, as one value: a test can make the nth operation fail. */
import Sqlite from 'better-sqlite3'
import * as fs from 'node:fs'
import { dirname, resolve } from 'node:path'

export type Database = Sqlite.Database

export interface StorePort {
  connect(path: string, options: { readonly: boolean; mustExist: boolean }): Database
  exists(path: string): boolean
  makeFolder(path: string): void
  list(folder: string): string[]
  rename(from: string, to: string): void
  copy(from: string, to: string): void
  remove(path: string): void
  /** Force a file's (or folder's) content to the disk. */
  sync(path: string): void
  bytes(path: string): number
  /** The first 100 bytes: a SQLite file's header. */
  head(path: string): Buffer
  freeBytes(folder: string): number
}

/**
 * Make a folder and those above it that are missing. Node's own `recursive` never returns where a folder exists that
 * takes no entries, such as /proc: it makes parent and child in turn for ever.
 */
function makeFolder(path: string): void {
  const missing: string[] = []
  for (let at = resolve(path); !fs.existsSync(at); at = dirname(at)) missing.unshift(at)
  for (const folder of missing) fs.mkdirSync(folder)
  if (!fs.statSync(path).isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' })
}

export const realPort: StorePort = {
  connect: (path, { readonly, mustExist }) => new Sqlite(path, { readonly, fileMustExist: mustExist, timeout: 2000 }),
  exists: fs.existsSync,
  makeFolder,
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
  }
}

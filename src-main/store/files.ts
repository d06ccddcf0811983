/** How a file is written: whole or not at all, under a temporary name of its own in the same folder until it is on the disk. */
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileError } from './errors.ts'

/** What writing a file asks of the machine, as one value: a test can make the nth operation fail. */
export interface FilePort {
  create(path: string, mode: number): number
  write(handle: number, bytes: Buffer): void
  sync(handle: number): void
  close(handle: number): void
  rename(from: string, to: string): void
  remove(path: string): void
  /** Force the names in a folder to the disk. */
  syncFolder(folder: string): void
}

export const realFiles: FilePort = {
  create: (path, mode) => fs.openSync(path, 'wx', mode),
  write(handle, bytes) {
    for (let at = 0; at < bytes.length;) at += fs.writeSync(handle, bytes, at)
  },
  sync: fs.fsyncSync,
  close: fs.closeSync,
  rename: fs.renameSync,
  remove: (path) => fs.rmSync(path, { force: true }),
  syncFolder(folder) {
    // Windows has no fsync for folders; its file system journals renames itself.
    if (process.platform === 'win32') return
    const handle = fs.openSync(folder, 'r')
    try {
      fs.fsyncSync(handle)
    } finally {
      fs.closeSync(handle)
    }
  }
}

export interface WriteOptions {
  /** Of a file that is not there yet; 600 for what lies in the data folder. */
  mode?: number
  port?: FilePort
}

/**
 * Write a file. What stood there before stays until all of it is on the disk; after a failure nothing new lies beside it.
 * @throws StudioError disk-full, read-only, not-found, or bad-file where it cannot be written; each names the file
 */
export function writeWhole(
  path: string,
  content: string | Buffer,
  { mode = 0o600, port = realFiles }: WriteOptions = {}
): void {
  try {
    const there = fs.statSync(path, { throwIfNoEntry: false })
    // A pipe or a device takes what comes; there is nothing in it to keep.
    if (there && !there.isFile() && !there.isDirectory()) return fs.writeFileSync(path, content)
    const target = there ? fs.realpathSync(path) : path
    throughPart(target, Buffer.from(content as string), there ? there.mode & 0o777 : mode, port)
  } catch (error) {
    throw fileError(error, path)
  }
}

function throughPart(target: string, bytes: Buffer, mode: number, port: FilePort): void {
  const part = join(dirname(target), `.${basename(target).slice(0, 80)}.${randomBytes(8).toString('hex')}.part`)
  let made = false
  try {
    const handle = port.create(part, mode)
    made = true
    try {
      port.write(handle, bytes)
      port.sync(handle)
    } finally {
      port.close(handle)
    }
    port.rename(part, target)
    made = false
    port.syncFolder(dirname(target))
  } catch (error) {
    if (made) discard(part, port)
    throw error
  }
}

/** The failure that led here is the one to tell, not one more. */
function discard(part: string, port: FilePort): void {
  try {
    port.remove(part)
  } catch {
    fs.rmSync(part, { force: true })
  }
}

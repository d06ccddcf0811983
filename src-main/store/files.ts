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
export function writeWhole(path: string, content: string | Buffer, options: WriteOptions = {}): void {
  try {
    const part = begin(path, options)
    try {
      part.write(Buffer.from(content as string))
      part.commit()
    } finally {
      part.discard()
    }
  } catch (error) {
    throw fileError(error, path)
  }
}

/** The same for content that comes part by part, so that no file has to fit into memory. @throws what the parts throw, too */
export async function writeParts(
  path: string,
  parts: AsyncIterable<Buffer>,
  options: WriteOptions = {}
): Promise<void> {
  try {
    const part = begin(path, options)
    try {
      for await (const bytes of parts) part.write(bytes)
      part.commit()
    } finally {
      part.discard()
    }
  } catch (error) {
    throw fileError(error, path)
  }
}

/** A file on its way: nothing of it is under its own name before `commit`, and nothing is left of it after `discard`. */
interface Part {
  write(bytes: Buffer): void
  commit(): void
  discard(): void
}

function begin(path: string, { mode = 0o600, port = realFiles }: WriteOptions): Part {
  const there = fs.statSync(path, { throwIfNoEntry: false })
  // A pipe or a device takes what comes; there is nothing in it to keep.
  if (there && !there.isFile() && !there.isDirectory()) {
    const handle = fs.openSync(path, 'w')
    return {
      write: (bytes) => realFiles.write(handle, bytes),
      commit: () => {},
      discard: () => fs.closeSync(handle)
    }
  }
  const target = there ? fs.realpathSync(path) : path
  const part = join(dirname(target), `.${basename(target).slice(0, 80)}.${randomBytes(8).toString('hex')}.part`)
  let handle: number | undefined = port.create(part, there ? there.mode & 0o777 : mode)
  let made = true
  const close = (): void => {
    if (handle === undefined) return
    const open = handle
    handle = undefined
    port.close(open)
  }
  return {
    write: (bytes) => port.write(handle!, bytes),
    commit() {
      port.sync(handle!)
      close()
      port.rename(part, target)
      made = false
      port.syncFolder(dirname(target))
    },
    discard() {
      try {
        close()
      } finally {
        if (made) discard(part, port)
      }
    }
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

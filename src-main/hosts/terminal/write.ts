import { randomBytes } from 'node:crypto'
import { open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { StudioError } from '../../../src-shared/shapes/errors.ts'

/** Write a file. @throws StudioError disk-full, read-only, or bad-file where it cannot be written */
export async function write(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (error) {
    throw writeError(error, path)
  }
}

/**
 * Write a file part by part, under a name of its own in the same folder until all of it is on the disk: what stood there
 * before stays until then, and after a failure nothing new lies beside it.
 * @throws StudioError disk-full, read-only, or bad-file where it cannot be written; what the parts throw
 */
export async function writeParts(path: string, parts: AsyncIterable<Buffer>): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  // A pipe or a device takes what comes; there is nothing in it to keep.
  const direct = there !== undefined && !there.isFile()
  const target = direct
    ? path
    : join(dirname(path), `.${basename(path).slice(0, 80)}.${randomBytes(8).toString('hex')}.part`)
  try {
    const file = await open(target, direct ? 'w' : 'wx', there?.mode)
    try {
      for await (const part of parts) await file.writeFile(part)
      if (!direct) await file.sync()
    } finally {
      await file.close()
    }
    if (!direct) await rename(target, path)
  } catch (error) {
    if (!direct) await rm(target, { force: true })
    throw error instanceof StudioError ? error : writeError(error, path)
  }
}

function writeError(error: unknown, path: string): StudioError {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') return new StudioError('disk-full', 'The disk is full; free some space.', { file: path })
  if (code === 'EROFS' || code === 'EACCES')
    return new StudioError('read-only', 'Nothing may be written there; choose another --out.', { file: path })
  return new StudioError('bad-file', `This file cannot be written: ${message}.`, { file: path })
}

import { writeFile } from 'node:fs/promises'
import { StudioError } from '../../../src-shared/shapes/errors.ts'

/** Write a file. @throws StudioError disk-full, read-only, or bad-file where it cannot be written */
export async function write(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC') throw new StudioError('disk-full', 'The disk is full; free some space.', { file: path })
    if (code === 'EROFS' || code === 'EACCES')
      throw new StudioError('read-only', 'Nothing may be written there; choose another --out.', { file: path })
    throw new StudioError('bad-file', `This file cannot be written: ${message}.`, { file: path })
  }
}

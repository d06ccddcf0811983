/** Files that the command line names. */
import { readFile } from 'node:fs/promises'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { textOf } from '../../../src-shared/text/read.ts'
import { databaseBytes } from '../../store/mlflow.ts'

function refused(error: unknown, file: string): StudioError {
  if (error instanceof StudioError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new StudioError('not-found', 'There is no such file.', { file })
  return new StudioError('bad-file', `This file cannot be read: ${message}.`, { file })
}

/** @throws StudioError not-found or bad-file with the file's name, and the line that is no text */
export async function readText(file: string): Promise<string> {
  try {
    return textOf(await readFile(file), file)
  } catch (error) {
    throw refused(error, file)
  }
}

/** With the write-ahead log of a database beside it. @throws StudioError not-found, bad-file */
export function readBytes(file: string): Buffer {
  try {
    return databaseBytes(file)
  } catch (error) {
    throw refused(error, file)
  }
}

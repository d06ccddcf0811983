/** `engram import FILE`: keep the vectors of a CSV or NPY file, of any size. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { VectorSet } from '../../../src-shared/contract/files.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { VectorSets } from '../../studio/vectors.ts'

/** @throws StudioError not-found, or what is wrong with the file, by row and column */
export async function importVectors(dataFolder: string, file: string): Promise<VectorSet> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw new StudioError('not-found', `This file cannot be read: ${(error as Error).message}.`, { file })
  }
  return new VectorSets(dataFolder).add(basename(file), bytes, new Date().toISOString())
}

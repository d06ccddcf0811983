/** One writer per data folder. The lock is SQLite's own on an empty file: the system frees it however the process ends. */
import { join } from 'node:path'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { StorePort } from './port.ts'

/**
 * @returns a function that gives the lock back
 * @throws StudioError store-locked when another studio holds it
 */
export function takeLock(port: StorePort, folder: string): () => void {
  const database = port.connect(join(folder, 'studio.lock'), { readonly: false, mustExist: false })
  try {
    database.pragma('busy_timeout = 0')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    throw new StudioError(
      'store-locked',
      'Another Engram Studio is using this data folder. Close it, or choose another folder with --data.',
      { file: folder }
    )
  }
  return () => void database.close()
}

/** Imported vectors, as a worker reads them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { readNpy } from './weights/npy.ts'

export interface Vectors {
  rows: number
  columns: number
  /** [rows * columns] */
  data: Float32Array
}

/** A reader of the sets in a folder that keeps the last two it read: keys and values. */
export function vectorReader(folder: string | undefined): (hash: string) => Vectors {
  const kept = new Map<string, Vectors>()
  return (hash) => {
    const known = kept.get(hash)
    if (known) return known
    const missing = (): StudioError =>
      new StudioError(
        'not-found',
        'The imported vectors of this experiment are not in this data folder; import them.',
        {
          field: 'task.params.vectors'
        }
      )
    if (!folder || !/^[0-9a-f]{64}$/.test(hash)) throw missing()
    let bytes: Buffer
    try {
      bytes = readFileSync(join(folder, `${hash}.npy`))
    } catch {
      throw missing()
    }
    const { shape, data } = readNpy(bytes, hash)
    const vectors = { rows: shape[0], columns: shape[1], data: data as Float32Array }
    if (kept.size > 1) kept.delete(kept.keys().next().value!)
    kept.set(hash, vectors)
    return vectors
  }
}

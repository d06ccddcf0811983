/** Imported vectors, as a worker reads them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { readNpy } from './weights/npy.ts'

export interface Vectors {
  rows: number
  columns: number
  /** [rows * columns] */
  data: Float32Array
  /** What the rows are called, if they are words. */
  words?: readonly string[]
}

/** Where the names of a set's rows lie, beside it; a computer that was sent the numbers alone has none. */
export const wordsFile = (hash: string): string => `${hash}.words.json`

function wordsOf(folder: string, hash: string, rows: number): string[] | undefined {
  const file = join(folder, wordsFile(hash))
  if (!existsSync(file)) return undefined
  const known = z
    .array(z.string())
    .length(rows)
    .safeParse(parsedJson(readFileSync(file, 'utf8')))
  return known.success ? known.data : undefined
}

/** What is no JSON names nothing. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
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
        { field: 'task.params.vectors' }
      )
    if (!folder || !/^[0-9a-f]{64}$/.test(hash)) throw missing()
    let bytes: Buffer
    try {
      bytes = readFileSync(join(folder, `${hash}.npy`))
    } catch {
      throw missing()
    }
    const { shape, data } = readNpy(bytes, hash)
    const words = wordsOf(folder, hash, shape[0])
    const vectors = { rows: shape[0], columns: shape[1], data: data as Float32Array, ...(words && { words }) }
    if (kept.size > 1) kept.delete(kept.keys().next().value!)
    kept.set(hash, vectors)
    return vectors
  }
}

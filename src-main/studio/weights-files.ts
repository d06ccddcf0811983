/** Weights files that the user brought through the page, kept in the data folder by the hash of their content. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { errorOf, StudioError, type ErrorData } from '../../src-shared/shapes/errors.ts'
import type { Grid } from '../../src-shared/grid/cell.ts'
import type { Place } from '../places/place.ts'
import { fileError } from '../store/errors.ts'
import { writeWhole } from '../store/files.ts'
import { readWeights } from '../tensors/weights/files.ts'

/** Weights that do not fit their model: found before a run, not at the trial that needs them. */
export async function misfits(task: string, { cells }: Grid, place: Pick<Place, 'request'>): Promise<ErrorData[]> {
  const own = cells.filter(({ weights }) => weights !== undefined)
  return own.length ? place.request('misfits', { task, cells: own }) : []
}

export class WeightsFiles {
  readonly #folder: string

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'weights')
  }

  /**
   * Keep a file that reads as weights.
   * @param name as the user named it: only how it ends is looked at
   * @throws StudioError bad-file, not-supported, disk-full, read-only; each names the file
   */
  add(name: string, bytes: Buffer): { file: string; tensors: number } {
    try {
      // Nothing is written before it has been read whole, and nothing of the user's name is in the file's.
      const { hash, extension, tensors } = readWeights(bytes, name)
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const file = join(this.#folder, `${hash}${extension}`)
      if (!existsSync(file)) writeWhole(file, bytes)
      return { file, tensors: tensors.size }
    } catch (error) {
      if (error instanceof StudioError) throw errorOf(error.data, { file: name })
      throw fileError(error, name)
    }
  }

  /** One error per model whose weights file is not there. */
  problems({ cells }: Grid): ErrorData[] {
    const files = new Map(cells.flatMap((c) => (c.weights === undefined ? [] : [[c.use, c.weights] as const])))
    return [...files].flatMap(([model, file]): ErrorData[] =>
      existsSync(file)
        ? []
        : [
            {
              code: 'not-found',
              message: `There is no weights file "${file}" on this machine.`,
              file,
              field: `models.${model}.weights`
            }
          ]
    )
  }
}

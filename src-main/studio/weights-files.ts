/** Weights files that the user brought through the page, kept in the data folder by the hash of their content. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { errorOf, StudioError, type ErrorData } from '../../src-shared/shapes/errors.ts'
import type { Grid } from '../../src-shared/grid/cell.ts'
import type { Place } from '../places/place.ts'
import { loadWeights } from '../tensors/weights/files.ts'

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
   * @param name as the user named it: only its extension is used
   * @throws StudioError bad-file, not-supported, too-large; each names the file
   */
  async add(name: string, bytes: Buffer): Promise<{ file: string; tensors: number }> {
    mkdirSync(this.#folder, { recursive: true })
    const extension = extname(name)
      .toLowerCase()
      .replace(/[^.a-z0-9]/g, '')
    const arriving = join(this.#folder, `arriving-${process.pid}${extension}`)
    try {
      writeFileSync(arriving, bytes)
      const { hash, tensors } = await loadWeights(arriving)
      const file = join(this.#folder, `${hash}${extension}`)
      renameSync(arriving, file)
      return { file, tensors: tensors.size }
    } catch (error) {
      if (error instanceof StudioError) throw errorOf(error.data, { file: name })
      throw error
    } finally {
      rmSync(arriving, { force: true })
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

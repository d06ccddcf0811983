/** Weights files that the user brought through the page, kept in the data folder by the hash of their content. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptWeightsSchema, type KeptWeights } from '../../src-shared/contract/files.ts'
import { errorOf, StudioError, type ErrorData } from '../../src-shared/shapes/errors.ts'
import type { Grid } from '../../src-shared/grid/cell.ts'
import type { Place } from '../places/place.ts'
import { fileError } from '../store/errors.ts'
import { writeWhole } from '../store/files.ts'
import { readWeights } from '../tensors/weights/files.ts'

/** How the file beside a kept one ends that says what it was called. */
const about = '.about.json'

export class WeightsFiles {
  readonly #folder: string

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'weights')
  }

  /**
   * Keep a file that reads as weights.
   * @param name as the user named it: it is kept beside the file, and never part of a path
   * @throws StudioError bad-file, not-supported, disk-full, read-only; each names the file
   */
  add(name: string, bytes: Buffer, imported: string): KeptWeights {
    try {
      // Nothing is written before it has been read whole, and nothing of the user's name is in the file's.
      const { hash, extension, tensors } = readWeights(bytes, name)
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const file = join(this.#folder, `${hash}${extension}`)
      if (!existsSync(file)) writeWhole(file, bytes)
      const kept: KeptWeights = { file, name, tensors: tensors.size, imported }
      // Without the folder, which may move.
      writeWhole(`${file}${about}`, JSON.stringify({ ...kept, file: undefined }))
      return kept
    } catch (error) {
      if (error instanceof StudioError) throw errorOf(error.data, { file: name })
      throw fileError(error, name)
    }
  }

  /** Newest first. */
  list(): KeptWeights[] {
    if (!existsSync(this.#folder)) return []
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(about) && existsSync(join(this.#folder, name.slice(0, -about.length))))
      .flatMap((name): KeptWeights[] => {
        const json: unknown = JSON.parse(readFileSync(join(this.#folder, name), 'utf8'))
        const file = join(this.#folder, name.slice(0, -about.length))
        const known = keptWeightsSchema.safeParse({ ...(json as object), file })
        return known.success ? [known.data] : []
      })
      .sort((a, b) => (a.imported < b.imported ? 1 : -1))
  }

  /** Weights that do not fit their model, found before a run, not at the trial that needs them. */
  async misfits(
    task: string,
    { cells, tuning }: Pick<Grid, 'cells' | 'tuning'>,
    place: Pick<Place, 'request'>
  ): Promise<ErrorData[]> {
    const own = [...cells, ...(tuning?.cells ?? [])].filter(({ weights }) => weights !== undefined)
    if (!own.length) return []
    const errors = await place.request('misfits', { task, cells: own })
    // A kept file goes by the name that the user knows it by.
    const names = new Map(errors.length ? this.list().map(({ file, name }) => [file, name]) : [])
    return errors.map((error) => ({ ...error, ...(error.file && { file: names.get(error.file) ?? error.file }) }))
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

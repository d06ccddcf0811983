/**
 * What batches need beside themselves, by content: weights files, imported vectors, the user's own models. The studio
 * finds and reads it; another machine keeps it in a folder of its own, under names that are content hashes.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { z } from 'zod'
import { canonical, codeOf } from '../../src-shared/grid/identity.ts'
import { modelIn, taskIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { parseJson } from '../../src-shared/shapes/json.ts'
import type { CellJob, RunJob } from '../engine/protocol.ts'
import { writeWhole } from '../store/files.ts'
import type { WeightsExtension } from '../tensors/weights/files.ts'
import { mostAssetBytes, type AssetNames } from './batch.ts'
import type { Place } from './place.ts'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export interface FoundAssets {
  /** What each cell needs, by its index. */
  of: (cell: number) => AssetNames
  /** All of it, by hash. */
  contents: ReadonlyMap<string, () => Buffer>
}

/**
 * All that the cells of a job need.
 * @throws StudioError too-large, not-found, not-supported; each names the file
 */
export async function assetsOf(
  job: Pick<RunJob, 'task' | 'cells'>,
  engine: Pick<Place, 'request'>,
  catalog: Catalog,
  vectorFolder: string
): Promise<FoundAssets> {
  const contents = new Map<string, () => Buffer>()
  const files = new Map<string, NonNullable<AssetNames['weights']>>()
  const bundles = new Map<string, string>()
  const names = new Map<number, AssetNames>()
  const task = taskIn(catalog, job.task) ?? { params: {} }

  const weightsOf = (file: string): NonNullable<AssetNames['weights']> => {
    const known = files.get(file)
    if (known) return known
    const hash = sha256(readLimited(file))
    const found = { hash, extension: extname(file).toLowerCase() as WeightsExtension }
    contents.set(hash, () => readLimited(file))
    files.set(file, found)
    return found
  }
  const vectorsOf = (cell: CellJob): string[] =>
    Object.entries(task.params).flatMap(([name, { type }]) => {
      const hash = cell.taskParams[name]
      if (type !== 'vectors' || typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) return []
      const file = join(vectorFolder, `${hash}.npy`)
      refuseLarge(file)
      contents.set(hash, () => readLimited(file))
      return [hash]
    })
  const bundleOf = async (cell: CellJob): Promise<string | undefined> => {
    const code = codeOf(task, cell, (id) => modelIn(catalog, id))
    if (!code) return undefined
    const models = Object.keys(code).sort()
    const key = models.join(' ')
    const known = bundles.get(key)
    if (known !== undefined) return known
    const found = await engine.request('code', { models })
    const bytes = Buffer.from(
      canonical(Object.fromEntries(found.map(({ path, content }) => [path, Buffer.from(content).toString('base64')])))
    )
    if (bytes.length > mostAssetBytes) throw tooLarge(models[0])
    const hash = sha256(bytes)
    contents.set(hash, () => bytes)
    bundles.set(key, hash)
    return hash
  }

  for (const cell of job.cells) {
    const code = await bundleOf(cell)
    names.set(cell.index, {
      ...(cell.weights !== undefined && { weights: weightsOf(cell.weights) }),
      vectors: vectorsOf(cell),
      ...(code !== undefined && { code })
    })
  }
  return { of: (cell) => names.get(cell) ?? { vectors: [] }, contents }
}

const tooLarge = (file: string): StudioError =>
  new StudioError('too-large', `At most ${mostAssetBytes / 2 ** 20} MiB can be sent to another computer.`, { file })

function refuseLarge(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) throw new StudioError('not-found', 'There is no such file.', { file })
  if (found.size > mostAssetBytes) throw tooLarge(file)
}

function readLimited(file: string): Buffer {
  refuseLarge(file)
  return readFileSync(file)
}

/** A file of a bundle: names with nothing between them but slashes, none of which leads anywhere else. */
const partPattern = /^(?!\.)[^/\\:\0]{1,200}(\/(?!\.)[^/\\:\0]{1,200}){0,6}$/
const bundleSchema = z.record(z.string().regex(partPattern, 'This is no name of a file'), z.base64())

/** Where another machine keeps what it was sent. */
export class AssetFolder {
  readonly #folder: string
  readonly #under = new Map<string, Promise<string>>()

  constructor(folder: string) {
    this.#folder = folder
    for (const name of ['weights', 'vectors', 'code']) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 })
  }

  get vectors(): string {
    return join(this.#folder, 'vectors')
  }

  /**
   * Have all that a batch needs.
   * @param fetch its content by hash; undefined for what is not there
   * @returns the weights file and the folder of models; empty where there is none
   * @throws StudioError not-found, bad-file for content that is not of its hash
   */
  async have(
    { weights, vectors, code }: AssetNames,
    fetch: (hash: string) => Promise<Buffer | undefined>
  ): Promise<{ weights?: string; models: string }> {
    const file = (hash: string, place: string): Promise<string> =>
      this.#once(hash, join(this.#folder, place), fetch, writeWhole)
    for (const hash of vectors) await file(hash, `vectors/${hash}.npy`)
    return {
      ...(weights && { weights: await file(weights.hash, `weights/${weights.hash}${weights.extension}`) }),
      models: code === undefined ? '' : await this.#once(code, join(this.#folder, 'code', code), fetch, writeBundle)
    }
  }

  /** Batches side by side wait for the same content. */
  #once(
    hash: string,
    path: string,
    fetch: (hash: string) => Promise<Buffer | undefined>,
    write: (path: string, content: Buffer) => void
  ): Promise<string> {
    const work = async (): Promise<string> => {
      if (existsSync(path)) return path
      const content = await fetch(hash)
      if (!content) throw new StudioError('not-found', 'What a batch needs beside itself was not sent.', { file: hash })
      if (content.length > mostAssetBytes) throw tooLarge(hash)
      if (sha256(content) !== hash)
        throw new StudioError('bad-file', 'What was sent is not what its name says.', { file: hash })
      write(path, content)
      return path
    }
    const under = this.#under.get(path) ?? work().finally(() => this.#under.delete(path))
    this.#under.set(path, under)
    return under
  }
}

/** @throws StudioError bad-file for a name that is no plain one */
function writeBundle(folder: string, content: Buffer): void {
  const read = bundleSchema.safeParse(parseJson(content.toString('utf8')))
  if (!read.success)
    throw new StudioError('bad-file', 'The code that was sent holds a file whose name is none.', {
      field: String(read.error.issues[0].path[0] ?? '')
    })
  const fresh = `${folder}.${process.pid}`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  for (const [path, base64] of Object.entries(read.data)) {
    mkdirSync(dirname(join(fresh, path)), { recursive: true, mode: 0o700 })
    writeWhole(join(fresh, path), Buffer.from(base64, 'base64'))
  }
  renameSync(fresh, folder)
}

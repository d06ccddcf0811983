/**
 * Which files of a user's folder hold models. Each is loaded first in a process of its own, with a deadline: whatever a
 * file does there is that file's error, and all others load.
 */
import type { ChildProcess } from 'node:child_process'
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import type { ErrorData } from '../../../src-shared/shapes/errors.ts'
import { describeFiles } from '../python/discover.ts'
import { findPython, type FoundPython } from '../python/interpreter.ts'
import { pythonSettingsSchema } from '../../../src-shared/shapes/python.ts'
import type { ModelFile } from '../worker-calls.ts'
import type { TriedFile, TryRequest } from '../worker/tried-file.ts'
import { programFile } from './programs.ts'
import { spawnProgram } from './spawn.ts'

/** How long a file may take to load. */
const deadlineMs = 10_000
/** A file that takes longer than this keeps nobody waiting: the others go on in another process. */
const patienceMs = 1000

const mostFiles = 500
const deepest = 4
/** What Node runs as it is. */
const runs = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'])
/** What the user's own Python runs. */
const isPython = (file: string): boolean => extname(file) === '.py'
/** What looks like a model and cannot be run. */
const refused = new Set(['.tsx', '.jsx'])
const isTestOrTypes = /\.(d|test|spec)\.[cm]?[jt]sx?$|^(test_.*|.*_test|conftest|setup)\.py$/

export type PythonFinder = () => Promise<FoundPython | { missing: string }>
const anyPython: PythonFinder = () => findPython(pythonSettingsSchema.parse({}), 1)

export interface UserFiles {
  models: ModelFile[]
  errors: ErrorData[]
}

/**
 * Every model of a folder (empty: none) and one error for each file that is none and helps none.
 * @param python finds the interpreter, once a file needs it
 */
export async function userFiles(folder: string, python: PythonFinder = anyPython): Promise<UserFiles> {
  if (!folder) return { models: [], errors: [] }
  const found: string[] = []
  try {
    await collect(resolve(folder), deepest, found)
  } catch (error) {
    const message = `The model folder cannot be read: ${(error as Error).message}.`
    return { models: [], errors: [{ code: 'bad-file', message, file: folder }] }
  }
  if (found.length > mostFiles) {
    const message = `The model folder holds more than ${mostFiles} files; give your models a folder of their own.`
    return { models: [], errors: [{ code: 'too-large', message, file: folder }] }
  }
  const files = found.sort()
  const unfit = files.filter((file) => refused.has(extname(file)))
  const tried = await tryAll(files.filter((file) => runs.has(extname(file))))
  const helpers = new Set(tried.flatMap(({ imports }) => imports))
  const models: ModelFile[] = []
  const errors: ErrorData[] = unfit.map((file) => ({
    code: 'bad-file',
    message: `Node does not run ${extname(file)} files; write the model as .ts or .js.`,
    file
  }))
  for (const { file, model, error } of tried)
    if (model) models.push(model)
    else if (helpers.has(file)) continue
    else
      errors.push(
        error ?? { code: 'bad-file', message: 'This file has no default export, and no model imports it.', file }
      )
  const inPython = await pythonFiles(files.filter(isPython), resolve(folder), python)
  models.push(...inPython.models)
  errors.push(...inPython.errors)
  return { models, errors: errors.sort((a, b) => ((a.file ?? '') < (b.file ?? '') ? -1 : 1)) }
}

/** The classes of Python files. */
async function pythonFiles(files: readonly string[], folder: string, python: PythonFinder): Promise<UserFiles> {
  if (files.length === 0) return { models: [], errors: [] }
  const found = await python()
  if ('missing' in found)
    return { models: [], errors: files.map((file) => ({ code: 'not-supported', message: found.missing, file })) }
  const described = await describeFiles(files, { ...found.options, folder })
  const helpers = new Set(described.flatMap(({ imports }) => imports))
  const silent = described.filter(
    ({ file, models, errors }) =>
      !models.length && !errors.length && !helpers.has(file) && !file.endsWith('__init__.py')
  )
  return {
    models: described.flatMap(({ models }) => models),
    errors: [
      ...described.filter(({ file, models }) => models.length || !helpers.has(file)).flatMap(({ errors }) => errors),
      ...silent.map(({ file }): ErrorData => ({ code: 'bad-file', message: noMemory, file }))
    ]
  }
}

const noMemory =
  'This file has no class that can be used as a memory (store_episode, update or store, and a way to retrieve; or forward), and no model imports it.'

async function collect(folder: string, depth: number, found: string[]): Promise<void> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true })
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (
      entry.name.startsWith('.') ||
      entry.name === 'node_modules' ||
      entry.name === '__pycache__' ||
      entry.name === 'site-packages'
    )
      continue
    if (entry.isDirectory()) {
      if (depth > 1 && found.length <= mostFiles) await collect(path, depth - 1, found)
    } else if (
      (runs.has(extname(path)) || refused.has(extname(path)) || isPython(path)) &&
      !isTestOrTypes.test(entry.name)
    )
      found.push(path)
  }
}

/** In the order of the files. */
async function tryAll(files: readonly string[]): Promise<TriedFile[]> {
  const found = new Map<string, TriedFile>()
  const left = [...files]
  const more: Promise<void>[] = []
  const work = async (): Promise<void> => {
    let loader: Loader | undefined
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      loader ??= new Loader()
      const slow = setTimeout(() => {
        if (left.length > 0) more.push(work())
      }, patienceMs)
      let tried = await loader.load(file)
      // One that dies may die of a file before it: the file is judged alone.
      if (loader.dead && loader.loaded > 1) {
        loader = new Loader()
        tried = await loader.load(file)
      }
      clearTimeout(slow)
      if (loader.dead) loader = undefined
      found.set(file, tried)
    }
    loader?.end()
  }
  await work()
  while (more.length > 0) await more.pop()
  return files.map((file) => found.get(file) as TriedFile)
}

/** One process that loads files. */
class Loader {
  readonly #child: ChildProcess
  #settle: ((tried: TriedFile) => void) | undefined
  #file = ''
  dead = false
  loaded = 0

  constructor() {
    this.#child = spawnProgram(process.execPath, programFile('try-models'), [], 'ignore')
    this.#child.on('message', (tried) => this.#answer(tried as TriedFile))
    this.#child.on('error', ({ message }) => this.#die(`it could not be started (${message})`))
    this.#child.on('exit', (code, signal) =>
      this.#die(`it ended its process (${signal ? `signal ${signal}` : `exit code ${code}`})`)
    )
  }

  load(file: string): Promise<TriedFile> {
    this.#file = file
    this.loaded++
    return new Promise((resolve) => {
      this.#settle = resolve
      const timer = setTimeout(() => {
        this.#die(`it did not come back within ${deadlineMs / 1000} seconds`)
        this.end()
      }, deadlineMs)
      this.#settle = (tried) => {
        clearTimeout(timer)
        resolve(tried)
      }
      this.#child.send({ file } satisfies TryRequest, () => undefined)
    })
  }

  #answer(tried: TriedFile): void {
    if (tried.file === this.#file) this.#settle?.(tried)
    this.#settle = undefined
    // After an error the process may not be what it was.
    if (!tried.error) return
    this.dead = true
    this.end()
  }

  #die(how: string): void {
    this.dead = true
    const file = this.#file
    this.#settle?.({
      file,
      error: { code: 'bad-file', message: `This file does not load: ${how}.`, file },
      imports: []
    })
    this.#settle = undefined
  }

  end(): void {
    this.dead = true
    this.#child.kill('SIGKILL')
  }
}

/** Holds the studio's models to a folder of fixtures: the project's own, or a researcher's from their PyTorch code. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorLine, StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { parseJson } from '../../../src-shared/shapes/json.ts'
import type { BackendName, Detected } from '../../tensors/backends/backend.ts'
import { useBackend } from '../../tensors/backends/index.ts'
import { setKernels } from '../../tensors/kernels/index.ts'
import { releaseWebgpu } from '../../tensors/backends/webgpu.ts'
import { probeBackends } from '../process/probes.ts'
import { userFiles } from '../process/user-files.ts'
import { loadRegistry, type Registry } from '../worker/registry.ts'
import { formats, type Format, type FormatName } from './formats.ts'

export interface VerifyOptions {
  /** Every available backend if left out. */
  backends?: readonly BackendName[]
  /** How many copies of a fixture are computed as one batch, in turn: one and three if left out. */
  batches?: readonly number[]
  /** On plain tensor ops, without fused kernels. */
  plain?: boolean
  /** The user's models are verified too. */
  modelFolder?: string
  /** One line per backend, with its adapter or why it cannot run; one per file and backend; then the sum. */
  onLine?: (line: string) => void
}

export interface VerifyResult {
  file: string
  backend: BackendName | 'any'
  passed: boolean
  /** The largest absolute error; null when there was no comparison. */
  worst: number | null
  error: ErrorData | null
}

export interface VerifyReport {
  passed: number
  failed: number
  /** Whether fused kernels were left out. */
  plain: boolean
  /** What was asked for, or everything there could be: what ran, on which adapter, and why the rest did not. */
  backends: Omit<Detected, 'software'>[]
  results: VerifyResult[]
}

/**
 * Verify every *.json of a folder on every backend. A file that cannot be read counts as failed and stops no other.
 * @throws StudioError not-found for a folder that cannot be read or holds no fixtures
 */
export async function verifyFolder(folder: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  setKernels(!options.plain)
  try {
    return await verifyFiles(folder, options)
  } finally {
    setKernels(true)
  }
}

async function verifyFiles(folder: string, options: VerifyOptions): Promise<VerifyReport> {
  const names = await jsonFiles(folder)
  const { registry } = await loadRegistry((await userFiles(options.modelFolder ?? '')).models)
  const detected = await detect()
  const asked = detected.filter(({ name }) => options.backends?.includes(name) ?? true)
  // One that was asked for by name and cannot run fails; one that just is not there is passed over.
  const backends = asked.filter(({ available }) => available || options.backends).map(({ name }) => name)
  const batches = options.batches ?? [1, 3]
  for (const backend of asked) options.onLine?.(backendLine(backend))
  if (options.plain) options.onLine?.('on plain tensor ops, without fused kernels')
  const results: VerifyResult[] = []
  const add = (result: VerifyResult): void => {
    results.push(result)
    options.onLine?.(lineOf(result))
  }
  const fixtures: Fixture[] = []
  for (const file of names)
    try {
      const fixture = await readFixture(folder, file)
      if (fixture.format.tensors) fixtures.push(fixture)
      else add(await verifyFixture(fixture, 'any', registry, batches))
    } catch (error) {
      add(failed(file, 'any', error))
    }
  for (const backend of backends) {
    if (fixtures.length === 0) break
    const broken = await useBackend(backend).then(
      () => undefined,
      (error: unknown) => ({ error })
    )
    for (const fixture of fixtures)
      add(
        broken ? failed(fixture.file, backend, broken.error) : await verifyFixture(fixture, backend, registry, batches)
      )
  }
  if (backends.includes('webgpu')) releaseWebgpu()
  const passed = results.filter((result) => result.passed).length
  options.onLine?.(`${passed} passed, ${results.length - passed} failed`)
  return { passed, failed: results.length - passed, plain: options.plain === true, backends: asked, results }
}

export interface Fixture {
  file: string
  format: Format
  json: unknown
}

/** @throws StudioError bad-file for a format that is not known, and what reading throws */
export async function readFixture(folder: string, file: string): Promise<Fixture> {
  const json = parse(await readFile(join(folder, file), 'utf8'))
  return { file, format: formatOf(json), json }
}

async function jsonFiles(folder: string): Promise<string[]> {
  let names: string[]
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  } catch (error) {
    throw new StudioError('not-found', `The folder cannot be read: ${(error as Error).message}.`, { file: folder })
  }
  if (names.length === 0) throw new StudioError('not-found', 'The folder holds no .json files.', { file: folder })
  return names
}

let detecting: Promise<Detected[]> | undefined

/** Every backend, in the order in which they are tried; an imitation of a GPU computes the same as a GPU. */
async function detect(): Promise<VerifyReport['backends']> {
  const found = await (detecting ??= probeBackends())
  const order: BackendName[] = ['wasm', 'cpu', 'webgpu', 'tensorflow']
  return order.map((name) => {
    const { available, adapter, reason } = found.find((backend) => backend.name === name) as Detected
    return { name, available, adapter, ...(reason !== undefined && { reason }) }
  })
}

/** JSON as Python writes it: NaN and Infinity become null, so that the field that holds them can be named. */
const parse = (text: string): unknown => parseJson(text.replace(/(?<=[[,:\s])(NaN|-?Infinity)(?=[\],}\s])/g, 'null'))

function formatOf(json: unknown): Format {
  const name = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  if (typeof name === 'string' && Object.hasOwn(formats, name)) return formats[name as FormatName]
  throw new StudioError(
    'bad-file',
    `The format ${JSON.stringify(name) ?? 'is missing and'} is not known; known are ${Object.keys(formats).join(', ')}.`,
    { field: 'format' }
  )
}

/**
 * On the backend that is in use.
 * @param backend its name, for the result
 */
export async function verifyFixture(
  { file, format, json }: Fixture,
  backend: VerifyResult['backend'],
  registry: Registry,
  batches: readonly number[]
): Promise<VerifyResult> {
  try {
    const { worst, failedAt } = await format.verify(json, registry, batches)
    if (failedAt === undefined) return { file, backend, passed: true, worst, error: null }
    const message = 'The error is above the tolerance.'
    return { file, backend, passed: false, worst, error: { code: 'model-failed', message, file, field: failedAt } }
  } catch (error) {
    return failed(file, backend, error)
  }
}

function failed(file: string, backend: VerifyResult['backend'], error: unknown): VerifyResult {
  const { code, message, field } = toErrorData(error)
  return { file, backend, passed: false, worst: null, error: { code, message, file, field } }
}

function backendLine({ name, available, adapter, reason }: VerifyReport['backends'][number]): string {
  return `${available ? 'on  ' : 'none'}  ${name.padEnd(6)}  ${available ? adapter : `cannot run here: ${reason ?? 'no reason given'}`}`
}

function lineOf({ file, backend, passed, worst, error }: VerifyResult): string {
  const measured = worst === null ? '' : `  largest error ${worst.toExponential(1)}`
  return `${passed ? 'pass' : 'FAIL'}  ${backend.padEnd(6)}  ${file}${measured}${error ? `  ${errorLine({ ...error, file: undefined })}` : ''}`
}

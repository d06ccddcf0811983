/** What is the same: a content hash for every trial, on which all that its result depends on has a part, and nothing else. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { TaskInfo } from '../shapes/catalog.ts'
import type { Cell } from './cell.ts'
import type { Experiment } from '../shapes/experiment.ts'

/** JSON with sorted keys: the same content gives the same text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`)
      .join(',')}}`
  return JSON.stringify(value)
}

/** SHA-256 of a value's canonical JSON, as hex. */
export function contentHash(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonical(value))))
}

export interface TrialIdentity {
  /** Names the trial in the store. */
  hash: string
  /** Keys the random stream of everything the task draws: the same for every model, so trials pair by seed. */
  dataKey: string
  /** Keys the random stream of the model's initial weights. */
  modelKey: string
}

/**
 * The users' own code that the numbers of a cell depend on, by model: of its model, and of those that its parameters or
 * its task's name. Undefined where all of them are built in.
 * @param of the hash of a model's code; undefined for one that is built in
 */
export function codeOf(
  { model, params, taskParams }: Pick<Cell, 'model' | 'params' | 'taskParams'>,
  of: (id: string) => string | undefined
): Record<string, string> | undefined {
  const found: Record<string, string> = {}
  const look = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(look)
    if (typeof value !== 'object' || value === null) return
    const { kind } = value as { kind?: unknown }
    const code = typeof kind === 'string' ? of(kind) : undefined
    if (code !== undefined) found[kind as string] = code
    Object.values(value).forEach(look)
  }
  look([{ kind: model }, params, taskParams])
  return Object.keys(found).length ? found : undefined
}

/**
 * The identity of the trial of a cell with a seed.
 * @param code of the users' models that take part: codeOf
 */
export function trialIdentity(
  task: Pick<TaskInfo, 'id' | 'revision'>,
  cell: Pick<Cell, 'model' | 'params' | 'taskParams'>,
  modelRevision: number,
  seed: number,
  generator: Experiment['generator'],
  weightsHash?: string,
  code?: Readonly<Record<string, string>>
): TrialIdentity {
  const data = { task: task.id, params: cell.taskParams, seed, generator }
  const model = { model: cell.model, params: cell.params, seed, generator }
  return {
    hash: contentHash({ data, model, weightsHash, code, revisions: [task.revision, modelRevision] }),
    dataKey: contentHash(data),
    modelKey: contentHash(model)
  }
}

/** What an experiment tests, less its seeds: runs that differ only in their seeds (and name) have the same. */
export const seedless = ({ task, models, sweep, search, generator }: Experiment): string =>
  contentHash({ task, models, sweep, search, generator }).slice(0, 16)

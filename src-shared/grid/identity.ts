/** What is the same: a content hash for every trial, on which all that its result depends on has a part, and nothing else. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { TaskInfo } from '../shapes/catalog.ts'
import type { Cell, Experiment } from '../shapes/experiment.ts'

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

/** The identity of the trial of a cell with a seed. */
export function trialIdentity(
  task: Pick<TaskInfo, 'id' | 'revision'>,
  cell: Pick<Cell, 'kind' | 'params' | 'taskParams'>,
  modelRevision: number,
  seed: number,
  generator: Experiment['generator'],
  weightsHash?: string
): TrialIdentity {
  const data = { task: task.id, params: cell.taskParams, seed, generator }
  const model = { model: cell.kind, params: cell.params, seed, generator }
  return {
    hash: contentHash({ data, model, weightsHash, revisions: [task.revision, modelRevision] }),
    dataKey: contentHash(data),
    modelKey: contentHash(model)
  }
}

/** What an experiment tests, less its seeds: runs that differ only in their seeds (and name) have the same. */
export const seedless = ({ task, models, sweep, search, generator }: Experiment): string =>
  contentHash({ task, models, sweep, search, generator }).slice(0, 16)

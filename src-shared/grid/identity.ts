/** What is the same: a content hash for every trial, on which all that its result depends on has a part, and nothing else. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { ModelInfo, TaskInfo } from '../shapes/catalog.ts'
import type { Cell } from './cell.ts'
import type { Experiment } from '../shapes/experiment.ts'
import { valueBefore, type ModelRef, type Params, type ParamValue, type ParamValues } from '../shapes/params.ts'

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

/** What a model's entry in the catalog says that its trials' identity depends on. */
export type KnownModels = (kind: string) => Pick<ModelInfo, 'params' | 'revision' | 'code'> | undefined

/**
 * The users' own code that the numbers of a cell depend on, by model: of its model, and of those that its parameters or
 * its task's name. Undefined where all of them are built in.
 */
export function codeOf(
  task: Pick<TaskInfo, 'params'>,
  { model, params, taskParams }: Pick<Cell, 'model' | 'params' | 'taskParams'>,
  known: KnownModels
): Record<string, string> | undefined {
  const found: Record<string, string> = {}
  const noted: KnownModels = (id) => {
    const info = known(id)
    if (info?.code !== undefined) found[id] = info.code
    return info
  }
  counted(task.params, taskParams, noted)
  counted(noted(model)?.params ?? {}, params, noted)
  return Object.keys(found).length ? found : undefined
}

/** The identity of the trial of a cell with a seed. */
export function trialIdentity(
  task: Pick<TaskInfo, 'id' | 'revision' | 'params'>,
  cell: Pick<Cell, 'model' | 'params' | 'taskParams' | 'tuned'>,
  known: KnownModels,
  seed: number,
  generator: Experiment['generator'],
  weightsHash?: string
): TrialIdentity {
  const own = known(cell.model)
  const asked = counted(task.params, cell.taskParams, known)
  const tuned = cell.tuned && Object.fromEntries(cell.tuned.map((name) => [name, cell.taskParams[name]]))
  for (const name of cell.tuned ?? []) delete asked[name]
  const data = { task: task.id, params: asked, seed, generator }
  const model = { model: cell.model, params: counted(own?.params ?? {}, cell.params, known), seed, generator }
  return {
    hash: contentHash({
      data,
      model,
      weightsHash,
      code: codeOf(task, cell, known),
      tuned,
      revisions: [task.revision, own?.revision ?? 0]
    }),
    dataKey: contentHash(data),
    modelKey: contentHash(model)
  }
}

/** The values that tell trials apart: without those of parameters that were added later, where they are as before. */
function counted(declared: Params, values: ParamValues, known: KnownModels): ParamValues {
  const inside = ({ kind, params }: ModelRef): ModelRef => ({
    kind,
    params: counted(known(kind)?.params ?? {}, params, known)
  })
  const told = Object.entries(values).filter(
    ([name, value]) => !(declared[name]?.later && canonical(value) === canonical(valueBefore(declared[name])))
  )
  return Object.fromEntries(
    told.map(([name, value]): [string, ParamValue] => {
      const type = declared[name]?.type
      if (type === 'model') return [name, inside(value as ModelRef)]
      if (type === 'models') return [name, (value as ModelRef[]).map(inside)]
      return [name, value]
    })
  )
}

/** What an experiment tests, less its seeds: runs that differ only in their seeds (and name) have the same. */
export const seedless = ({ task, models, sweep, search, tuning, generator }: Experiment): string =>
  contentHash({ task, models, sweep, search, tuning, generator }).slice(0, 16)

/**
 * A batch as it goes to another machine, and the answer as it comes back: plain JSON, checked on both sides. What a
 * batch needs beside itself (weights, vectors, the user's own code) it names by content.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Cell } from '../../src-shared/grid/cell.ts'
import { canonical, trialIdentity } from '../../src-shared/grid/identity.ts'
import { modelIn, taskIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import { errorSchema, StudioError } from '../../src-shared/shapes/errors.ts'
import { backendChoices, limits } from '../../src-shared/shapes/experiment.ts'
import { complaint } from '../../src-shared/shapes/issues.ts'
import { refuseDeep } from '../../src-shared/shapes/json.ts'
import { computerSchema, type Computer } from '../../src-shared/shapes/place.ts'
import { pointSchema, trialStatus, type Fallback } from '../../src-shared/shapes/run.ts'
import type { Checkpoint, TrialOutcome } from '../../src-shared/shapes/outcome.ts'

const format = 'engram-batch/1'

/** What is sent beside a batch, each. */
export const mostAssetBytes = 64 * 2 ** 20

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'This is no content hash')
const name = z.string().min(1).max(200)
const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)
const values = z.record(z.string().max(500), z.json())

const assetsSchema = z.strictObject({
  weights: z.strictObject({ hash, extension: z.enum(['.npz', '.safetensors', '.json']) }).optional(),
  vectors: z.array(hash).max(16),
  /** The user's own models, as one asset. */
  code: hash.optional()
})
export type AssetNames = z.infer<typeof assetsSchema>

const batchSchema = z.strictObject({
  format: z.literal(format),
  run: z.string().regex(/^[0-9A-Za-z-]{1,64}$/, 'This is no id of a run'),
  /** The studio's. */
  version: name,
  task: name,
  /** Of the task and of the model. */
  revisions: z.strictObject({ task: z.int(), model: z.int() }),
  generator: z.enum(['philox', 'torch']),
  backend: z.enum(backendChoices),
  cell: z.strictObject({
    index: z.int().min(0).max(limits.trials),
    use: z.int().min(0).max(limits.models),
    label: name,
    model: name,
    params: values,
    taskParams: values,
    point: pointSchema,
    tuned: z.array(name).max(limits.axes).optional()
  }),
  seeds: z.array(seed).min(1).max(limits.seeds),
  /** Identity of the trial of the first seed: it depends on all of the above. */
  identity: hash,
  assets: assetsSchema,
  /** What these seeds had learned before, in base64. */
  checkpoints: z.array(z.strictObject({ seed, state: z.base64() })).max(limits.seeds)
})
export type Batch = z.infer<typeof batchSchema>

/** What a batch may be in JSON, what was learned before left out. */
const mostBatchBytes = 4 * 2 ** 20
const mostLearnedBytes = 2 * mostAssetBytes

/**
 * A batch that came from outside.
 * @throws StudioError too-large, bad-input that names the field
 */
export function readBatch(json: unknown): Batch {
  const { checkpoints, ...rest } = (json ?? {}) as Partial<Batch>
  const bytes = JSON.stringify(rest).length
  const learned = checkpoints === undefined ? 0 : JSON.stringify(checkpoints).length
  if (bytes > mostBatchBytes || learned > mostLearnedBytes)
    throw new StudioError('too-large', `A batch may hold at most ${mostBatchBytes / 2 ** 20} MiB.`)
  refuseDeep(rest)
  const read = batchSchema.safeParse(json)
  if (read.success) return read.data
  const { message, ...about } = complaint(read.error, json)
  throw new StudioError('bad-input', `This is no batch: ${message}`, about)
}

/** A cell as it is sent: the weights are named by their content. */
export function sentCell({ index, use, label, model, params, taskParams, point, tuned }: Cell & { index: number }) {
  return { index, use, label, model, params, taskParams, point, ...(tuned && { tuned: [...tuned] }) } as Batch['cell']
}

/** The identity of the first trial of a batch, as a catalog knows its models. */
export function identityOf(
  { task, cell, seeds, generator, assets }: Pick<Batch, 'task' | 'cell' | 'seeds' | 'generator' | 'assets'>,
  catalog: Catalog
): string {
  const known = taskIn(catalog, task) ?? { id: task, revision: 0, params: {} }
  return trialIdentity(
    known,
    cell as unknown as Cell,
    (id) => modelIn(catalog, id),
    seeds[0],
    generator,
    assets.weights?.hash
  ).hash
}

/** Names a batch: the same trials of a run, computed the same way, have the same id. */
export function idOf({ run, identity, cell, seeds, backend }: Batch): string {
  const content = canonical({ identity, cell: cell.index, seeds, backend })
  return `${run}-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`
}

export const runOf = (id: string): string => id.slice(0, id.lastIndexOf('-'))

export const packed = (checkpoints: readonly Checkpoint[]): Batch['checkpoints'] =>
  checkpoints.map(({ seed, state }) => ({ seed, state: Buffer.from(state).toString('base64') }))
export const unpacked = (checkpoints: Batch['checkpoints']): Checkpoint[] =>
  checkpoints.map(({ seed, state }) => ({ seed, state: new Uint8Array(Buffer.from(state, 'base64')) }))

/** What a model gives may be no number at all: zod's own take finite ones only. */
const isNumber = (value: unknown): value is number => typeof value === 'number'
const count = z.custom<number>(isNumber)
const counts = z.custom<number[]>((value) => Array.isArray(value) && value.every(isNumber))
const traceValue = z.union([
  z.object({ shape: counts, data: counts, labels: z.array(z.string()).optional() }),
  z.object({
    nodes: z.array(
      z.object({
        id: count,
        parent: count.nullable(),
        level: count,
        start: z.object({ time: count, position: count }),
        end: z.object({ time: count, position: count }),
        importance: count,
        share: count.optional()
      })
    )
  })
])

const outcomeSchema = z.object({
  cell: z.int(),
  seed,
  hash,
  status: trialStatus,
  error: errorSchema.nullable(),
  metrics: z.record(name, count),
  series: z.record(name, z.object({ x: counts, y: counts })),
  traces: z.array(
    z.object({
      name,
      title: z.string(),
      kind: z.enum(['line', 'heatmap', 'bars', 'tree', 'frames']),
      axes: z.array(z.string()).optional(),
      value: traceValue
    })
  ),
  elapsedMs: count,
  backend: name
})
const fallbackSchema = z.object({ from: name, to: name, trials: z.int(), reason: z.string() })
const answerSchema = z.object({
  outcomes: z.array(outcomeSchema).max(limits.seeds),
  computer: computerSchema,
  fallbacks: z.array(fallbackSchema).max(1000)
})
/** What computing a batch gives. */
export interface Answer {
  outcomes: TrialOutcome[]
  computer: Computer
  fallbacks: Fallback[]
}

/** JSON has neither NaN nor the infinities, and one zero only. */
const marks = new Map<string, number>([
  ['\u0000NaN', NaN],
  ['\u0000Infinity', Infinity],
  ['\u0000-Infinity', -Infinity],
  ['\u0000-0', -0]
])
const marked = (_: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `\u0000${Object.is(value, -0) ? '-0' : value}`
    : value
const unmarked = (_: string, value: unknown): unknown =>
  typeof value === 'string' ? (marks.get(value) ?? value) : value

export const writeAnswer = (answer: Answer): string => JSON.stringify(answer, marked)

/**
 * The answer to a batch.
 * @throws StudioError bad-input where it is none, or one to another batch
 */
export function readAnswer(text: string, batch: Pick<Batch, 'cell' | 'seeds' | 'identity'>): Answer {
  let json: unknown
  try {
    json = text.includes('\\u0000') ? JSON.parse(text, unmarked) : JSON.parse(text)
  } catch {
    throw new StudioError('bad-input', 'An answer from another computer cannot be read.')
  }
  const read = answerSchema.safeParse(json)
  if (!read.success)
    throw new StudioError(
      'bad-input',
      `An answer from another computer is none: ${complaint(read.error, json).message}`
    )
  const answer: Answer = read.data
  const wanted = new Set(batch.seeds)
  const fits = answer.outcomes.every(
    ({ cell, seed, hash }) =>
      cell === batch.cell.index && wanted.delete(seed) && (seed !== batch.seeds[0] || hash === batch.identity)
  )
  if (!fits || wanted.size > 0)
    throw new StudioError('bad-input', `An answer of ${answer.computer.host} is not of the trials that were asked for.`)
  return answer
}

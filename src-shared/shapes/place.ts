/** Where a run is computed, and on which computers. */
import { z } from 'zod'
import { errorSchema } from './errors.ts'

/** here: this computer; queue: workers at a Redis or Valkey server; slurm: a cluster. */
export const placeNames = ['here', 'queue', 'slurm'] as const
export type PlaceName = (typeof placeNames)[number]

export const placeTitles: Record<PlaceName, string> = { here: 'This computer', queue: 'The queue', slurm: 'Slurm' }

const line = z.string().max(1000)

/** What a cluster is asked for. */
export const slurmSchema = z.object({
  /** Options of sbatch, as on its command line. */
  sbatch: line.default(''),
  /** Array tasks; as many as there are batches, up to 100, if left out. */
  tasks: z.int().min(1).max(10_000).optional(),
  /** Where sbatch is, if not here: a host of the system's own ssh. */
  ssh: z
    .string()
    .max(200)
    .regex(/^[\w@][\w.@-]*$/, 'This is no host name')
    .optional()
})
export type SlurmWish = z.infer<typeof slurmSchema>

export const placeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('here') }),
  z.object({ kind: z.literal('queue') }),
  slurmSchema.extend({ kind: z.literal('slurm') })
])
export type PlaceChoice = z.infer<typeof placeSchema>

/** The machine behind an answer. */
export const computerSchema = z.object({
  /** What its worker is called. */
  name: line,
  host: line,
  os: line,
  cpu: line,
  cores: z.int().min(0),
  node: line,
  version: line,
  commit: line,
  /** GPU adapter and driver, or the CPU's SIMD level. */
  adapter: line
})
export type Computer = z.infer<typeof computerSchema>

/** A worker at the queue, as its last beat tells. */
export const workerSchema = computerSchema.extend({
  id: z.string().regex(/^[\w-]{1,64}$/),
  pid: z.int(),
  backend: line,
  /** Batches at once. */
  lanes: z.int().min(0),
  trustsModels: z.boolean(),
  started: line,
  /** What it computes now. */
  batches: z.array(z.object({ run: line, label: line, seeds: z.int(), since: line })).max(1024),
  /** Trials since it was started, and in the last minute. */
  trials: z.int().min(0),
  perMinute: z.number().min(0),
  /** Why it did not take a batch, or could not compute one, and when. */
  refused: z.object({ time: line, error: errorSchema }).optional()
})
export type WorkerBeat = z.infer<typeof workerSchema>

/** What is known of the queue now. */
export const queueStateSchema = z.object({
  /** Its address, without a password; empty where none is set. */
  address: z.string(),
  /** Where its password comes from. */
  password: z.enum(['environment', 'keychain', 'none']),
  /** Why it cannot be asked. */
  error: errorSchema.optional(),
  workers: z.array(workerSchema.extend({ /** Milliseconds since its last beat. */ beatMs: z.number() })),
  /** Batches. */
  waiting: z.int(),
  computing: z.int(),
  failed: z.array(z.object({ run: line, label: line, error: errorSchema }))
})
export type QueueState = z.infer<typeof queueStateSchema>

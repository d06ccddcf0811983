/**
 * What `npm run bench -- gpu --save` measured on a machine: every memory and block on each of its backends. An imitation of a
 * GPU in software is counted and not timed.
 */
import { z } from 'zod'
import { peaksSchema } from './measurement.ts'

/** What a GPU was asked to do. */
const countsSchema = z.object({
  /** Compute dispatches. */
  dispatches: z.number(),
  /** Bytes that were copied back to be read. */
  readBack: z.number()
})

const memoryCounts = {
  /** Of one store of all items of a batch. */
  store: countsSchema,
  perItem: countsSchema,
  perQuery: countsSchema
}

const memorySchema = z.object({
  model: z.string(),
  /** Milliseconds a trial of storing all items, and of as many queries. */
  times: z.object({ store: z.number(), retrieve: z.number() }).optional(),
  ...z.object(memoryCounts).partial().shape,
  /** The same on plain ops. */
  plain: z.object(memoryCounts).optional(),
  /** Why there is nothing of it. */
  error: z.string().optional()
})

const blockSchema = z.object({
  model: z.string(),
  /** Milliseconds of a step of training of the whole batch. */
  stepMs: z.number().optional(),
  /** A step, and the same on plain ops. */
  perStep: countsSchema.optional(),
  plain: countsSchema.optional(),
  /** Layers of the stack that is trained. */
  layers: z.number().optional(),
  error: z.string().optional()
})

const backendSchema = z.object({
  backend: z.string(),
  adapter: z.string(),
  software: z.boolean(),
  items: z.number(),
  dim: z.number(),
  batch: z.number(),
  peaks: peaksSchema.nullable(),
  memories: z.array(memorySchema),
  blocks: z.array(blockSchema),
  fixtures: z.object({ passed: z.number(), failed: z.array(z.string()) }).optional()
})
export type GpuBackend = z.infer<typeof backendSchema>

export const gpuTableSchema = z.object({
  bench: z.literal('gpu'),
  /** YYYY-MM-DD */
  date: z.string(),
  quick: z.boolean(),
  minutes: z.number(),
  processor: z.string(),
  cores: z.number(),
  /** Whether a GPU that is no imitation was measured. */
  measured: z.boolean(),
  results: z.array(backendSchema)
})
export type GpuTable = z.infer<typeof gpuTableSchema>

/** The backend that is a GPU, or stands for one. */
export const gpuOf = ({ results }: GpuTable): GpuBackend | undefined =>
  results.find(({ backend }) => backend === 'webgpu')

export interface GpuLine {
  kind: 'memory' | 'block'
  model: string
  /** Milliseconds on each backend, in the order of `results`: of storing and retrieving, or of a step; or why there is none. */
  values: (number | string | undefined)[]
  /** Dispatches on the GPU: of a store and a read of a batch, or of a step. */
  dispatches: number | undefined
}

/** One line a model, memories first. */
export function gpuLines(table: GpuTable): GpuLine[] {
  const { results } = table
  const gpu = gpuOf(table)
  const named = (of: (result: GpuBackend) => { model: string }[]): string[] => [
    ...new Set(results.flatMap((result) => of(result).map(({ model }) => model)))
  ]
  const memories = named(({ memories }) => memories).map((model): GpuLine => {
    const asked = gpu?.memories.find((one) => one.model === model)
    return {
      ...{ kind: 'memory', model },
      values: results.map(({ memories }) => {
        const one = memories.find((row) => row.model === model)
        return one?.error ?? (one?.times && one.times.store + one.times.retrieve)
      }),
      dispatches: asked?.store && asked.perQuery && asked.store.dispatches + asked.perQuery.dispatches * gpu!.items
    }
  })
  const blocks = named(({ blocks }) => blocks).map((model): GpuLine => {
    return {
      ...{ kind: 'block', model },
      values: results.map(({ blocks }) => {
        const one = blocks.find((row) => row.model === model)
        return one?.error ?? one?.stepMs
      }),
      dispatches: gpu?.blocks.find((one) => one.model === model)?.perStep?.dispatches
    }
  })
  return [...memories, ...blocks]
}

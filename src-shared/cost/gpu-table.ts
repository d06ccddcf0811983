/**
 * What `npm run bench -- gpu --save` measured on a machine: every memory and block on each of its backends. An imitation of a
 * GPU in software is measured at a small size, and its times are no GPU's.
 */
import { z } from 'zod'
import { peaksSchema, type Peaks } from './measurement.ts'

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

const workSchema = z.object({
  /** Operations (a multiply-add is two) and the least bytes that must move: of a trial's store and retrieve, or of a step. */
  flops: z.number(),
  bytes: z.number(),
  /** Milliseconds of the same by the clock. */
  ms: z.number()
})
export type Work = z.infer<typeof workSchema>

const rowSchema = z.object({
  model: z.string(),
  /** What was timed: the full size, or a smaller one, and then why. */
  size: z.string().optional(),
  work: workSchema.optional(),
  /** What there is not, or not at the full size, and why. */
  notes: z.array(z.string())
})

const memorySchema = rowSchema.extend({
  /** Milliseconds a trial of storing all items, and of as many queries. */
  times: z.object({ store: z.number(), retrieve: z.number() }).optional(),
  ...z.object(memoryCounts).partial().shape,
  /** The same on plain ops. */
  plain: z.object(memoryCounts).optional()
})
export type MemoryRow = z.infer<typeof memorySchema>

const blockSchema = rowSchema.extend({
  /** Milliseconds of a step of training of the whole batch. */
  stepMs: z.number().optional(),
  /** A step, and the same on plain ops. */
  perStep: countsSchema.optional(),
  plain: countsSchema.optional(),
  /** Layers of the stack whose steps were counted. */
  layers: z.number().optional()
})
export type BlockRow = z.infer<typeof blockSchema>

const backendSchema = z.object({
  backend: z.string(),
  adapter: z.string(),
  /** A GPU imitated in software: what is counted holds, what is timed says nothing of a GPU. */
  software: z.boolean(),
  peaks: peaksSchema.nullable(),
  memories: z.array(memorySchema),
  blocks: z.array(blockSchema),
  fixtures: z
    .object({
      passed: z.number(),
      failed: z.array(z.string()),
      /** Those that took longer than their share of the time, and how long that was. */
      left: z.array(z.string())
    })
    .optional()
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
  /** Of the machine over a minute, at the start. */
  load: z.number(),
  /** Whether a GPU that is no imitation was measured. */
  measured: z.boolean(),
  /** At which sizes memories and blocks were counted. */
  counted: z.object({ memories: z.string(), blocks: z.string() }),
  results: z.array(backendSchema)
})
export type GpuTable = z.infer<typeof gpuTableSchema>

/** The backend that is a GPU, or stands for one. */
export const gpuOf = ({ results }: GpuTable): GpuBackend | undefined =>
  results.find(({ backend }) => backend === 'webgpu')

export interface RoofShare {
  /** FLOPs per byte. */
  intensity: number
  flopsPerSecond: number
  /** Milliseconds that the peaks allow at best, and the share of the measured time that this is. */
  boundMs: number
  share: number
}

/** Where a row lies under its machine's roofline. */
export function roofShare({ flops, bytes, ms }: Work, peaks: Peaks): RoofShare {
  const boundMs = 1000 * Math.max(flops / peaks.flopsPerSecond, bytes / peaks.bytesPerSecond)
  return { intensity: flops / bytes, flopsPerSecond: (1000 * flops) / ms, boundMs, share: boundMs / ms }
}

export interface GpuValue {
  /** Milliseconds: of storing and retrieving, or of a step; undefined where there are none. */
  ms: number | undefined
  roof: RoofShare | undefined
  /** Why there is nothing, or less than all. */
  said: string
}

export interface GpuLine {
  kind: 'memory' | 'block'
  model: string
  /** On each backend, in the order of `results`. */
  values: GpuValue[]
  /** Dispatches on the GPU, and on plain ops there: of a store of a batch, or of a step. */
  dispatches: number | undefined
  plain: number | undefined
}

/** One line a model, memories first. */
export function gpuLines(table: GpuTable): GpuLine[] {
  const { results } = table
  const gpu = gpuOf(table)
  const named = (of: (result: GpuBackend) => { model: string }[]): string[] => [
    ...new Set(results.flatMap((result) => of(result).map(({ model }) => model)))
  ]
  const valueOf = (row: MemoryRow | BlockRow | undefined, peaks: Peaks | null): GpuValue => ({
    ms: row?.work?.ms,
    roof: row?.work && peaks ? roofShare(row.work, peaks) : undefined,
    said: row?.notes.join('; ') ?? ''
  })
  const memories = named(({ memories }) => memories).map((model): GpuLine => {
    const own = (of: GpuBackend): MemoryRow | undefined => of.memories.find((row) => row.model === model)
    const counted = gpu && own(gpu)
    return {
      ...{ kind: 'memory', model },
      values: results.map((result) => valueOf(own(result), result.peaks)),
      ...{ dispatches: counted?.store?.dispatches, plain: counted?.plain?.store.dispatches }
    }
  })
  const blocks = named(({ blocks }) => blocks).map((model): GpuLine => {
    const own = (of: GpuBackend): BlockRow | undefined => of.blocks.find((row) => row.model === model)
    const counted = gpu && own(gpu)
    return {
      ...{ kind: 'block', model },
      values: results.map((result) => valueOf(own(result), result.peaks)),
      ...{ dispatches: counted?.perStep?.dispatches, plain: counted?.plain?.dispatches }
    }
  })
  return [...memories, ...blocks]
}

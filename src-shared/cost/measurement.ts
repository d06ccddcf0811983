/**
 * Measured beside predicted: what is asked of the machine, what it answered, and how that agrees with the exact view.
 * The real blocks run with float32 values, so predictions here are for 4 bytes a value.
 */
import { z } from 'zod'
import { errorSchema, type ErrorData } from '../shapes/errors.ts'
import { backendChoices } from '../shapes/experiment.ts'
import type { BlockId } from './block.ts'
import { checkCostInput, type CostInput } from './symbols.ts'
import { total } from './block.ts'
import { blocks, withSymbol } from './view.ts'

export const measuredSymbols = ['L', 'M', 'd'] as const
export type MeasuredSymbol = (typeof measuredSymbols)[number]
export const mostMeasuredValues = 24

const size = z.number()
export const costInputSchema: z.ZodType<CostInput> = z.object({
  ...{ d: size, L: size, H: size, M: size, rho: size, B: size, C: size, D: size, e: size, s: size, K: size },
  causal: z.boolean(),
  buffer: z.enum(['full', 'empty']),
  gate: z.enum(['scalar', 'vector'])
})

export const measureRequestSchema = z.object({
  memories: z.array(z.enum(['attention', 'neural', 'episodic', 'hybrid'])).min(1),
  over: z.enum(measuredSymbols),
  values: z.array(z.int().min(1)).min(2).max(mostMeasuredValues),
  input: costInputSchema,
  backend: z.enum(backendChoices),
  /** Timed repetitions of a point; a slow point gets fewer. */
  repeats: z.int().min(1).max(100)
})
export type MeasureRequest = z.infer<typeof measureRequestSchema>

export const measuredPointSchema = z.object({
  memory: z.enum(['attention', 'neural', 'episodic', 'hybrid']),
  x: z.number(),
  /** Milliseconds of each repetition, in their order, after the warm-up. */
  timesMs: z.array(z.number()),
  /** Held by the block after creation; written by it while it ran; at most at once during one call. */
  parameterBytes: z.number(),
  stateBytes: z.number(),
  peakBytes: z.number(),
  /** Why this point could not be measured. */
  error: errorSchema.optional()
})
export type MeasuredPoint = z.infer<typeof measuredPointSchema>

export const peaksSchema = z.object({
  /** FLOP/s of the best matrix product tried. */
  flopsPerSecond: z.number(),
  /** Bytes read and written per second by the best copy tried. */
  bytesPerSecond: z.number()
})
export type Peaks = z.infer<typeof peaksSchema>

export const measurementSchema = z.object({
  id: z.string(),
  /** ISO 8601 UTC. */
  created: z.string(),
  status: z.enum(['running', 'done', 'cancelled', 'failed', 'interrupted']),
  request: measureRequestSchema,
  backend: z.string(),
  adapter: z.string(),
  cpu: z.string(),
  version: z.string(),
  commit: z.string(),
  peaks: peaksSchema.nullable(),
  points: z.array(measuredPointSchema),
  /** Points that it will have. */
  total: z.int(),
  error: errorSchema.nullable()
})
export type Measurement = z.infer<typeof measurementSchema>

/** The catalog's block of each memory, with its parameters. */
export function blockOf(id: BlockId, input: CostInput): { kind: string; params: Record<string, unknown> } {
  const { d: dim, H: heads, M: memorySlots, D: depth, e: expansion, s: segment, K: topK, rho, causal, gate } = input
  switch (id) {
    case 'attention':
      return { kind: 'attention', params: { dim, heads, causal } }
    case 'neural':
      return { kind: 'titans', params: { dim, depth, expansion, updateFraction: rho } }
    case 'episodic':
      return { kind: 'episodic-cmr', params: { dim, heads, memorySlots, segment, topK } }
    case 'hybrid':
      return { kind: 'hybrid', params: { dim, heads, memorySlots, depth, expansion, gate } }
  }
}

/** The sizes with which the real block runs: float32; a hybrid updates its neural memory densely and reads all slots. */
export function asRun(id: BlockId, input: CostInput): CostInput {
  return { ...input, B: 4, ...(id === 'hybrid' && { rho: 1, s: 1, K: 0 }) }
}

/** The sizes of a point of a measurement. */
export const inputAt = ({ over, input }: Pick<MeasureRequest, 'over' | 'input'>, id: BlockId, x: number): CostInput =>
  asRun(id, withSymbol(input, over, x))

/** FLOPs of one forward call over the sequence, softmax included, because the machine computes it too. */
export const predictedFlops = (id: BlockId, input: CostInput): number => total(blocks[id].sequence(input), true)

/**
 * Values that must move between memory and processor in one call, at least: weights once, tokens in and out, the state
 * as often as the algorithm depends on its last write (the neural memory token by token: memory and momentum read and
 * written, and read once more for the answer).
 */
export function predictedBytes(id: BlockId, input: CostInput): number {
  const { d, L, s, B } = input
  const own = (which: 'neural' | 'episodic'): number =>
    which === 'neural' ? 2.5 * blocks.neural.state(input) * L : blocks.episodic.state(input) + 2 * d * Math.ceil(L / s)
  const state =
    id === 'attention' ? 2 * blocks.attention.state(input) : id === 'hybrid' ? own('neural') + own('episodic') : own(id)
  return B * (blocks[id].parameters(input) + 2 * L * d + state)
}

/** The roofline: seconds that the machine's peaks allow at best. */
export function rooflineSeconds(id: BlockId, input: CostInput, peaks: Peaks): number {
  return Math.max(predictedFlops(id, input) / peaks.flopsPerSecond, predictedBytes(id, input) / peaks.bytesPerSecond)
}

/**
 * How far a measurement is, weighed by what the roofline says of each point, since the later ones are the slower ones; by
 * the number of points before the peaks of the machine are known.
 */
export function measuredPart({ request, points, peaks, total: count }: Measurement): { done: number; total: number } {
  if (!peaks) return { done: points.length, total: count }
  const weightOf = (memory: BlockId, x: number): number => rooflineSeconds(memory, inputAt(request, memory, x), peaks)
  const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0)
  return {
    done: sum(points.map(({ memory, x }) => weightOf(memory, x))),
    total: sum(request.memories.flatMap((memory) => request.values.map((x) => weightOf(memory, x))))
  }
}

/** What the plain ops of a block hold at once: the scores of every query and entry, and copies of weights and state. */
function heldBytes(id: BlockId, input: CostInput): number {
  const { H, L, M, s } = input
  const entries = id === 'attention' ? L : M + Math.ceil(L / s)
  const scores = id === 'neural' ? 0 : 3 * H * L * entries
  return 4 * (scores + 6 * (blocks[id].parameters(input) + blocks[id].state(input)))
}

const mostBytes = 2 ** 30
const mostFlops = 1e12
/** A buffer that starts full is filled before it is measured. */
const mostPrimingFlops = 3e10

/**
 * Every error of a request, by field: sizes out of bounds, too many tokens, more than the machine should be asked for.
 */
export function checkMeasure(request: MeasureRequest): ErrorData[] {
  const refuse = (field: string, message: string): ErrorData => ({ code: 'bad-input', field, message })
  const { over, values, input, memories } = request
  if (new Set(values).size !== values.length)
    return [refuse('values', 'Each value is measured once; leave repeats out.')]
  for (const x of values) {
    const [error] = checkCostInput(withSymbol(input, over, x))
    if (error) return [{ ...error, field: error.field === over ? 'values' : `input.${error.field}` }]
    if (over === 'd' && x > 4096) return [refuse('values', 'Blocks run with d up to 4096.')]
    for (const id of memories) {
      const at = inputAt(request, id, x)
      const what = `${blocks[id].title} at ${over} = ${x}`
      if (predictedFlops(id, at) > mostFlops)
        return [refuse('values', `${what} needs more than 1 TFLOP a call; choose smaller values.`)]
      if (heldBytes(id, at) > mostBytes)
        return [refuse('values', `${what} holds more than 1 GiB at once; choose smaller values.`)]
      const primed = (id === 'episodic' || id === 'hybrid') && at.buffer === 'full'
      if (primed && predictedFlops(id, { ...at, L: at.M * at.s }) > mostPrimingFlops)
        return [
          refuse(
            'values',
            `${what} takes ${at.M * at.s} tokens to fill first; start from an empty buffer or use fewer slots.`
          )
        ]
    }
  }
  if (input.H > 64) return [refuse('input.H', 'Blocks run with at most 64 heads.')]
  return []
}

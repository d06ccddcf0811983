/** One trial's training as bytes: a line of JSON, then the weights and both moments as float32. */
import type { OptimiserState } from './optimiser.ts'

/** One trial's training so far: all that a checkpoint holds. */
export interface TrialState extends OptimiserState {
  /** Steps taken; also where its generator stands, since every step draws from streams of its own. */
  step: number
  finished: boolean
  /** Its weights became NaN or infinite. */
  diverged: boolean
  /** By window: last step, mean loss, mean accuracy. */
  curve: number[]
  /** Sums over the window under way: loss, accuracy, steps. */
  window: [number, number, number]
}

/** Bytes that `readCheckpoint` gives back as they were. */
export function writeCheckpoint({ weights, mean, square, ...rest }: TrialState): Uint8Array {
  const head = new TextEncoder().encode(`${JSON.stringify(rest)}\n`)
  // The numbers begin where four bytes begin.
  const start = Math.ceil(head.length / 4) * 4
  const bytes = new Uint8Array(start + 12 * weights.length).fill(0x20, 0, start)
  bytes.set(head.subarray(0, -1))
  bytes[start - 1] = 0x0a
  ;[weights, mean, square].forEach((part, i) =>
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), start + 4 * i * weights.length)
  )
  return bytes
}

/**
 * @param size the model's number of weights
 * @returns undefined for bytes that are no checkpoint of such a model: the trial then starts from its beginning
 */
export function readCheckpoint(bytes: Uint8Array, size: number): TrialState | undefined {
  const start = bytes.indexOf(0x0a) + 1
  if (start === 0 || bytes.length !== start + 12 * size) return undefined
  const rest = JSON.parse(new TextDecoder().decode(bytes.subarray(0, start))) as Omit<TrialState, keyof Arrays>
  const numbers = bytes.slice(start)
  const part = (i: number): Float32Array => new Float32Array(numbers.buffer, 4 * i * size, size)
  return { ...rest, weights: part(0), mean: part(1), square: part(2) }
}
type Arrays = Pick<TrialState, 'weights' | 'mean' | 'square'>

import { PhiloxStream } from './philox.ts'
import type { TorchGenerator } from './torch.ts'

/**
 * Random numbers of a batch of trials. Each trial has its own stream; a draw returns all trials' numbers stacked,
 * [B * size], row after row. With philox every name is a stream of its own, so the order of draws does not matter;
 * with torch the draws follow one another on the trial's one generator, whatever their names.
 */
export interface Draws {
  /** Standard normal. */
  normal(name: string, size: number): Float32Array
  /** Uniform in [low, high), up to float32 rounding. */
  uniform(name: string, size: number, low?: number, high?: number): Float32Array
  /** For each trial a permutation of 0..n-1. */
  permutation(name: string, n: number): Int32Array
  /** Whole numbers in [low, high). */
  integers(name: string, size: number, low: number, high: number): Int32Array
}

/** Draws from one Philox stream per trial and name; a name drawn again goes on where it stopped. */
export function philoxDraws(keys: readonly string[]): Draws {
  const streams = keys.map(() => new Map<string, PhiloxStream>())
  const stream = (trial: number, name: string): PhiloxStream => {
    let found = streams[trial].get(name)
    if (!found) streams[trial].set(name, (found = new PhiloxStream(keys[trial], name)))
    return found
  }
  const fill = <A extends Float32Array | Int32Array>(
    out: A,
    name: string,
    size: number,
    draw: (stream: PhiloxStream) => number
  ): A => {
    for (let trial = 0; trial < keys.length; trial++) {
      const own = stream(trial, name)
      for (let i = trial * size; i < (trial + 1) * size; i++) out[i] = draw(own)
    }
    return out
  }
  return {
    normal: (name, size) => fill(new Float32Array(keys.length * size), name, size, (s) => s.normal()),
    uniform: (name, size, low = 0, high = 1) =>
      fill(new Float32Array(keys.length * size), name, size, (s) => s.uniform() * (high - low) + low),
    integers: (name, size, low, high) =>
      fill(new Int32Array(keys.length * size), name, size, (s) => low + s.below(high - low)),
    permutation: (name, n) =>
      stack(
        keys.map((_, trial) => shuffled(n, stream(trial, name))),
        Int32Array
      )
  }
}

/** Fisher-Yates from the front. */
function shuffled(n: number, stream: PhiloxStream): Int32Array {
  const out = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = 0; i < n - 1; i++) {
    const j = i + stream.below(n - i)
    const value = out[i]
    out[i] = out[j]
    out[j] = value
  }
  return out
}

/** Draws from one running PyTorch generator per trial; the names say nothing to it. */
export function torchDraws(generators: readonly TorchGenerator[]): Draws {
  return {
    normal: (_, size) =>
      stack(
        generators.map((g) => g.randn(size)),
        Float32Array
      ),
    uniform: (_, size, low = 0, high = 1) =>
      stack(
        generators.map((g) => g.uniform(size, low, high)),
        Float32Array
      ),
    permutation: (_, n) =>
      stack(
        generators.map((g) => g.randperm(n)),
        Int32Array
      ),
    integers: (_, size, low, high) =>
      stack(
        generators.map((g) => g.randint(size, low, high)),
        Int32Array
      )
  }
}

/** Rows of equal length, one after another. */
export function stack<A extends Float32Array | Int32Array>(rows: readonly A[], Kind: new (size: number) => A): A {
  const out = new Kind(rows.reduce((sum, row) => sum + row.length, 0))
  let at = 0
  for (const row of rows) {
    out.set(row, at)
    at += row.length
  }
  return out
}

/** What trials have taken so far in this engine: the best forecast of what the next ones will take. */
import type { BackendName } from '../../tensors/backends/backend.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'

/** Milliseconds of one trial at a number of FLOPs. */
export interface Point {
  flops: number
  ms: number
}

/** Each new batch counts this much: the first one of a kind also loads and compiles. */
const newest = 0.5

export class Timings {
  readonly #points = new Map<string, Point[]>()

  /** By rising FLOPs. */
  of(task: string, kind: string, backend: BackendName): readonly Point[] {
    return this.#points.get(`${task} ${kind} ${backend}`) ?? []
  }

  record(task: string, kind: string, backend: BackendName, flops: number, outcomes: readonly TrialOutcome[]): void {
    const done = outcomes.filter(({ status }) => status === 'done')
    if (done.length === 0) return
    const ms = done.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / done.length
    const points = [...this.of(task, kind, backend)]
    const known = points.find((point) => point.flops === flops)
    if (known) known.ms += newest * (ms - known.ms)
    else points.push({ flops, ms })
    this.#points.set(
      `${task} ${kind} ${backend}`,
      points.sort((a, b) => a.flops - b.flops)
    )
  }
}

/**
 * Milliseconds at some FLOPs from points by rising FLOPs: on the straight line between two of them, beyond the last
 * one on the line of the last two, below the first one as much as there.
 */
export function interpolate(points: readonly Point[], flops: number): number {
  const after = points.findIndex((point) => point.flops >= flops)
  if (after === 0) return points[0].ms
  if (after > 0) return between(points[after - 1], points[after], flops)
  const last = points[points.length - 1]
  const before = points[points.length - 2]
  if (!before) return (last.ms * flops) / last.flops
  return Math.max(last.ms, between(before, last, flops))
}

const between = (a: Point, b: Point, flops: number): number =>
  a.ms + ((b.ms - a.ms) * (flops - a.flops)) / (b.flops - a.flops)

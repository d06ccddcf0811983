/** A search that an optimiser makes for one cell: where it may look, and what it has seen. */
import type { samplers } from './experiment.ts'
import type { AxisValue, Point } from './point.ts'

/** What may be tried of a parameter. */
export type SearchAxis = { name: string } & (
  | { type: 'integer' | 'number'; low: number; high: number; log: boolean }
  | { type: 'choice'; values: readonly AxisValue[] }
)

export interface Search {
  space: readonly SearchAxis[]
  /** In the order in which it was proposed; a score is null where a trial diverged or failed. */
  tried: readonly { values: Point; score: number | null }[]
  direction: 'higher' | 'lower'
  sampler: (typeof samplers)[number]
  seed: number
}

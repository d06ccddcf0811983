/** Whether two computations of the same trial agree: bit by bit, within what backends round differently, or not. */
import type { TrialStatus } from '../shapes/run.ts'

export interface Outcome {
  status: TrialStatus
  metrics: Readonly<Record<string, number>>
}

/** identical: every bit; within: |a - b| <= absolute + relative |a| for every metric; drifted: neither. */
export type Agreement = 'identical' | 'within' | 'drifted'

/** What float32 sums in another order differ by; a wrong gradient or another draw is far outside. */
export const tolerance = { absolute: 1e-6, relative: 1e-4 } as const

export const toleranceText = `|difference| at most ${tolerance.absolute} + ${tolerance.relative} of the value, in every metric`

export interface Comparison {
  agreement: Agreement
  /** The metric that differs most, where any does. */
  worst: { metric: string; before: number | null; after: number | null } | null
}

/** @param before the stored computation; after the new one */
export function compareOutcomes(before: Outcome, after: Outcome): Comparison {
  if (before.status !== after.status)
    return { agreement: 'drifted', worst: { metric: 'status', before: null, after: null } }
  let worst: Comparison['worst'] = null
  let most = -1
  let agreement: Agreement = 'identical'
  for (const metric of new Set([...Object.keys(before.metrics), ...Object.keys(after.metrics)])) {
    const a = Object.hasOwn(before.metrics, metric) ? before.metrics[metric] : null
    const b = Object.hasOwn(after.metrics, metric) ? after.metrics[metric] : null
    if (Object.is(a, b)) continue
    // Zero has two signs and JSON only one.
    const error = a === null || b === null ? Infinity : Math.abs(a - b)
    if (error === 0) continue
    const fits = error <= tolerance.absolute + tolerance.relative * Math.abs(a!)
    if (!fits) agreement = 'drifted'
    else if (agreement === 'identical') agreement = 'within'
    if (error > most) [most, worst] = [error, { metric, before: a, after: b }]
  }
  return { agreement, worst }
}

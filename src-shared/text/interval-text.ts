/** An estimate as people read it: with half of its interval, with both ends where these lie unequally far, or as a limit. */
import { atPrecision, numberText, plusMinus } from './numbers.ts'

export interface Estimate {
  mean: number
  low: number | null
  high: number | null
  n: number
  beyond?: { limit: number; count: number }
}

/** Whether half of the width would say something wrong about either end. */
export const isAsymmetric = ({ mean, low, high }: Pick<Estimate, 'mean' | 'low' | 'high'>): boolean =>
  low !== null && high !== null && Math.abs(high - mean - (mean - low)) > 0.01 * (high - low)

/**
 * `0.912 ± 0.014`, `0.98 [0.89, 1.00]`, `0.98` without an interval, `> 20` where no trial got there.
 * @param size how large the numbers are of which this is a mean, where that is known: what is nothing beside it is 0
 */
export function intervalText(estimate: Estimate, size = Math.abs(estimate.mean)): string {
  const { mean, low, high, n, beyond } = estimate
  if (beyond?.count === n) return `> ${numberText(beyond.limit)}`
  if (low === null || high === null) return plusMinus(mean, null, size)
  const half = (high - low) / 2
  if (!isAsymmetric(estimate)) return plusMinus(mean, half, size)
  const [centre, from, to] = [mean, low, high].map((value) => numberText(atPrecision(value, size), half))
  return `${centre} [${from}, ${to}]`
}

/** `20`, or `20, 3 > 400`: how many trials, and how many of them beyond the limit. */
export const countText = ({ n, beyond }: Pick<Estimate, 'n' | 'beyond'>): string =>
  beyond && beyond.count < n ? `${n}, ${beyond.count} > ${numberText(beyond.limit)}` : String(n)

/** The number of trials that all estimates of a table have: said once for all. */
export const commonCount = (estimates: readonly Pick<Estimate, 'n'>[]): number | undefined =>
  new Set(estimates.map(({ n }) => n)).size === 1 ? estimates[0].n : undefined

/** ` (20)`, ` (20, 3 > 400, 1 failed)`; nothing where it is what its table says of all. */
export function countNote(
  estimate: Pick<Estimate, 'n' | 'beyond'>,
  common?: number,
  lost: readonly string[] = []
): string {
  const text = [countText(estimate), ...lost].join(', ')
  return text === String(common) ? '' : ` (${text})`
}

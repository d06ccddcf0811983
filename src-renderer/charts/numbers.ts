/** Measured numbers with their interval, as text. */
import { numberText } from '../../src-shared/report/number-text.ts'

/** `0.912 ± 0.014`: both with the digits that the interval supports; the mean alone when there is none. */
export function plusMinus(mean: number, half: number | undefined): string {
  if (half === undefined) return numberText(mean)
  // Equal values leave rounding noise for a half-width.
  if (half < 1e-12 * Math.abs(mean)) return `${numberText(mean)} ± 0`
  return `${numberText(mean, half)} ± ${numberText(half, half)}`
}

/** Half the width of an interval around its mean, or undefined without one. */
export function halfWidth(point: { low?: number | null; high?: number | null }): number | undefined {
  return typeof point.low === 'number' && typeof point.high === 'number' ? (point.high - point.low) / 2 : undefined
}

/** Measured numbers as text: as many digits as the interval supports, no more. */

/** Four significant digits; very large and very small ones in exponential form. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) return value.toExponential(2).replace('e+', 'e')
  return String(Number(value.toPrecision(4)))
}

/** `0.912 ± 0.014`: the half-width to two significant digits, the mean to the same decimal place. */
export function plusMinus(mean: number, half: number | undefined): string {
  if (half === undefined) return numberText(mean)
  if (half === 0) return `${numberText(mean)} ± 0`
  const largest = Math.max(Math.abs(mean), half)
  if (largest >= 1e6 || largest < 1e-4)
    return `${mean.toExponential(2)} ± ${half.toExponential(1)}`.replaceAll('e+', 'e')
  const decimals = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(half))))
  return `${mean.toFixed(decimals)} ± ${half.toFixed(decimals)}`
}

/** Half the width of an interval around its mean, or undefined without one. */
export function halfWidth(point: { low?: number | null; high?: number | null }): number | undefined {
  return typeof point.low === 'number' && typeof point.high === 'number' ? (point.high - point.low) / 2 : undefined
}

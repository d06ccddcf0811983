/** Numbers as people read them in a table: enough digits to see the uncertainty, no more. */

/**
 * A number as text. With `uncertainty` it has as many decimals as two significant digits of the uncertainty need;
 * without, four significant digits. Very large and very small numbers in scientific notation.
 */
export function numberText(value: number, uncertainty?: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (value !== 0 && (size >= 1e6 || size < 1e-4)) return value.toExponential(2)
  const reference = uncertainty !== undefined && uncertainty > 0 ? uncertainty : undefined
  const decimals =
    reference === undefined
      ? size === 0
        ? 0
        : 3 - Math.floor(Math.log10(size))
      : 1 - Math.floor(Math.log10(reference))
  const text = value.toFixed(Math.min(Math.max(decimals, 0), 6))
  return reference === undefined && text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

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

/** Numbers as trackers write them: one place that knows every way of writing what is no finite number. */

/** MLflow's columns cannot hold infinity; it stores the largest double instead. */
const storedInfinity = Number.MAX_VALUE

/**
 * A measured value: finite, or NaN for whatever a tracker writes for NaN and the infinities.
 * @returns undefined for what is no number at all, an empty cell included
 */
export function measured(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.abs(value) < storedInfinity ? value : NaN
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^[-+]?(nan|inf|infinity|1\.#inf|1\.#qnan|∞)$/i.test(text)) return NaN
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return undefined
  return measured(Number(text))
}

/** A curve's last value, which is its metric: none where it ended in what is no finite number. */
export const finalValue = (y: readonly number[]): number | undefined =>
  Number.isFinite(y.at(-1)) ? y.at(-1) : undefined

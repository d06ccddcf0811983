/** A power law through a curve. */
import { StudioError } from '../shapes/errors.ts'
import { tCritical } from './interval.ts'
import { mean } from './numbers.ts'

export interface PowerLaw {
  /** y = factor * x^exponent */
  factor: number
  exponent: number
  /** Student-t interval of the exponent; null with only two points. */
  low: number | null
  high: number | null
  /** Share of the variance of log y that the line explains. */
  r2: number
  n: number
}

/**
 * Least squares of log y on log x: log y = log a + b log x.
 * @throws StudioError bad-input unless there are two different x and all values are above zero
 */
export function powerLaw(xs: readonly number[], ys: readonly number[], level = 0.95): PowerLaw {
  const n = xs.length
  if (n !== ys.length || n < 2) throw new StudioError('bad-input', 'A power law needs at least two points.')
  if (![...xs, ...ys].every((value) => value > 0 && Number.isFinite(value)))
    throw new StudioError('bad-input', 'A power law needs values above zero on both axes.')
  const [u, v] = [xs.map(Math.log), ys.map(Math.log)]
  const [mu, mv] = [mean(u), mean(v)]
  const sxx = u.reduce((sum, x) => sum + (x - mu) ** 2, 0)
  if (sxx === 0) throw new StudioError('bad-input', 'A power law needs two different values on its x axis.')
  const exponent = u.reduce((sum, x, i) => sum + (x - mu) * (v[i] - mv), 0) / sxx
  const intercept = mv - exponent * mu
  const residual = u.reduce((sum, x, i) => sum + (v[i] - intercept - exponent * x) ** 2, 0)
  const total = v.reduce((sum, y) => sum + (y - mv) ** 2, 0)
  const half = n > 2 ? tCritical(n - 2, level) * Math.sqrt(residual / (n - 2) / sxx) : null
  return {
    factor: Math.exp(intercept),
    exponent,
    low: half === null ? null : exponent - half,
    high: half === null ? null : exponent + half,
    r2: total === 0 ? 1 : 1 - residual / total,
    n
  }
}

/**
 * The variance of a quantity over a grid of parameters, in parts: of each parameter alone, of each pair beyond that, of all
 * higher interactions together. Source: Hutter, Hoos & Leyton-Brown (2014), functional ANOVA; Sobol (1993); Fisher (1925).
 */
import { StudioError } from '../shapes/errors.ts'

export interface VariancePart {
  /** Indices of the factors, one or two; empty for all higher interactions together. */
  factors: readonly number[]
  /** Share of the variance over the grid, 0 to 1; all parts together are 1 where anything varies. */
  share: number
  /** Share of what is left when the part that the spread between seeds explains is taken off; null without such a spread. */
  corrected: number | null
}

/**
 * With f the mean over seeds at a point of the grid, the points weighing alike, and f_U the mean over all factors but U,
 *
 *   V_U = mean of (sum over W in U of (-1)^|U - W| f_W)²,   share = V_U / sum of all V
 *
 * and corrected, with s² / n the variance of a point's mean from its seeds and d_U the degrees of freedom of U among the P
 * points, V_U - (d_U / P) s² / n in place of V_U, not below zero.
 * @param levels how many levels each factor has
 * @param values of every point, the last factor changing fastest
 * @param noise s² / n; null where it is not known
 * @throws StudioError bad-input for a grid that is not full
 */
export function varianceParts(
  levels: readonly number[],
  values: readonly number[],
  noise: number | null
): VariancePart[] {
  const points = levels.reduce((product, n) => product * n, 1)
  if (values.length !== points || points < 2 || !values.every(Number.isFinite))
    throw new StudioError('bad-input', 'Interactions need a value at every point of the grid.')
  const centre = values.reduce((sum, x) => sum + x, 0) / points
  const size = Math.max(...values.map((x) => Math.abs(x - centre)))
  // In units of the largest deviation: squares neither overflow nor vanish.
  const f = values.map((x) => (size === 0 ? 0 : (x - centre) / size))
  const strides = levels.map((_, i) => levels.slice(i + 1).reduce((product, n) => product * n, 1))
  const level = (point: number, factor: number): number => Math.floor(point / strides[factor]) % levels[factor]
  /** Means over all factors but these, by the number of their levels together. */
  const means = (factors: readonly number[]): { at: (point: number) => number; of: Float64Array } => {
    const at = (point: number): number =>
      factors.reduce((own, factor) => own * levels[factor] + level(point, factor), 0)
    const count = factors.reduce((product, factor) => product * levels[factor], 1)
    const of = new Float64Array(count)
    f.forEach((x, point) => (of[at(point)] += (x * count) / points))
    return { at, of }
  }
  const indices = levels.map((_, i) => i).filter((i) => levels[i] > 1)
  const mains = new Map(indices.map((i) => [i, means([i])]))
  const meanSquare = (part: (point: number) => number): number =>
    f.reduce((sum, _, point) => sum + part(point) ** 2, 0) / points
  const alone = indices.map((i) => ({
    factors: [i],
    variance: meanSquare((point) => mains.get(i)!.of[level(point, i)]),
    degrees: levels[i] - 1
  }))
  const pairs = indices.flatMap((i, at) =>
    indices.slice(at + 1).map((j) => {
      const both = means([i, j])
      return {
        factors: [i, j],
        variance: meanSquare(
          (point) => both.of[both.at(point)] - mains.get(i)!.of[level(point, i)] - mains.get(j)!.of[level(point, j)]
        ),
        degrees: (levels[i] - 1) * (levels[j] - 1)
      }
    })
  )
  const total = meanSquare((point) => f[point])
  const known = [...alone, ...pairs]
  const higher = {
    factors: [],
    // What rounding leaves of nothing is nothing.
    variance: indices.length < 3 ? 0 : Math.max(0, total - known.reduce((sum, { variance }) => sum + variance, 0)),
    degrees: points - 1 - known.reduce((sum, { degrees }) => sum + degrees, 0)
  }
  const parts = indices.length < 3 ? known : [...known, higher]
  const error = noise === null || size === 0 ? null : noise / size / size
  const left = parts.map(({ variance, degrees }) => Math.max(0, variance - ((error ?? 0) * degrees) / points))
  const whole = left.reduce((sum, x) => sum + x, 0)
  return parts.map(({ factors, variance }, i) => ({
    factors,
    share: total > 0 ? variance / total : 0,
    corrected: error === null ? null : whole > 0 ? left[i] / whole : 0
  }))
}

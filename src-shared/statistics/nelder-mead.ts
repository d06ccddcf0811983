/**
 * Nelder and Mead's simplex search within bounds, from several starts.
 *
 * A bounded x = low + (high - low) (1 + sin u)/2 is searched over u without bounds, so that every point tried is inside.
 * Source: Nelder & Mead (1965); coefficients by dimension after Gao & Han (2012).
 */
import type { Uniform } from './random.ts'

export interface Bound {
  min: number
  max: number
}

export interface Minimum {
  x: number[]
  value: number
  evaluations: number
  /** The simplex had shrunk to a point before the evaluations were used up. */
  converged: boolean
}

export interface SearchOptions {
  evaluations?: number
  /** The search ends when the values at the simplex differ by less than this, absolutely. */
  tolerance?: number
}

/** @param f to be minimised; NaN counts as Infinity */
export function nelderMead(
  f: (x: number[]) => number,
  start: readonly number[],
  bounds: readonly Bound[],
  { evaluations = 400 * start.length, tolerance = 1e-8 }: SearchOptions = {}
): Minimum {
  const n = start.length
  const inside = (u: readonly number[]): number[] =>
    u.map((v, i) => bounds[i].min + ((bounds[i].max - bounds[i].min) * (1 + Math.sin(v))) / 2)
  let used = 0
  const at = (u: number[]): { u: number[]; value: number } => {
    used++
    const value = f(inside(u))
    return { u, value: Number.isNaN(value) ? Infinity : value }
  }
  const origin = start.map((x, i) => {
    const { min, max } = bounds[i]
    const share = max > min ? (2 * (x - min)) / (max - min) - 1 : 0
    // At a bound the sine is flat: begin a little inside.
    return Math.asin(Math.min(0.98, Math.max(-0.98, share)))
  })
  const simplex = [at(origin), ...origin.map((_, i) => at(origin.map((v, j) => (i === j ? v + 0.4 : v))))]
  const [expand, contract, shrink] = [1 + 2 / n, 0.75 - 1 / (2 * n), n > 1 ? 1 - 1 / n : 0.5]
  let converged = false
  while (used < evaluations) {
    simplex.sort((a, b) => a.value - b.value)
    const [best, worst] = [simplex[0], simplex[n]]
    if (worst.value - best.value <= tolerance && spread(simplex) < 1e-4) {
      converged = true
      break
    }
    const centre = origin.map((_, j) => simplex.slice(0, n).reduce((s, p) => s + p.u[j], 0) / n)
    const along = (t: number): { u: number[]; value: number } => at(centre.map((c, j) => c + t * (worst.u[j] - c)))
    const reflected = along(-1)
    if (reflected.value < best.value) {
      const expanded = along(-expand)
      simplex[n] = expanded.value < reflected.value ? expanded : reflected
    } else if (reflected.value < simplex[n - 1].value) simplex[n] = reflected
    else {
      const inner = along(reflected.value < worst.value ? -contract : contract)
      if (inner.value < Math.min(reflected.value, worst.value)) simplex[n] = inner
      else
        for (let i = 1; i <= n; i++) simplex[i] = at(simplex[i].u.map((v, j) => best.u[j] + shrink * (v - best.u[j])))
    }
  }
  const best = simplex.reduce((a, b) => (b.value < a.value ? b : a))
  return { x: inside(best.u), value: best.value, evaluations: used, converged }
}

const spread = (simplex: readonly { u: number[] }[]): number =>
  Math.max(...simplex[0].u.map((_, j) => Math.max(...simplex.map(({ u }) => Math.abs(u[j] - simplex[0].u[j])))))

/**
 * The best of several searches: the first from `start` where one is given, the others from points drawn within the
 * bounds; the best is then searched once more from where it ended, which frees a simplex that had collapsed.
 */
export function multiStart(
  f: (x: number[]) => number,
  bounds: readonly Bound[],
  {
    starts,
    uniform,
    start,
    ...options
  }: SearchOptions & { starts: number; uniform: Uniform; start?: readonly number[] }
): Minimum {
  const drawn = (): number[] => bounds.map(({ min, max }) => min + (max - min) * uniform())
  let best: Minimum | undefined
  let evaluations = 0
  const search = (from: readonly number[]): void => {
    const found = nelderMead(f, from, bounds, options)
    evaluations += found.evaluations
    if (!best || found.value < best.value) best = found
  }
  for (let i = 0; i < starts; i++) search(i === 0 && start ? start : drawn())
  search(best!.x)
  return { ...best!, evaluations }
}

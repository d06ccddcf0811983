/**
 * Differential evolution within bounds: a population of points, each of which is challenged in every generation by a
 * cross of itself with a mutant, and gives way to a challenger that is no worse.
 *
 *   mutant v = x_r1 + F (x_r2 - x_r3),  r1, r2, r3 and the challenged i all different,  F drawn anew from [.5, 1)
 *   trial  u_j = v_j with probability CR, and for one j always; else x_ij
 *
 * (DE/rand/1/bin with dither; a winner takes its place at once.) A component of v out of bounds is put half-way between
 * that of x_i and the bound. Source: R. Storn & K. Price (1997), Differential evolution: a simple and efficient heuristic
 * for global optimization over continuous spaces; dither and bounds after Price, Storn & Lampinen (2005).
 */
import type { Bound, Minimum } from './nelder-mead.ts'
import type { Uniform } from './random.ts'

export interface EvolutionOptions {
  uniform: Uniform
  /** One of the first population; the others are drawn within the bounds. */
  start?: readonly number[]
  /** Members of the population for each parameter, at least 4 members in all. */
  members?: number
  /** CR. */
  crossover?: number
  evaluations?: number
  /** It ends when the values of all members differ by no more than this, absolutely. */
  tolerance?: number
}

/** @param f to be minimised; NaN counts as Infinity */
export function differentialEvolution(
  f: (x: number[]) => number,
  bounds: readonly Bound[],
  {
    uniform,
    start,
    members = 10,
    crossover = 0.9,
    evaluations = 2000 * bounds.length,
    tolerance = 1e-8
  }: EvolutionOptions
): Minimum {
  const n = bounds.length
  const size = Math.max(4, Math.round(members * n))
  let used = 0
  const valueOf = (x: number[]): number => {
    used++
    const value = f(x)
    return Number.isNaN(value) ? Infinity : value
  }
  const drawn = (): number[] => bounds.map(({ min, max }) => min + (max - min) * uniform())
  const points = Array.from({ length: size }, (_, i) => (i === 0 && start ? [...start] : drawn()))
  const values = points.map(valueOf)
  const another = (...not: number[]): number => {
    for (;;) {
      const r = Math.floor(uniform() * size)
      if (!not.includes(r)) return r
    }
  }
  let converged = false
  while (used < evaluations) {
    if (Math.max(...values) - Math.min(...values) <= tolerance) {
      converged = true
      break
    }
    for (let i = 0; i < size; i++) {
      const x = points[i]
      const r1 = another(i)
      const r2 = another(i, r1)
      const [from, one, other] = [points[r1], points[r2], points[another(i, r1, r2)]]
      const weight = 0.5 + 0.5 * uniform()
      const always = Math.floor(uniform() * n)
      const trial = x.map((own, j) => {
        if (uniform() >= crossover && j !== always) return own
        const mutant = from[j] + weight * (one[j] - other[j])
        const { min, max } = bounds[j]
        if (mutant < min) return (own + min) / 2
        return mutant > max ? (own + max) / 2 : mutant
      })
      const value = valueOf(trial)
      if (value <= values[i]) {
        points[i] = trial
        values[i] = value
      }
    }
  }
  const best = values.indexOf(Math.min(...values))
  return { x: points[best], value: values[best], evaluations: used, converged }
}

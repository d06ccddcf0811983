/** How one item is chosen from the activations: by Luce's rule, or by a race of leaky, competing accumulators. */

export interface Luce {
  kind: 'luce'
  /** Sensitivity: large tau = choice by chance. */
  tau: number
  /** Probability of stopping after k recalls: X1 exp(X2 k), kept within [1e-6, 1 - 1e-6]. */
  stopBase: number
  stopGrowth: number
}

export interface Race {
  kind: 'accumulator'
  /** Leak. */
  kappa: number
  /** Inhibition between items. */
  lambda: number
  /** Noise. */
  eta: number
  /** Time constant and time step, ms. */
  tau: number
  dt: number
}
export type Decision = Luce | Race

/** Accumulators decide at this value; one that belongs to an item already recalled is set back to `restart`. */
const threshold = 1
const restart = 0.95

/**
 * Luce's choice rule over the items not excluded.
 *
 *   p_j = exp(2 a_j / tau) / sum_k exp(2 a_k / tau)
 *
 * @param a [items]
 * @returns [items], 0 for an excluded item; all 0 when every item is excluded
 */
export function luce(a: Float64Array, tau: number, excluded: (item: number) => boolean): Float64Array {
  const p = new Float64Array(a.length)
  let most = -Infinity
  for (let j = 0; j < a.length; j++) if (!excluded(j)) most = Math.max(most, a[j])
  let sum = 0
  for (let j = 0; j < a.length; j++) if (!excluded(j)) sum += p[j] = Math.exp((2 * (a[j] - most)) / tau)
  if (sum > 0) for (let j = 0; j < a.length; j++) p[j] /= sum
  return p
}

/** The probability of ending recall after k items: X1 exp(X2 k), within [1e-6, 1 - 1e-6]. */
export const stopProbability = (k: number, base: number, growth: number): number =>
  Math.min(1 - 1e-6, Math.max(1e-6, base * Math.exp(growth * k)))

export interface RaceResult {
  /** The item that crossed first, or -1. */
  winner: number
  /** Steps used, from 1. */
  step: number
  /** [items] */
  accumulators: Float64Array
}

/**
 * A race of accumulators from zero, until an item that was not yet recalled crosses 1 or the steps are used up.
 *
 *   x_j <- max(0, x_j + (a_j - kappa x_j - lambda sum_{k != j} x_k) dt/tau + e_j)
 *
 * Of several that cross at once the largest wins, then the lowest index.
 * @param a [items]
 * @param noise draws e, `items` for each step, scaled by `scale` (eta sqrt(dt/tau) for standard normal draws)
 * @param from index in `noise` of the first step's draws
 * Source: Usher & McClelland (2001); Sederberg, Howard & Kahana (2008); Polyn, Norman & Kahana (2009).
 */
export function race(
  a: Float64Array,
  { kappa, lambda, dt, tau }: Pick<Race, 'kappa' | 'lambda' | 'dt' | 'tau'>,
  recalled: ArrayLike<number | boolean>,
  noise: ArrayLike<number>,
  scale: number,
  from: number,
  steps: number
): RaceResult {
  const n = a.length
  const x = new Float64Array(n)
  const rate = dt / tau
  for (let step = 1, at = from; step <= steps; step++) {
    let sum = 0
    for (let j = 0; j < n; j++) sum += x[j]
    let winner = -1
    for (let j = 0; j < n; j++, at++) {
      const next = x[j] + (a[j] - kappa * x[j] - lambda * (sum - x[j])) * rate + scale * noise[at]
      x[j] = next > 0 ? next : 0
      if (x[j] < threshold) continue
      if (recalled[j]) x[j] = restart
      else if (winner < 0 || x[j] > x[winner]) winner = j
    }
    if (winner >= 0) return { winner, step, accumulators: x }
  }
  return { winner: -1, step: steps, accumulators: x }
}

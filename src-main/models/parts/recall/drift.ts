/** How the input to a context changes it. */

/** exact: rho is one number, so that |c| stays 1; elementwise: a compatibility form that replaces c·c_in by products. */
export const rhoNames = ['exact', 'elementwise'] as const
export type Rho = (typeof rhoNames)[number]

/**
 * Context drift, in place.
 *
 *   c <- rho c + beta c_in,   |c| = |c_in| = 1,   rho = sqrt(1 + beta^2 ((c·c_in)^2 - 1)) - beta (c·c_in)
 *
 * elementwise: rho_j from c_j c_in,j in place of c·c_in, then c <- c / |c|. A published code base has this form; it is
 * not the drift of TCM.
 * @param c [units], of unit length; of length 0 it takes the input as it is
 * @param input [units], of any length: it is made unit length; of length 0 nothing drifts
 * Source: Howard & Kahana (2002), A distributed representation of temporal context, eq. 14.
 */
export function drift(c: Float64Array, input: Float64Array, beta: number, form: Rho = 'exact'): void {
  const length = norm(input)
  if (length === 0) return
  if (norm(c) === 0) {
    for (let j = 0; j < c.length; j++) c[j] = input[j] / length
    return
  }
  if (form === 'exact') {
    let overlap = 0
    for (let j = 0; j < c.length; j++) overlap += c[j] * (input[j] / length)
    const rho = rhoOf(overlap, beta)
    for (let j = 0; j < c.length; j++) c[j] = rho * c[j] + (beta * input[j]) / length
    return
  }
  for (let j = 0; j < c.length; j++) {
    const into = input[j] / length
    c[j] = rhoOf(c[j] * into, beta) * c[j] + beta * into
  }
  const whole = norm(c)
  for (let j = 0; j < c.length; j++) c[j] /= whole
}

/** The share of the old context that keeps the new one at unit length. */
export const rhoOf = (overlap: number, beta: number): number =>
  Math.sqrt(1 + beta * beta * (overlap * overlap - 1)) - beta * overlap

export function norm(x: Float64Array): number {
  let sum = 0
  for (let j = 0; j < x.length; j++) sum += x[j] * x[j]
  return Math.sqrt(sum)
}

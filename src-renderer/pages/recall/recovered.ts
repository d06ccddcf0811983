/** How well parameters are recovered. */

export interface Recovered {
  pairs: { truth: number; found: number }[]
  /** Pearson's correlation; undefined when either side does not vary. */
  r: number | undefined
  /** Mean of found minus true. */
  bias: number
  rmse: number
}

export function recovered(pairs: readonly { truth: number; found: number }[]): Recovered {
  const n = pairs.length
  const mean = (of: (pair: (typeof pairs)[number]) => number): number => pairs.reduce((s, p) => s + of(p), 0) / n
  const [mt, mf] = [mean((p) => p.truth), mean((p) => p.found)]
  const [st, sf, both] = [
    mean((p) => (p.truth - mt) ** 2),
    mean((p) => (p.found - mf) ** 2),
    mean((p) => (p.truth - mt) * (p.found - mf))
  ]
  return {
    pairs: [...pairs],
    r: st > 0 && sf > 0 ? both / Math.sqrt(st * sf) : undefined,
    bias: mf - mt,
    rmse: Math.sqrt(mean((p) => (p.found - p.truth) ** 2))
  }
}

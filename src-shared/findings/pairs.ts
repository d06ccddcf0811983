/** Pairing by seed: two models that met the same data are compared trial by trial. */
import type { CellResult } from '../shapes/run.ts'
import { doneValues } from './summary.ts'

export interface Pairs {
  seeds: number[]
  a: number[]
  b: number[]
  /** Seeds that only one of the two finished: left out, and said. */
  unmatched: number[]
}

/** The values of a metric in two cells, matched by seed, in the order of the first. */
export function pairBySeed(first: CellResult, second: CellResult, metric: string): Pairs {
  const [one, two] = [doneValues(first, metric), doneValues(second, metric)]
  const other = new Map(two.seeds.map((seed, i) => [seed, two.values[i]]))
  const pairs: Pairs = { seeds: [], a: [], b: [], unmatched: [] }
  for (const [i, seed] of one.seeds.entries()) {
    const b = other.get(seed)
    if (b === undefined) {
      pairs.unmatched.push(seed)
      continue
    }
    pairs.seeds.push(seed)
    pairs.a.push(one.values[i])
    pairs.b.push(b)
    other.delete(seed)
  }
  pairs.unmatched.push(...other.keys())
  return pairs
}

/**
 * Transitions between successive recalls. A transition counts only if both items are still in the pool of what can be
 * recalled: intrusions and repeats make no transition, neither to them nor from them.
 */

export interface Transition {
  /** Place in the whole sequence of recalls from which it goes: 1 for the transition out of the first. */
  output: number
  from: number
  to: number
  /** Serial positions that could have come instead of `to`, `to` included. */
  possible: readonly number[]
}

/**
 * @param recalled serial positions (1-based) in the order of recall, 0 for an intrusion
 * @param length items in the list
 */
export function transitions(recalled: readonly number[], length: number): Transition[] {
  const pool = new Set(Array.from({ length }, (_, i) => i + 1))
  const out: Transition[] = []
  let from = 0
  for (const [output, to] of recalled.entries()) {
    if (!pool.has(to)) {
      from = 0
      continue
    }
    if (from) out.push({ output, from, to, possible: [...pool] })
    pool.delete(to)
    from = to
  }
  return out
}

/** How often each lag -(length-1)..length-1 happened, and how often it could have. Index = lag + length - 1. */
export function lagCounts(
  all: readonly Omit<Transition, 'output'>[],
  length: number
): { actual: number[]; possible: number[] } {
  const actual = new Array<number>(2 * length - 1).fill(0)
  const possible = [...actual]
  for (const { from, to, possible: pool } of all) {
    actual[to - from + length - 1]++
    for (const other of pool) possible[other - from + length - 1]++
  }
  return { actual, possible }
}

/**
 * Percentile rank of one transition: the share of the other possible ones that are worse, ties counted half.
 * 1 = the best possible, 0 = the worst; undefined when there was only one.
 * @param merit of going from one position to another; larger is better (closer in time, more similar)
 */
export function transitionRank(
  t: Omit<Transition, 'output'>,
  merit: (from: number, to: number) => number
): number | undefined {
  if (t.possible.length < 2) return undefined
  const own = merit(t.from, t.to)
  let worse = 0
  for (const other of t.possible) {
    if (other === t.to) continue
    const its = merit(t.from, other)
    if (its < own) worse++
    else if (its === own) worse += 0.5
  }
  return worse / (t.possible.length - 1)
}

/** Closeness in time: the negative absolute lag. */
export const temporalMerit = (from: number, to: number): number => -Math.abs(to - from)

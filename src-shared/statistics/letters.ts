/**
 * Letters that say which of several models cannot be told apart (compact letter display): two models share a letter if
 * and only if they are not significantly different. The letters are the maximal sets of mutually not different models.
 * Source: Piepho (2004), An algorithm for a letter-based representation of all-pairwise comparisons.
 */

/**
 * @param n models, best first
 * @param different whether models i and j differ significantly; asked once per pair, i < j
 * @returns for each model its letters in rising order: `a`, `ab`, `b`; the 27th letter is `a1`
 */
export function letterGroups(n: number, different: (i: number, j: number) => boolean): string[] {
  let sets: ReadonlySet<number>[] = [new Set(Array.from({ length: n }, (_, i) => i))]
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      if (!different(i, j)) continue
      // A set that holds both becomes two: one without each. Sets that lie within others say nothing new.
      const split = sets.flatMap((set) => (set.has(i) && set.has(j) ? [without(set, i), without(set, j)] : [set]))
      sets = split.filter(
        (set, k) =>
          !split.some(
            (other, l) => l !== k && [...set].every((item) => other.has(item)) && (set.size < other.size || l < k)
          )
      )
    }
  const first = (set: ReadonlySet<number>): number => Math.min(...set)
  const ordered = sets.sort((a, b) => first(a) - first(b) || Math.max(...a) - Math.max(...b))
  return Array.from({ length: n }, (_, i) => ordered.flatMap((set, k) => (set.has(i) ? [letter(k)] : [])).join(''))
}

const without = (set: ReadonlySet<number>, item: number): ReadonlySet<number> =>
  new Set([...set].filter((other) => other !== item))

const letter = (k: number): string => String.fromCharCode(97 + (k % 26)) + (k < 26 ? '' : String(Math.floor(k / 26)))

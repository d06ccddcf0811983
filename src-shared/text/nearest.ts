/** How far words are apart, and the nearest name to one that is misspelt. */

/**
 * Letters to add, drop, exchange or swap with the next to come from one word to the other (restricted Damerau-Levenshtein).
 */
export function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1)
    }
    rows.push(row)
  }
  return rows[a.length][b.length]
}

/** The known name that differs least, in any case, where it differs in less than half of its letters; the first of equals. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase().slice(0, 100)
  const near = known.map((one) => ({ one, off: distance(wanted, one.toLowerCase().slice(0, 100)) }))
  const best = near.reduce<(typeof near)[number] | undefined>((a, b) => (a && a.off <= b.off ? a : b), undefined)
  return best && best.off <= Math.max(wanted.length, best.one.length) / 2 ? best.one : undefined
}

/** Labels beside each other along a line: where one would lie over its neighbour, it goes into the next row. */
export function labelRows(labels: readonly { centre: number; width: number }[], gap = 6): number[] {
  const rows: number[] = []
  const ends: number[] = []
  for (const [i, { centre, width }] of [...labels.entries()].sort(([, a], [, b]) => a.centre - b.centre)) {
    const free = ends.findIndex((end) => end + gap <= centre - width / 2)
    const row = free < 0 ? ends.length : free
    ends[row] = centre + width / 2
    rows[i] = row
  }
  return rows
}

/** Pictures that were stored and what came back, as heat maps. */
import type { Trace } from '../../models/model.ts'

/**
 * Three heat maps per picture: stored, retrieved, and retrieved minus stored.
 * @param stored, retrieved [B * count * rows * columns]
 */
export function pictureTraces(
  names: readonly string[],
  stored: ArrayLike<number>,
  retrieved: ArrayLike<number>,
  rows: number,
  columns: number
): Trace[] {
  const d = rows * columns
  const size = names.length * d
  const batch = stored.length / size
  return names.flatMap((name, p) => {
    const kinds: [string, (i: number) => number][] = [
      ['stored', (i) => stored[i]],
      ['retrieved', (i) => retrieved[i]],
      ['difference', (i) => retrieved[i] - stored[i]]
    ]
    return kinds.map(([kind, value]) => ({
      name: `${name}/${kind}`,
      title: `${name[0].toUpperCase()}${name.slice(1)}: ${kind}`,
      kind: 'heatmap' as const,
      axes: ['Row', 'Column'],
      perTrial: Array.from({ length: batch }, (_, b) => ({
        shape: [rows, columns],
        data: Array.from({ length: d }, (_, k) => value(b * size + p * d + k))
      }))
    }))
  })
}

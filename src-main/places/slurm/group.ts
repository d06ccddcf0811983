/** Batches grouped into tasks that take about as long as one another. */
import type { Cut } from '../../engine/protocol.ts'

/** A trial takes time even where its arithmetic is nothing: about that of so many FLOPs. */
const overheadFlops = 1e6

/** Array tasks where nobody says how many. */
const usualTasks = 100

export const tasksFor = (batches: number, wanted: number | undefined): number =>
  Math.max(1, Math.min(batches, wanted ?? usualTasks))

/**
 * The longest first, each to the group that has least: no group takes more than 4/3 of the best division's (Graham 1969).
 * @returns for each group the places of its cuts
 */
export function grouped(cuts: readonly Pick<Cut, 'flops' | 'seeds'>[], groups: number): number[][] {
  const weights = cuts.map(({ flops, seeds }) => flops + overheadFlops * seeds.length)
  const all = Array.from({ length: groups }, () => ({ weight: 0, places: [] as number[] }))
  const order = [...cuts.keys()].sort((a, b) => weights[b] - weights[a] || a - b)
  for (const place of order) {
    const least = all.reduce((best, one) => (one.weight < best.weight ? one : best))
    least.weight += weights[place]
    least.places.push(place)
  }
  return all.filter(({ places }) => places.length).map(({ places }) => places.sort((a, b) => a - b))
}

/** Runs of any size, read by answers of a limited one. */
import type { Run } from '../shapes/run.ts'

/** Trials that one answer is about: it is read quickly, and what others ask is answered in between. */
export const partTrials = { results: 50_000, series: 5000 } as const

export type Sized = Pick<Run, 'id' | 'trials' | 'seeds'>

/** What one call asks for: all of some runs, or some cells of one. */
export interface Part {
  ids: string[]
  cells?: { from: number; count: number }
}

/** Small runs together, large ones by stretches of their cells. @param trials of one part, if no cell has more */
export function* partsOf(runs: readonly Sized[], trials: number): Generator<Part> {
  let [ids, sum]: [string[], number] = [[], 0]
  for (const run of runs) {
    if (ids.length && sum + run.trials > trials) {
      yield { ids }
      ;[ids, sum] = [[], 0]
    }
    if (run.trials > trials) {
      const count = Math.max(1, Math.floor(trials / run.seeds))
      for (let from = 0; from * run.seeds < run.trials; from += count) yield { ids: [run.id], cells: { from, count } }
    } else {
      ids.push(run.id)
      sum += run.trials
    }
  }
  if (ids.length) yield { ids }
}

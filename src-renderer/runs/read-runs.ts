/** Runs with what they measured, as every page that shows results reads them. */
import type { RunPredictions } from '../../src-shared/figures/overlays.ts'
import type { CellResult, Run, SeriesResult } from '../../src-shared/shapes/run.ts'
import { partsOf, partTrials, type Part, type Sized } from '../../src-shared/contract/parts.ts'
import { ask } from '../state/ask.ts'

export interface RunHead {
  run: Run
  predictions: RunPredictions
}

/** A run without its numbers. @throws StudioError not-found where it is no longer there */
export async function readHead(id: string): Promise<RunHead> {
  const [run, registered] = await Promise.all([ask('runs.get', { id }), ask('runs.predictions', { id })])
  return { run, predictions: { runId: id, registered } }
}

export interface RunResults {
  runs: readonly Run[]
  cells: readonly CellResult[]
  predictions: readonly RunPredictions[]
}

/** @throws StudioError not-found where one of them is no longer there */
export async function readRuns(ids: readonly string[]): Promise<RunResults> {
  const heads = await Promise.all(ids.map(readHead))
  const runs = heads.map(({ run }) => run)
  return { runs, predictions: heads.map(({ predictions }) => predictions), cells: await readResults(runs) }
}

/** The numbers of all cells. */
export const readResults = (runs: readonly Sized[]): Promise<CellResult[]> =>
  inParts(runs, partTrials.results, (part) => ask('runs.results', part))

/** The curves of these series. */
export async function readSeries(runs: readonly Sized[], names: readonly string[]): Promise<SeriesResult[]> {
  const read = (name: string): Promise<SeriesResult[]> =>
    inParts(runs, partTrials.series, (part) => ask('runs.series', { ...part, name }))
  return (await Promise.all(names.map(read))).flat()
}

async function inParts<T>(
  runs: readonly Sized[],
  trials: number,
  read: (part: Part) => Promise<readonly T[]>
): Promise<T[]> {
  const all: T[] = []
  for (const part of partsOf(runs, trials)) for (const one of await read(part)) all.push(one)
  return all
}

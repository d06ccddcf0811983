/** Runs with what they measured, as every page that shows results reads them. */
import type { RunPredictions } from '../../src-shared/figures/overlays.ts'
import type { CellResult, Run, SeriesResult } from '../../src-shared/shapes/run.ts'
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
  const [heads, cells] = await Promise.all([
    Promise.all(ids.map(readHead)),
    ids.length ? ask('runs.results', { ids: [...ids] }) : []
  ])
  return { runs: heads.map(({ run }) => run), predictions: heads.map(({ predictions }) => predictions), cells }
}

/** The curves of these series. */
export async function readSeries(ids: readonly string[], names: readonly string[]): Promise<SeriesResult[]> {
  return (await Promise.all(names.map((name) => ask('runs.series', { ids: [...ids], name })))).flat()
}

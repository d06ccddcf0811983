/** What reports and exports of runs are written from. */
import type { Catalog } from '../shapes/catalog.ts'
import type { CellResult, Run, SeriesResult, TrialRow } from '../shapes/run.ts'
import type { RegisteredPrediction } from '../shapes/prediction.ts'
import type { TuningTable } from '../shapes/tuning.ts'
import { resultsFormat, type ResultsFile, type RunRecord } from '../exchange/results-file.ts'
import type { SeriesStyle } from '../figures/spec.ts'

/** A run as a report shows it. */
export interface ShownRun {
  run: Run
  series: readonly SeriesResult[]
  /** What was predicted before the run. */
  predictions: readonly RegisteredPrediction[]
  /** What it tuned before; nothing where it tuned nothing. */
  tuning?: TuningTable | null
}

/** Everything a report may show of its runs; a run that is no longer there is left out. */
export interface ShownData {
  runs: readonly ShownRun[]
  cells: readonly CellResult[]
  catalog: Catalog
  /** How models look; on white paper if left out. */
  styleOf?: (label: string, model: string) => SeriesStyle
}

export interface RunTrials extends ShownRun {
  trials: readonly TrialRow[]
  /** All of it as it is exchanged. */
  record: RunRecord
}

/** What is shown, with every trial and where it was made. */
export interface ReportData extends ShownData {
  runs: readonly RunTrials[]
  version: string
  /** ISO 8601. */
  created: string
}

/** Runs with all their numbers as plain data: what a report embeds and the JSON export holds. */
export function resultsData({
  runs,
  version,
  created
}: {
  runs: readonly Pick<RunTrials, 'record'>[]
  version: string
  created: string
}): ResultsFile {
  return { format: resultsFormat, version, created, runs: runs.map(({ record }) => record) }
}

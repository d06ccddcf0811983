/** What could not be stored of a run as a file to be written elsewhere, which every studio takes in. */
import {
  resultsFormat,
  type ResultsFile,
  type RunRecord,
  type SeriesRecord,
  type TrialRecord
} from '../../src-shared/exchange/results-file.ts'
import { trialStatuses } from '../../src-shared/shapes/run.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { slugOf } from '../../src-shared/text/file-name.ts'

export interface UnsavedFile {
  run: string
  trials: number
  name: string
  content: string
}

/** @param run with the trials that are to be in the file beside the unsaved ones; traces are in no file of results */
export function unsavedFile(run: RunRecord, trials: readonly TrialOutcome[], version: string): UnsavedFile {
  const places = new Set(run.results.map(({ cell, seed }) => `${cell} ${seed}`))
  const fresh = trials.filter(({ cell, seed }) => !places.has(`${cell} ${seed}`))
  const results = [...run.results, ...fresh.map((trial) => trialRecord(run, trial))]
  const counts = trialStatuses.map((status) => [status, results.filter((trial) => trial.status === status).length])
  const file: ResultsFile = {
    format: resultsFormat,
    version,
    created: new Date().toISOString(),
    runs: [
      {
        ...run,
        ...Object.fromEntries(counts),
        status: 'interrupted',
        results,
        series: [...run.series, ...fresh.flatMap(curves)]
      }
    ]
  }
  return {
    run: run.id,
    trials: trials.length,
    name: `${slugOf(run.name) || 'run'}-unsaved.json`,
    content: JSON.stringify(file)
  }
}

function trialRecord({ cells }: RunRecord, trial: TrialOutcome): TrialRecord {
  const { cell, seed, hash, status, error, elapsedMs, backend } = trial
  const { label, kind, point } = cells[cell]
  const finite = Object.entries(trial.metrics).filter(([, value]) => Number.isFinite(value))
  return {
    ...{ cell, model: label, kind, point, seed, hash, status, error },
    ...{ metrics: Object.fromEntries(finite), elapsedMs, backend }
  }
}

const curves = ({ cell, seed, series }: TrialOutcome): SeriesRecord[] =>
  Object.entries(series).map(([name, { x, y }]) => ({
    ...{ cell, name, x, seeds: [seed] },
    y: [y.map((value) => (Number.isFinite(value) ? value : null))]
  }))

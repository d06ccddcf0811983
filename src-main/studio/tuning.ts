/**
 * Tuning as the first stage of a run. What is tried lies in the store as cells of its own, so that whoever proposes them
 * (the grid of the experiment, later an optimiser that looks at what came before) only has to add cells; here it is said
 * which of them are still to compute, which trials of them count, and what won.
 */
import { settledCell } from '../../src-shared/grid/tuning.ts'
import { bestOf, scoresOf, triedFor, tuningTable } from '../../src-shared/findings/tuning.ts'
import type { Cell, TuningGrid } from '../../src-shared/grid/cell.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { valueText } from '../../src-shared/text/numbers.ts'
import { machineCodes } from '../../src-shared/shapes/errors.ts'
import type { TuningTable, TuningTrial } from '../../src-shared/shapes/tuning.ts'
import type { StoreReader } from '../store/store.ts'
import type { StoredTuning } from '../store/tuning.ts'

/** What a new run is to try. @param first the number of its report cells */
export const newTuning = ({ cells, seeds, metric, direction }: TuningGrid, first: number): StoredTuning => ({
  ...{ first, cells, seeds, metric, direction },
  trials: []
})

/** What is kept of tuning trials; one that the machine failed on is none, and is computed again. */
export const tuningTrials = (outcomes: readonly TrialOutcome[], metric: string): TuningTrial[] =>
  outcomes.flatMap(({ cell, seed, hash, status, error, metrics, elapsedMs, backend }) => {
    if (status === 'failed' && error && machineCodes.includes(error.code)) return []
    const value = status === 'done' && Number.isFinite(metrics[metric]) ? metrics[metric] : null
    return [{ cell, seed, hash, status, value, elapsedMs, backend }]
  })

/** The report's cells with what won for each of them. Every trial of tuning has ended. */
export const settled = (cells: readonly Cell[], tuning: StoredTuning): Cell[] =>
  cells.map((cell, i) => {
    const tried = triedFor(tuning, i)
    const scored = tried.map(({ cell: { values }, trials }) => ({ values, scores: scoresOf(trials) }))
    return settledCell(cell, tried[bestOf(scored, tuning.direction)].cell)
  })

/** What tuning of a run has tried and found so far; null for a run that tunes nothing. */
export function tuningOf(id: string, read: Pick<StoreReader, 'run' | 'tuning'>): TuningTable | null {
  const { experiment } = read.run(id)
  const stored = read.tuning(id)
  return stored ? tuningTable(stored, experiment.tuning) : null
}

/** Lines for the log: what won, and whether it lies at the edge of what was tried. */
export const winnerLines = ({ rows }: TuningTable): string[] =>
  rows.flatMap(({ label, point, values, mean, chosen, edges }) => {
    if (!chosen) return []
    const said = (at: typeof point): string =>
      Object.entries(at)
        .map(([name, value]) => `${name} = ${valueText(value)}`)
        .join(', ')
    const where = Object.keys(point).length ? ` at ${said(point)}` : ''
    const edge = edges.length ? `, at the edge of what was tried (${edges.join(', ')})` : ''
    return [`Tuned ${label}${where}: ${said(values)} (mean ${mean === null ? 'none' : valueText(mean)})${edge}.`]
  })

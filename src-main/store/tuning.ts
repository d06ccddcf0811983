/** What a run tries before its report seeds run: cells and trials that lie beside its grid. */
import type { Cell, TuningCell } from '../../src-shared/grid/cell.ts'
import { flatParams } from '../../src-shared/shapes/flat-params.ts'
import type { TuningTrial } from '../../src-shared/shapes/tuning.ts'
import type { Database } from './port.ts'
import { damagedRun, unknownRun } from './runs.ts'
import { documentOf, sound, type Document } from './sums.ts'

export type TuningReader = ReturnType<typeof tuningReader>
export type TuningWriter = ReturnType<typeof tuningWriter>

/** Cells of a run's tuning stand behind those of its grid: the first has the index `first`. */
export interface StoredTuning {
  first: number
  cells: TuningCell[]
  trials: TuningTrial[]
  seeds: number[]
  metric: string
  direction: 'higher' | 'lower'
}

export function tuningReader(database: Database) {
  const cells = database.prepare<[string], Document>(
    `SELECT json, ${sound('tuning_cells')} AS sound FROM tuning_cells
     WHERE run = (SELECT key FROM runs WHERE id = ?) ORDER BY cell`
  )
  const about = database.prepare<
    [string],
    Pick<StoredTuning, 'first' | 'metric' | 'direction'> & { seeds: string; sound: 0 | 1 }
  >(
    `SELECT first, metric, direction, seeds, ${sound('tunings')} AS sound FROM tunings
     WHERE run = (SELECT key FROM runs WHERE id = ?)`
  )
  const trials = database.prepare<[string], TuningTrial>(
    `SELECT cell, seed, hash, status, value, elapsed_ms AS elapsedMs, backend FROM tuning_trials
     WHERE run = (SELECT key FROM runs WHERE id = ?) AND ${sound('tuning_trials')} ORDER BY cell, seed`
  )
  return {
    /** Undefined for a run that tunes nothing. A trial that is damaged is missing. @throws StudioError store-corrupt */
    tuning(id: string): StoredTuning | undefined {
      const found = about.get(id)
      if (!found) return undefined
      if (!found.sound) throw damagedRun(id, 'what it tunes')
      const { first, metric, direction } = found
      return {
        ...{ first, metric, direction },
        seeds: JSON.parse(found.seeds) as number[],
        cells: cells.all(id).map((one) => documentOf(one, `What run ${id} tunes`) as TuningCell),
        trials: trials.all(id)
      }
    }
  }
}

export function tuningWriter(database: Database) {
  const keyOf = database.prepare<[string], number>('SELECT key FROM runs WHERE id = ?').pluck()
  const putTuning = database.prepare(
    'INSERT INTO tunings (run, first, metric, direction, seeds) VALUES (?, ?, ?, ?, ?)'
  )
  const putCell = database.prepare('INSERT INTO tuning_cells (run, cell, json) VALUES (?, ?, ?)')
  const putTrial = database.prepare(
    `INSERT INTO tuning_trials (run, cell, seed, hash, status, value, elapsed_ms, backend)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
  )
  const setCell = database.prepare('UPDATE cells SET params = ?, task_params = ?, tuned = ? WHERE run = ? AND cell = ?')
  const dropParams = database.prepare('DELETE FROM run_params WHERE run = ?')
  const putParam = database.prepare('INSERT INTO run_params (name, run, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const key = (id: string): number => {
    const found = keyOf.get(id) as unknown as number | undefined
    if (found === undefined) throw unknownRun(id)
    return found
  }
  const dropDamaged = database.prepare(`DELETE FROM tuning_trials WHERE run = ? AND NOT ${sound('tuning_trials')}`)
  const put = (run: number, trials: readonly TuningTrial[]): TuningTrial[] => {
    dropDamaged.run(run)
    return trials.filter(({ cell, seed, hash, status, value, elapsedMs, backend }) => {
      const { changes } = putTrial.run(run, cell, seed, hash, status, value, elapsedMs, backend)
      return changes > 0
    })
  }
  return {
    /** What a run that was just added is to try. */
    addTuning: database.transaction(
      (id: string, { first, cells, seeds, metric, direction, trials }: StoredTuning): void => {
        const run = key(id)
        putTuning.run(run, first, metric, direction, JSON.stringify(seeds))
        cells.forEach((cell, i) => putCell.run(run, first + i, JSON.stringify(cell)))
        put(run, trials)
      }
    ),

    /** More to try, behind what the run tries already: `first` is the index of the first of them among all cells. */
    addTuningCells: database.transaction((id: string, first: number, cells: readonly TuningCell[]): void => {
      const run = key(id)
      cells.forEach((cell, i) => putCell.run(run, first + i, JSON.stringify(cell)))
    }),

    /** Store tuning trials that have ended, all or none; one that is there is left as it is. @returns those that were new */
    addTuningTrials: database.transaction((id: string, trials: readonly TuningTrial[]): TuningTrial[] =>
      put(key(id), trials)
    ),

    /** The cells of the grid as tuning has left them, in their order. */
    settleCells: database.transaction((id: string, cells: readonly Cell[]): void => {
      const run = key(id)
      cells.forEach(({ params, taskParams, tuned = [] }, i) =>
        setCell.run(JSON.stringify(params), JSON.stringify(taskParams), JSON.stringify(tuned), run, i)
      )
      dropParams.run(run)
      for (const { params, taskParams } of cells)
        for (const [name, value] of [...flatParams(params), ...flatParams(taskParams)]) putParam.run(name, run, value)
    })
  }
}

/** Training that is under way: written every few steps, read when an interrupted run is resumed. */
import type { Checkpoint } from '../../src-shared/shapes/outcome.ts'
import type { Database } from './port.ts'
import { sound } from './sums.ts'
import { unknownRun } from './runs.ts'

export type CheckpointsReader = ReturnType<typeof checkpointsReader>
export type CheckpointsWriter = ReturnType<typeof checkpointsWriter>

export function checkpointsReader(database: Database) {
  const all = database.prepare<[string], { cell: number; seed: number; state: Buffer }>(
    // Training that is damaged begins anew.
    `SELECT cell, seed, state FROM checkpoints WHERE run = (SELECT key FROM runs WHERE id = ?)
       AND ${sound('checkpoints')}`
  )
  return {
    /** The training so far of the trials that are not stored yet, by cell. */
    checkpoints: (id: string): Map<number, Checkpoint[]> =>
      Map.groupBy(all.all(id), ({ cell }) => cell) as Map<number, Checkpoint[]>
  }
}

export function checkpointsWriter(database: Database) {
  const keyOf = database.prepare<[string], number>('SELECT key FROM runs WHERE id = ?').pluck()
  const stored = database.prepare('SELECT 1 FROM trials WHERE run = ? AND cell = ? AND seed = ?')
  const put = database.prepare('INSERT OR REPLACE INTO checkpoints (run, cell, seed, state) VALUES (?, ?, ?, ?)')
  return {
    /** Keep the training so far of some trials of a cell, all or none; a trial that is stored needs it no more. */
    putCheckpoints: database.transaction((id: string, cell: number, trials: readonly Checkpoint[]): void => {
      const run = keyOf.get(id) as unknown as number | undefined
      if (run === undefined) throw unknownRun(id)
      for (const { seed, state } of trials)
        if (!stored.get(run, cell, seed)) put.run(run, cell, seed, Buffer.from(state))
    })
  }
}

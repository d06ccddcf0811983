import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { historyQuerySchema } from '../../../src-shared/contract/runs.ts'
import { desk } from '../../../src-main/store/migrations/006-desk.ts'
import { words } from '../../../src-main/store/migrations/012-words.ts'
import { search } from '../../../src-main/store/migrations/009-search.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { newRun, outcome, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('the sixth and ninth migration fill filters and groups from the runs that are there', () => {
  const folder = temporaryFolder('store')
  const store = testStore(folder)
  for (const id of ['A', 'B']) store.write.addRun(newRun(id))
  store.write.addTrials('A', [outcome(0, 0), outcome(2, 1), outcome(1, 0, { status: 'failed' })], 5, 'wasm')
  store.close()
  const read = <T>(sql: string): T[] => {
    const database = new Sqlite(storeFile(folder))
    try {
      return database.prepare(sql).all() as T[]
    } finally {
      database.close()
    }
  }
  const kept = ['SELECT id, variant FROM runs', 'SELECT * FROM run_params', 'SELECT * FROM run_metrics']
  const before = kept.map((sql) => read(sql))
  expect(before.map((list) => list.length)).toEqual([2, 6, 2])
  const database = new Sqlite(storeFile(folder))
  database.exec(`DROP TRIGGER roster_run_changed; DROP TABLE run_search; DROP TRIGGER runs_searched; DROP TRIGGER runs_unsearched;
    DROP INDEX runs_desk; DROP TABLE run_params; DROP TABLE run_metrics; DROP INDEX runs_variant;
    ALTER TABLE runs DROP COLUMN variant;
    ALTER TABLE cells RENAME COLUMN model TO kind; ALTER TABLE cells RENAME COLUMN use TO model;
    ALTER TABLE run_models RENAME COLUMN model TO kind; DROP INDEX run_models_model;
    CREATE INDEX run_models_kind ON run_models (kind);
    ALTER TABLE runs RENAME COLUMN labels TO models; ALTER TABLE runs RENAME COLUMN best_label TO best_model`)
  desk.up(database)
  search.up(database)
  words.up(database)
  database.close()
  const again = testStore(folder)
  expect(kept.map((sql) => read(sql))).toEqual(before)
  expect(again.read.history(historyQuerySchema.parse({ group: 'seeds', filter: 'memories' })).rows[0].group?.runs).toBe(
    2
  )
})

import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { historyQuerySchema } from '../../../src-shared/contract/runs.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { fifthSchema, newRun, outcome, testStore } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('the sixth and ninth migration fill filters and groups from the runs that are there', () => {
  const folder = temporaryFolder('store')
  const store = testStore(folder)
  for (const id of ['A', 'B']) store.write.addRun(newRun(id))
  store.write.addTrials('A', [outcome(0, 0), outcome(2, 1), outcome(1, 0, { status: 'failed' })], 5, 'wasm')
  store.close()
  const read = <T>(sql: string, from = folder): T[] => {
    const database = new Sqlite(storeFile(from))
    try {
      return database.prepare(sql).all() as T[]
    } finally {
      database.close()
    }
  }
  const kept = ['SELECT id, variant FROM runs', 'SELECT * FROM run_params', 'SELECT * FROM run_metrics']
  const before = kept.map((sql) => read(sql))
  expect(before.map((list) => list.length)).toEqual([2, 6, 2])
  const old = fifthSchema(folder)
  const again = testStore(old)
  expect(kept.map((sql) => read(sql, old))).toEqual(before)
  expect(again.read.history(historyQuerySchema.parse({ group: 'seeds', filter: 'memories' })).rows[0].group?.runs).toBe(
    2
  )
})

import { expect, it } from 'vitest'
import type { Fit } from '../../../src-shared/recall/fit-request.ts'
import { startParams } from '../../../src-shared/recall/fit.ts'
import { first } from '../../../src-main/store/migrations/001-first.ts'
import { migrate } from '../../../src-main/store/migrate.ts'
import { migrations } from '../../../src-main/store/migrations/index.ts'
import { realPort, type Database } from '../../../src-main/store/port.ts'
import { recallReader, recallWriter } from '../../../src-main/store/recall.ts'

const dataset = {
  id: 'A',
  name: 'Pilot',
  file: 'pilot.csv',
  imported: '2026-01-01T00:00:00.000Z',
  subjects: 1,
  lists: 1,
  lengths: [{ length: 2, lists: 1 }],
  similarity: null,
  reading: { columns: { subject: 'participant' } }
}
const lists = [{ subject: '1', list: '1', items: ['a', 'b'], recalls: ['b'], times: [1.5] }]
const fit: Fit = {
  id: 'F',
  dataset: 'A',
  created: '2026-01-01T00:00:00.000Z',
  status: 'done',
  request: {
    kind: 'likelihood',
    dataset: 'A',
    free: [{ name: 'T', min: 0.1, max: 2 }],
    fixed: startParams,
    starts: 1,
    seed: 1
  },
  done: 1,
  total: 1,
  error: null,
  subjects: [],
  surface: [],
  starts: [],
  profiles: []
}

/** A store of the first schema with a run in it, migrated. */
function migrated(): Database {
  const database = realPort.connect(':memory:', { readonly: false, mustExist: false })
  migrate(database, [first])
  database.exec(
    "INSERT INTO runs (id, name, task, models, status, created, trials, seeds, search) VALUES ('R', 'r', 't', '[]', 'done', '', 1, 1, '')"
  )
  migrate(database, migrations)
  database.pragma('foreign_keys = ON')
  return database
}

it('002 adds empty tables and leaves the runs that were there', () => {
  const database = migrated()
  expect(database.prepare('SELECT id FROM runs').pluck().all()).toEqual(['R'])
  expect(recallReader(database).recallDatasets()).toEqual([])
})

it('a data set comes back whole, with its lists and fits, newest fit first', () => {
  const database = migrated()
  const [read, write] = [recallReader(database), recallWriter(database)]
  write.addRecallDataset(dataset, lists)
  write.saveRecallFit(fit)
  write.saveRecallFit({ ...fit, id: 'G' })
  write.saveRecallFit({ ...fit, status: 'cancelled' })
  expect(read.recallDatasets()).toEqual([dataset])
  expect(read.recallLists('A')).toEqual(lists)
  expect(read.recallFits('A').map(({ id, status }) => [id, status])).toEqual([
    ['G', 'done'],
    ['F', 'cancelled']
  ])
  expect(read.recallFit('G')).toEqual({ ...fit, id: 'G' })
})

it('011 keeps the data sets that were there, and gives them a table of similarities that can be replaced and removed', () => {
  const database = realPort.connect(':memory:', { readonly: false, mustExist: false })
  migrate(
    database,
    migrations.filter(({ version }) => version < 11)
  )
  database.exec(
    `INSERT INTO recall_datasets (id, name, file, imported, subjects, lists, lengths)
     VALUES ('A', 'Pilot', 'pilot.csv', '2026-01-01T00:00:00.000Z', 1, 1, '[{"length":2,"lists":1}]')`
  )
  database.exec("INSERT INTO recall_lists (dataset, json) VALUES ('A', '[]')")
  migrate(database, migrations)
  const [read, write] = [recallReader(database), recallWriter(database)]
  expect(read.recallDatasets()).toEqual([{ ...dataset, reading: {} }])
  expect(read.recallSimilarity('A')).toBeUndefined()
  write.saveRecallSimilarity('A', 'old.csv', 'old')
  write.saveRecallSimilarity('A', 'words.csv', 'new')
  expect(read.recallSimilarity('A')).toEqual({ file: 'words.csv', text: 'new' })
  expect(read.recallDataset('A').similarity).toBe('words.csv')
  write.trashRecallSimilarity('A', true)
  expect(read.recallDataset('A').similarity).toBeNull()
  write.trashRecallSimilarity('A', false)
  expect(read.recallSimilarity('A')?.text).toBe('new')
  expect(() => write.trashRecallSimilarity('Z', true)).toThrow('no table')
})

it('015 keeps sound data sets sound and damaged ones damaged', () => {
  const database = realPort.connect(':memory:', { readonly: false, mustExist: false })
  migrate(
    database,
    migrations.filter(({ version }) => version < 15)
  )
  for (const id of ['A', 'B'])
    database.exec(
      `INSERT INTO recall_datasets (id, name, file, imported, subjects, lists, lengths)
       VALUES ('${id}', 'Pilot', 'pilot.csv', '2026-01-01T00:00:00.000Z', 1, 1, '[{"length":2,"lists":1}]')`
    )
  database.exec("UPDATE recall_datasets SET sum = sum + 1 WHERE id = 'B'")
  migrate(database, migrations)
  const [read, write] = [recallReader(database), recallWriter(database)]
  expect(read.recallDataset('A').reading).toEqual({})
  write.renameRecallDataset('A', 'Again')
  expect(read.recallDataset('A').name).toBe('Again')
  expect(() => read.recallDataset('B')).toThrow('damaged')
  write.addRecallDataset({ ...dataset, id: 'C' }, lists)
  expect(read.recallDataset('C').reading).toEqual(dataset.reading)
})

it('what is removed can come back, and what is unknown is said to be', () => {
  const database = migrated()
  const [read, write] = [recallReader(database), recallWriter(database)]
  write.addRecallDataset(dataset, lists)
  write.saveRecallFit(fit)
  write.trashRecallFit('F', true)
  expect(read.recallFits('A')).toEqual([])
  write.trashRecallDataset('A', true)
  expect(read.recallDatasets()).toEqual([])
  write.trashRecallDataset('A', false)
  expect(read.recallDatasets()).toEqual([dataset])
  for (const call of [
    () => read.recallDataset('Z'),
    () => read.recallLists('Z'),
    () => read.recallFit('Z'),
    () => write.renameRecallDataset('Z', 'z'),
    () => write.trashRecallFit('Z', true)
  ])
    expect(call).toThrow('There is no such')
  expect(() => write.saveRecallFit({ ...fit, id: 'H', dataset: 'Z' })).toThrow('FOREIGN KEY')
})

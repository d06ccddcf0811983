/** Free-recall data sets and the fits to them. */
import type { RecallDataset } from '../../src-shared/recall/statistics-schema.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { RecallList } from '../../src-shared/recall/data.ts'
import { fitSchema, type Fit } from '../../src-shared/recall/fit-request.ts'
import type { Database } from './port.ts'
import { documentOf, sound, type Document } from './sums.ts'

export type RecallReader = ReturnType<typeof recallReader>
export type RecallWriter = ReturnType<typeof recallWriter>

type Record = Omit<RecallDataset, 'lengths' | 'reading'> & { lengths: string; reading: string; sound: 0 | 1 }
const columns = `${sound('recall_datasets')} AS sound, id, name, file, imported, subjects, lists, lengths, reading,
  (SELECT file FROM recall_similarities WHERE dataset = id AND trashed = 0) AS similarity`
const toDataset = ({ sound, lengths, reading, ...record }: Record): RecallDataset => ({
  ...record,
  lengths: documentOf({ json: lengths, sound }, 'A recall data set') as RecallDataset['lengths'],
  reading: JSON.parse(reading) as RecallDataset['reading']
})
const unknown = (): StudioError =>
  new StudioError('not-found', 'There is no such data set; it may have been removed.', { field: 'id' })

export function recallReader(database: Database) {
  const all = database.prepare<[], Record>(
    `SELECT ${columns} FROM recall_datasets WHERE trashed = 0 OR NOT ${sound('recall_datasets')} ORDER BY imported DESC, id DESC`
  )
  const one = database.prepare<[string], Record>(`SELECT ${columns} FROM recall_datasets WHERE id = ?`)
  const lists = database.prepare<[string], Document>(
    `SELECT json, ${sound('recall_lists')} AS sound FROM recall_lists WHERE dataset = ?`
  )
  const similarity = database.prepare<[string], { file: string; text: string; sound: 0 | 1 }>(
    `SELECT file, text, ${sound('recall_similarities')} AS sound FROM recall_similarities
     WHERE dataset = ? AND (trashed = 0 OR NOT ${sound('recall_similarities')})`
  )
  const fits = database.prepare<[string], Document>(
    `SELECT json, ${sound('recall_fits')} AS sound FROM recall_fits
     WHERE dataset = ? AND (trashed = 0 OR NOT ${sound('recall_fits')}) ORDER BY id DESC`
  )
  const fit = database.prepare<[string], Document>(
    `SELECT json, ${sound('recall_fits')} AS sound FROM recall_fits WHERE id = ?`
  )
  return {
    /** Newest first, without those in the trash. */
    recallDatasets: (): RecallDataset[] => all.all().map(toDataset),
    /** @throws StudioError not-found */
    recallDataset(id: string): RecallDataset {
      const record = one.get(id)
      if (!record) throw unknown()
      return toDataset(record)
    },
    /** @throws StudioError not-found */
    recallLists(id: string): RecallList[] {
      const record = lists.get(id)
      if (!record) throw unknown()
      return documentOf(record, 'This data set') as RecallList[]
    },
    /** The table as it was imported; undefined without one. */
    recallSimilarity(id: string): { file: string; text: string } | undefined {
      const found = similarity.get(id)
      if (!found) return undefined
      const { file, text, sound } = found
      if (!sound) documentOf({ json: text, sound }, 'The table of similarities of this data set')
      return { file, text }
    },
    /** Newest first. */
    recallFits: (dataset: string): Fit[] =>
      fits.all(dataset).map((row) => fitSchema.parse(documentOf(row, 'A fit to this data set'))),
    /** @throws StudioError not-found */
    recallFit(id: string): Fit {
      const record = fit.get(id)
      if (!record) throw new StudioError('not-found', 'There is no such fit.', { field: 'id' })
      return fitSchema.parse(documentOf(record, 'This fit'))
    }
  }
}

export function recallWriter(database: Database) {
  const put = database.prepare(
    'INSERT INTO recall_datasets (id, name, file, imported, subjects, lists, lengths, reading) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
  )
  const putLists = database.prepare('INSERT INTO recall_lists (dataset, json) VALUES (?, ?)')
  const putSimilarity = database.prepare(
    `INSERT INTO recall_similarities (dataset, file, text) VALUES (?, ?, ?)
     ON CONFLICT (dataset) DO UPDATE SET file = excluded.file, text = excluded.text, trashed = 0`
  )
  const trashSimilarity = database.prepare('UPDATE recall_similarities SET trashed = ? WHERE dataset = ?')
  const trash = database.prepare('UPDATE recall_datasets SET trashed = ? WHERE id = ?')
  const rename = database.prepare('UPDATE recall_datasets SET name = ? WHERE id = ?')
  const reread = database.prepare('UPDATE recall_datasets SET reading = ? WHERE id = ?')
  const putFit = database.prepare(
    'INSERT INTO recall_fits (id, dataset, json) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json'
  )
  const trashFit = database.prepare('UPDATE recall_fits SET trashed = ? WHERE id = ?')
  const known = (changes: number): void => {
    if (changes === 0) throw unknown()
  }
  return {
    addRecallDataset: database.transaction((dataset: RecallDataset, lists: readonly RecallList[]): void => {
      const { id, name, file, imported, subjects, lists: count, lengths, reading } = dataset
      put.run(id, name, file, imported, subjects, count, JSON.stringify(lengths), JSON.stringify(reading))
      putLists.run(id, JSON.stringify(lists))
    }),
    /** @throws StudioError not-found */
    renameRecallDataset: (id: string, name: string): void => known(rename.run(name, id).changes),
    /** How a data set is read from now on. @throws StudioError not-found */
    saveRecallReading: (id: string, reading: RecallDataset['reading']): void =>
      known(reread.run(JSON.stringify(reading), id).changes),
    /** @throws StudioError not-found */
    trashRecallDataset: (id: string, trashed: boolean): void => known(trash.run(trashed ? 1 : 0, id).changes),
    saveRecallSimilarity: (id: string, file: string, text: string): void => void putSimilarity.run(id, file, text),
    /** @throws StudioError not-found */
    trashRecallSimilarity(id: string, trashed: boolean): void {
      if (trashSimilarity.run(trashed ? 1 : 0, id).changes === 0)
        throw new StudioError('not-found', 'This data set has no table of similarities.', { field: 'id' })
    },
    saveRecallFit: (fit: Fit): void => void putFit.run(fit.id, fit.dataset, JSON.stringify(fit)),
    /** @throws StudioError not-found */
    trashRecallFit(id: string, trashed: boolean): void {
      if (trashFit.run(trashed ? 1 : 0, id).changes === 0)
        throw new StudioError('not-found', 'There is no such fit.', { field: 'id' })
    }
  }
}

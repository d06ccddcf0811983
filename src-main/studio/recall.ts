/** Free recall of people: data sets and their statistics. */
import { ulid } from 'ulid'
import type { RecallDataset, RecallStatistics } from '../../src-shared/recall/statistics-schema.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { readRecallFile, type RecallList, type RecallReading } from '../../src-shared/recall/data.ts'
import { readSimilarity } from '../../src-shared/recall/similarity.ts'
import { groupStatistics, subjectStatistics } from '../../src-shared/recall/statistics.ts'
import type { Store } from '../store/store.ts'

export interface RecallDeps {
  store: Store
  /** The data set that a fit under way is of. */
  fitted: () => string | undefined
}

export class Recall {
  readonly #deps: RecallDeps

  constructor(deps: RecallDeps) {
    this.#deps = deps
  }

  /** @throws StudioError bad-file that names line and column */
  import(
    file: string,
    text: string,
    { items, ...reading }: Omit<RecallReading, 'items'> & { items?: { name: string; text: string } } = {}
  ): RecallDataset {
    const { lists, columns } = readRecallFile(text, file, { ...reading, ...(items && { items: items.text }) })
    if (lists.length === 0) throw new StudioError('bad-file', 'There is no list in this file.', { file })
    const lengths = [...Map.groupBy(lists, ({ items }) => items.length)]
      .map(([length, own]) => ({ length, lists: own.length }))
      .sort((a, b) => b.lists - a.lists)
    const dataset: RecallDataset = {
      id: ulid(),
      name: file.replace(/\.[^.]+$/, '') || file,
      file,
      imported: new Date().toISOString(),
      subjects: new Set(lists.map(({ subject }) => subject)).size,
      lists: lists.length,
      lengths,
      similarity: null,
      reading: Object.keys(columns).length
        ? { columns }
        : { ...(items ? { items: items.name } : reading.length !== undefined && { length: reading.length }) }
    }
    this.#deps.store.write.addRecallDataset(dataset, lists)
    return dataset
  }

  /** @throws StudioError bad-file that names line and column, or when the table has fewer than two words of the data set */
  addSimilarity(id: string, file: string, text: string): { dataset: RecallDataset; known: number; words: number } {
    const { words: inTable } = readSimilarity(text, file)
    const words = new Set(this.#deps.store.read.recallLists(id).flatMap(({ items }) => items))
    const known = inTable.filter((word) => words.has(word)).length
    if (known < 2)
      throw new StudioError(
        'bad-file',
        'Fewer than two words of this table are in the data set; are they spelled alike?',
        {
          file
        }
      )
    this.#deps.store.write.saveRecallSimilarity(id, file, text)
    return { dataset: this.#deps.store.read.recallDataset(id), known, words: words.size }
  }

  statistics(id: string, length?: number): RecallStatistics {
    const lists = this.lists(id, length)
    const table = this.#deps.store.read.recallSimilarity(id)
    const subjects = subjectStatistics(lists, {
      among: this.#deps.store.read.recallLists(id),
      ...(table && { similarity: readSimilarity(table.text, table.file).of })
    })
    return { length: lists[0].items.length, group: groupStatistics(subjects), subjects }
  }

  trash(id: string, trashed: boolean): void {
    if (trashed && this.#deps.fitted() === id)
      throw new StudioError('conflict', 'A fit to this data set is under way; cancel it first.')
    this.#deps.store.write.trashRecallDataset(id, trashed)
  }

  /** The lists of one length: the one asked for, or that of most lists. */
  lists(id: string, length?: number): RecallList[] {
    const { lengths } = this.#deps.store.read.recallDataset(id)
    const wanted = length ?? lengths[0].length
    const lists = this.#deps.store.read.recallLists(id).filter(({ items }) => items.length === wanted)
    if (lists.length === 0)
      throw new StudioError(
        'bad-input',
        `No list has ${wanted} items; there are lists of ${lengths.map((l) => l.length).join(', ')}.`,
        { field: 'length' }
      )
    return lists
  }
}

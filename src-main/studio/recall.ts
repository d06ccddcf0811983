/** Free recall of people: data sets and their statistics. */
import { ulid } from 'ulid'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { StoredTrace } from '../../src-shared/shapes/outcome.ts'
import { listsOf } from '../../src-shared/recall/simulated.ts'
import {
  analyseRecall,
  chooseLists,
  conditionsOf,
  lengthsOf,
  permuteRecall,
  type RecallRequest
} from '../../src-shared/recall/analyse.ts'
import type {
  MeasuredStatistic,
  RecallDataset,
  RecallStatistics,
  SimulatedStatistics
} from '../../src-shared/recall/statistics-schema.ts'
import { matchSpelling, type Spelling, type SpellingVariant } from '../../src-shared/recall/spelling.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { readRecallFile, type RecallList, type RecallReading } from '../../src-shared/recall/data.ts'
import { readSimilarity } from '../../src-shared/recall/similarity.ts'
import { simulateSubject, simulatedExample } from '../../src-shared/recall/fit.ts'
import { sequencesOf } from '../../src-shared/recall/likelihood.ts'
import type { Store } from '../store/store.ts'

/** Lists that are simulated for the curves of a fit, at most: where there are fewer, each several times. */
const mostSimulated = 2000

/** Trials of a run whose lists are analysed, at most. */
const mostTrials = 2000

const matrixSchema = z.object({ shape: z.tuple([z.int(), z.int()]), data: z.array(z.number()) })
type Matrix = z.infer<typeof matrixSchema>
const valueOf = (traces: readonly StoredTrace[], name: string): unknown =>
  traces.find((trace) => trace.name === name)?.value

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
    const conditions = conditionsOf(lists)
    const dataset: RecallDataset = {
      id: ulid(),
      name: file.replace(/\.[^.]+$/, '') || file,
      file,
      imported: new Date().toISOString(),
      subjects: new Set(lists.map(({ subject }) => subject)).size,
      lists: lists.length,
      lengths: lengthsOf(lists),
      similarity: null,
      reading: {
        ...(Object.keys(columns).length
          ? { columns }
          : items
            ? { items: items.name }
            : reading.length !== undefined && { length: reading.length }),
        ...(conditions.length > 1 && { conditions })
      }
    }
    this.#deps.store.write.addRecallDataset(dataset, lists)
    return dataset
  }

  /** Twelve made-up subjects, whose lists the likelihood's own model recalls: the same ones each time. */
  simulate(): RecallDataset {
    return this.import('Simulated by CMR (example).csv', simulatedExample())
  }

  /**
   * Every subject of a likelihood fit simulated with its own parameters: its own lists, several times over; with a
   * condition, those that are of it.
   * @throws StudioError not-found, bad-input for a fit of another kind
   */
  fitCurves(id: string, fitId: string, condition?: string): RecallStatistics {
    const { request, subjects } = this.#deps.store.read.recallFit(fitId)
    if (request.kind !== 'likelihood')
      throw new StudioError('bad-input', 'Only a fit to each subject has parameters to simulate with.', {
        field: 'fit'
      })
    const own = this.lists(id, request.length)
    const { pool, subjects: sequences } = sequencesOf(own)
    const times = Math.max(1, Math.floor(mostSimulated / own.length))
    const items = own[0].items.length
    const names = Array.from({ length: items }, (_, i) => `w${i}`)
    const lists = subjects.flatMap(({ subject, ...fit }): RecallList[] => {
      const found = sequences.find((known) => known.subject === subject)
      return Array.from({ length: found ? times : 0 }, (_, k) => simulateSubject(found!, pool, fit, request.seed + k))
        .flatMap((drawn) => drawn.lists)
        .map(({ recalls, condition }, i) => ({
          subject,
          list: String(i + 1),
          ...(condition !== undefined && { condition }),
          items: names,
          recalls: recalls.map((item) => names[item])
        }))
    })
    return analyseRecall(lists, { condition, least: { lists: 0, recalls: 0 } })
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

  statistics(id: string, request: RecallRequest = {}): RecallStatistics {
    return analyseRecall(this.#read(id), request, this.#alike(id))
  }

  /**
   * The statistics of every model of a run of free recall, each seed a subject; none of a model whose trials keep no lists.
   * @throws StudioError not-found, bad-input for a run of too many trials
   */
  async simulated(run: string, request: RecallRequest = {}): Promise<SimulatedStatistics[]> {
    const { read } = this.#deps.store
    const { rows, total } = read.trials(run, 'done', 0, mostTrials)
    if (total > mostTrials)
      throw new StudioError(
        'bad-input',
        `Statistics of lists are taken of at most ${mostTrials} trials; there are ${total}.`,
        { field: 'run' }
      )
    const cells = Map.groupBy(rows, ({ label, point }) => JSON.stringify([label, point]))
    const found: SimulatedStatistics[] = []
    for (const trials of cells.values()) {
      const bySeed = [...trials].sort((a, b) => a.seed - b.seed)
      const lists = bySeed.flatMap(({ id, seed }) => {
        const traces = read.traces(run, id)
        const matrix = (name: string): Matrix | undefined => matrixSchema.safeParse(valueOf(traces, name)).data
        const [recalls, outputs] = [matrix('recalls'), matrix('outputs')]
        if (!recalls || !outputs) return []
        return listsOf({ recalls, times: matrix('times'), sources: matrix('sources') }, outputs.shape[1], String(seed))
      })
      if (lists.length === 0) continue
      const [{ label, point }] = trials
      const own = { ...request, length: undefined, condition: undefined, least: { lists: 0, recalls: 0 } }
      const statistics = analyseRecall(lists, own)
      const permuted = await permuteRecall(lists, own, undefined, () => setImmediate())
      found.push({ label, point, found: { ...statistics, statistics: [...statistics.statistics, ...permuted] } })
    }
    return found
  }

  /** The statistics by shuffling; other calls are answered in between. */
  permuted(id: string, request: RecallRequest = {}): Promise<MeasuredStatistic[]> {
    return permuteRecall(this.#read(id), request, this.#alike(id), () => setImmediate())
  }

  /** The recalls of a data set that are spelt otherwise than words they are near to, whether they are put right or not. */
  spelling(id: string, edits: number): SpellingVariant[] {
    return matchSpelling(this.#deps.store.read.recallLists(id), { edits, undone: [] }).variants
  }

  /** Put spelling right from now on, in statistics and in fits; null takes every recall as it was spelt. */
  setSpelling(id: string, spelling: Spelling | null): RecallDataset {
    if (this.#deps.fitted() === id)
      throw new StudioError('conflict', 'A fit to this data set is under way; cancel it first.')
    const { reading } = this.#deps.store.read.recallDataset(id)
    this.#deps.store.write.saveRecallReading(id, { ...reading, spelling: spelling ?? undefined })
    return this.#deps.store.read.recallDataset(id)
  }

  /** The lists of a data set, their spelling put right where that was asked for. */
  #read(id: string): RecallList[] {
    const { spelling } = this.#deps.store.read.recallDataset(id).reading
    const lists = this.#deps.store.read.recallLists(id)
    return spelling ? matchSpelling(lists, spelling).lists : lists
  }
  #alike(id: string): ((a: string, b: string) => number) | undefined {
    const table = this.#deps.store.read.recallSimilarity(id)
    return table && readSimilarity(table.text, table.file).of
  }

  trash(id: string, trashed: boolean): void {
    if (trashed && this.#deps.fitted() === id)
      throw new StudioError('conflict', 'A fit to this data set is under way; cancel it first.')
    this.#deps.store.write.trashRecallDataset(id, trashed)
  }

  /** The lists of one length: the one asked for, or that of most lists. */
  lists(id: string, length?: number): RecallList[] {
    return chooseLists(this.#read(id), { length })
  }
}

/** Free recall of people: data sets, their statistics, and fits, computed part by part over the engine's workers. */
import { ulid } from 'ulid'
import type { RecallDataset, RecallStatistics } from '../../src-shared/recall/statistics-schema.ts'
import { StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import { readRecallCsv, type RecallList } from '../../src-shared/recall/data.ts'
import type { Fit, FitRequest } from '../../src-shared/recall/fit-request.ts'
import { sequencesOf } from '../../src-shared/recall/likelihood.ts'
import { readSimilarity } from '../../src-shared/recall/similarity.ts'
import { groupStatistics, subjectStatistics } from '../../src-shared/recall/statistics.ts'
import type { FitAnswer, FitPart } from '../engine/worker/fitting.ts'
import type { Store } from '../store/store.ts'
import type { Engine } from './engine.ts'
import type { Events } from './events.ts'

export interface RecallDeps {
  store: Store
  engine: () => Engine
  events: Events
}

/** At most so often a fit under way is stored and told. */
const keepMs = 300

interface Current {
  fit: Fit
  cancelled: boolean
  kept: number
}

export class Recall {
  readonly #deps: RecallDeps
  #current: Current | undefined
  #closed = false

  constructor(deps: RecallDeps) {
    this.#deps = deps
  }

  /** @throws StudioError bad-file that names line and column */
  import(file: string, text: string): RecallDataset {
    const lists = readRecallCsv(text, file)
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
      similarity: null
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
    const lists = this.#lists(id, length)
    const table = this.#deps.store.read.recallSimilarity(id)
    const subjects = subjectStatistics(lists, table ? { similarity: readSimilarity(table.text, table.file).of } : {})
    return { length: lists[0].items.length, group: groupStatistics(subjects), subjects }
  }

  /** Newest first. One that an earlier studio left unfinished is `interrupted`. */
  fits(dataset: string): Fit[] {
    return this.#deps.store.read
      .recallFits(dataset)
      .map((fit) =>
        fit.status === 'running' && fit.id !== this.#current?.fit.id ? { ...fit, status: 'interrupted' } : fit
      )
  }

  /** @throws StudioError conflict while another fit computes, not-found, bad-input */
  start(request: FitRequest): string {
    if (this.#current) throw new StudioError('conflict', 'A fit is under way; wait for its end or cancel it.')
    const parts = this.#parts(request)
    const fit: Fit = {
      id: ulid(),
      dataset: request.dataset,
      created: new Date().toISOString(),
      status: 'running',
      request,
      done: 0,
      total: parts.length,
      error: null,
      subjects: [],
      surface:
        request.kind === 'surface'
          ? Array.from({ length: request.y.steps }, () => new Array<null>(request.x.steps).fill(null))
          : [],
      starts: []
    }
    const current = { fit, cancelled: false, kept: -Infinity }
    this.#current = current
    this.#keep(current)
    void this.#compute(current, parts)
    return fit.id
  }

  /** @throws StudioError not-found when it is not under way */
  async cancel(id: string): Promise<void> {
    const current = this.#current
    if (current?.fit.id !== id) throw new StudioError('not-found', 'This fit has ended already.')
    current.cancelled = true
    await this.#deps.engine().request('stopFitting', null)
  }

  trashFit(id: string, trashed: boolean): void {
    if (this.#current?.fit.id === id)
      throw new StudioError('conflict', 'A fit that is under way cannot be removed; cancel it first.')
    this.#deps.store.write.trashRecallFit(id, trashed)
  }

  trash(id: string, trashed: boolean): void {
    if (trashed && this.#current?.fit.dataset === id)
      throw new StudioError('conflict', 'A fit to this data set is under way; cancel it first.')
    this.#deps.store.write.trashRecallDataset(id, trashed)
  }

  /** Compute no more; what is under way stays as far as it is stored. */
  close(): void {
    this.#closed = true
    if (this.#current) this.#current.cancelled = true
  }

  /** The lists of one length: the one asked for, or that of most lists. */
  #lists(id: string, length?: number): RecallList[] {
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

  /** What the workers compute, and in which order. */
  #parts(request: FitRequest): FitPart[] {
    switch (request.kind) {
      case 'likelihood': {
        const { pool, subjects } = sequencesOf(this.#lists(request.dataset, request.length))
        return subjects.map((sequences) => ({ kind: 'subject', sequences, pool, settings: request }))
      }
      case 'recovery': {
        const fit = this.#deps.store.read.recallFit(request.fit)
        if (fit.request.kind !== 'likelihood' || fit.subjects.length === 0)
          throw new StudioError('bad-input', 'Recovery needs a finished fit to subjects.', { field: 'fit' })
        const settings = fit.request
        const { pool, subjects } = sequencesOf(this.#lists(request.dataset, settings.length))
        return fit.subjects.flatMap(({ subject, params }): FitPart[] => {
          const sequences = subjects.find((own) => own.subject === subject)
          return sequences ? [{ kind: 'subject', sequences, pool, settings, truth: params }] : []
        })
      }
      case 'surface': {
        const { x, y, at } = request
        const { pool, subjects } = sequencesOf(this.#lists(request.dataset, request.length))
        const lists = subjects.flatMap((subject) => subject.lists)
        return steps(y).map((value) => ({
          kind: 'row',
          lists,
          pool,
          at: { ...at, [y.name]: value },
          x: x.name,
          values: steps(x)
        }))
      }
      case 'statistics': {
        const { length, group } = this.statistics(request.dataset, request.length)
        const mean = (values: readonly ({ mean: number } | null)[]): (number | null)[] =>
          values.map((value) => value?.mean ?? null)
        const target = { spc: mean(group.spc), pfr: mean(group.pnr[0]), lagCrp: mean(group.lagCrp) }
        const { model, params, free, lists, evaluations, seed } = request
        return Array.from({ length: request.starts }, (_, start) => ({
          kind: 'start',
          start,
          model,
          params,
          free,
          target,
          items: length,
          lists,
          evaluations,
          seed
        }))
      }
    }
  }

  /** As many parts at once as there are workers. */
  async #compute(current: Current, parts: readonly FitPart[]): Promise<void> {
    const { fit } = current
    const engine = this.#deps.engine()
    try {
      const { workers } = await engine.ready()
      let next = 0
      const lane = async (): Promise<void> => {
        while (next < parts.length && !current.cancelled) {
          const index = next++
          const answer = await engine.request('fit', parts[index])
          take(fit, answer, index)
          this.#keep(current, false)
        }
      }
      await Promise.all(Array.from({ length: workers }, lane))
      fit.status = current.cancelled ? 'cancelled' : 'done'
    } catch (error) {
      fit.status = current.cancelled ? 'cancelled' : 'failed'
      fit.error = current.cancelled ? null : toErrorData(error)
      current.cancelled = true
    }
    this.#current = undefined
    try {
      this.#keep(current)
    } catch (error) {
      // The disk is full or the store closed: what was kept before stays.
      this.#deps.events.now('recall.fit', { ...fit, status: 'failed', error: toErrorData(error) })
    }
  }

  #keep(current: Current, always = true): void {
    const now = performance.now()
    if (this.#closed || (!always && now - current.kept < keepMs)) return
    current.kept = now
    this.#deps.store.write.saveRecallFit(current.fit)
    this.#deps.events.now('recall.fit', structuredClone(current.fit))
  }
}

const steps = ({ min, max, steps }: { min: number; max: number; steps: number }): number[] =>
  Array.from({ length: steps }, (_, i) => min + ((max - min) * i) / (steps - 1))

function take(fit: Fit, answer: FitAnswer, index: number): void {
  fit.done++
  switch (answer.kind) {
    case 'subject':
      fit.subjects.push(answer.fit)
      return
    case 'row':
      fit.surface[index] = answer.values.map((value) => (Number.isFinite(value) ? value : null))
      return
    case 'start':
      fit.starts.push(answer.fit)
      fit.starts.sort((a, b) => a.rmsd - b.rmsd)
  }
}

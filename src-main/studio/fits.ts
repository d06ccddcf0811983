/** Fits of free recall, computed part by part over the workers of a place. */
import { ulid } from 'ulid'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Fit, FitRequest } from '../../src-shared/recall/fit-request.ts'
import { sequencesOf } from '../../src-shared/recall/likelihood.ts'
import type { FitAnswer, FitPart } from '../../src-shared/recall/fit-parts.ts'
import type { Place } from '../places/place.ts'
import type { Store } from '../store/store.ts'
import type { Events } from './events.ts'
import { Jobs, type Job } from './jobs/jobs.ts'
import type { Recall } from './recall.ts'

export interface FitsDeps {
  store: Store
  place: Place
  events: Events
  recall: () => Pick<Recall, 'lists' | 'statistics'>
}

/** A fit is stored as a whole, with all its subjects: at most so often. */
const everyMs = 300

export class Fits {
  readonly #deps: FitsDeps
  readonly #jobs: Jobs<Fit>

  constructor(deps: FitsDeps) {
    this.#deps = deps
    this.#jobs = new Jobs({
      what: 'fit',
      save: (fit) => deps.store.write.saveRecallFit(fit),
      tell: (fit) => deps.events.newest('recall.fit', fit.id, () => structuredClone(fit)),
      giveUp: () => deps.place.request('stopFitting', null),
      everyMs
    })
  }

  /** The data set that a fit under way is of. */
  get dataset(): string | undefined {
    return this.#jobs.active[0]?.dataset
  }

  /** Newest first. */
  list(dataset: string): Fit[] {
    return this.#jobs.shown(this.#deps.store.read.recallFits(dataset))
  }

  /** @throws StudioError conflict while another fit computes, not-found, bad-input */
  async start(request: FitRequest): Promise<string> {
    this.#jobs.refuseMore()
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
    return this.#jobs.start(fit, (job) => this.#compute(job, parts))
  }

  /** @throws StudioError not-found when it is not under way */
  cancel(id: string): Promise<void> {
    return this.#jobs.cancel(id)
  }

  trash(id: string, trashed: boolean): void {
    if (this.#jobs.get(id))
      throw new StudioError('conflict', 'A fit that is under way cannot be removed; cancel it first.')
    this.#deps.store.write.trashRecallFit(id, trashed)
  }

  close(): void {
    this.#jobs.close()
  }

  /** What the workers compute, and in which order. */
  #parts(request: FitRequest): FitPart[] {
    switch (request.kind) {
      case 'likelihood': {
        const { pool, subjects } = sequencesOf(this.#deps.recall().lists(request.dataset, request.length))
        return subjects.map((sequences) => ({ kind: 'subject', sequences, pool, settings: request }))
      }
      case 'recovery': {
        const fit = this.#deps.store.read.recallFit(request.fit)
        if (fit.request.kind !== 'likelihood' || fit.subjects.length === 0)
          throw new StudioError('bad-input', 'Recovery needs a finished fit to subjects.', { field: 'fit' })
        const settings = fit.request
        const { pool, subjects } = sequencesOf(this.#deps.recall().lists(request.dataset, settings.length))
        return fit.subjects.flatMap(({ subject, params }): FitPart[] => {
          const sequences = subjects.find((own) => own.subject === subject)
          return sequences ? [{ kind: 'subject', sequences, pool, settings, truth: params }] : []
        })
      }
      case 'surface': {
        const { x, y, at } = request
        const { pool, subjects } = sequencesOf(this.#deps.recall().lists(request.dataset, request.length))
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
        const { length, group } = this.#deps.recall().statistics(request.dataset, { length: request.length })
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
  async #compute(job: Job<Fit>, parts: readonly FitPart[]): Promise<void> {
    const { place } = this.#deps
    const { workers } = await place.ready()
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < parts.length) {
        job.check()
        const index = next++
        const answer = await place.request('fit', parts[index])
        take(job.document, answer, index)
        job.progress()
      }
    }
    await Promise.all(Array.from({ length: workers }, lane))
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

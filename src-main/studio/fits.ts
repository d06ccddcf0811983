/** Fits of free recall, computed part by part over the workers of a place. */
import { ulid } from 'ulid'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import type { Fit, FitRequest, FitRequestOf } from '../../src-shared/recall/fit-request.ts'
import { conditionNames } from '../../src-shared/recall/objective.ts'
import { sequencesOf } from '../../src-shared/recall/likelihood.ts'
import type { FitAnswer, FitPart } from '../../src-shared/recall/fit-parts.ts'
import { evenly } from '../../src-shared/statistics/numbers.ts'
import { computeParts } from '../places/fit-lanes.ts'
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
      starts: [],
      profiles: []
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
        const { byCondition = [], free } = request
        const { pool, subjects } = this.#sequences(request.dataset, request.length)
        const held = byCondition.find((name) => !free.some((own) => own.name === name))
        if (held !== undefined)
          throw new StudioError('bad-input', `${held} is free by condition only if it is free.`, {
            field: 'byCondition'
          })
        if (byCondition.length && conditionNames(subjects.flatMap(({ lists }) => lists)).length < 2)
          throw new StudioError('bad-input', 'These lists are of one condition, so nothing differs by it.', {
            field: 'byCondition'
          })
        return subjects.map((sequences) => ({ kind: 'subject', sequences, pool, settings: request }))
      }
      case 'recovery':
        return this.#ofFit(request).map(({ fit, ...part }) => ({ kind: 'subject', ...part, truth: fit }))
      case 'profile': {
        const { name } = request
        return this.#ofFit(request).map((part) => {
          const bounds = part.settings.free.find((own) => own.name === name)
          if (!bounds || part.settings.byCondition?.includes(name))
            throw new StudioError(
              'bad-input',
              bounds
                ? `${name} has a value for each condition; its profile needs one that all share.`
                : `${name} was not fitted.`,
              { field: 'name' }
            )
          return { kind: 'profile', ...part, name, values: evenly(bounds, request.steps) }
        })
      }
      case 'surface': {
        const { x, y, at } = request
        const { pool, subjects } = this.#sequences(request.dataset, request.length)
        const lists = subjects.flatMap((subject) => subject.lists)
        return evenly(y, y.steps).map((value) => ({
          kind: 'row',
          lists,
          pool,
          at: { ...at, [y.name]: value },
          x: x.name,
          values: evenly(x, x.steps)
        }))
      }
      case 'statistics': {
        const { length, group } = this.#deps.recall().statistics(request.dataset, { length: request.length })
        const mean = (values: readonly ({ mean: number } | null)[]): (number | null)[] =>
          values.map((value) => value?.mean ?? null)
        const target = { spc: mean(group.spc), pfr: mean(group.pnr[0]), lagCrp: mean(group.lagCrp) }
        const { model, params, free, lists, evaluations, seed, method } = request
        return Array.from({ length: request.starts }, (_, start) => ({
          kind: 'start',
          start,
          method,
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

  #sequences(dataset: string, length: number | undefined): ReturnType<typeof sequencesOf> {
    return sequencesOf(this.#deps.recall().lists(dataset, length))
  }

  /** Every subject of a finished fit with its lists. @throws StudioError bad-input for a fit of another kind */
  #ofFit({ kind, dataset, fit: id }: FitRequestOf<'recovery' | 'profile'>) {
    const fit = this.#deps.store.read.recallFit(id)
    if (fit.request.kind !== 'likelihood' || fit.subjects.length === 0)
      throw new StudioError('bad-input', `A ${kind} needs a finished fit to subjects.`, { field: 'fit' })
    // What was held out for prediction is of no use here.
    const settings = { ...fit.request, folds: undefined }
    const { pool, subjects } = this.#sequences(dataset, settings.length)
    return fit.subjects.flatMap((own) => {
      const sequences = subjects.find(({ subject }) => subject === own.subject)
      return sequences ? [{ sequences, pool, settings, fit: own }] : []
    })
  }

  async #compute(job: Job<Fit>, parts: readonly FitPart[]): Promise<void> {
    await computeParts(this.#deps.place, parts, {
      check: () => job.check(),
      answered(answer, index) {
        take(job.document, answer, index)
        job.progress()
      }
    })
  }
}

function take(fit: Fit, answer: FitAnswer, index: number): void {
  fit.done++
  switch (answer.kind) {
    case 'subject':
      fit.subjects.push(answer.fit)
      return
    case 'profile':
      fit.profiles.push(answer.profile)
      return
    case 'row':
      fit.surface[index] = answer.values.map((value) => (Number.isFinite(value) ? value : null))
      return
    case 'start':
      fit.starts.push(answer.fit)
      fit.starts.sort((a, b) => a.rmsd - b.rmsd)
  }
}

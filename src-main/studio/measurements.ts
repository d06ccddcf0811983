/** Measures blocks point by point, alone on the machine; what is measured is stored before it is told. */
import { ulid } from 'ulid'
import {
  checkMeasure,
  inputAt,
  type MeasuredPoint,
  type MeasureRequest,
  type Measurement
} from '../../src-shared/cost/measurement.ts'
import { errorOf, StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import type { Place } from '../places/place.ts'
import type { Store } from '../store/store.ts'
import type { Events } from './events.ts'
import { Jobs, type Job } from './jobs/jobs.ts'
import type { Machine } from './machine.ts'

export interface MeasurementDeps {
  store: Store
  place: Place
  events: Events
  machine: Machine
  /** Whether a run computes: times taken beside it would be wrong. */
  busy: () => boolean
}

export class Measurements {
  readonly #deps: MeasurementDeps
  readonly #jobs: Jobs<Measurement>

  constructor(deps: MeasurementDeps) {
    this.#deps = deps
    this.#jobs = new Jobs({
      what: 'measurement',
      save: (measurement) => deps.store.write.saveMeasurement(measurement),
      tell: (measurement) =>
        deps.events.newest('measurement.changed', measurement.id, () => structuredClone(measurement)),
      giveUp: () => deps.place.request('stopMeasuring', null)
    })
  }

  /** Newest first. One that an earlier studio left unfinished is `interrupted`. */
  list(): Measurement[] {
    return this.#jobs.shown(this.#deps.store.read.measurements())
  }

  /** @throws StudioError bad-input, conflict while a run or another measurement computes, backend-unavailable */
  async start(request: MeasureRequest): Promise<string> {
    const [error] = checkMeasure(request)
    if (error) throw errorOf(error)
    this.#refuseBusy()
    const { cpu, version, commit } = this.#deps.machine
    const measurement: Measurement = {
      id: ulid(),
      created: new Date().toISOString(),
      status: 'running',
      request,
      backend: '',
      adapter: '',
      cpu,
      version,
      commit,
      peaks: null,
      points: [],
      total: request.memories.length * request.values.length,
      error: null
    }
    return this.#jobs.start(
      measurement,
      (job) => this.#measure(job),
      async () => {
        const { backends } = await this.#deps.place.ready()
        const { backend, peaks } = await this.#deps.place.request('peaks', { backend: request.backend })
        const adapter = backends.find(({ name }) => name === backend)?.adapter ?? ''
        Object.assign(measurement, { backend, peaks, adapter })
      }
    )
  }

  /** @throws StudioError not-found when it is not under way */
  cancel(id: string): Promise<void> {
    return this.#jobs.cancel(id)
  }

  trash(id: string, trashed: boolean): void {
    if (this.#jobs.get(id))
      throw new StudioError(
        'conflict',
        'A measurement that is under way cannot be moved to the trash; cancel it first.'
      )
    this.#deps.store.write.trashMeasurement(id, trashed)
  }

  close(): void {
    this.#jobs.close()
  }

  #refuseBusy(): void {
    this.#jobs.refuseMore()
    if (this.#deps.busy())
      throw new StudioError('conflict', 'A run computes now, and would slow down what is measured; wait for its end.')
  }

  async #measure(job: Job<Measurement>): Promise<void> {
    const measurement = job.document
    const { request } = measurement
    for (const x of request.values)
      for (const memory of request.memories) {
        job.check()
        if (this.#deps.busy())
          throw new StudioError('conflict', 'A run was started, which would slow down what is measured.')
        const point = await this.#point(measurement, memory, x)
        // What was given up because of the cancel is no result.
        if (point.error) job.check()
        measurement.points.push(point)
        job.progress()
      }
  }

  /** What could not be measured (a worker died, time ran out) says why, and the others go on. */
  async #point({ request, backend }: Measurement, memory: MeasuredPoint['memory'], x: number): Promise<MeasuredPoint> {
    try {
      const input = inputAt(request, memory, x)
      const name = backend as 'cpu'
      const measured = await this.#deps.place.request('measure', {
        backend: name,
        memory,
        input,
        repeats: request.repeats
      })
      return { memory, x, ...measured }
    } catch (thrown) {
      const error = toErrorData(thrown)
      return { memory, x, timesMs: [], parameterBytes: 0, stateBytes: 0, peakBytes: 0, error }
    }
  }
}

/** Measures blocks point by point, alone on the machine; what is measured is stored before it is told. */
import { ulid } from 'ulid'
import {
  checkMeasure,
  inputAt,
  type MeasuredPoint,
  type MeasureRequest,
  type Measurement
} from '../../src-shared/cost/measurement.ts'
import { StudioError, toErrorData } from '../../src-shared/shapes/errors.ts'
import type { Store } from '../store/store.ts'
import type { Engine } from './engine.ts'
import type { Events } from './events.ts'
import type { Machine } from './machine.ts'

export interface MeasurementDeps {
  store: Store
  engine: () => Engine
  events: Events
  machine: Machine
  /** Whether a run computes: times taken beside it would be wrong. */
  busy: () => boolean
}

export class Measurements {
  readonly #deps: MeasurementDeps
  /** The one under way; `cancelled` once somebody wants no more of it. */
  #current: { measurement: Measurement; cancelled: boolean } | undefined
  #closed = false

  constructor(deps: MeasurementDeps) {
    this.#deps = deps
  }

  /** Newest first. One that an earlier studio left unfinished is `interrupted`. */
  list(): Measurement[] {
    return this.#deps.store.read
      .measurements()
      .map((m) =>
        m.status === 'running' && m.id !== this.#current?.measurement.id ? { ...m, status: 'interrupted' } : m
      )
  }

  /** @throws StudioError bad-input, conflict while a run or another measurement computes, backend-unavailable */
  async start(request: MeasureRequest): Promise<string> {
    const [error] = checkMeasure(request)
    if (error) throw new StudioError(error.code, error.message, error)
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
    const current = { measurement, cancelled: false }
    this.#current = current
    try {
      const { backends } = await this.#deps.engine().ready()
      const { backend, peaks } = await this.#deps.engine().request('peaks', { backend: request.backend })
      Object.assign(measurement, {
        backend,
        peaks,
        adapter: backends.find(({ name }) => name === backend)?.adapter ?? ''
      })
      this.#keep(measurement)
    } catch (error) {
      this.#current = undefined
      throw error
    }
    void this.#measure(current)
    return measurement.id
  }

  /** @throws StudioError not-found when it is not under way */
  async cancel(id: string): Promise<void> {
    const current = this.#current
    if (current?.measurement.id !== id) throw new StudioError('not-found', 'This measurement has ended already.')
    current.cancelled = true
    await this.#deps.engine().request('stopMeasuring', null)
  }

  trash(id: string, trashed: boolean): void {
    if (this.#current?.measurement.id === id)
      throw new StudioError(
        'conflict',
        'A measurement that is under way cannot be moved to the trash; cancel it first.'
      )
    this.#deps.store.write.trashMeasurement(id, trashed)
  }

  /** Measure no more; what is under way stays as far as it is stored. */
  close(): void {
    this.#closed = true
    if (this.#current) this.#current.cancelled = true
  }

  #refuseBusy(): void {
    if (this.#current) throw new StudioError('conflict', 'A measurement is under way; wait for its end or cancel it.')
    if (this.#deps.busy())
      throw new StudioError('conflict', 'A run computes now, and would slow down what is measured; wait for its end.')
  }

  async #measure(current: { measurement: Measurement; cancelled: boolean }): Promise<void> {
    const { measurement } = current
    const { request } = measurement
    try {
      for (const x of request.values)
        for (const memory of request.memories) {
          if (current.cancelled) break
          if (this.#deps.busy())
            throw new StudioError('conflict', 'A run was started, which would slow down what is measured.')
          const point = await this.#point(measurement, memory, x)
          // What was given up because of the cancel is no result.
          if (point.error && current.cancelled) break
          measurement.points.push(point)
          this.#keep(measurement)
        }
      measurement.status = current.cancelled ? 'cancelled' : 'done'
    } catch (error) {
      measurement.status = 'failed'
      measurement.error = toErrorData(error)
    }
    this.#current = undefined
    try {
      this.#keep(measurement)
    } catch (error) {
      // The disk is full or the store closed: what was kept before stays.
      this.#deps.events.now('measurement.changed', { ...measurement, status: 'failed', error: toErrorData(error) })
    }
  }

  /** What could not be measured (a worker died, time ran out) says why, and the others go on. */
  async #point({ request, backend }: Measurement, memory: MeasuredPoint['memory'], x: number): Promise<MeasuredPoint> {
    try {
      const input = inputAt(request, memory, x)
      const name = backend as 'cpu'
      const measured = await this.#deps
        .engine()
        .request('measure', { backend: name, memory, input, repeats: request.repeats })
      return { memory, x, ...measured }
    } catch (thrown) {
      const error = toErrorData(thrown)
      return { memory, x, timesMs: [], parameterBytes: 0, stateBytes: 0, peakBytes: 0, error }
    }
  }

  #keep(measurement: Measurement): void {
    if (this.#closed) return
    this.#deps.store.write.saveMeasurement(measurement)
    this.#deps.events.now('measurement.changed', structuredClone(measurement))
  }
}

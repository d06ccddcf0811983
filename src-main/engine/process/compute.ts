/**
 * Batches, computed whatever becomes of the process or thread that computes them. A GPU that fails starts again and the
 * batch is repeated once, then computed on the CPU; so is, at once, a batch of which a single trial is too large for it. A worker that dies, or whose memory was violated, is replaced, and
 * the trials of its batch are computed one by one in others, so that only the guilty ones fail.
 */
import { toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { BackendName } from '../../tensors/backends/backend.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import type { BatchJob, BatchNote, ModelFile } from '../worker-calls.ts'
import type { Owner } from './owner.ts'
import { WorkerLost, type Pool } from './pool.ts'
import { plural } from '../../../src-shared/text/numbers.ts'

export const isGpu = (backend: BackendName): boolean => backend === 'webgpu' || backend === 'tensorflow'

/** A user's file that has ended so many workers is not given another one. */
const mostLosses = 3

/** A user's file whose code takes part. */
export type UsedFile = Pick<ModelFile, 'id' | 'file' | 'code'>

export interface ComputeDeps {
  pool(backend: BackendName): Pool
  /** The backend of the CPU. */
  cpu: BackendName
  /** The users' files whose code takes part in a batch. */
  filesOf(job: BatchJob): readonly UsedFile[]
  /** A file is not used any more, until the models are loaded again. */
  setAside(file: UsedFile, reason: string): void
  /** The outcome of a trial that could not be computed, and why. */
  failed(job: BatchJob, seed: number, error: ErrorData): Promise<TrialOutcome>
}

/** What a run hears while its batches are computed. */
export interface BatchListener {
  note?(note: BatchNote): void
  log(text: string): void
  /** Trials were computed on another backend than was chosen. */
  fellBack(from: BackendName, to: BackendName, trials: number, reason: string): void
}

export interface Computed {
  outcomes: TrialOutcome[]
  /** Trials without an outcome, for a reason that lies in the machine: they are to be computed again. */
  lost: number
  reason?: ErrorData
}

export class Compute {
  readonly #deps: ComputeDeps
  readonly #losses = new Map<string, number>()
  readonly #aside = new Map<string, string>()
  /** Of each run, why a GPU does not compute a model any more: it failed twice. */
  readonly #gaveUp = new WeakMap<Owner, Map<string, string>>()

  constructor(deps: ComputeDeps) {
    this.#deps = deps
  }

  /** The models were loaded again: what was set aside gets another chance. */
  reloaded(): void {
    this.#losses.clear()
    this.#aside.clear()
  }

  /** @throws StudioError cancelled; bad-file and what else the whole run is at fault for */
  batch(job: BatchJob, owner: Owner, listener: BatchListener): Promise<Computed> {
    return isGpu(job.backend) ? this.#onGpu(job, owner, listener) : this.#onCpu(job, owner, listener)
  }

  async #onGpu(job: BatchJob, owner: Owner, listener: BatchListener): Promise<Computed> {
    const { backend, cell } = job
    const gaveUp = this.#gaveUp.get(owner) ?? new Map<string, string>()
    this.#gaveUp.set(owner, gaveUp)
    const pair = `${backend} ${cell.label}`
    const known = gaveUp.get(pair)
    let reason = known ?? ''
    for (let attempt = 1; attempt <= 2 && known === undefined && !this.#asideOf(job); attempt++) {
      try {
        return { outcomes: await this.#ask(job, owner, listener), lost: 0 }
      } catch (error) {
        if (!(error instanceof WorkerLost)) {
          const { code, message } = toErrorData(error)
          if (code !== 'device-limit') throw error
          // Too large for it, even a trial alone: that says nothing about other batches.
          listener.log(`${backend}: ${message} This batch (${cell.label}) is computed on ${this.#deps.cpu}.`)
          return this.#instead(job, message, owner, listener)
        }
        reason = error.message
        listener.log(
          attempt === 1
            ? `${backend}: ${reason} Its process starts again, and the batch (${cell.label}) is repeated.`
            : `${backend}: ${reason} From here on ${cell.label} is computed on ${this.#deps.cpu}.`
        )
      }
    }
    gaveUp.set(pair, reason)
    return this.#instead(job, reason, owner, listener)
  }

  /** On the CPU, what was meant for a GPU. */
  #instead(job: BatchJob, reason: string, owner: Owner, listener: BatchListener): Promise<Computed> {
    const { cpu } = this.#deps
    listener.fellBack(job.backend, cpu, job.seeds.length, reason)
    return this.#onCpu({ ...job, backend: cpu }, owner, listener)
  }

  async #onCpu(job: BatchJob, owner: Owner, listener: BatchListener): Promise<Computed> {
    const { seeds, cell } = job
    const aside = this.#asideOf(job)
    if (aside) return this.#fail(job, aside)
    try {
      return { outcomes: await this.#ask(job, owner, listener), lost: 0 }
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error
      if (seeds.length === 1) return this.#guilty(job, error)
      listener.log(
        `${error.message} Its batch (${cell.label}, ${plural(seeds.length, 'trial')}) is computed one by one.`
      )
    }
    const all: Computed = { outcomes: [], lost: 0 }
    for (const seed of seeds) {
      const one = await this.#onCpu({ ...job, seeds: [seed] }, owner, listener)
      all.outcomes.push(...one.outcomes)
      all.lost += one.lost
      all.reason ??= one.reason
    }
    return all
  }

  #ask(job: BatchJob, owner: Owner, { note }: BatchListener): Promise<TrialOutcome[]> {
    return this.#deps.pool(job.backend).ask('batch', job, { owner, onNote: note })
  }

  /** A trial that its worker did not survive, computed alone. */
  async #guilty(job: BatchJob, error: WorkerLost): Promise<Computed> {
    const files = this.#deps.filesOf(job)
    for (const model of files) {
      const losses = (this.#losses.get(model.file) ?? 0) + 1
      this.#losses.set(model.file, losses)
      if (losses < mostLosses) continue
      const reason = `This model has ended ${losses} workers (${error.message}) and is set aside until the models are loaded again.`
      this.#aside.set(model.file, reason)
      this.#deps.setAside(model, reason)
    }
    const { message, data } = error
    if (files.length > 0)
      return this.#fail(job, { code: 'model-failed', message, file: files[0].file, cause: data.cause })
    // A violation of the memory is the code's own doing and will happen again; a death may be the machine's.
    return error.answered ? this.#fail(job, data) : { outcomes: [], lost: job.seeds.length, reason: data }
  }

  #asideOf(job: BatchJob): ErrorData | undefined {
    for (const { file } of this.#deps.filesOf(job)) {
      const message = this.#aside.get(file)
      if (message !== undefined) return { code: 'model-failed', message, file }
    }
    return undefined
  }

  async #fail(job: BatchJob, error: ErrorData): Promise<Computed> {
    return { outcomes: await Promise.all(job.seeds.map((seed) => this.#deps.failed(job, seed, error))), lost: 0 }
  }
}

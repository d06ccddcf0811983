/**
 * `auto`: whether the CPU or a GPU is faster is measured, once for every kind of batch, never assumed. Runs begin on the
 * CPU at once; beside them a GPU warms up on a batch of the same kind (it loads, and compiles its shaders), then both are
 * timed, and the faster one computes the batches that are left. Nothing that is measured is ended by a deadline.
 * Batches are of one kind when task and model agree and the FLOPs of a trial are within a factor of about four. A GPU
 * gains as batches grow: one that lost at some size is not tried at smaller ones, one that won is taken for larger ones.
 */
import { errorLine, toErrorData } from '../../../src-shared/shapes/errors.ts'
import type { BackendName, Detected } from '../../tensors/backends/backend.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import type { BatchJob } from '../worker-calls.ts'
import { isGpu } from './compute.ts'
import type { Owner } from './owner.ts'

/** A GPU that failed so often while it was measured is left out. */
const mostFailures = 2

export interface CalibratorDeps {
  backends: readonly Detected[]
  /** Batches that a backend computes at once. */
  lanes: (backend: BackendName) => number
  batch(job: BatchJob, owner: Owner): Promise<TrialOutcome[]>
}

/** What was found at a size, half the logarithm of the FLOPs to base 2: a backend, or that it is being measured. */
type Sizes = Map<number, BackendName | 'measuring'>

export class Calibrator {
  readonly #deps: CalibratorDeps
  /** By task and model. */
  readonly #known = new Map<string, Sizes>()
  readonly #told = new WeakSet<Owner>()
  readonly #failures = new Map<BackendName, number>()
  #measuring: Promise<unknown> = Promise.resolve()

  constructor(deps: CalibratorDeps) {
    this.#deps = deps
  }

  /**
   * What `auto` may choose, the CPU first: everything that runs here but imitations of a GPU, and the loops of the cpu
   * backend only where there is no WebAssembly, which is faster at every size.
   */
  candidates(): Detected[] {
    const able = this.#deps.backends.filter(
      ({ name, available, software }) => available && !software && (this.#failures.get(name) ?? 0) < mostFailures
    )
    const order: BackendName[] = ['wasm', 'cpu', 'tensorflow', 'webgpu']
    const wasm = able.some(({ name }) => name === 'wasm')
    return able
      .filter(({ name }) => name !== 'cpu' || !wasm)
      .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  }

  /** The backend of a batch, as far as it is known now. Measures beside the run where it is not. */
  choose(batch: BatchJob, flops: number, owner: Owner, log: (text: string) => void): BackendName {
    const candidates = this.candidates()
    const [{ name: first }] = candidates
    if (candidates.length === 1) {
      if (!this.#told.has(owner)) log(`auto: ${first}, the only suitable backend here`)
      this.#told.add(owner)
      return first
    }
    const kind = `${batch.task} ${batch.cell.model}`
    const size = Math.round(Math.log2(Math.max(1, flops)) / 2)
    const sizes: Sizes = this.#known.get(kind) ?? new Map()
    this.#known.set(kind, sizes)
    for (const [other, backend] of sizes) {
      if (other === size && backend === 'measuring') return first
      if (backend !== 'measuring' && (other === size || (isGpu(backend) ? other < size : other > size))) return backend
    }
    sizes.set(size, 'measuring')
    // One after the other: what is measured at the same time slows each other down.
    this.#measuring = this.#measuring.then(() =>
      this.#measure(shortened(batch), flops, owner, log).then(
        (backend) => sizes.set(size, backend),
        // Cancelled: whoever comes next measures.
        () => sizes.delete(size)
      )
    )
    return first
  }

  /** Resolves when nothing is measured any more. */
  async settled(): Promise<void> {
    await this.#measuring
  }

  /** @throws StudioError cancelled */
  async #measure(batch: BatchJob, flops: number, owner: Owner, log: (text: string) => void): Promise<BackendName> {
    const candidates = this.candidates()
    const said: string[] = []
    let best: { name: BackendName; ms: number } = { name: candidates[0].name, ms: Infinity }
    for (const { name } of candidates)
      try {
        const ms = await this.#time({ ...batch, backend: name }, owner)
        said.push(ms === undefined ? `${name} failed` : `${name} ${format(ms)}`)
        if (ms !== undefined && ms < best.ms) best = { name, ms }
      } catch (error) {
        const data = toErrorData(error)
        if (data.code === 'cancelled') throw error
        // What is too large for a GPU says nothing against it.
        if (data.code !== 'device-limit') this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1)
        said.push(`${name} failed (${errorLine(data)})`)
      }
    const size = `about ${Number((flops / 1e6).toPrecision(2))} MFLOP a trial`
    log(`auto: ${best.name} for ${batch.cell.label} on ${batch.task}, ${size}: ${said.join(', ')}`)
    return best.name
  }

  /** Milliseconds of a trial when all lanes are busy, warmed up; undefined where the model does not run. */
  async #time(job: BatchJob, owner: Owner): Promise<number | undefined> {
    await this.#deps.batch(job, owner)
    const outcomes = await this.#deps.batch(job, owner)
    if (outcomes.every(({ status }) => status === 'failed')) return undefined
    const ms = outcomes.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / outcomes.length
    return ms / this.#deps.lanes(job.backend)
  }
}

/** Steps of training that tell how fast a backend trains. */
export const fewSteps = 3

/** A batch that trains as one that trains for a few steps only; any other as it is. */
export function shortened(batch: BatchJob): BatchJob {
  if (!batch.training) return batch
  const { cell } = batch
  return {
    ...batch,
    training: { checkpoints: [] },
    cell: { ...cell, taskParams: { ...cell.taskParams, steps: fewSteps } }
  }
}

const format = (ms: number): string => `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms`

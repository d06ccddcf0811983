/**
 * `auto`: whether the CPU or a GPU is faster is measured on the batch itself, once for every kind of batch, never assumed.
 * Batches are of one kind when task and model agree and the FLOPs of a trial are within a factor of about four. A GPU
 * gains as batches grow: one that lost at some size is not tried at smaller ones, one that won is taken for larger ones.
 */
import type { BackendName, Detected } from '../../tensors/backends/backend.ts'
import type { TrialOutcome } from '../protocol.ts'
import type { BatchJob } from '../worker-calls.ts'

/** A backend, and outcomes that measuring it brought already. */
export interface Choice {
  backend: BackendName
  measured: TrialOutcome[]
}

/** A batch shorter than this is run a second time: the first time also loads and compiles. */
const warmMs = 200
export interface CalibratorDeps {
  backends: readonly Detected[]
  /** Batches that a backend computes at once. */
  lanes: (backend: BackendName) => number
  /** Rejects with `cancelled` past the deadline. */
  batch(job: BatchJob, owner: object): Promise<TrialOutcome[]>
}

export const isGpu = (backend: BackendName): boolean => backend === 'webgpu' || backend === 'tensorflow'

export class Calibrator {
  private readonly deps: CalibratorDeps
  /** By task and model: what was chosen at which size, half the logarithm of the FLOPs to base 2. */
  private readonly known = new Map<string, Map<number, Promise<BackendName>>>()
  private readonly told = new WeakSet<object>()

  constructor(deps: CalibratorDeps) {
    this.deps = deps
  }

  /**
   * What `auto` may choose: everything that runs here but imitations of a GPU, and the loops of the cpu backend only
   * where there is no WebAssembly, which is faster at every size.
   */
  candidates(): Detected[] {
    const able = this.deps.backends.filter(({ available, software }) => available && !software)
    // The likely winner first: its time is the others' deadline.
    const order: BackendName[] = ['wasm', 'tensorflow', 'webgpu', 'cpu']
    const wasm = able.some(({ name }) => name === 'wasm')
    return able
      .filter(({ name }) => name !== 'cpu' || !wasm)
      .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  }

  async choose(batch: BatchJob, flops: number, owner: object, log: (text: string) => void): Promise<Choice> {
    const candidates = this.candidates()
    if (candidates.length === 1) {
      const { name } = candidates[0]
      if (!this.told.has(owner)) log(`auto: ${name}, the only suitable backend here`)
      this.told.add(owner)
      return { backend: name, measured: [] }
    }
    const kind = `${batch.task} ${batch.cell.kind}`
    const size = Math.round(Math.log2(Math.max(1, flops)) / 2)
    const sizes = this.known.get(kind) ?? new Map<number, Promise<BackendName>>()
    this.known.set(kind, sizes)
    for (const [other, choice] of sizes) {
      const backend = await choice.catch(() => undefined)
      if (backend && (other === size || (isGpu(backend) ? other < size : other > size)))
        return { backend, measured: [] }
    }
    const measuring = this.measure(shortened(batch), flops, owner, log)
    const chosen = measuring.then(({ backend }) => backend)
    // Whoever waits for it measures for itself when this fails.
    chosen.catch(() => undefined)
    sizes.set(size, chosen)
    try {
      const { backend, measured } = await measuring
      return { backend, measured: batch.training ? [] : measured }
    } catch (error) {
      sizes.delete(size)
      throw error
    }
  }

  private async measure(batch: BatchJob, flops: number, owner: object, log: (text: string) => void): Promise<Choice> {
    const candidates = this.candidates()
    const { seeds } = batch
    let best: (Choice & { ms: number }) | undefined
    const said: string[] = []
    for (const { name } of candidates) {
      const lanes = this.deps.lanes(name)
      const limitMs =
        best && Number.isFinite(best.ms) ? Math.max(warmMs, 2 * best.ms * seeds.length * lanes) : undefined
      const found = await this.time({ ...batch, backend: name, deadlineMs: limitMs }, owner)
      if (!found) {
        said.push(`${name} slower than ${format((limitMs ?? 0) / seeds.length / lanes)}`)
        continue
      }
      // One that cannot run this model would look fast.
      const failed = found.outcomes.every(({ status }) => status === 'failed')
      const ms = failed ? Infinity : found.elapsedMs / seeds.length / lanes
      said.push(failed ? `${name} failed` : `${name} ${format(ms)}`)
      if (!best || ms < best.ms) best = { backend: name, measured: found.outcomes, ms }
    }
    if (!best) throw new Error('No backend could run this batch.')
    const size = `about ${Number((flops / 1e6).toPrecision(2))} MFLOP a trial`
    log(`auto: ${best.backend} for ${batch.cell.label} on ${batch.task}, ${size}: ${said.join(', ')}`)
    return { backend: best.backend, measured: best.measured }
  }

  /** Undefined when the deadline passed. */
  private async time(
    job: BatchJob,
    owner: object
  ): Promise<{ elapsedMs: number; outcomes: TrialOutcome[] } | undefined> {
    const once = async (): Promise<{ elapsedMs: number; outcomes: TrialOutcome[] }> => {
      const outcomes = await this.deps.batch(job, owner)
      return { outcomes, elapsedMs: outcomes.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) }
    }
    try {
      const cold = await once()
      if (cold.elapsedMs > warmMs) return cold
      const warm = await once()
      return warm.elapsedMs < cold.elapsedMs ? warm : cold
    } catch (error) {
      if (job.deadlineMs !== undefined && Atomics.load(new Int32Array(job.cancelled), 0) === 0) return undefined
      throw error
    }
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

/**
 * `auto`: which backend is fastest is measured on the batch itself, once for every kind of batch, never assumed. Batches
 * are of one kind when task and model agree and the FLOPs of a trial are within a factor of about four.
 */
import type { BackendName, Detected } from './backends/backend.ts'
import type { TrialOutcome } from './protocol.ts'
import type { BatchJob } from './worker-calls.ts'

/** A backend, and outcomes that measuring it brought already. */
export interface Choice {
  backend: BackendName
  measured: TrialOutcome[]
}

/** A batch shorter than this is run a second time: the first time also loads and compiles. */
const warmMs = 200
/** Trials measured where only CPU backends compete; a GPU is judged by the full batch. */
const few = 4

export interface CalibratorDeps {
  backends: readonly Detected[]
  /** Batches that a backend computes at once. */
  lanes: (backend: BackendName) => number
  /** Rejects with `cancelled` past the deadline. */
  batch(job: BatchJob, owner: object): Promise<TrialOutcome[]>
}

export class Calibrator {
  private readonly deps: CalibratorDeps
  private readonly known = new Map<string, Promise<Choice>>()

  constructor(deps: CalibratorDeps) {
    this.deps = deps
  }

  /** What `auto` may choose: everything that runs here but imitations of a GPU. */
  candidates(): Detected[] {
    const able = this.deps.backends.filter(({ available, software }) => available && !software)
    // The likely winner first: its time is the others' deadline.
    const order: BackendName[] = ['wasm', 'tensorflow', 'webgpu', 'cpu']
    return able.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  }

  async choose(batch: BatchJob, flops: number, owner: object, log: (text: string) => void): Promise<Choice> {
    const key = `${batch.task} ${batch.cell.kind} ${Math.round(Math.log2(Math.max(1, flops)) / 2)}`
    const earlier = this.known.get(key)
    if (earlier) {
      const choice = await earlier.catch(() => undefined)
      if (choice) return { backend: choice.backend, measured: [] }
    }
    const measuring = this.measure(shortened(batch), flops, owner, log)
    this.known.set(key, measuring)
    try {
      const { backend, measured } = await measuring
      return { backend, measured: batch.training ? [] : measured }
    } catch (error) {
      this.known.delete(key)
      throw error
    }
  }

  private async measure(batch: BatchJob, flops: number, owner: object, log: (text: string) => void): Promise<Choice> {
    const candidates = this.candidates()
    const gpu = candidates.some(({ name }) => name === 'webgpu' || name === 'tensorflow')
    const seeds = gpu || batch.training ? batch.seeds : batch.seeds.slice(0, few)
    let best: (Choice & { ms: number }) | undefined
    const said: string[] = []
    for (const { name } of candidates) {
      const lanes = this.deps.lanes(name)
      const limitMs =
        best && Number.isFinite(best.ms) ? Math.max(warmMs, 2 * best.ms * seeds.length * lanes) : undefined
      const found = await this.time({ ...batch, seeds, backend: name, deadlineMs: limitMs }, owner)
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

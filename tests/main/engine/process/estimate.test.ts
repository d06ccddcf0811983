import { describe, expect, it } from 'vitest'
import { StudioError } from '../../../../src-shared/shapes/errors.ts'
import { estimate } from '../../../../src-main/engine/process/estimate.ts'
import type { RunJob } from '../../../../src-main/engine/protocol.ts'
import type { TrialOutcome } from '../../../../src-shared/shapes/outcome.ts'
import { Timings } from '../../../../src-main/engine/process/timings.ts'
import type { BatchJob } from '../../../../src-main/engine/worker-calls.ts'
import { tinyCell } from '../worker/tiny.ts'

const seeds = Array.from({ length: 20 }, (_, i) => i)
const sizes = [1, 2, 4]
const job: RunJob = {
  runId: 'r',
  task: 'tiny',
  generator: 'philox',
  backend: 'wasm',
  cells: sizes.map((items, index) => ({ ...tinyCell('shift', seeds, { items }), index }))
}
const weights = sizes.map((items) => ({ flops: items * 1e6, bytes: 1 }))

const nothingKnown = (): { timings: Timings } => ({ timings: new Timings() })

/** A machine on which a trial takes 0.5 ms and 1 ms for each million operations. */
function machine(): { run: (batch: BatchJob) => Promise<TrialOutcome[]>; ran: number[] } {
  const ran: number[] = []
  const run = (batch: BatchJob): Promise<TrialOutcome[]> => {
    ran.push(batch.seeds.length)
    const elapsedMs = 0.5 + (batch.cell.taskParams.items as number)
    return Promise.resolve(batch.seeds.map((seed) => ({ seed, elapsedMs }) as TrialOutcome))
  }
  return { run, ran }
}

describe('estimating the time of a job', () => {
  it('is right for time that is linear in the operations, over all workers', async () => {
    const { run } = machine()
    expect(await estimate(job, weights, 'wasm', 2, run, nothingKnown())).toBeCloseTo((20 * (1.5 + 2.5 + 4.5)) / 2, 6)
  })

  it('measures small batches only', async () => {
    const { run, ran } = machine()
    await estimate(job, weights, 'wasm', 2, run, nothingKnown())
    expect(Math.max(...ran)).toBeLessThanOrEqual(16)
    expect(ran.length).toBeLessThanOrEqual(3)
  })

  it('gives a large number for a model that is too slow to measure, and asks it once', async () => {
    let asked = 0
    const slow = (): Promise<never> => {
      asked++
      return Promise.reject(new StudioError('cancelled', 'late'))
    }
    expect(await estimate(job, weights, 'wasm', 1, slow, nothingKnown())).toBeGreaterThan(60 * 125)
    expect(asked).toBe(1)
  })

  it('asks nothing where trials of that size have run before, and trusts the newest most', async () => {
    const { run, ran } = machine()
    const timings = new Timings()
    const took = (flops: number, ms: number): void =>
      timings.record('tiny', job.cells[0]!.model, 'wasm', flops, [{ status: 'done', elapsedMs: ms } as TrialOutcome])
    took(1e6, 30)
    took(1e6, 10)
    took(4e6, 50)
    // 20, and on the line from 20 at 1e6 to 50 at 4e6.
    expect(await estimate(job, weights, 'wasm', 1, run, { timings })).toBeCloseTo(20 * (20 + 30 + 50), 6)
    expect(ran).toEqual([])
    took(4e6, 50)
    expect(await estimate(job, weights, 'cpu', 1, run, { timings })).toBeCloseTo(20 * (1.5 + 2.5 + 4.5), 6)
    expect(ran.length).toBeGreaterThan(0)
  })

  it('finds that most of a small trial does not grow with its operations', async () => {
    const sizes = [1, 100, 10_000]
    const cells = sizes.map((items, index) => ({ ...tinyCell('shift', seeds, { items }), index }))
    const weights = sizes.map((items) => ({ flops: items * 1e6, bytes: 1 }))
    const run = (batch: BatchJob): Promise<TrialOutcome[]> => {
      const elapsedMs = 2 + 0.001 * (batch.cell.taskParams.items as number)
      return Promise.resolve(batch.seeds.map((seed) => ({ seed, elapsedMs }) as TrialOutcome))
    }
    const ms = await estimate({ ...job, cells }, weights, 'wasm', 1, run, nothingKnown())
    expect(ms).toBeCloseTo(20 * (2.001 + 2.1 + 12), 6)
  })

  it('passes on an error of the job itself', async () => {
    const broken = (): Promise<never> => Promise.reject(new StudioError('bad-file', 'no such weights'))
    await expect(estimate(job, weights, 'wasm', 1, broken, nothingKnown())).rejects.toMatchObject({
      data: { code: 'bad-file' }
    })
  })
})

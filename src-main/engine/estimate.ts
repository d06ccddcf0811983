import { toErrorData } from '../../src-shared/errors.ts'
import type { BackendName } from './backends/backend.ts'
import { fewSteps, shortened } from './calibrate.ts'
import type { CellJob, RunJob, TrialOutcome } from './protocol.ts'
import type { BatchJob, CellWeight } from './worker-calls.ts'

/** For all measurements together. */
const budgetMs = 2000
const batchSize = 8

/**
 * Expected milliseconds of a job: for each model its cheapest cell is measured in a small batch, and its dearest too if
 * that promises to fit into the budget; in between, time is taken as linear in the FLOPs, a + b FLOPs.
 * @param trains the task trains its models: a few steps are measured, and as many reckoned as it takes at most
 */
export async function estimate(
  job: RunJob,
  weights: readonly CellWeight[],
  backend: BackendName,
  lanes: number,
  run: (job: BatchJob, owner: object) => Promise<TrialOutcome[]>,
  trains = false
): Promise<number> {
  const models = Map.groupBy(
    job.cells.map((cell, i) => ({ cell, flops: weights[i].flops })),
    ({ cell }) => cell.modelIndex
  )
  const shareMs = budgetMs / models.size
  const owner = {}
  /** Milliseconds of one trial; the time at which it was given up counts double. */
  const measure = async ({ seeds, ...cell }: CellJob, deadlineMs: number): Promise<{ ms: number; late: boolean }> => {
    const cancelled = new SharedArrayBuffer(4)
    const few = seeds.slice(0, batchSize)
    const { task, generator } = job
    const scale = trains ? Number(cell.taskParams.steps) / fewSteps : 1
    try {
      const batch: BatchJob = { task, cell, seeds: few, generator, backend, cancelled, deadlineMs }
      const outcomes = await run(trains ? shortened({ ...batch, training: { checkpoints: [] } }) : batch, owner)
      return { ms: (scale * outcomes.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0)) / few.length, late: false }
    } catch (error) {
      const { code } = toErrorData(error)
      if (code !== 'cancelled' && code !== 'engine-crashed') throw error
      return { ms: (2 * scale * deadlineMs) / few.length, late: true }
    }
  }
  let total = 0
  for (const cells of models.values()) {
    const sorted = cells.filter(({ cell }) => cell.seeds.length > 0).sort((a, b) => a.flops - b.flops)
    if (sorted.length === 0) continue
    const [cheapest, dearest] = [sorted[0], sorted[sorted.length - 1]]
    // The first time also loads and compiles.
    const cold = await measure(cheapest.cell, shareMs / 2)
    const low = cold.late ? cold.ms : (await measure(cheapest.cell, shareMs / 4)).ms
    const ratio = dearest.flops / cheapest.flops
    const fits = !cold.late && ratio > 1.5 && low * ratio * batchSize < shareMs / 2
    const high = fits ? (await measure(dearest.cell, shareMs / 2)).ms : low * ratio
    const slope = ratio > 1 ? Math.max(0, high - low) / (dearest.flops - cheapest.flops) : 0
    for (const { cell, flops } of sorted) total += cell.seeds.length * (low + slope * (flops - cheapest.flops))
  }
  return total / lanes
}

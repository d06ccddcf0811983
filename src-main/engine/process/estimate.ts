import { toErrorData } from '../../../src-shared/shapes/errors.ts'
import type { BackendName } from '../../tensors/backends/backend.ts'
import { fewSteps, shortened } from './calibrate.ts'
import type { CellJob, RunJob } from '../protocol.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import { interpolate, type Point, type Timings } from './timings.ts'
import type { BatchJob, CellWeight } from '../worker-calls.ts'

/** For all measurements together. */
const budgetMs = 2000
/** What is left for measuring at least, when models before have used more than their share. */
const leastMs = 250
const batchSize = 16
/** A cell whose FLOPs are within this factor of a known point needs no measurement. */
const close = 2

interface Weighed {
  cell: CellJob
  flops: number
}

/**
 * Expected milliseconds of a job. What trials of the same task and model have taken in this engine is taken as known;
 * for a model of which too little is known, cells are measured in small batches, from the cheapest to as dear a one as
 * the time allows, and the rest follows on straight lines over the FLOPs.
 * @param trains the task trains its models: a few steps are measured, and as many reckoned as it takes at most
 */
export async function estimate(
  job: RunJob,
  weights: readonly CellWeight[],
  backend: BackendName,
  lanes: number,
  run: (job: BatchJob) => Promise<TrialOutcome[]>,
  { timings, trains = false }: { timings: Timings; trains?: boolean }
): Promise<number> {
  const cells = job.cells.map((cell, i): Weighed => ({ cell, flops: Math.max(1, weights[i].flops) }))
  const models = Map.groupBy(
    cells.filter(({ cell }) => cell.seeds.length > 0),
    ({ cell }) => cell.use
  )
  /** Milliseconds of one trial. What is given up counts twice the time at which it was. */
  async function measure(
    { cell: { seeds, ...cell }, flops }: Weighed,
    most: number,
    deadlineMs: number
  ): Promise<Point & { late: boolean }> {
    const few = seeds.slice(0, Math.max(1, Math.min(batchSize, most)))
    const { task, generator } = job
    const batch: BatchJob = { task, cell, generator, backend, seeds: few, deadlineMs }
    const scale = (trains ? Number(cell.taskParams.steps) / fewSteps : 1) / few.length
    try {
      const outcomes = await run(trains ? shortened({ ...batch, training: { checkpoints: [] } }) : batch)
      return { flops, ms: scale * outcomes.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0), late: false }
    } catch (error) {
      const { code } = toErrorData(error)
      if (code !== 'cancelled' && code !== 'engine-crashed') throw error
      return { flops, ms: scale * 2 * deadlineMs, late: true }
    }
  }

  const begin = performance.now()
  /** Points of one model, by rising FLOPs; `models` are still to come, this one included. */
  async function pointsOf(sorted: readonly Weighed[], models: number): Promise<readonly Point[]> {
    const known = timings.of(job.task, sorted[0].cell.model, backend)
    const isKnown = ({ flops }: Weighed): boolean =>
      known.some((point) => Math.max(point.flops, flops) <= close * Math.min(point.flops, flops))
    if (sorted.every(isKnown)) return known
    const now = performance.now()
    const end = now + Math.max(leastMs, begin + budgetMs - now) / models
    const left = (): number => end - performance.now()
    // The first time also loads and compiles: it counts only where there is no time for a second one.
    const cold = await measure(sorted[0], 2, left())
    const warm = cold.late || left() < leastMs / models ? cold : await measure(sorted[0], batchSize, left())
    const points: Point[] = [warm.late ? cold : warm]
    for (let late = cold.late || warm.late; !late;) {
      const { flops, ms } = points[points.length - 1]
      // At most: part of the time does not grow with the FLOPs.
      const expected = (next: Weighed): number => (ms * next.flops) / flops
      const next = sorted.findLast((one) => one.flops > close * flops && 2 * expected(one) < left() / 2)
      if (!next) break
      const point = await measure(next, Math.max(2, Math.floor(left() / 2 / expected(next))), left())
      late = point.late
      if (!late) points.push(point)
    }
    return points
  }

  let total = 0
  let batches = 0
  for (const [i, cells] of [...models.values()].entries()) {
    const sorted = cells.sort((a, b) => a.flops - b.flops)
    const points = await pointsOf(sorted, models.size - i)
    for (const { cell, flops } of sorted) total += cell.seeds.length * interpolate(points, flops)
    batches += cells.reduce((sum, { cell }) => sum + Math.ceil(cell.seeds.length / 4), 0)
  }
  return total / Math.max(1, Math.min(lanes, batches))
}

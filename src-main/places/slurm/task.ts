/** One array task: its batches that have no outcome yet, as many at once as there are threads. */
import { toErrorData } from '../../../src-shared/shapes/errors.ts'
import { idOf, packed, writeAnswer, type Batch } from '../batch.ts'
import type { BatchComputer } from '../compute.ts'
import type { SlurmFolder } from './folder.ts'

/** Between two writings of what a batch has learned. */
const learnedMs = 5000

/**
 * @param stop settles when the cluster takes the machine away: what is under way is left
 * @returns batches that were computed now, and those that failed
 */
export async function computeTask(
  folder: SlurmFolder,
  index: number,
  computer: BatchComputer,
  stop: AbortSignal,
  say: (line: string) => void
): Promise<{ computed: number; failed: number }> {
  const { lanes } = await computer.ready()
  const there = folder.computed()
  const left = folder.task(index).filter((batch) => !there.has(idOf(batch)))
  say(`task ${index}: ${left.length} batches to compute, ${lanes} at once`)
  const count = { computed: 0, failed: 0 }
  const work = async (): Promise<void> => {
    for (let batch = left.shift(); batch !== undefined && !stop.aborted; batch = left.shift())
      if (await computeOne(folder, batch, computer, stop, say)) count.computed++
      else if (!stop.aborted) count.failed++
  }
  await Promise.all(Array.from({ length: lanes }, work))
  return count
}

async function computeOne(
  folder: SlurmFolder,
  batch: Batch,
  computer: BatchComputer,
  stop: AbortSignal,
  say: (line: string) => void
): Promise<boolean> {
  const id = idOf(batch)
  let written = -Infinity
  let known = folder.learned(id) ?? batch.checkpoints
  try {
    const answer = await computer.compute(
      { ...batch, checkpoints: known },
      // All that batches need was put into the folder when it was made.
      () => Promise.resolve(undefined),
      {
        log: say,
        checkpoint(trials) {
          const seeds = new Set(trials.map(({ seed }) => seed))
          known = [...known.filter(({ seed }) => !seeds.has(seed)), ...packed(trials)]
          if (performance.now() - written < learnedMs) return
          written = performance.now()
          folder.putLearned(id, known)
        }
      },
      stop
    )
    folder.putOutcome(id, writeAnswer(answer))
    return true
  } catch (thrown) {
    if (stop.aborted) return false
    const error = toErrorData(thrown)
    say(`${batch.cell.label}: ${error.message}`)
    folder.putFailure(id, error)
    return false
  }
}

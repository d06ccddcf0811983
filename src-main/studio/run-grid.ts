/** What of a stored run's grid is still to compute, and whether it may be. */
import { findModel, findTask, modelIn, type Catalog } from '../../src-shared/shapes/catalog.ts'
import { StudioError } from '../../src-shared/shapes/errors.ts'
import { seedsOf, type BackendChoice } from '../../src-shared/shapes/experiment.ts'
import { trialIdentity } from '../../src-shared/grid/identity.ts'
import type { RunJob } from '../engine/protocol.ts'
import type { StoreReader } from '../store/store.ts'
import type { Cell } from '../../src-shared/grid/cell.ts'
import type { Checkpoint } from '../../src-shared/shapes/outcome.ts'
import type { Run } from '../../src-shared/shapes/run.ts'
import type { StoredTuning } from '../store/tuning.ts'
import type { ActiveRun } from './active-run.ts'

/** What is still missing of the run's grid. @param backend the user's, for an experiment that leaves it open */
export function missingOf(
  { id, run, reported }: Pick<ActiveRun, 'id' | 'run' | 'reported'>,
  read: Pick<StoreReader, 'seedsStored' | 'checkpoints'>,
  backend: BackendChoice
): RunJob {
  return jobOf(run, reported, 0, seedsOf(run.experiment), read.seedsStored(id), read.checkpoints(id), backend)
}

/** The same of what is tuned before it. */
export function untriedOf(
  { id, run }: Pick<ActiveRun, 'id' | 'run'>,
  { first, cells, seeds, trials }: StoredTuning,
  read: Pick<StoreReader, 'checkpoints'>,
  backend: BackendChoice
): RunJob {
  const byCell = Map.groupBy(trials, ({ cell }) => cell)
  const stored = new Map([...byCell].map(([cell, own]) => [cell, new Set(own.map(({ seed }) => seed))]))
  return jobOf(run, cells, first, seeds, stored, read.checkpoints(id), backend)
}

function jobOf(
  { id, experiment }: Run,
  cells: readonly Cell[],
  first: number,
  seeds: readonly number[],
  stored: ReadonlyMap<number, ReadonlySet<number>>,
  learned: ReadonlyMap<number, Checkpoint[]>,
  backend: BackendChoice
): RunJob {
  return {
    runId: id,
    task: experiment.task.kind,
    generator: experiment.generator,
    backend: experiment.backend === 'auto' ? backend : experiment.backend,
    cells: cells.flatMap((cell, i) => {
      const index = first + i
      const there = stored.get(index)
      const missing = there ? seeds.filter((seed) => !there.has(seed)) : [...seeds]
      return missing.length ? [{ ...cell, index, seeds: missing, checkpoints: learned.get(index) }] : []
    })
  }
}

/**
 * A model or task that has changed since would mix two kinds of numbers in one run.
 * @throws StudioError not-found for one that is gone, conflict for one that has changed
 */
export function refuseChanged(
  id: string,
  read: Pick<StoreReader, 'run' | 'cells' | 'sampleHashes' | 'tuning'>,
  catalog: Catalog
): void {
  const { experiment } = read.run(id)
  const cells = read.cells(id)
  const task = findTask(catalog, experiment.task.kind)
  for (const id of new Set(cells.map((cell) => cell.model))) findModel(catalog, id)
  const tuning = read.tuning(id)
  const tried = tuning ? [...Map.groupBy(tuning.trials, ({ cell }) => tuning.cells[cell - tuning.first].use)] : []
  for (const { cell: index, seed, hash } of [...read.sampleHashes(id), ...tried.map(([, [trial]]) => trial)]) {
    const cell = cells[index] ?? tuning?.cells[index - cells.length]
    const model = findModel(catalog, cell.model)
    if (cell.weights !== undefined) continue
    if (trialIdentity(task, cell, (id) => modelIn(catalog, id), seed, experiment.generator).hash !== hash)
      throw new StudioError(
        'conflict',
        `${model.title} or ${task.title} has changed since this run began. Duplicate it as a new experiment instead.`
      )
  }
}

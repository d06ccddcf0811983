/** Batches of a job that a cluster's folder does not hold yet, or that are missing there, given to the cluster. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { modelIn, taskIn, type Catalog } from '../../../src-shared/shapes/catalog.ts'
import type { SlurmWish } from '../../../src-shared/shapes/place.ts'
import type { Cut, RunJob } from '../../engine/protocol.ts'
import { AssetFolder, assetsOf } from '../assets.ts'
import { idOf, type Batch } from '../batch.ts'
import { batchesFor } from '../cut.ts'
import type { Place } from '../place.ts'
import { submitArray, tasksAt, type EngramCommand, script } from './cluster.ts'
import type { ArrayJob, SlurmFolder } from './folder.ts'
import { grouped, tasksFor } from './group.ts'

export interface SubmitDeps {
  engine: Place
  /** The studio's. */
  version: string
  vectorFolder: string
  /** How `engram` is started on the cluster. */
  engram: EngramCommand
}

/** Batches are cut for at least so many threads. */
const leastLanes = 16
/** Turns of the event loop are given away after so many. */
const breath = 50

/**
 * Write the batches of a job into a folder as tasks, with all that they need beside themselves.
 * @returns the first and the last task; undefined where there is nothing to compute
 * @throws StudioError too-large, not-found, disk-full, read-only
 */
export async function writeTasks(
  folder: SlurmFolder,
  job: RunJob,
  tasks: number | undefined,
  { engine, version, vectorFolder }: SubmitDeps
): Promise<Pick<ArrayJob, 'first' | 'last'> | undefined> {
  if (job.cells.length === 0) return undefined
  const { catalog } = await engine.ready()
  const cuts = await engine.request('cut', { job, lanes: Math.max(leastLanes, tasks ?? 0) })
  const assets = await assetsOf(job, engine, catalog, vectorFolder)
  const kept = new AssetFolder(folder.path)
  for (const { index } of job.cells)
    await kept.have(assets.of(index), (hash) => Promise.resolve(assets.contents.get(hash)?.()))
  const batches: Batch[] = []
  for (const batch of batchesFor(job, cuts, {
    catalog,
    version,
    assets: assets.of,
    revisions: revisionsIn(catalog, job.task)
  })) {
    batches.push(batch)
    if (batches.length % breath === 0) await nextTurn()
  }
  return folder.addTasks(
    grouped(cuts, tasksFor(cuts.length, tasks)).map((places) => places.map((place) => batches[place]))
  )
}

const revisionsIn =
  (catalog: Catalog, task: string) =>
  (model: string): Batch['revisions'] => ({
    task: taskIn(catalog, task)?.revision ?? 0,
    model: modelIn(catalog, model)?.revision ?? 0
  })

/** Give tasks to the cluster; where there is no sbatch here and no host is named, only their script is written. */
export async function submitTasks(
  folder: SlurmFolder,
  tasks: Pick<ArrayJob, 'first' | 'last'>,
  wish: Pick<SlurmWish, 'sbatch' | 'ssh'>,
  engram: EngramCommand
): Promise<ArrayJob | undefined> {
  try {
    return await submitArray(folder, tasks, wish, engram)
  } catch (error) {
    const { data } = error as { data?: { code: string } }
    if (data?.code !== 'not-found' || wish.ssh) throw error
    script(folder, engram)
    return undefined
  }
}

/**
 * Give the cluster once more what has no outcome and what it does not have any longer.
 * @returns how many batches, and their job; undefined where nothing is missing
 */
export async function submitMissing(
  folder: SlurmFolder,
  { tasks, ...wish }: SlurmWish,
  engram: EngramCommand
): Promise<{ batches: number; tasks: Pick<ArrayJob, 'first' | 'last'>; job: ArrayJob | undefined } | undefined> {
  const computed = folder.computed()
  const atWork = await tasksAt(folder.jobs())
  const missing = [...folder.batches().values()].filter(
    ({ batch, task }) => !computed.has(idOf(batch)) && !atWork.has(task)
  )
  if (missing.length === 0) return undefined
  const cuts: Pick<Cut, 'flops' | 'seeds'>[] = missing.map(({ batch }) => ({ flops: 0, seeds: batch.seeds }))
  const groups = grouped(cuts, tasksFor(missing.length, tasks))
  const added = folder.addTasks(groups.map((places) => places.map((place) => missing[place].batch)))
  return { batches: missing.length, tasks: added, job: await submitTasks(folder, added, wish, engram) }
}

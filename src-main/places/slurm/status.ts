/** How far a cluster's folder is: from its files, and from what squeue says of its jobs. */
import { StudioError, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { idOf } from '../batch.ts'
import { tasksAt, type TaskState } from './cluster.ts'
import type { SlurmFolder } from './folder.ts'

export interface SlurmStatus {
  run: string
  trials: number
  /** Trials whose outcome is there. */
  computed: number
  batches: { all: number; computed: number; failed: number; atWork: number; missing: number }
  /** Array tasks that the cluster has. */
  tasks: Record<TaskState, number>
  jobs: string[]
  /** Of batches that failed when they were last tried, the first. */
  failures: { label: string; error: ErrorData }[]
  /** Why the cluster could not be asked. */
  cluster?: string
}

const listed = 20

/** @throws StudioError not-found, bad-file for a folder without a plan */
export async function slurmStatus(folder: SlurmFolder): Promise<SlurmStatus> {
  const { run, trials } = folder.plan()
  const jobs = folder.jobs()
  let tasks = new Map<number, TaskState>()
  let cluster: string | undefined
  if (jobs.length)
    try {
      tasks = await tasksAt(jobs)
    } catch (error) {
      cluster = error instanceof StudioError ? error.message : String(error)
    }
  const failures = folder.failures()
  const computed = folder.computed()
  const all = [...folder.batches()]
  const done = all.filter(([id]) => computed.has(id))
  const left = all.filter(([id]) => !computed.has(id))
  const atWork = left.filter(([, { task }]) => tasks.has(task))
  const failed = left.filter(([id, { task }]) => failures.has(id) && !tasks.has(task))
  const states = [...tasks.values()]
  const count = (state: TaskState): number => states.filter((one) => one === state).length
  return {
    run,
    trials,
    computed: done.reduce((sum, [, { batch }]) => sum + batch.seeds.length, 0),
    batches: {
      all: all.length,
      computed: done.length,
      failed: failed.length,
      atWork: atWork.length,
      missing: left.length - atWork.length - failed.length
    },
    tasks: { pending: count('pending'), running: count('running'), ending: count('ending') },
    jobs: jobs.map(({ id }) => id),
    failures: failed.slice(0, listed).map(([, { batch }]) => ({
      label: batch.cell.label,
      error: failures.get(idOf(batch))!
    })),
    ...(cluster !== undefined && { cluster })
  }
}

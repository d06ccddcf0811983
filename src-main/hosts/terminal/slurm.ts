/** `engram submit`, `task`, `status` and `gather`: an experiment on a cluster, by files in a folder that it sees. */
import { availableParallelism } from 'node:os'
import { existsSync } from 'node:fs'
import { ulid } from 'ulid'
import { errorOf, StudioError } from '../../../src-shared/shapes/errors.ts'
import type { BackendChoice } from '../../../src-shared/shapes/experiment.ts'
import { slurmSchema, type SlurmWish } from '../../../src-shared/shapes/place.ts'
import type { Drift } from '../../../src-shared/exchange/drift.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { startEngine } from '../../engine/process/launch.ts'
import { AssetFolder } from '../../places/assets.ts'
import { BatchComputer } from '../../places/compute.ts'
import { SlurmFolder, type ArrayJob } from '../../places/slurm/folder.ts'
import { slurmStatus, type SlurmStatus } from '../../places/slurm/status.ts'
import { submitMissing, submitTasks, writeTasks } from '../../places/slurm/submit.ts'
import { computeTask } from '../../places/slurm/task.ts'
import { driftedText } from '../../studio/run-news.ts'
import { storeFile } from '../../store/file.ts'
import { engramCommand } from '../../places/slurm/command.ts'
import { readExperiment, withOptions, type RunOptions } from './run.ts'
import { resultOf, type RunResult } from './results.ts'
import { withStudio } from './session.ts'
import { plain, table } from './text.ts'
import { thisComputer } from './this-computer.ts'

export interface SubmitOptions extends Omit<RunOptions, 'on' | 'queue'> {
  /** The folder; left out with `missing`, where it is the argument. */
  slurm?: string
  sbatch?: string
  tasks?: number
  ssh?: string
  missing?: true
  /** How `engram` is called on the cluster, where it is not this installation. */
  engram?: string
}

export interface Submitted {
  folder: string
  run: string
  /** Slurm's; null where there is no sbatch here. */
  job: string | null
  batches: number
  /** The first and the last array task; null where nothing is missing. */
  tasks: [number, number] | null
}

const say = (line: string): void => void process.stderr.write(`${plain(line)}\n`)

function wishOf({ sbatch = '', tasks, ssh }: SubmitOptions): SlurmWish {
  const read = slurmSchema.safeParse({ sbatch, tasks, ssh })
  if (read.success) return read.data
  const [{ message, path }] = read.error.issues
  throw new StudioError('bad-input', `${message}.`, { field: path.join('.') })
}

/** @throws StudioError what is wrong with the experiment or the folder, engine-failed with what sbatch says */
export async function submit(file: string, options: SubmitOptions): Promise<Submitted> {
  const wish = wishOf(options)
  const engram = options.engram === undefined ? engramCommand() : options.engram.split(' ')
  if (options.missing) {
    const folder = new SlurmFolder(options.slurm ?? file)
    const { run } = folder.plan()
    const given = (await submitMissing(folder, wish, engram)) ?? (await submitReport(folder, wish, engram, options))
    return {
      ...{ folder: folder.path, run, job: given?.job?.id ?? null, batches: given?.batches ?? 0 },
      tasks: given ? [given.tasks.first, given.tasks.last] : null
    }
  }
  if (options.slurm === undefined)
    throw new StudioError('bad-input', 'Name the folder that the cluster computes in: --slurm DIR.', { field: 'slurm' })
  const experiment = withOptions(await readExperiment(file), options)
  const folder = new SlurmFolder(options.slurm)
  const access = existsSync(storeFile(options.data)) ? 'look' : 'change'
  return withStudio(
    options.data,
    access,
    async ({ ask, batches: deps }) => {
      const plan = await ask('experiment.plan', { experiment })
      if (plan.errors.length) throw errorOf({ file, ...plan.errors[0] })
      const { grid } = expandGrid(experiment, await ask('catalog.get', {}))
      if (!grid) throw new StudioError('bad-input', 'This experiment has no grid.', { file })
      const { tuning } = grid
      if (tuning && tuning.cells.length === 0)
        throw new StudioError(
          'not-supported',
          'A search that goes on from what came before needs a studio beside it: choose "Run on: Slurm" there, or run it over the queue.',
          { file, field: 'tuning.tuner' }
        )
      const [misfit] = await deps.misfits(experiment.task.kind, grid)
      if (misfit) throw errorOf({ ...misfit, file })
      folder.prepare()
      const run = ulid()
      const job = {
        runId: run,
        task: experiment.task.kind,
        generator: experiment.generator,
        backend: experiment.backend,
        // What tunes is computed first; the report's cells have their parameters when it is gathered.
        cells: tuning
          ? tuning.cells.map((cell, i) => ({ ...cell, index: grid.cells.length + i, seeds: tuning.seeds }))
          : grid.cells.map((cell, index) => ({ ...cell, index, seeds: grid.seeds }))
      }
      const tasks = (await writeTasks(folder, job, wish.tasks, { ...deps, engram }))!
      const trials = grid.trials + (tuning ? tuning.cells.length * tuning.seeds.length : 0)
      folder.begin({ run, version: deps.version, created: new Date().toISOString(), trials }, experiment)
      const given = await submitTasks(folder, tasks, wish, engram)
      return {
        ...{ folder: folder.path, run, job: given?.id ?? null, batches: folder.batches().size },
        tasks: [tasks.first, tasks.last]
      }
    },
    options
  )
}

/** The second part of what tunes first, once its tuning is gathered. @returns undefined where there is nothing to submit */
async function submitReport(
  folder: SlurmFolder,
  wish: SlurmWish,
  engram: readonly string[],
  options: SubmitOptions
): Promise<{ batches: number; tasks: Pick<ArrayJob, 'first' | 'last'>; job: ArrayJob | undefined } | undefined> {
  if (!folder.experiment().tuning || !existsSync(storeFile(options.data))) return undefined
  const { run } = folder.plan()
  return withStudio(
    options.data,
    'look',
    async ({ batches: deps }) => {
      const left = deps.left(run)
      if (!left) return undefined
      const there = Map.groupBy(folder.batches().values(), ({ batch }) => batch.cell.index)
      const cells = left.cells.flatMap((cell) => {
        const given = new Set(there.get(cell.index)?.flatMap(({ batch }) => batch.seeds))
        const seeds = cell.seeds.filter((seed) => !given.has(seed))
        return seeds.length ? [{ ...cell, seeds }] : []
      })
      const tasks = await writeTasks(folder, { ...left, cells }, wish.tasks, { ...deps, engram })
      if (!tasks) return undefined
      const job = await submitTasks(folder, tasks, wish, engram)
      const added = [...folder.batches().values()].filter(({ task }) => task >= tasks.first)
      return { batches: added.length, tasks, job }
    },
    options
  )
}

export function submittedText({ folder, job, batches, tasks }: Submitted): string {
  if (!tasks) return `Nothing is missing in ${folder}.`
  const what = `${batches} batches in ${tasks[1] - tasks[0] + 1} array tasks, in ${folder}`
  if (job !== null) return `Slurm job ${job}: ${what}`
  return `${what}\nThere is no sbatch here. On the cluster: sbatch --array=${tasks[0]}-${tasks[1]} ${folder}/run.sh`
}

export interface TaskOptions {
  workers?: number
  backend: BackendChoice
}

/** @throws StudioError not-found, bad-file; engine-failed where a batch could not be computed */
export async function computeOnCluster(
  path: string,
  index: number,
  { workers, backend }: TaskOptions
): Promise<{ computed: number; failed: number }> {
  const folder = new SlurmFolder(path)
  folder.plan()
  const { SLURM_CPUS_PER_TASK, SLURM_CPUS_ON_NODE, SLURM_ARRAY_JOB_ID, SLURM_JOB_ID } = process.env
  const slurmJob = SLURM_ARRAY_JOB_ID ?? SLURM_JOB_ID
  const given = Number(SLURM_CPUS_PER_TASK ?? SLURM_CPUS_ON_NODE ?? 0)
  const computer = new BatchComputer({
    about: thisComputer(slurmJob ? `slurm ${slurmJob}` : 'task'),
    start: startEngine,
    assets: new AssetFolder(folder.path),
    workers: workers ?? (given || availableParallelism()),
    backend,
    // It is the user's own folder, and the user's own code in it.
    trustsModels: true
  })
  const stop = new AbortController()
  const leave = (): void => stop.abort()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave)
  try {
    const count = await computeTask(folder, index, computer, stop.signal, say)
    if (stop.signal.aborted) throw new StudioError('cancelled', 'The task was ended; what it had computed is there.')
    return count
  } finally {
    await computer.stop()
  }
}

export const statusOf = (path: string): Promise<SlurmStatus> => slurmStatus(new SlurmFolder(path))

export function statusText({ run, trials, computed, batches, tasks, jobs, failures, cluster }: SlurmStatus): string {
  return [
    `run ${run}: ${computed} of ${trials} trials computed`,
    '',
    table(
      ['batches', 'number'],
      [
        ['computed', String(batches.computed)],
        ['at work', String(batches.atWork)],
        ['failed', String(batches.failed)],
        ['missing', String(batches.missing)],
        ['all', String(batches.all)]
      ]
    ),
    '',
    `array tasks: ${tasks.running} running, ${tasks.pending} pending, ${tasks.ending} ending; jobs ${jobs.join(', ') || 'none'}`,
    ...(cluster === undefined ? [] : [cluster]),
    ...failures.map(({ label, error }) => `failed: ${label}: ${error.message}`),
    ...(batches.failed + batches.missing > 0 && tasks.running + tasks.pending + tasks.ending === 0
      ? ['engram submit DIR --missing gives what is missing to the cluster again.']
      : []),
    ...(computed < trials && batches.all === batches.computed
      ? ['What tunes is computed: engram gather DIR takes it up, then engram submit DIR --missing gives the rest.']
      : [])
  ].join('\n')
}

export type Gathered = RunResult & { missing: number; drifts: Drift[] }

/** @throws StudioError not-found, bad-file; conflict where models have changed since */
export function gather(path: string, data: string): Promise<Gathered> {
  return withStudio(data, 'change', async ({ ask, runEnd, gather }) => {
    const id = await gather(path)
    if ((await ask('runs.get', { id })).status !== 'done') {
      const end = await runEnd(id, () => undefined)
      if (end.status === 'failed' && end.error) throw errorOf(end.error)
      if (end.error) say(end.error.message)
    }
    const { experiment, trials, done, diverged, failed } = await ask('runs.get', { id })
    const result = await resultOf(id, experiment, ask)
    const drifts = await ask('runs.drifts', { id })
    if (drifts.length) say(driftedText(drifts.length))
    return { ...result, missing: trials - done - diverged - failed, drifts }
  })
}

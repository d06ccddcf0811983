/**
 * A cluster as a place. A run's batches lie in a folder that the cluster sees; what it has computed is taken up as files
 * appear. The studio may be closed meanwhile: the cluster goes on.
 */
import type { SlurmWish } from '../../../src-shared/shapes/place.ts'
import { StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { Experiment } from '../../../src-shared/shapes/experiment.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import { identityOf, readAnswer, sentCell, type Batch } from '../batch.ts'
import type { RunJob } from '../../engine/protocol.ts'
import type { BatchListener, BatchPlace, Ending, Place } from '../place.ts'
import { tasksAt, tellJobs } from './cluster.ts'
import { SlurmFolder } from './folder.ts'
import { submitTasks, writeTasks, type SubmitDeps } from './submit.ts'

/** Between two looks into the folder, and two questions to the cluster. */
const lookMs = 1000
const askMs = 5000
/** A cluster may take so long to show what it was given, and a file system to show what was written. */
const graceMs = 15_000
/** Outcomes that are stored in one go. */
const atOnce = 50

export interface SlurmPlaceOptions extends Omit<SubmitDeps, 'engram'> {
  engram: () => SubmitDeps['engram']
  /** Where the folders of runs lie. */
  folderOf: (run: string) => string
  /** What a run is made of, for who finds its folder. */
  runOf: (run: string) => { experiment: Experiment; trials: number; wish: SlurmWish }
}

interface SlurmRun {
  job: RunJob
  listener: BatchListener
  folder: SlurmFolder
  open: Map<string, { batch: Batch; task: number }>
  refused: ErrorData[]
  ended: boolean
  asked: number
  since: number
}

export class SlurmPlace implements BatchPlace {
  readonly #options: SlurmPlaceOptions
  readonly #runs = new Map<string, SlurmRun>()
  #timer: NodeJS.Timeout | undefined
  #looking = false

  constructor(options: SlurmPlaceOptions) {
    this.#options = options
  }

  run(job: RunJob, listener: BatchListener): void {
    const run: SlurmRun = {
      job,
      listener,
      folder: new SlurmFolder(this.#options.folderOf(job.runId)),
      open: new Map(),
      refused: [],
      ended: false,
      asked: -Infinity,
      since: performance.now()
    }
    this.#runs.set(job.runId, run)
    this.#start(run).catch((error: unknown) => this.#end(run, { how: 'failed', error: toErrorData(error) }))
  }

  tell(type: 'pause' | 'resume' | 'cancel', runId: string): void {
    const run = this.#runs.get(runId)
    if (!run) return
    const what = ({ pause: 'hold', resume: 'release', cancel: 'cancel' } as const)[type]
    tellJobs(run.folder.jobs(), what).catch((error: unknown) =>
      run.listener.log?.(`The cluster could not be told: ${toErrorData(error).message}`)
    )
    if (type !== 'cancel') return
    this.#collect(run)
    this.#end(run, { how: 'cancelled', error: null })
  }

  /** What the cluster has goes on. */
  stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#runs.clear()
    return Promise.resolve()
  }

  async #start(run: SlurmRun): Promise<void> {
    const { job, folder, listener } = run
    const { experiment, trials, wish } = this.#options.runOf(job.runId)
    if (!folder.begun) {
      folder.prepare()
      folder.begin(
        { run: job.runId, version: this.#options.version, created: new Date().toISOString(), trials },
        experiment
      )
    }
    const computed = folder.computed()
    const atWork = await tasksAt(folder.jobs())
    const covered = this.#known(run, await fitting(this.#options.engine, job), ({ id, task }) =>
      Boolean(computed.has(id) || atWork.has(task))
    )
    const rest = {
      ...job,
      cells: job.cells.flatMap((cell) => {
        const seeds = cell.seeds.filter((seed) => !covered.get(cell.index)?.has(seed))
        return seeds.length ? [{ ...cell, seeds }] : []
      })
    }
    const engram = this.#options.engram()
    const tasks = await writeTasks(folder, rest, wish.tasks, { ...this.#options, engram })
    if (tasks) {
      for (const [id, one] of folder.batches()) if (one.task >= tasks.first) run.open.set(id, one)
      const given = await submitTasks(folder, tasks, wish, engram)
      if (!given)
        throw new StudioError(
          'not-found',
          `There is no sbatch here. Submit ${folder.path}/run.sh on a machine of the cluster as an array of ${tasks.first}-${tasks.last}, or name a host that has it.`
        )
      run.since = performance.now()
      listener.log?.(
        `Slurm job ${given.id}: ${tasks.last - tasks.first + 1} array tasks, ${run.open.size} batches, in ${folder.path}`
      )
    }
    this.#timer ??= setInterval(() => void this.#look(), lookMs)
    await this.#look()
  }

  /** Batches of the folder that are of this job and need not be given to the cluster again. */
  #known(
    run: SlurmRun,
    fits: (batch: Batch) => boolean,
    there: (batch: { id: string; task: number }) => boolean
  ): Map<number, Set<number>> {
    const covered = new Map<number, Set<number>>()
    for (const [id, one] of run.folder.batches()) {
      if (!there({ id, task: one.task }) || !fits(one.batch)) continue
      run.open.set(id, one)
      const { index } = one.batch.cell
      covered.set(index, new Set([...(covered.get(index) ?? []), ...one.batch.seeds]))
    }
    return covered
  }

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      for (const run of [...this.#runs.values()]) {
        this.#collect(run)
        if (run.ended) continue
        if (run.open.size === 0) this.#end(run, ending(run))
        else if (performance.now() - run.asked > askMs) await this.#ask(run)
      }
    } finally {
      this.#looking = false
    }
  }

  /** Batches that the cluster has done with, without an outcome, are lost. */
  async #ask(run: SlurmRun): Promise<void> {
    run.asked = performance.now()
    let atWork: Awaited<ReturnType<typeof tasksAt>>
    try {
      atWork = await tasksAt(run.folder.jobs())
    } catch (error) {
      run.listener.log?.(`The cluster cannot be asked: ${toErrorData(error).message}`)
      return
    }
    if (run.ended || [...run.open.values()].some(({ task }) => atWork.has(task))) {
      run.since = performance.now()
      return
    }
    if (performance.now() - run.since < graceMs) return
    this.#collect(run)
    const failures = run.folder.failures()
    for (const [id] of run.open)
      run.refused.push(
        failures.get(id) ?? { code: 'engine-crashed', message: 'The cluster ended a task before it had an outcome.' }
      )
    if (run.open.size) this.#end(run, ending(run))
  }

  #collect(run: SlurmRun): void {
    const computed = run.folder.computed()
    const ids = [...run.open.keys()].filter((id) => computed.has(id))
    for (let at = 0; at < ids.length && !run.ended; at += atOnce) {
      const refused = collect(run.folder, ids.slice(at, at + atOnce), run.open, run.listener)
      run.refused.push(...refused)
    }
  }

  #end(run: SlurmRun, end: Ending): void {
    if (run.ended) return
    run.ended = true
    this.#runs.delete(run.job.runId)
    if (this.#runs.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    run.listener.ended(end)
  }
}

/** Take up outcomes. @returns why some of them are none */
function collect(
  folder: SlurmFolder,
  ids: readonly string[],
  open: Map<string, { batch: Batch; task: number }>,
  listener: BatchListener
): ErrorData[] {
  const refused: ErrorData[] = []
  const answers = ids.flatMap((id) => {
    const { batch } = open.get(id)!
    open.delete(id)
    try {
      return [readAnswer(folder.outcome(id), batch)]
    } catch (error) {
      refused.push(toErrorData(error))
      return []
    }
  })
  for (const { computer, outcomes, fallbacks } of answers) {
    listener.computedBy?.(computer, outcomes.length)
    for (const fallback of fallbacks) listener.fellBack?.(fallback)
  }
  const trials = answers.flatMap(({ outcomes }) => outcomes)
  if (trials.length) listener.trials(trials)
  return refused
}

function ending({ refused, open }: SlurmRun): Ending {
  const [error] = refused
  if (!error) return { how: 'done', error: null }
  const trials = [...open.values()].reduce((sum, { batch }) => sum + batch.seeds.length, 0)
  const message = `${trials ? `${trials} trials` : 'Some trials'} were not computed: ${error.message} Resume the run to compute them.`
  return { how: 'failed', error: { ...error, message } }
}

/** Whether a batch is of a job, as the catalog is now. */
async function fitting(engine: Place, job: RunJob): Promise<(batch: Batch) => boolean> {
  const { catalog } = await engine.ready()
  const cells = new Map(job.cells.map((cell) => [cell.index, cell]))
  return (batch) => {
    const cell = cells.get(batch.cell.index)
    return (
      cell !== undefined &&
      batch.task === job.task &&
      identityOf({ ...batch, cell: sentCell(cell) }, catalog) === batch.identity &&
      batch.seeds.some((seed) => cell.seeds.includes(seed))
    )
  }
}

/** All that a folder holds of a job's trials, some batches after the other. @throws StudioError bad-input for what is no answer */
export async function* outcomesIn(folder: SlurmFolder, engine: Place, job: RunJob): AsyncGenerator<TrialOutcome[]> {
  const fits = await fitting(engine, job)
  const computed = folder.computed()
  const batches = [...folder.batches()].filter(([id, { batch }]) => computed.has(id) && fits(batch))
  for (let at = 0; at < batches.length; at += atOnce)
    yield batches.slice(at, at + atOnce).flatMap(([id, { batch }]) => readAnswer(folder.outcome(id), batch).outcomes)
}

/** A folder that somebody else's studio, or none, has filled: what is there is taken up, and nothing else happens. */
export class GatheredFolder implements BatchPlace {
  readonly #folder: SlurmFolder
  readonly #engine: Place

  constructor(folder: SlurmFolder, engine: Place) {
    this.#folder = folder
    this.#engine = engine
  }

  run(job: RunJob, listener: BatchListener): void {
    this.#gather(job, listener).then(
      (end) => listener.ended(end),
      (error: unknown) => listener.ended({ how: 'failed', error: toErrorData(error) })
    )
  }

  tell(): void {
    // It is over before anybody can say anything.
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }

  async #gather(job: RunJob, listener: BatchListener): Promise<Ending> {
    const fits = await fitting(this.#engine, job)
    const computed = this.#folder.computed()
    const open = new Map([...this.#folder.batches()].filter(([id, { batch }]) => computed.has(id) && fits(batch)))
    const wanted = job.cells.reduce((sum, { seeds }) => sum + seeds.length, 0)
    let taken = 0
    const refused: ErrorData[] = []
    const ids = [...open.keys()]
    const counted: BatchListener = {
      ...listener,
      trials(trials) {
        taken += trials.length
        listener.trials(trials)
      }
    }
    for (let at = 0; at < ids.length; at += atOnce)
      refused.push(...collect(this.#folder, ids.slice(at, at + atOnce), open, counted))
    if (refused.length) return { how: 'failed', error: refused[0] }
    if (taken >= wanted) return { how: 'done', error: null }
    const message = `${wanted - taken} trials have no outcome yet; gather again later, or submit what is missing.`
    return { how: 'gone', error: { code: 'cancelled', message } }
  }
}

/**
 * A folder that a cluster computes in: the experiment, batches grouped into array tasks, and what came of each as a file
 * of its own, written under another name and renamed. It needs no network and no database, and whoever looks into it at
 * any moment finds whole files only.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { StudioError, errorSchema, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { parseExperiment, type Experiment } from '../../../src-shared/shapes/experiment.ts'
import { complaint } from '../../../src-shared/shapes/issues.ts'
import { parseJson } from '../../../src-shared/shapes/json.ts'
import { fileError } from '../../store/errors.ts'
import { writeWhole } from '../../store/files.ts'
import { idOf, readBatch, type Batch } from '../batch.ts'

const planSchema = z.strictObject({
  format: z.literal('engram-plan/1'),
  /** The run that gathers what is computed here. */
  run: z.string().regex(/^[0-9A-Z]{26}$/, 'This is no id of a run'),
  version: z.string().max(100),
  created: z.iso.datetime(),
  trials: z.int().min(1)
})
export type Plan = z.infer<typeof planSchema>

const jobSchema = z.strictObject({
  /** What sbatch called it. */
  id: z.string().regex(/^\d{1,20}$/),
  first: z.int().min(0),
  last: z.int().min(0),
  ssh: z.string().optional()
})
/** An array that was given to the cluster: the tasks from `first` to `last`. */
export type ArrayJob = z.infer<typeof jobSchema>

const subfolders = ['tasks', 'outcomes', 'failures', 'learned', 'logs'] as const
const id = /^[0-9A-Za-z-]{1,120}\.json$/

export class SlurmFolder {
  readonly path: string

  /** @param path of a folder that holds a plan, or is to hold one */
  constructor(path: string) {
    this.path = resolve(path)
  }

  get begun(): boolean {
    return existsSync(join(this.path, 'plan.json'))
  }

  /** Make room for a plan. @throws StudioError conflict where there is one already; disk-full, read-only */
  prepare(): void {
    if (this.begun)
      throw new StudioError('conflict', 'This folder holds a plan already; choose another, or add --missing.', {
        file: this.path
      })
    // Tasks without a plan are left of a submission that failed.
    rmSync(join(this.path, 'tasks'), { recursive: true, force: true })
    try {
      for (const name of subfolders) mkdirSync(join(this.path, name), { recursive: true })
    } catch (error) {
      throw fileError(error, this.path)
    }
  }

  /** Say what is computed here: from now on the folder is whole. @throws StudioError disk-full, read-only */
  begin(plan: Omit<Plan, 'format'>, experiment: Experiment): void {
    this.#write('experiment.json', `${JSON.stringify(experiment, null, 2)}\n`)
    this.#write('plan.json', JSON.stringify({ format: 'engram-plan/1', ...plan }))
  }

  /** @throws StudioError not-found, bad-file */
  plan(): Plan {
    return this.#read('plan.json', planSchema)
  }

  /** @throws StudioError not-found, bad-file, bad-input */
  experiment(): Experiment {
    return parseExperiment(this.#text('experiment.json'), join(this.path, 'experiment.json'))
  }

  /** Add array tasks. @returns their indices */
  addTasks(groups: readonly (readonly Batch[])[]): { first: number; last: number } {
    const first = this.tasks()
    for (const [i, group] of groups.entries()) this.#write(`tasks/${first + i}.json`, JSON.stringify(group))
    return { first, last: first + groups.length - 1 }
  }

  /** How many array tasks there are. */
  tasks(): number {
    return this.#names('tasks').length
  }

  /** @throws StudioError not-found for a task there is not, bad-file */
  task(index: number): Batch[] {
    const file = join(this.path, `tasks/${index}.json`)
    const json = parseJson(this.#text(`tasks/${index}.json`), { file })
    if (!Array.isArray(json)) throw new StudioError('bad-file', 'This is no list of batches.', { file })
    return json.map((one) => readBatch(one))
  }

  /** Every batch, once, with the newest task that it is in. */
  batches(): Map<string, { batch: Batch; task: number }> {
    const all = new Map<string, { batch: Batch; task: number }>()
    const count = this.tasks()
    for (let task = 0; task < count; task++) for (const batch of this.task(task)) all.set(idOf(batch), { batch, task })
    return all
  }

  /** The ids of the batches that are computed. */
  computed(): Set<string> {
    return new Set(this.#names('outcomes').map((name) => name.slice(0, -'.json'.length)))
  }

  /** The answer to a batch, as it was written. */
  outcome(batch: string): string {
    return this.#text(`outcomes/${batch}.json`)
  }

  putOutcome(batch: string, text: string): void {
    this.#write(`outcomes/${batch}.json`, text)
  }

  putFailure(batch: string, { code, message, file, field }: ErrorData): void {
    this.#write(
      `failures/${batch}.json`,
      JSON.stringify({ code, message, ...(file && { file }), ...(field && { field }) })
    )
  }

  /** Why batches that are not computed failed when they were last tried. */
  failures(): Map<string, ErrorData> {
    const computed = this.computed()
    return new Map(
      this.#names('failures').flatMap((name): [string, ErrorData][] => {
        const batch = name.slice(0, -'.json'.length)
        return computed.has(batch) ? [] : [[batch, this.#read(`failures/${name}`, errorSchema)]]
      })
    )
  }

  /** What a batch had learned when it was last cut off. */
  learned(batch: string): Batch['checkpoints'] | undefined {
    if (!existsSync(join(this.path, `learned/${batch}.json`))) return undefined
    return this.#read(`learned/${batch}.json`, z.array(z.strictObject({ seed: z.int(), state: z.base64() })))
  }

  putLearned(batch: string, checkpoints: Batch['checkpoints']): void {
    this.#write(`learned/${batch}.json`, JSON.stringify(checkpoints))
  }

  jobs(): ArrayJob[] {
    return existsSync(join(this.path, 'jobs.json')) ? this.#read('jobs.json', z.array(jobSchema)) : []
  }

  addJob(job: ArrayJob): void {
    this.#write('jobs.json', JSON.stringify([...this.jobs(), job]))
  }

  writeScript(text: string): string {
    this.#write('run.sh', text)
    return join(this.path, 'run.sh')
  }

  #names(folder: string): string[] {
    const path = join(this.path, folder)
    return existsSync(path) ? readdirSync(path).filter((name) => id.test(name)) : []
  }

  #text(name: string): string {
    const file = join(this.path, name)
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw new StudioError('not-found', `This file of a plan cannot be read (${(error as Error).message}).`, { file })
    }
  }

  #read<T>(name: string, schema: z.ZodType<T>): T {
    const file = join(this.path, name)
    const json = parseJson(this.#text(name), { file })
    const read = schema.safeParse(json)
    if (read.success) return read.data
    const { message, ...about } = complaint(read.error, json)
    throw new StudioError('bad-file', message, { file, ...about })
  }

  #write(name: string, text: string): void {
    writeWhole(join(this.path, name), text, { mode: 0o644 })
  }
}

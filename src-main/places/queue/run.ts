/** One run at the queue as the studio follows it: what has no answer yet, what has come, why some of it cannot come. */
import { errorOf, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { TrialOutcome } from '../../../src-shared/shapes/outcome.ts'
import type { RunJob } from '../../engine/protocol.ts'
import { readAnswer, type Answer, type Batch } from '../batch.ts'
import type { BatchListener, Ending } from '../place.ts'
import { errorIn, toldSchema } from './progress.ts'

export class QueueRun {
  readonly job: RunJob
  readonly listener: BatchListener
  /** Batches without an answer, by their ids. */
  readonly open = new Map<string, Batch>()
  /** Those of them that are not at the server while the run is paused. */
  readonly held = new Map<string, Batch>()
  /** What has come and is not told yet. */
  readonly #answers = new Map<string, Answer>()
  readonly #failures: { trials: number; error: ErrorData }[] = []
  /** Why workers leave it to others, by their ids. */
  readonly refusals = new Map<string, ErrorData>()
  /** Its batches are on their way to the server. */
  adding = true
  ended = false
  paused = false
  /** It was said that it has no worker. */
  lonely = false

  constructor(job: RunJob, listener: BatchListener) {
    this.job = job
    this.listener = listener
  }

  /** @returns whether it is one that was waited for; what is none is a failure */
  answered(id: string, text: unknown): boolean {
    const batch = this.open.get(id)
    if (this.ended || !batch || this.#answers.has(id)) return false
    try {
      this.#answers.set(id, readAnswer(String(text), batch))
    } catch (error) {
      this.#fail(id, toErrorData(error))
    }
    return true
  }

  /** @param reason as its worker or BullMQ wrote it @returns whether it is one that was waited for */
  failed(id: string, reason: string): boolean {
    if (this.ended || !this.open.has(id)) return false
    this.#fail(id, errorIn(reason))
    return true
  }

  /** What a worker tells while it computes. @returns whether it leaves the batch to others */
  progress(id: string, json: unknown): boolean {
    const batch = this.open.get(id)
    const told = toldSchema.safeParse(json)
    if (this.ended || !batch || !told.success) return false
    const { points, log, refused } = told.data
    if (points.length)
      this.listener.points?.(
        points.map(({ seed, x, series }) => ({
          ...{ cell: batch.cell.index, seed, x },
          series: Object.fromEntries(Object.entries(series).map(([name, value]) => [name, value ?? NaN]))
        }))
      )
    for (const line of log) this.listener.log?.(line)
    if (!refused) return false
    if (!this.refusals.has(refused.worker)) this.listener.log?.(refused.error.message)
    this.refusals.set(refused.worker, refused.error)
    return true
  }

  /** Tell what has come. @returns the batches that the server may forget */
  tell(): string[] {
    const answers = [...this.#answers]
    this.#answers.clear()
    if (this.ended || answers.length === 0) return []
    const trials: TrialOutcome[] = []
    for (const [id, { outcomes, computer, fallbacks }] of answers) {
      this.open.delete(id)
      this.held.delete(id)
      trials.push(...outcomes)
      this.listener.computedBy?.(computer, outcomes.length)
      for (const fallback of fallbacks) this.listener.fellBack?.(fallback)
    }
    this.listener.trials(trials)
    return answers.map(([id]) => id)
  }

  /** How it ends; undefined while something is to come. */
  get ending(): Ending | undefined {
    if (this.ended || this.adding || this.open.size > 0) return undefined
    const [first] = this.#failures
    if (!first) return { how: 'done', error: null }
    const trials = this.#failures.reduce((sum, one) => sum + one.trials, 0)
    const message = `${trials} trials could not be computed: ${first.error.message} Resume the run to compute them.`
    return { how: 'failed', error: errorOf(first.error, { message }).data }
  }

  #fail(id: string, error: ErrorData): void {
    const trials = this.open.get(id)!.seeds.length
    this.open.delete(id)
    this.held.delete(id)
    this.#failures.push({ trials, error })
    this.listener.log?.(`${trials} trials could not be computed: ${error.message}`)
  }
}

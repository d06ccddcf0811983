/** A worker at the queue: takes batches as BullMQ hands them out, computes them on this machine's engine, beats. */
import { DelayedError, UnrecoverableError, Worker, type Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { errorOf, errorSchema, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import type { WorkerBeat } from '../../../src-shared/shapes/place.ts'
import { packed, readBatch, writeAnswer, type Batch } from '../batch.ts'
import { BatchComputer, Refusal, type ComputerOptions } from '../compute.ts'
import { Progress } from './progress.ts'
import type { Address } from './address.ts'
import { connect } from './connect.ts'
import {
  assetKey,
  beatExpiryMs,
  beatMs,
  controlKey,
  keptSeconds,
  lockMs,
  prefix,
  queueName,
  stalledCheckMs,
  workerKey,
  workersKey
} from './keys.ts'

export interface QueueWorkerOptions extends ComputerOptions {
  address: Address
  /** A line for who watches. */
  say: (line: string) => void
  /** Shorter in tests. */
  lockMs?: number
  stalledCheckMs?: number
}

/** Between two looks at a batch that this worker does not take, or that is paused. */
const laterMs = 1000
/** A batch that so many have not taken is given up. */
const mostStarts = 50
/** A batch may lose so many workers. */
const mostStalls = 5
const minuteMs = 60_000
/** What takes longer goes back to the queue when its run is paused; what has been learned goes with it. */
const giveBackMs = 2000

interface Current {
  job: Job<Batch>
  batch: Batch
  since: string
  stop: AbortController
  /** Another worker goes on with it. */
  returned: boolean
}

function giveBack(current: Current): void {
  current.returned = true
  current.stop.abort()
}

export class QueueWorker {
  readonly id = randomUUID()
  readonly #options: QueueWorkerOptions
  readonly #computer: BatchComputer
  readonly #current = new Map<string, Current>()
  readonly #ended: { at: number; trials: number }[] = []
  #redis!: Redis
  #worker!: Worker
  #progress!: Progress
  #beat: NodeJS.Timeout | undefined
  #about = { lanes: 0, adapter: '' }
  #trials = 0
  #refused: WorkerBeat['refused']
  readonly #started = new Date().toISOString()

  constructor(options: QueueWorkerOptions) {
    this.#options = options
    this.#computer = new BatchComputer(options)
  }

  /** @throws StudioError connection-lost, unauthorised, engine-crashed */
  async start(): Promise<void> {
    const { address, say } = this.#options
    this.#redis = await connect(address, (lost) =>
      say(lost ? 'The server of the queue is gone; waiting for it.' : 'The server of the queue is back.')
    )
    this.#about = await this.#computer.ready()
    this.#progress = new Progress(async (id, told) => this.#current.get(id)?.job.updateProgress(told))
    this.#worker = new Worker(queueName, (job, token) => this.#process(job as Job<Batch>, token ?? ''), {
      connection: { ...address.options, maxRetriesPerRequest: null },
      prefix,
      name: this.#options.about.name,
      concurrency: this.#about.lanes,
      lockDuration: this.#options.lockMs ?? lockMs,
      stalledInterval: this.#options.stalledCheckMs ?? stalledCheckMs,
      maxStalledCount: mostStalls,
      removeOnComplete: { age: keptSeconds },
      removeOnFail: { age: keptSeconds }
    })
    // What goes wrong with the server is said once, by the connection.
    this.#worker.on('error', () => undefined)
    await this.#worker.waitUntilReady()
    await this.#tellBeat()
    this.#beat = setInterval(() => void this.#tellBeat().catch(() => undefined), beatMs)
  }

  get busy(): number {
    return this.#current.size
  }

  /** Take no more; answer when what is under way has ended. */
  async finish(): Promise<void> {
    await this.#worker.close()
    await this.#leave()
  }

  /** Stop now: what is under way goes back to the queue. */
  async abandon(): Promise<void> {
    for (const current of this.#current.values()) giveBack(current)
    await this.#worker.close()
    await this.#leave()
  }

  async #leave(): Promise<void> {
    clearInterval(this.#beat)
    this.#progress.close()
    await this.#redis
      .pipeline()
      .del(workerKey(this.id))
      .srem(workersKey, this.id)
      .exec()
      .catch(() => undefined)
    this.#redis.disconnect()
    await this.#computer.stop()
  }

  async #process(job: Job<Batch>, token: string): Promise<string> {
    const id = job.id ?? ''
    let batch: Batch
    try {
      const before = refusedSchema.safeParse(job.data)
      if (before.success) throw errorOf(before.data.refused)
      batch = readBatch(job.data)
    } catch (thrown) {
      const error = toErrorData(thrown)
      // Nobody need read it again.
      if (error.code === 'too-large') await job.updateData({ refused: error } as unknown as Batch)
      throw this.#failed(id, error, true)
    }
    const control = await this.#redis.get(controlKey(batch.run))
    if (control === 'cancelled') throw new UnrecoverableError(written({ code: 'cancelled', message: 'Cancelled.' }))
    if (control === 'paused') return this.#later(job, token)
    const current: Current = {
      job,
      batch,
      since: new Date().toISOString(),
      stop: new AbortController(),
      returned: false
    }
    this.#current.set(id, current)
    const { name, host } = this.#options.about
    const worker = name === host ? host : `${name} (${host})`
    try {
      const answer = await this.#computer.compute(
        batch,
        async (hash) => (await this.#redis.getBuffer(assetKey(hash))) ?? undefined,
        {
          points: (points) => this.#progress.add(id, { points }),
          log: (text) => this.#progress.add(id, { log: [`${worker}: ${text}`] }),
          checkpoint: (trials) => void this.#keep(job, packed(trials)).catch(() => undefined)
        },
        current.stop.signal
      )
      this.#count(answer.outcomes.length)
      return writeAnswer(answer)
    } catch (thrown) {
      const error = toErrorData(thrown)
      if (current.returned) {
        await job.moveToDelayed(Date.now(), token)
        throw new DelayedError()
      }
      if (thrown instanceof Refusal && job.attemptsStarted < mostStarts) {
        this.#refused = { time: new Date().toISOString(), error }
        this.#progress.add(id, { refused: { worker: this.id, error } })
        await this.#progress.end(id)
        // Not at once: another worker may take it meanwhile, and this one must not go round and round.
        await new Promise((resolve) => setTimeout(resolve, laterMs / 2))
        return await this.#later(job, token)
      }
      throw this.#failed(id, error, ownFault.has(error.code))
    } finally {
      await this.#progress.end(id)
      this.#current.delete(id)
    }
  }

  async #later(job: Job<Batch>, token: string): Promise<never> {
    await job.moveToDelayed(Date.now() + laterMs, token)
    throw new DelayedError()
  }

  /** What was learned travels with the batch: whoever takes it next goes on there. */
  async #keep(job: Job<Batch>, fresh: Batch['checkpoints']): Promise<void> {
    const seeds = new Set(fresh.map(({ seed }) => seed))
    const checkpoints = [...job.data.checkpoints.filter(({ seed }) => !seeds.has(seed)), ...fresh]
    await job.updateData({ ...job.data, checkpoints })
  }

  /** @param forGood no other worker could compute it either */
  #failed(id: string, error: ErrorData, forGood: boolean): Error {
    if (error.code !== 'cancelled') {
      this.#refused = { time: new Date().toISOString(), error }
      this.#options.say(`Batch ${id.slice(0, 80)} failed: ${error.message.slice(0, 500)}`)
    }
    return forGood ? new UnrecoverableError(written(error)) : new Error(written(error))
  }

  #count(trials: number): void {
    this.#trials += trials
    this.#ended.push({ at: performance.now(), trials })
  }

  async #tellBeat(): Promise<void> {
    const { about, trustsModels, backend } = this.#options
    const now = performance.now()
    while (this.#ended.length && now - this.#ended[0].at > minuteMs) this.#ended.shift()
    const current = [...this.#current.values()]
    const beat: WorkerBeat = {
      ...about,
      adapter: this.#about.adapter,
      id: this.id,
      pid: process.pid,
      backend,
      lanes: this.#about.lanes,
      trustsModels,
      started: this.#started,
      batches: current.map(({ batch: { run, cell, seeds }, since }) => ({
        run,
        label: cell.label,
        seeds: seeds.length,
        since
      })),
      trials: this.#trials,
      perMinute: this.#ended.reduce((sum, { trials }) => sum + trials, 0),
      ...(this.#refused && { refused: this.#refused })
    }
    const runs = [...new Set(current.map(({ batch }) => batch.run))]
    const pipeline = this.#redis
      .pipeline()
      .set(workerKey(this.id), JSON.stringify(beat), 'PX', beatExpiryMs)
      .sadd(workersKey, this.id)
    for (const run of runs) pipeline.get(controlKey(run))
    const said = (await pipeline.exec()) ?? []
    for (const [i, run] of runs.entries()) {
      const control = said[i + 2]?.[1]
      for (const one of current.filter(({ batch }) => batch.run === run))
        if (control === 'cancelled') one.stop.abort()
        else if (control === 'paused' && Date.now() - Date.parse(one.since) > giveBackMs) giveBack(one)
    }
  }
}

/** What stands in the place of a batch that was too large to be kept. */
const refusedSchema = z.strictObject({ refused: errorSchema })

/** Errors that lie in the batch, not in the machine. */
const ownFault = new Set<ErrorData['code']>([
  'bad-input',
  'bad-file',
  'not-found',
  'too-large',
  'not-supported',
  'cancelled'
])

const written = ({ code, message, file, field }: ErrorData): string =>
  JSON.stringify({ code, message: message.slice(0, 2000), ...(file && { file }), ...(field && { field }) })

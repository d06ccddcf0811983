/** The queue as the studio holds it: its connections, its workers, its batches. */
import { Queue, QueueEvents, type Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { workerSchema, type QueueState } from '../../../src-shared/shapes/place.ts'
import { idOf, runOf, type Batch } from '../batch.ts'
import type { Address } from './address.ts'
import { connect } from './connect.ts'
import { assetKey, beatExpiryMs, keptSeconds, prefix, queueName, workerKey, workersKey } from './keys.ts'
import { errorIn, jsonOf } from './progress.ts'

/** How often a batch is tried on machines that fail, and how long between two tries at first. */
const attempts = 4
const backoffMs = 500
/** Events that the server keeps: whoever is slower looks through the batches themselves. */
const keptEvents = 5000
/** Batches that go to the server in one message. */
const bulk = 200
const listedFailures = 50

export class QueueServer {
  readonly address: Address
  readonly redis: Redis
  readonly queue: Queue<Batch, string>
  #events: Promise<QueueEvents> | undefined

  private constructor(address: Address, redis: Redis) {
    this.address = address
    this.redis = redis
    this.queue = new Queue<Batch, string>(queueName, {
      connection: redis,
      prefix,
      streams: { events: { maxLen: keptEvents } }
    })
    // What goes wrong with the server is said once, by the connection.
    this.queue.on('error', () => undefined)
  }

  /** @throws StudioError connection-lost, unauthorised, not-supported */
  static async open(address: Address, onLost?: (lost: boolean) => void): Promise<QueueServer> {
    return new QueueServer(address, await connect(address, onLost))
  }

  /** What happens at the queue from now on. */
  events(): Promise<QueueEvents> {
    this.#events ??= (async () => {
      const events = new QueueEvents(queueName, {
        connection: { ...this.address.options, maxRetriesPerRequest: null },
        prefix
      })
      events.on('error', () => undefined)
      await events.waitUntilReady()
      return events
    })()
    return this.#events
  }

  async close(): Promise<void> {
    await (await this.#events)?.close().catch(() => undefined)
    await this.queue.close().catch(() => undefined)
    this.redis.disconnect()
  }

  /** Batches that are there already stay as they are. */
  async add(batches: readonly Batch[]): Promise<void> {
    for (let at = 0; at < batches.length; at += bulk)
      await this.queue.addBulk(
        batches.slice(at, at + bulk).map((data) => ({
          name: 'batch',
          data,
          opts: {
            jobId: idOf(data),
            attempts,
            backoff: { type: 'exponential', delay: backoffMs },
            // One that lost every worker has none that could say so.
            removeOnFail: { age: keptSeconds }
          }
        }))
      )
  }

  /** Send content once, whoever asks. */
  async send(contents: ReadonlyMap<string, () => Buffer>, wanted: ReadonlySet<string>): Promise<void> {
    for (const hash of wanted) {
      const there = await this.redis.expire(assetKey(hash), keptSeconds)
      const content = contents.get(hash)
      if (!there && content) await this.redis.set(assetKey(hash), content(), 'EX', keptSeconds)
    }
  }

  /** The ids of a run's batches, whatever has become of them. */
  async batchesOf(run: string): Promise<Set<string>> {
    const ids = await this.queue.getRanges([...anyState], 0, -1)
    return new Set(ids.filter((id) => runOf(id) === run))
  }

  /** The ids of batches that have ended, of any run. */
  ended(): Promise<string[]> {
    return this.queue.getRanges(['completed', 'failed'], 0, -1)
  }

  async jobs(ids: readonly string[]): Promise<Job<Batch, string>[]> {
    const found: (Job<Batch, string> | undefined)[] = []
    for (let at = 0; at < ids.length; at += bulk)
      found.push(...(await Promise.all(ids.slice(at, at + bulk).map((id) => this.queue.getJob(id)))))
    return found.filter((job) => job !== undefined)
  }

  /** @returns those that nobody computes and that are gone now */
  async remove(ids: readonly string[]): Promise<string[]> {
    const gone: string[] = []
    for (let at = 0; at < ids.length; at += bulk) {
      const some = ids.slice(at, at + bulk)
      const removed = await Promise.all(some.map((id) => this.queue.remove(id).catch(() => 0)))
      gone.push(...some.filter((_, i) => removed[i] === 1))
    }
    return gone
  }

  /** Workers that beat. */
  async workers(): Promise<QueueState['workers']> {
    const ids = await this.redis.smembers(workersKey)
    if (ids.length === 0) return []
    const pipeline = this.redis.pipeline()
    for (const id of ids) pipeline.get(workerKey(id)).pttl(workerKey(id))
    const said = (await pipeline.exec()) ?? []
    const workers = ids.flatMap((id, i) => {
      const [text, left] = [said[2 * i][1] as string | null, said[2 * i + 1][1] as number]
      if (text === null) {
        void this.redis.srem(workersKey, id).catch(() => undefined)
        return []
      }
      const beat = workerSchema.safeParse(jsonOf(text))
      return beat.success ? [{ ...beat.data, beatMs: Math.max(0, beatExpiryMs - left) }] : []
    })
    return workers.sort((a, b) => (`${a.host} ${a.name} ${a.started}` < `${b.host} ${b.name} ${b.started}` ? -1 : 1))
  }

  async state(): Promise<QueueState> {
    const [workers, counts, failed] = await Promise.all([
      this.workers(),
      this.queue.getJobCounts('waiting', 'delayed', 'active'),
      this.queue.getJobs(['failed'], 0, listedFailures - 1)
    ])
    return {
      address: this.address.shown,
      password: this.address.passwordFrom,
      workers,
      waiting: (counts.waiting ?? 0) + (counts.delayed ?? 0),
      computing: counts.active ?? 0,
      failed: failed.flatMap((job) => {
        const error = errorIn(job?.failedReason)
        const { run, cell } = (job?.data ?? {}) as Partial<Batch>
        if (!job || error.code === 'cancelled') return []
        return [{ run: text(run ?? runOf(job.id ?? '')), label: text(cell?.label), error }]
      })
    }
  }
}

const anyState = ['waiting', 'active', 'delayed', 'prioritized', 'completed', 'failed'] as const

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '')

/**
 * A queue of workers as a place: a run's batches go to the server, answers come back as they are ready. The studio may
 * go and come again: what was computed meanwhile lies at the server until it is collected.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { StudioError, toErrorData, type ErrorData } from '../../../src-shared/shapes/errors.ts'
import { modelIn, taskIn } from '../../../src-shared/shapes/catalog.ts'
import type { QueueState } from '../../../src-shared/shapes/place.ts'
import { assetsOf } from '../assets.ts'
import { batchesFor } from '../cut.ts'
import { identityOf, idOf, readBatch, runOf, unpacked, type Batch } from '../batch.ts'
import type { BatchListener, BatchPlace, Ending, Place } from '../place.ts'
import type { RunJob } from '../../engine/protocol.ts'
import { failure, type Address } from './address.ts'
import { controlKey } from './keys.ts'
import { QueueRun } from './run.ts'
import type { QueueServer } from './server.ts'

export interface QueuePlaceOptions {
  /** Where the server is now. @throws StudioError bad-input */
  address: () => Promise<Address>
  engine: Place
  version: string
  vectorFolder: string
}

/** Answers are stored together, at most 20 times a second. */
const messageMs = 50
/** What an event did not tell is looked for this often; batches that the server has lost, this often. */
const lookMs = 2000
const lostEvery = 10
/** Batches are cut for at least so many threads. */
const leastLanes = 16
/** How long a cancelled run's batches are looked for, to be removed. */
const clearMs = 20_000
/** Turns of the event loop are given away after so many. */
const breath = 50

export class QueuePlace implements BatchPlace {
  readonly #options: QueuePlaceOptions
  readonly #runs = new Map<string, QueueRun>()
  #server: Promise<QueueServer> | undefined
  #flushing: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined
  #looks = 0
  /** The server's address, as it was last asked for. */
  #shown = ''
  #closed = false

  constructor(options: QueuePlaceOptions) {
    this.#options = options
  }

  /** @throws StudioError bad-input, connection-lost, unauthorised */
  async state(): Promise<QueueState> {
    return (await this.#open()).state()
  }

  /** Whether the server can be reached. @throws StudioError bad-input, connection-lost, unauthorised */
  async ready(): Promise<void> {
    await this.#open()
  }

  run(job: RunJob, listener: BatchListener): void {
    const run = new QueueRun(job, listener)
    this.#runs.set(job.runId, run)
    this.#start(run).catch((error: unknown) => this.#end(run, { how: 'failed', error: this.#told(error) }))
  }

  tell(type: 'pause' | 'resume' | 'cancel', runId: string): void {
    const run = this.#runs.get(runId)
    if (!run || run.ended) return
    const work = { pause: () => this.#pause(run), resume: () => this.#resume(run), cancel: () => this.#cancel(run) }
    work[type]().catch((error: unknown) => {
      run.listener.log?.(`The queue could not be told to ${type}: ${this.#told(error).message}`)
      if (type === 'cancel') this.#end(run, { how: 'cancelled', error: null })
    })
  }

  /** What is at the queue stays there and is computed. */
  async stop(): Promise<void> {
    this.#flush()
    this.#closed = true
    clearTimeout(this.#flushing)
    clearInterval(this.#looking)
    for (const run of this.#runs.values()) run.ended = true
    this.#runs.clear()
    await this.#drop()
  }

  async #drop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await (await server?.catch(() => undefined))?.close()
  }

  /** The server, as its address is now. */
  async #open(): Promise<QueueServer> {
    const known = await this.#server?.catch(() => undefined)
    if (known && this.#runs.size > 0) return known
    const address = await this.#options.address()
    this.#shown = address.shown
    if (known && !isDeepStrictEqual(known.address, address)) await this.#drop()
    this.#server ??= this.#connect(address).catch((error: unknown) => {
      this.#server = undefined
      throw error
    })
    return this.#server
  }

  /** What speaks to the server takes a moment to load: only where there is a queue. */
  async #connect(address: Address): Promise<QueueServer> {
    const { QueueServer } = await import('./server.ts')
    return QueueServer.open(address, (lost) => this.#lost(lost))
  }

  #told(error: unknown): ErrorData {
    if (error instanceof StudioError) return error.data
    return error instanceof Error ? failure(error, { shown: this.#shown }).data : toErrorData(error)
  }

  #lost(lost: boolean): void {
    for (const { listener } of this.#runs.values())
      listener.log?.(lost ? 'The server of the queue is gone; waiting for it.' : 'The server of the queue is back.')
    if (!lost) void this.#look(true)
  }

  async #start(run: QueueRun): Promise<void> {
    const { engine, version, vectorFolder } = this.#options
    const { job } = run
    const { catalog } = await engine.ready()
    const server = await this.#open()
    await this.#listen(server)
    await server.redis.del(controlKey(job.runId))
    // What is there already from before the studio was closed.
    const covered = new Map<number, Set<number>>()
    const cells = new Map(job.cells.map((cell) => [cell.index, cell]))
    for (const found of await server.jobs([...(await server.batchesOf(job.runId))])) {
      const batch = fitting(found.data, (batch) => {
        const cell = cells.get(batch.cell.index)
        return batch.task === job.task && cell !== undefined && identityOf(batch, catalog) === batch.identity
      })
      const id = found.id!
      const own = batch && cells.get(batch.cell.index)
      if (!batch || !own || idOf(batch) !== id || (await found.isFailed())) {
        await server.remove([id])
        continue
      }
      run.open.set(id, batch)
      covered.set(own.index, new Set([...(covered.get(own.index) ?? []), ...batch.seeds]))
    }
    if (run.open.size) run.listener.log?.(`${run.open.size} batches are at the queue already.`)
    const rest = {
      ...job,
      cells: job.cells.flatMap((cell) => {
        const seeds = cell.seeds.filter((seed) => !covered.get(cell.index)?.has(seed))
        return seeds.length ? [{ ...cell, seeds }] : []
      })
    }
    if (rest.cells.length) {
      const workers = await server.workers()
      const lanes = Math.max(
        leastLanes,
        workers.reduce((sum, { lanes }) => sum + lanes, 0)
      )
      const cuts = await engine.request('cut', { job: rest, lanes })
      const assets = await assetsOf(rest, engine, catalog, vectorFolder)
      const task = taskIn(catalog, job.task)?.revision ?? 0
      const batches: Batch[] = []
      for (const batch of batchesFor(rest, cuts, {
        catalog,
        version,
        assets: assets.of,
        revisions: (model) => ({ task, model: modelIn(catalog, model)?.revision ?? 0 })
      })) {
        batches.push(batch)
        if (batches.length % breath === 0) await nextTurn()
      }
      if (run.ended) return
      await server.send(assets.contents, new Set(assets.contents.keys()))
      for (const batch of batches) run.open.set(idOf(batch), batch)
      await server.add(batches)
      const trials = batches.reduce((sum, { seeds }) => sum + seeds.length, 0)
      const where = `${workers.length} ${workers.length === 1 ? 'worker' : 'workers'}`
      run.listener.log?.(`${trials} trials in ${batches.length} batches went to the queue; ${where} there.`)
    }
    run.adding = false
    await this.#look(false)
    if (run.ending) this.#end(run, run.ending)
  }

  #listening: QueueServer | undefined
  async #listen(server: QueueServer): Promise<void> {
    const events = await server.events()
    this.#looking ??= setInterval(() => void this.#look(++this.#looks % lostEvery === 0).catch(() => undefined), lookMs)
    if (this.#listening === server) return
    this.#listening = server
    events.on('completed', ({ jobId, returnvalue }) => this.#answered(jobId, returnvalue))
    events.on('failed', ({ jobId, failedReason }) => this.#failed(jobId, failedReason))
    events.on('progress', ({ jobId, data }) => {
      const run = this.#runs.get(runOf(jobId))
      if (run?.progress(jobId, data)) void this.#whoIsThere(run).catch(() => undefined)
    })
  }

  #answered(id: string, text: unknown): void {
    const run = this.#runs.get(runOf(id))
    if (!run?.answered(id, text)) return
    if (run.open.has(id)) this.#flushing ??= setTimeout(() => this.#flush(), messageMs)
    else this.#given(run, [id])
  }

  #failed(id: string, reason: string): void {
    const run = this.#runs.get(runOf(id))
    if (run?.failed(id, reason)) this.#given(run, [id])
  }

  /** The server may forget these batches, and the run may be over. */
  #given(run: QueueRun, ids: readonly string[]): void {
    void this.#removed(ids)
    if (run.ending) this.#end(run, run.ending)
  }

  /** A run that none of the workers takes ends; one that has no worker says so. */
  async #whoIsThere(run: QueueRun): Promise<void> {
    const workers = await (await this.#open()).workers()
    if (run.ended) return
    if (workers.length === 0 && !run.lonely && run.open.size)
      run.listener.log?.(
        `No worker is at the queue. Start one on another machine: engram worker --queue ${this.#shown}`
      )
    run.lonely = workers.length === 0
    if (workers.length === 0 || !workers.every(({ id }) => run.refusals.has(id))) return
    const error = run.refusals.get(workers[0].id)!
    await this.#clear(run)
    this.#end(run, { how: 'failed', error })
  }

  /** Have what has come stored, then let the server forget it. */
  #flush(): void {
    clearTimeout(this.#flushing)
    this.#flushing = undefined
    for (const run of this.#runs.values()) {
      const told = run.tell()
      if (told.length) this.#given(run, told)
    }
  }

  async #removed(ids: readonly string[]): Promise<void> {
    await (await this.#server)?.remove(ids).catch(() => undefined)
  }

  /** What events did not tell, and, now and then, what the server has lost. */
  async #look(lost: boolean): Promise<void> {
    const runs = [...this.#runs.values()].filter((run) => !run.ended && !run.adding)
    if (runs.length === 0 || this.#closed) return
    const server = await this.#open()
    const missed = (await server.ended()).filter((id) => this.#runs.get(runOf(id))?.open.has(id))
    for (const job of await server.jobs(missed)) {
      if (job.returnvalue !== null && job.returnvalue !== undefined) this.#answered(job.id!, job.returnvalue)
      else if (job.failedReason) this.#failed(job.id!, job.failedReason)
    }
    for (const run of runs) {
      await this.#whoIsThere(run)
      if (!lost || run.ended) continue
      const there = await server.batchesOf(run.job.runId)
      const gone = [...run.open].filter(([id]) => !there.has(id) && !run.held.has(id))
      if (gone.length === 0) continue
      run.listener.log?.(`The server has lost ${gone.length} batches; they go there again.`)
      await server.add(gone.map(([, batch]) => batch))
    }
  }

  async #pause(run: QueueRun): Promise<void> {
    run.paused = true
    const server = await this.#open()
    await server.redis.set(controlKey(run.job.runId), 'paused')
    // What nobody computes yet goes off the queue: others' batches need not wait behind it.
    for (const id of await server.remove([...run.open.keys()])) {
      const batch = run.open.get(id)
      if (batch) run.held.set(id, batch)
    }
    if (!run.paused) await this.#putBack(run)
  }

  async #resume(run: QueueRun): Promise<void> {
    run.paused = false
    await (await this.#open()).redis.del(controlKey(run.job.runId))
    await this.#putBack(run)
  }

  async #putBack(run: QueueRun): Promise<void> {
    const held = [...run.held.values()]
    run.held.clear()
    await (await this.#open()).add(held)
  }

  async #cancel(run: QueueRun): Promise<void> {
    const server = await this.#open()
    const { runId } = run.job
    await server.redis.set(controlKey(runId), 'cancelled', 'EX', 86_400)
    // What was learned so far stays with the run.
    const active = (await server.queue.getRanges(['active'], 0, -1)).filter((id) => run.open.has(id))
    for (const { data } of await server.jobs(active))
      if (data.checkpoints.length) run.listener.checkpoint?.(data.cell.index, unpacked(data.checkpoints))
    this.#flush()
    this.#end(run, { how: 'cancelled', error: null })
    await this.#clear(run)
  }

  /** Remove a run's batches; those that are computed just now, once their workers have let go of them. */
  async #clear(run: QueueRun): Promise<void> {
    const server = await this.#open()
    let left = [...run.open.keys()]
    const until = performance.now() + clearMs
    const again = async (): Promise<void> => {
      const gone = new Set(await server.remove(left))
      const there = await server.batchesOf(run.job.runId)
      left = left.filter((id) => !gone.has(id) && there.has(id))
      // The run may have been taken up again meanwhile.
      const renewed = this.#runs.get(run.job.runId)
      if (left.length === 0 || performance.now() > until || this.#closed || (renewed && renewed !== run)) return
      setTimeout(() => void again().catch(() => undefined), messageMs * 10).unref()
    }
    await again()
  }

  #end(run: QueueRun, ending: Ending): void {
    if (run.ended) return
    run.ended = true
    if (this.#runs.get(run.job.runId) === run) this.#runs.delete(run.job.runId)
    if (this.#runs.size === 0) {
      clearInterval(this.#looking)
      this.#looking = undefined
    }
    run.listener.ended(ending)
  }
}

/** A batch that the server holds, if it is one and fits. */
function fitting(json: unknown, fits: (batch: Batch) => boolean): Batch | undefined {
  try {
    const batch = readBatch(json)
    return fits(batch) ? batch : undefined
  } catch {
    return undefined
  }
}

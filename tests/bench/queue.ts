/**
 * What a queue of workers takes of the studio and of the server: a real studio, a real Redis (with its append-only file),
 * and workers that only sleep, a second a batch. Targets: at most 5 ms of studio time a batch, and with 1,000 such workers
 * studio and Redis busy less than a fifth. `--quick`: 100 workers.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expandGrid } from '../../src-shared/grid/expand.ts'
import type { Progress } from '../../src-shared/shapes/run.ts'
import { checkExperiment } from '../../src-shared/shapes/experiment.ts'
import type { TrialOutcome } from '../../src-shared/shapes/outcome.ts'
import { startEngine } from '../../src-main/engine/process/launch.ts'
import { Here } from '../../src-main/places/here.ts'
import { connect } from '../../src-main/places/queue/connect.ts'
import { createStudio } from '../../src-main/studio/studio.ts'
import { needRedis, redisServer } from '../support/redis.ts'
import type { BenchOptions } from './run.ts'

const sleepMs = 1000
/** Processes that hold the workers. */
const processes = 4
/** Batches for each worker. */
const rounds = 10
/** Trials of a batch: a training, and the least of retrieval. */
const sizes = [1, 4]

/** As many cells as batches: where there are many workers, so few trials make one. */
const experimentOf = (batches: number, trials: number) =>
  checkExperiment({
    format: 'engram-experiment/1',
    name: 'Asleep',
    task: { kind: 'capacity', params: { dim: 16 } },
    models: [{ kind: 'linear-associator' }],
    sweep: [
      { param: 'task.items', values: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
      { param: 'task.threshold', values: Array.from({ length: batches / 10 }, (_, i) => (10 * i) / batches) }
    ],
    seeds: { first: 0, count: trials },
    backend: 'wasm'
  })

/** One real outcome, for the workers to repeat. */
async function oneOutcome(): Promise<TrialOutcome> {
  const options = { workers: 1, modelFolder: '', backend: 'wasm' as const }
  const here = new Here(
    startEngine,
    () => options,
    () => undefined
  )
  try {
    const { catalog } = await here.ready()
    const experiment = experimentOf(10, 1)
    const [cell] = expandGrid(experiment, catalog).grid!.cells
    const outcomes: TrialOutcome[] = []
    await new Promise<void>((resolve) =>
      here.run(
        {
          runId: 'one',
          task: 'capacity',
          generator: 'philox',
          backend: 'wasm',
          cells: [{ ...cell, index: 0, seeds: [0] }]
        },
        { trials: (some) => void outcomes.push(...some), ended: () => resolve() }
      )
    )
    return outcomes[0]
  } finally {
    await here.stop()
  }
}

export async function bench({ quick, json }: BenchOptions): Promise<void> {
  const missing = needRedis()
  if (missing) throw new Error(missing)
  const workers = quick ? 100 : 1000
  const batches = workers * rounds
  const folder = mkdtempSync(join(tmpdir(), 'engram-bench-queue-'))
  const children: ChildProcess[] = []
  mkdirSync(join(folder, 'redis'))
  const server = await redisServer(join(folder, 'redis'))
  try {
    const file = join(folder, 'outcome.json')
    const outcome = await oneOutcome()
    writeFileSync(file, JSON.stringify(outcome))
    for (let i = 0; i < processes; i++) {
      const args = [server.url, String(workers / processes), String(sleepMs), file]
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'queue-child.ts'), ...args],
        { stdio: ['pipe', 'pipe', 'inherit'] }
      )
      children.push(child)
    }
    await Promise.all(
      children.map(async (child) => {
        for await (const line of createInterface({ input: child.stdout! })) if (line === 'ready') return
        throw new Error('Workers could not be started.')
      })
    )
    let hear: (progress: Progress) => void = () => undefined
    const studio = await createStudio({
      dataFolder: join(folder, 'data'),
      host: 'serve',
      startEngine,
      queue: server.url,
      emit(name, data) {
        // As it goes to a page.
        JSON.stringify(data)
        if (name === 'run.progress') hear(data as Progress)
      }
    })
    const redis = await connect(server.address)
    /** Milliseconds of CPU time so far. */
    const used = async (): Promise<{ studio: number; redis: number; at: number }> => {
      const info = await redis.info('cpu')
      const { user, system } = process.cpuUsage()
      const seconds = (kind: string): number => Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)![1])
      return { studio: (user + system) / 1000, redis: (seconds('sys') + seconds('user')) * 1000, at: performance.now() }
    }
    // What is loaded once is no cost of a batch.
    await studio.handlers['experiment.plan']({ experiment: experimentOf(10, 1) })
    await studio.handlers['computers.queue']({})
    const rows: object[] = []
    for (const trials of sizes) {
      const before = await used()
      const { id } = await studio.handlers['runs.start']({
        experiment: experimentOf(batches, trials),
        on: { kind: 'queue' }
      })
      let sent: ReturnType<typeof used> | undefined
      const end = await new Promise<Progress>((resolve) => {
        hear = (progress) => {
          if (progress.runId !== id) return
          if (progress.done > 0) sent ??= used()
          if (['done', 'failed', 'interrupted', 'cancelled'].includes(progress.status)) resolve(progress)
        }
      })
      if (end.status !== 'done') throw new Error(end.error?.message ?? end.status)
      const after = await used()
      const given = await sent!
      const each = (a: number, b: number): number => Number(((b - a) / batches).toFixed(3))
      rows.push({
        ...{ workers, batches, trials, seconds: Number(((after.at - before.at) / 1000).toFixed(1)) },
        // Of CPU time, a batch.
        studioMs: each(before.studio, after.studio),
        ofItToSend: each(before.studio, given.studio),
        redisMs: each(before.redis, after.redis),
        // Were each worker given a batch a second, as shares of a core: sending is over by then.
        studioBusy: Number(((each(given.studio, after.studio) * workers) / sleepMs).toFixed(3)),
        redisBusy: Number(((each(given.redis, after.redis) * workers) / sleepMs).toFixed(3))
      })
    }
    redis.disconnect()
    await studio.close()
    if (json) console.log(JSON.stringify(rows))
    else console.table(rows)
  } finally {
    for (const child of children) child.stdin!.end()
    await server.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * kill -9 of workers, the studio and the server at random moments while a run goes over the queue: each run comes to its
 * end with the numbers that this computer gives, to the last bit, and nothing drifts.
 */
import { Queue } from 'bullmq'
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { canonical } from '../../src-shared/grid/identity.ts'
import { startEngine } from '../../src-main/engine/process/launch.ts'
import { connect } from '../../src-main/places/queue/connect.ts'
import { prefix, queueName } from '../../src-main/places/queue/keys.ts'
import { createStudio } from '../../src-main/studio/studio.ts'
import { experiment, numbers, training } from '../main/places/queue-support.ts'
import { needRedis, redisServer } from '../support/redis.ts'
import { random } from '../support/random.ts'
import type { Campaign } from './campaign.ts'

/** Long enough for a few kills. */
const experiments = [
  { ...experiment, seeds: { first: 0, count: 250 } },
  { ...training, task: { ...training.task, params: { ...training.task.params, steps: 200 } } }
] as const
/** A kill comes so long after the run was given, at most. */
const lastKillMs = 3000
const roundMs = 120_000

/** A process that is killed and comes again. */
class Mortal {
  readonly #args: readonly string[]
  readonly #hear: (line: string) => void
  #child!: ChildProcess

  constructor(args: readonly string[], hear: (line: string) => void) {
    this.#args = args
    this.#hear = hear
    this.start()
  }

  start(): void {
    const file = join(import.meta.dirname, 'queue-child.ts')
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...this.#args], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    this.#child.stdin!.on('error', () => undefined)
    createInterface({ input: this.#child.stdout! }).on('line', this.#hear)
  }
  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`)
  }
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }
}

/** What this computer gives, as hashes. */
async function local(folder: string): Promise<string[]> {
  const studio = await createStudio({ dataFolder: folder, host: 'serve', startEngine, emit: () => undefined })
  try {
    const hashes: string[] = []
    for (const one of experiments) {
      const { id } = await studio.handlers['runs.start']({ experiment: one as never })
      while ((await studio.handlers['runs.get']({ id })).status !== 'done') await wait(50)
      hashes.push(
        createHash('sha256')
          .update(canonical(await numbers(studio, id)))
          .digest('hex')
      )
    }
    return hashes
  } finally {
    await studio.close()
  }
}

export const queue: Campaign = async ({ rounds, seed, folder, tell }) => {
  const missing = needRedis()
  if (missing) throw new Error(missing)
  const next = random(seed)
  const of = (name: string): string => {
    mkdirSync(join(folder, name))
    return join(folder, name)
  }
  const truth = await local(of('here'))
  const server = await redisServer(of('redis'))
  const failures: string[] = []
  const count: Record<string, number> = { 'kills of a worker': 0, 'kills of the studio': 0, 'kills of the server': 0 }
  let resumed = 0
  const answers = new Map<string, string[]>()
  const hear = (line: string): void => {
    const [what, name, ...rest] = line.split(' ')
    if (what === 'resumed') resumed++
    if (what === 'done' || what === 'failed') answers.set(name, [what, ...rest])
  }
  const workers = ['one', 'two'].map((name) => new Mortal(['worker', server.url, of(name)], () => undefined))
  const studio = new Mortal(['studio', server.url, of('studio')], hear)
  try {
    for (let round = 0; round < rounds; round++) {
      const name = `round-${round}`
      const which = round % experiments.length
      const begin = (): void => studio.say(`${name} ${JSON.stringify(experiments[which])}`)
      begin()
      const kills = Array.from({ length: 1 + Math.floor(next() * 3) }, () => ({
        at: next() * lastKillMs,
        whom: (['worker', 'studio', 'server'] as const)[Math.floor(next() * 3)],
        worker: Math.floor(next() * workers.length),
        down: next() * 500
      })).sort((a, b) => a.at - b.at)
      const started = performance.now()
      for (const { at, whom, worker, down } of kills) {
        while (performance.now() - started < at && !answers.has(name)) await wait(5)
        if (answers.has(name)) break
        const mortal = { worker: workers[worker], studio, server }[whom]
        count[whom === 'worker' ? 'kills of a worker' : `kills of the ${whom}`]++
        await mortal.kill()
        await wait(down)
        await mortal.start()
        if (whom === 'studio') begin()
      }
      while (!answers.has(name) && performance.now() - started < roundMs) await wait(20)
      const [what, hash, drifted] = answers.get(name) ?? ['without an end']
      const about = `round ${round} (seed ${seed}; ${kills.map(({ at, whom }) => `${whom} at ${at.toFixed(0)} ms`).join(', ')})`
      if (what !== 'done') failures.push(`${about}: ${[what, hash, drifted].join(' ')}`)
      else if (hash !== truth[which]) failures.push(`${about}: other numbers than here`)
      else if (drifted !== '0') failures.push(`${about}: ${drifted} trials drifted`)
      if (what === 'without an end') break
      if ((round + 1) % 10 === 0) tell(`${round + 1} rounds, ${failures.length} failures`)
    }
    const redis = await connect(server.address)
    const left = new Queue(queueName, { connection: redis, prefix })
    const there = (): Promise<number> => left.getJobCountByTypes('waiting', 'active', 'delayed', 'completed', 'failed')
    for (let tries = 0; tries < 200 && (await there()) > 0; tries++) await wait(50)
    const batches = await there()
    if (batches) failures.push(`${batches} batches are left at the server`)
    await left.close()
    redis.disconnect()
  } finally {
    await Promise.all([...workers, studio].map((one) => one.kill()))
    await server.kill()
  }
  return { summary: { rounds, ...count, 'resumed since the server was away': resumed }, failures }
}

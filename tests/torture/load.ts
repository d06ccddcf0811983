/**
 * A large history under use: a million trials are stored, opened, compared and exported by `serve` while a second page
 * asks small questions all the time. What is watched: how long those wait, and how much memory the processes take. A
 * process that does nothing is asked beside them: what it waits is the machine's own, which others may use.
 */
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { storeFile } from '../../src-main/store/file.ts'
import { partsOf, partTrials } from '../../src-shared/contract/parts.ts'
import { generateHistory } from '../bench/generate-history.ts'
import { connectTo, startServe, type ApiClient } from '../e2e/server.ts'
import { exported } from '../support/exported.ts'
import type { Campaign } from './campaign.ts'

/** Two models with so many seeds each: as many as an experiment may have. */
const seedsPerRun = 5000

const idOf = (i: number): string => `RUN${String(i).padStart(10, '0')}`

/** Two models, each with half the seeds. */
const computed = (trials: number) => ({
  format: 'engram-experiment/1',
  name: 'Under load',
  task: { kind: 'capacity', params: { dim: 16, items: 4 } },
  models: [{ kind: 'linear-associator' }, { kind: 'hopfield' }],
  seeds: { first: 0, count: Math.ceil(trials / 2) }
})

const most = { waitMs: 500, memoryMb: 1024 }

export const load: Campaign = async ({ rounds: trials, folder, tell }) => {
  const runs = Math.max(1, Math.round(trials / (2 * seedsPerRun)))
  const seeds = Math.ceil(trials / runs / 2)
  const failures: string[] = []
  const summary: Record<string, number> = { trials: 2 * seeds * runs, runs }
  const took = async <T>(what: string, work: () => Promise<T> | T): Promise<T> => {
    const start = performance.now()
    worst = idle = 0
    const result = await work()
    summary[`ms: ${what}`] = Math.round(performance.now() - start)
    summary[`ms that a small call waited at most during: ${what}`] = Math.round(worst)
    summary[`ms that an idle process waited at most during: ${what}`] = Math.round(idle)
    tell(
      `${what}: ${Math.round(performance.now() - start)} ms, small calls at most ${Math.round(worst)} ms, an idle process ${Math.round(idle)} ms`
    )
    if (worst > most.waitMs + idle) failures.push(`${what}: a small call waited ${Math.round(worst)} ms`)
    return result
  }
  let [worst, idle] = [0, 0]
  const data = join(folder, 'data')
  await took('stored', () => generateHistory(data, runs, undefined, seeds))
  summary['MB of the data file'] = Math.round(statSync(storeFile(data)).size / 2 ** 20)

  const served = await took('opened', () => startServe(data))
  const bystander = spawn(process.execPath, ['-e', "process.on('message', (text) => process.send(text))"], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc']
  })
  const echo = (): Promise<void> =>
    new Promise((resolve) => {
      bystander.once('message', () => resolve())
      bystander.send('anybody there?')
    })
  let watching = true
  try {
    const page = await connectTo(served)
    // A second page that only asks.
    const session = page.session
    const other = await connectTo(served, session)
    const id = idOf(0)
    const small = [
      () => other.call('settings.get', {}),
      () => other.call('runs.list', { limit: 50 }),
      () => other.call('runs.get', { id }),
      () => other.call('runs.trials', { id, offset: 0, limit: 50 })
    ]
    const watch = (async () => {
      while (watching) {
        for (const ask of small) {
          const start = performance.now()
          await ask()
          worst = Math.max(worst, performance.now() - start)
          const asked = performance.now()
          await echo()
          idle = Math.max(idle, performance.now() - asked)
          await new Promise((resume) => setTimeout(resume, 10))
        }
      }
    })()
    const ids = Array.from({ length: runs }, (_, i) => idOf(i))
    // All of them are stored and counted as they come from the engine.
    await took('a hundredth computed', async () => {
      const ended = new Promise<string>((resolve) =>
        page.on('run.progress', ({ status }) => status !== 'queued' && status !== 'running' && resolve(status))
      )
      await page.call('runs.start', { experiment: computed(Math.min(seedsPerRun, Math.ceil(trials / 100))) })
      if ((await ended) !== 'done') failures.push(`the run ended as ${await ended}`)
    })
    await took('listed', () => page.call('runs.list', { limit: 200 }))
    await took('one run opened', async () => {
      await page.call('runs.get', { id: ids[0] })
      await page.call('runs.results', { ids: [ids[0]] })
      await page.call('runs.trials', { id: ids[0], offset: 0, limit: 100 })
    })
    await took('all compared', async () => {
      const heads = await Promise.all(ids.map((id) => page.call('runs.get', { id })))
      let compared = 0
      for (const part of partsOf(heads, partTrials.results))
        for (const { seeds } of await page.call('runs.results', part)) compared += seeds.length
      if (compared !== 2 * seeds * runs) failures.push(`${compared} trials were compared`)
    })
    await took('as many asked at once as can be', () =>
      page.call('runs.results', { ids }).catch((error: unknown) => {
        if (!String(error).includes('too-large')) throw error
      })
    )
    const call: ApiClient['call'] = (name, input) => page.call(name, input)
    for (const format of ['csv-long', 'parquet'] as const) {
      const file = await took(`exported as ${format}`, () => exported(call, { ids, format }))
      summary[`MB of ${format}`] = Math.round(file.bytes.length / 2 ** 20)
    }
    watching = false
    await watch
    for (const [name, memory] of memories(served.process.pid as number)) {
      summary[`MB at most of ${name}`] = memory
      if (memory > most.memoryMb) failures.push(`${name} took ${memory} MB`)
    }
  } finally {
    watching = false
    bystander.kill()
    await served.stop()
  }
  return { summary, failures }
}

/** The most memory that a process and those it started took, where the system tells. */
function memories(root: number): [string, number][] {
  if (process.platform !== 'linux') return []
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return processes.flatMap((name): [string, number][] => {
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8')
      const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1])
      if (Number(name) !== root && parent !== root) return []
      const peak = Math.round(Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1]) / 1024)
      return [[Number(name) === root ? 'the studio' : `its process ${name}`, peak]]
    } catch {
      return []
    }
  })
}

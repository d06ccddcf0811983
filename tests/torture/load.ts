/**
 * A large history under use: a million trials are stored, opened, compared and exported by `serve` while a second page
 * asks small questions all the time. What is watched: how long those wait, and how much memory the processes take.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { storeFile } from '../../src-main/store/file.ts'
import { generateHistory } from '../bench/generate-history.ts'
import { connectTo, startServe, type ApiClient } from '../e2e/server.ts'
import { exported } from '../support/exported.ts'
import type { Campaign } from './campaign.ts'

/** Two models with so many seeds each: as many as an experiment may have. */
const seedsPerRun = 5000

const most = { waitMs: 500, memoryMb: 1024 }

export const load: Campaign = async ({ rounds: trials, folder, tell }) => {
  const runs = Math.max(1, Math.round(trials / (2 * seedsPerRun)))
  const seeds = Math.ceil(trials / runs / 2)
  const failures: string[] = []
  const summary: Record<string, number> = { trials: 2 * seeds * runs, runs }
  const took = async <T>(what: string, work: () => Promise<T> | T): Promise<T> => {
    const start = performance.now()
    worst = 0
    const result = await work()
    summary[`ms: ${what}`] = Math.round(performance.now() - start)
    summary[`ms that a small call waited at most during: ${what}`] = Math.round(worst)
    tell(`${what}: ${Math.round(performance.now() - start)} ms, small calls at most ${Math.round(worst)} ms`)
    if (worst > most.waitMs) failures.push(`${what}: a small call waited ${Math.round(worst)} ms`)
    return result
  }
  let worst = 0
  const data = join(folder, 'data')
  await took('stored', () => generateHistory(data, runs, undefined, seeds))
  summary['MB of the data file'] = Math.round(statSync(storeFile(data)).size / 2 ** 20)

  const served = await took('opened', () => startServe(data))
  let watching = true
  try {
    const page = await connectTo(served)
    // A second page that only asks.
    const session = page.session
    const other = await connectTo(served, session)
    const watch = (async () => {
      while (watching) {
        const start = performance.now()
        await other.call('settings.get', {})
        worst = Math.max(worst, performance.now() - start)
        await new Promise((resume) => setTimeout(resume, 20))
      }
    })()
    const ids = Array.from({ length: runs }, (_, i) => `RUN${String(i).padStart(10, '0')}`)
    await took('listed', () => page.call('runs.list', { limit: 200 }))
    await took('one run opened', async () => {
      await page.call('runs.get', { id: ids[0] })
      await page.call('runs.results', { ids: [ids[0]] })
      await page.call('runs.trials', { id: ids[0], offset: 0, limit: 100 })
    })
    await took('all compared', async () => {
      for (const id of ids) await page.call('runs.results', { ids: [id] })
    })
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

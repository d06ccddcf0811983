/** kill -9 of the engine and of the whole studio while a run goes on: nothing stored is lost, and the run can go on. */
import { expect, test } from '@playwright/test'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CellResult, Progress } from '../../src-shared/shapes/run.ts'
import { connectTo, ended, startServe, type ApiClient, type Served } from './server.ts'

test.skip(process.platform === 'win32', 'Windows has no kill -9.')
test.setTimeout(180_000)

const experiment = {
  format: 'engram-experiment/1',
  name: 'Long',
  task: { kind: 'capacity', params: { dim: 64 } },
  models: [{ kind: 'linear-associator' }, { kind: 'episodic-slots' }],
  sweep: [{ param: 'task.items', values: [10, 20, 40] }],
  seeds: { count: 100 },
  backend: 'wasm'
}

const folders: string[] = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'engram-kill-'))
  folders.push(folder)
  return folder
}
test.afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Processes that a process started. */
function childrenOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
  } catch {
    return []
  }
}

/** The first progress that satisfies a wish. */
function until(client: ApiClient, id: string, wish: (progress: Progress) => boolean): Promise<Progress> {
  return new Promise((resolve) =>
    client.on('run.progress', (progress) => {
      if (progress.runId === id && wish(progress)) resolve(progress)
    })
  )
}

/** Results without times, which are never the same twice. */
async function results(client: ApiClient, id: string): Promise<Omit<CellResult, 'elapsedMs' | 'runId'>[]> {
  const cells = await client.call('runs.results', { ids: [id] })
  return cells.map(({ label, model, params, point, seeds, statuses, metrics }) => ({
    label,
    model,
    params,
    point,
    seeds,
    statuses,
    metrics
  }))
}

async function start(client: ApiClient): Promise<string> {
  return (await client.call('runs.start', { experiment })).id
}

let whole: Awaited<ReturnType<typeof results>>
test.beforeAll(async () => {
  const served = await startServe(newFolder())
  const client = await connectTo(served)
  const id = await start(client)
  expect(await until(client, id, ({ status }) => status === 'done')).toMatchObject({
    done: 600,
    failed: 0,
    diverged: 0
  })
  whole = await results(client, id)
  client.close()
  await served.stop()
})

/** Start the run and stop as soon as some of it is stored, long before all is. */
async function halfway(served: Served): Promise<{ client: ApiClient; id: string }> {
  const client = await connectTo(served)
  const id = await start(client)
  const progress = await until(client, id, ({ done }) => done > 0)
  expect(progress.status).toBe('running')
  return { client, id }
}

async function resumeAndCompare(client: ApiClient, id: string): Promise<void> {
  const kept = await results(client, id)
  const count = (cells: typeof kept): number =>
    cells.reduce((sum, { statuses }) => sum + statuses.filter((status) => status === 'done').length, 0)
  expect(count(kept)).toBeGreaterThan(0)
  expect(count(kept)).toBeLessThan(600)
  const end = until(client, id, ({ status }) => status === 'done')
  await client.call('runs.resume', { id })
  await end
  expect(await results(client, id)).toEqual(whole)
}

test('kill -9 of the engine interrupts the run, says so, and resuming gives the results of an uninterrupted run', async () => {
  const served = await startServe(newFolder())
  try {
    const { client, id } = await halfway(served)
    const interrupted = until(client, id, ({ status }) => status === 'interrupted')
    const engines = childrenOf(served.process.pid!)
    expect(engines).toHaveLength(1)
    process.kill(engines[0], 'SIGKILL')
    expect(await interrupted).toMatchObject({
      error: { code: 'engine-crashed', message: expect.stringMatching(/ended from outside.*resume/is) }
    })
    expect(await client.call('runs.get', { id })).toMatchObject({
      status: 'interrupted',
      error: { code: 'engine-crashed' }
    })
    await resumeAndCompare(client, id)
    client.close()
  } finally {
    await served.stop()
  }
})

test('kill -9 of the whole studio leaves an interrupted run that resumes to the results of an uninterrupted one', async () => {
  const folder = newFolder()
  let served = await startServe(folder)
  const { id } = await halfway(served)
  const engines = childrenOf(served.process.pid!)
  await ended(served.process, 'SIGKILL')
  // The engine must not outlive the studio it works for.
  await expect.poll(() => engines.filter(isAlive)).toEqual([])
  served = await startServe(folder)
  try {
    const client = await connectTo(served)
    expect(await client.call('runs.get', { id })).toMatchObject({ status: 'interrupted' })
    await resumeAndCompare(client, id)
    client.close()
  } finally {
    await served.stop()
  }
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

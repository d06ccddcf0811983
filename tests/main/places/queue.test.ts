import { Queue } from 'bullmq'
import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { exportRun } from '../../../src-main/hosts/terminal/export.ts'
import { connect } from '../../../src-main/places/queue/connect.ts'
import { prefix, queueName } from '../../../src-main/places/queue/keys.ts'
import { redisReason, withoutRedis } from '../../support/redis.ts'
import { ended, type Opened } from '../studio/support.ts'
import { bench, folderIn, here, start, until } from './queue-bench.ts'
import { experiment, numbers, training, version } from './queue-support.ts'

// Workers, studios and servers are processes of their own; on a busy machine they take their time.
vi.setConfig({ testTimeout: 240_000 })

const started = (studio: Opened, id: string, trials: number): Promise<unknown> =>
  studio.until(id, ['running', ...ended], ({ done }) => done >= trials)
const log = async (studio: Opened, id: string): Promise<string> =>
  (await studio.handlers['runs.log']({ id })).map(({ text }) => text).join('\n')

const cli = join(import.meta.dirname, '../../../src-main/cli.ts')
/** A process of its own: what it says, and its end. */
function engram(
  args: readonly string[],
  env: Record<string, string> = {}
): { child: ChildProcess; said: () => string; end: Promise<number | null> } {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
    env: { ...process.env, ...env }
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const end = new Promise<number | null>((resolve) => child.on('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await end
  })
  return { child, said: () => said, end }
}
describe.skipIf(withoutRedis)(`a queue of workers${redisReason}`, () => {
  it('two workers give what this computer gives, to the last bit, and the run says who computed it', async () => {
    const place = await bench()
    const studio = await place.studio()
    await Promise.all([place.worker({ about: { name: 'one' } }), place.worker({ about: { name: 'two' } })])
    const id = await start(studio, experiment)
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 160, error: null })
    const taught = await start(studio, training)
    expect(await studio.until(taught, ended)).toMatchObject({ status: 'done', done: 2 })
    // Live: what a training tells before it ends, at most twenty times a second.
    const told = studio.all('run.points').filter(({ runId }) => runId === taught)
    expect(told.flatMap(({ curves }) => curves.map(({ name }) => name))).toEqual(
      expect.arrayContaining(['loss', 'accuracy'])
    )
    expect(await numbers(studio, id)).toEqual(await here(studio, experiment))
    expect(await numbers(studio, taught)).toEqual(await here(studio, training))
    const { provenance } = await studio.handlers['runs.get']({ id })
    expect(provenance.place).toBe('queue')
    expect(provenance.computers!.map(({ name, version: its }) => [name, its]).sort()).toEqual([
      ['one', version],
      ['two', version]
    ])
    expect(provenance.computers!.reduce((sum, { trials }) => sum + trials, 0)).toBe(160)
    expect(await studio.handlers['computers.queue']({})).toMatchObject({
      address: place.server.url,
      waiting: 0,
      computing: 0,
      failed: [],
      workers: [{ lanes: 1 }, { lanes: 1 }]
    })
  })

  it('a training goes on at another worker where the first one died of kill -9', async () => {
    const place = await bench()
    const studio = await place.studio()
    const long = { ...training, task: { ...training.task, params: { ...training.task.params, steps: 120 } } }
    const first = engram([
      ...['worker', '--queue', place.server.url, '--workers', '1', '--data', join(place.folder, 'first')]
    ])
    await until(() => first.said().includes('computes batches'))
    const id = await start(studio, long)
    const steps = (): number[] =>
      studio.all('run.points').flatMap(({ runId, curves }) => (runId === id ? curves.flatMap(({ x }) => x) : []))
    await until(() => Math.max(0, ...steps()) > 30)
    const before = steps().length
    first.child.kill('SIGKILL')
    await place.worker()
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 2 })
    expect(await numbers(studio, id)).toEqual(await here(studio, long))
    expect(Math.min(...steps().slice(before))).toBeGreaterThan(5)
  })

  it('a run goes on after kill -9 of the server in the middle of it', async () => {
    const place = await bench()
    const studio = await place.studio()
    await place.worker()
    const id = await start(studio, experiment)
    await started(studio, id, 1)
    await place.server.kill()
    await wait(300)
    await place.server.start()
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 160 })
    expect(await numbers(studio, id)).toEqual(await here(studio, experiment))
  })

  it('a run goes on while its studio is closed, and after kill -9 of it; what was computed is collected', async () => {
    const place = await bench()
    const data = join(place.folder, 'studio')
    const file = join(place.folder, 'experiment.json')
    writeFileSync(file, JSON.stringify(experiment))
    const at = ['--data', data, '--queue', place.server.url]
    const first = engram(['run', file, '--on', 'queue', ...at])
    const redis = await connect(place.server.address)
    onTestFinished(() => redis.disconnect())
    const queue = new Queue(queueName, { connection: redis, prefix })
    await until(async () => (await queue.getWaitingCount()) > 10)
    first.child.kill('SIGKILL')
    await first.end
    const one = await place.worker()
    await until(async () => (await queue.getCompletedCount()) > 2)
    // It comes again and goes again, as it should; then it comes and stays.
    const again = await place.studio()
    const [{ id }] = (
      await again.handlers['runs.list']({ limit: 1, offset: 0, trashed: false, sort: 'created', descending: true })
    ).rows
    await again.close()
    await one.finish()
    await place.worker()
    const studio = await place.studio()
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 160 })
    expect(await numbers(studio, id)).toEqual(await here(studio, experiment))
    await until(async () => (await queue.getJobCountByTypes('waiting', 'active', 'completed', 'failed')) === 0)
  })

  it('a studio that is opened while the server is away waits for it', async () => {
    const place = await bench()
    const first = await place.studio()
    const id = await start(first, experiment)
    await until(async () => (await log(first, id)).includes('went to the queue'))
    await first.close()
    await place.server.kill()
    const studio = await place.studio()
    await until(async () => (await log(studio, id)).includes('The run waits for it.'))
    expect((await studio.handlers['runs.get']({ id })).status).toBe('running')
    await place.server.start()
    await place.worker()
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 160 })
    expect(await numbers(studio, id)).toEqual(await here(studio, experiment))
  })

  it('pauses, goes on and cancels; what was cancelled leaves nothing at the queue and can be resumed', async () => {
    const place = await bench()
    const studio = await place.studio()
    await place.worker()
    const { handlers } = studio
    const id = await start(studio, experiment)
    await started(studio, id, 1)
    await handlers['runs.pause']({ id })
    await until(async () => (await handlers['computers.queue']({})).computing === 0)
    await wait(300)
    const { done } = await handlers['runs.get']({ id })
    expect(done).toBeLessThan(160)
    await wait(1500)
    expect(await handlers['runs.get']({ id })).toMatchObject({ status: 'paused', done })
    await handlers['runs.resume']({ id })
    await started(studio, id, done + 1)
    await handlers['runs.cancel']({ id })
    expect(await studio.until(id, ended)).toMatchObject({ status: 'cancelled' })
    await until(async () => {
      const { waiting, computing } = await handlers['computers.queue']({})
      return waiting + computing === 0
    })
    await handlers['runs.resume']({ id })
    expect(await studio.until(id, ['done'])).toMatchObject({ done: 160 })
    expect(await numbers(studio, id)).toEqual(await here(studio, experiment))
  })

  it('a worker of another version takes nothing and says so; one of the same version beside it computes all', async () => {
    const place = await bench()
    const studio = await place.studio()
    await place.worker({ about: { version: '0.0.1', host: 'old' } })
    const refused = await start(studio, experiment)
    expect(await studio.until(refused, ended)).toMatchObject({
      status: 'failed',
      done: 0,
      error: { code: 'conflict', message: expect.stringMatching(/old has 0\.0\.1\. Install the same version there/) }
    })
    await until(
      async () => (await studio.handlers['computers.queue']({})).workers[0].refused?.error.code === 'conflict'
    )
    await place.worker()
    const id = await start(studio, experiment)
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 160 })
    expect((await studio.handlers['runs.get']({ id })).provenance.computers!.map(({ version: its }) => its)).toEqual([
      version
    ])
  })

  it('code of one’s own is run by workers that were told to trust it, and by no other', async () => {
    const place = await bench()
    const models = folderIn(place.folder, 'models')
    const original = join(import.meta.dirname, '../engine/worker/user-models/echo.js')
    writeFileSync(join(models, 'echo.js'), readFileSync(original))
    const studio = await place.studio({ modelFolder: models })
    const own = { ...experiment, models: [{ kind: 'echo' }] }
    const careful = await place.worker()
    const refused = await start(studio, own)
    expect(await studio.until(refused, ended)).toMatchObject({
      status: 'failed',
      error: { code: 'not-supported', message: expect.stringContaining('--trust-models') }
    })
    await careful.finish()
    await place.worker({ trustsModels: true })
    const id = await start(studio, own)
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 80 })
    expect(await numbers(studio, id)).toEqual(await here(studio, own))
  })

  it('refuses hostile batches, each with a typed error, and lives', async () => {
    const place = await bench()
    // Reading 100 MB takes its time: the locks are those of a worker in earnest.
    await place.worker({ lockMs: 20_000, stalledCheckMs: 20_000 })
    const redis = await connect(place.server.address)
    onTestFinished(() => redis.disconnect())
    const queue = new Queue(queueName, { connection: redis, prefix })
    const hash = 'a'.repeat(64)
    const fine = {
      format: 'engram-batch/1',
      run: 'R',
      version,
      task: 'capacity',
      revisions: { task: 1, model: 1 },
      generator: 'philox',
      backend: 'wasm',
      cell: { index: 0, use: 0, label: 'a', model: 'hopfield', params: {}, taskParams: {}, point: {} },
      seeds: [0],
      identity: hash,
      assets: { vectors: [] },
      checkpoints: []
    }
    const hostile: Record<string, [data: unknown, code: string]> = {
      nothing: [null, 'bad-input'],
      text: ['batch', 'bad-input'],
      schema: [{ ...fine, seeds: 'all' }, 'bad-input'],
      more: [{ ...fine, command: 'rm' }, 'bad-input'],
      path: [{ ...fine, run: '../../etc' }, 'bad-input'],
      asset: [{ ...fine, assets: { vectors: ['../../../etc/passwd'] } }, 'bad-input'],
      weights: [{ ...fine, assets: { vectors: [], weights: { hash, extension: '.npz/../x' } } }, 'bad-input'],
      missing: [{ ...fine, assets: { vectors: [hash] } }, 'not-found'],
      large: [{ ...fine, cell: { ...fine.cell, label: 'x'.repeat(100 * 2 ** 20) } }, 'too-large'],
      model: [{ ...fine, cell: { ...fine.cell, model: 'no-such-model' } }, 'not-found'],
      task: [{ ...fine, task: 'no-such-task' }, 'not-found']
    }
    for (const [id, [data]] of Object.entries(hostile)) await queue.add('batch', data, { jobId: `X-${id}` })
    await until(async () => (await queue.getFailedCount()) === Object.keys(hostile).length)
    for (const [id, [, code]] of Object.entries(hostile)) {
      const job = await queue.getJob(`X-${id}`)
      expect([id, (JSON.parse(job!.failedReason) as { code: string }).code]).toEqual([id, code])
    }
    const studio = await place.studio()
    const id = await start(studio, experiment)
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 160 })
    expect((await studio.handlers['computers.queue']({})).failed.length).toBeGreaterThan(5)
  })

  it('a batch that is added twice is there once; a bad answer is no result', async () => {
    const place = await bench()
    const studio = await place.studio()
    const redis = await connect(place.server.address)
    onTestFinished(() => redis.disconnect())
    const queue = new Queue(queueName, { connection: redis, prefix })
    const id = await start(studio, { ...experiment, models: [{ kind: 'hopfield' }], sweep: [] })
    await until(async () => (await log(studio, id)).includes('went to the queue'))
    const waiting = await queue.getWaiting()
    await queue.add('batch', waiting[0].data, { jobId: waiting[0].id })
    expect(await queue.getWaitingCount()).toBe(waiting.length)
    // Somebody who is no worker of ours answers one of them with another trial.
    const { Worker } = await import('bullmq')
    let bad = 0
    const liar = new Worker(
      queueName,
      () => Promise.resolve(bad++ ? JSON.stringify({ outcomes: [] }) : '{"outcomes":'),
      { connection: { ...place.server.address.options, maxRetriesPerRequest: null }, prefix }
    )
    expect(await studio.until(id, ended)).toMatchObject({ status: 'failed', done: 0, error: { code: 'bad-input' } })
    await liar.close()
    await place.worker()
    await studio.handlers['runs.resume']({ id })
    expect(await studio.until(id, ['done'])).toMatchObject({ done: 40 })
  })

  it('nothing that is stored, written, said or listed holds the password', async () => {
    const planted = 'pl4nted-p4ssw0rd'
    const place = await bench(planted)
    const data = join(place.folder, 'data')
    const file = join(place.folder, 'experiment.json')
    writeFileSync(file, JSON.stringify(experiment))
    const whole = { ENGRAM_QUEUE: place.server.url.replace('//', `//:${planted}@`) }
    const at = engram(['worker', '--workers', '1', '--data', join(place.folder, 'w')], whole)
    await until(() => at.said().includes('computes batches'))
    const ran = engram(['run', file, '--on', 'queue', '--data', data], whole)
    const listed = new Set<string>()
    await until(async () => {
      for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        try {
          listed.add(readFileSync(`/proc/${name}/cmdline`, 'utf8'))
        } catch {
          // It has ended.
        }
      await wait(20)
      return ran.child.exitCode !== null
    })
    expect(await ran.end).toBe(0)
    const [run] = /run (\S+)/.exec(ran.said())!.slice(1)
    const exported = ['html', 'json', 'manifest', 'csv', 'latex'] as const
    for (const format of exported) {
      const out = join(place.folder, `out.${format}`)
      await exportRun(data, run, format, out)
    }
    const refused = engram(['run', file, '--on', 'queue', '--data', data], {
      ENGRAM_QUEUE: place.server.url.replace('//', `//:${planted}-other@`)
    })
    expect(await refused.end).toBe(1)
    expect(refused.said()).toMatch(/^unauthorised: /m)
    const shown = engram(['run', file, '--on', 'queue', '--data', data, '--queue', whole.ENGRAM_QUEUE])
    expect(await shown.end).toBe(2)
    at.child.kill('SIGINT')
    expect(await at.end).toBe(0)
    const written = readdirSync(place.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('redis'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    const all = [...written, ...listed, at.said(), ran.said(), refused.said(), shown.said()]
    expect(written.length).toBeGreaterThan(exported.length)
    expect(all.some((text) => text.includes(place.server.url.slice('redis://'.length)))).toBe(true)
    expect(all.filter((text) => text.includes(planted))).toEqual([])
  })
})

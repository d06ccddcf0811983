import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { realPort } from '../../../src-main/store/port.ts'
import { storeFile } from '../../../src-main/store/file.ts'
import { openStore } from '../../../src-main/store/open.ts'
import type { CellResult } from '../../../src-shared/shapes/run.ts'
import type { Studio } from '../../../src-main/studio/studio.ts'
import { scoreOf } from './fake-engine.ts'
import { ended, openStudio, refusal, twoModels } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const start = async ({ handlers }: Studio, experiment: Record<string, unknown>): Promise<string> =>
  (await handlers['runs.start']({ experiment: experiment as never })).id

/** Every number of a complete run, as the fake engine's arithmetic gives it. */
async function expectComplete({ handlers }: Studio, id: string): Promise<void> {
  const results = (await handlers['runs.results']({ ids: [id] })) as CellResult[]
  expect(results).toHaveLength(4)
  for (const { model, point, seeds, metrics, statuses } of results) {
    expect(new Set(statuses)).toEqual(new Set(['done']))
    expect(metrics.score).toEqual(seeds.map((seed) => scoreOf({ model, taskParams: { items: point.items } }, seed)))
  }
}

describe('a run', () => {
  it('goes from start to end: stored, told, summed up', async () => {
    const studio = await openStudio()
    const id = await start(studio, twoModels(10))
    const last = await studio.until(id, ended)
    expect(last).toMatchObject({ status: 'done', trials: 40, done: 40, leftMs: 0, error: null, backend: 'cpu' })
    await expectComplete(studio, id)
    const run = await studio.handlers['runs.get']({ id })
    expect(run).toMatchObject({ name: 'Two fakes', done: 40, best: { label: 'beta', metric: 'score' } })
    expect(run.provenance).toMatchObject({ backend: 'cpu', adapter: 'cpu: fake', exit: 'done', ended: run.ended })
    expect(await studio.handlers['runs.log']({ id })).toMatchObject([
      { text: 'cpu, 40 trials' },
      { text: 'Done: 40 of 40 trials have ended.' }
    ])
    const live = studio.all('run.trials').flatMap((message) => message.trials)
    expect(live).toHaveLength(40)
    expect(live[0].series?.curve).toEqual({ x: [0, 0.1, 0.2], y: [100, null, 0.5] })
  })

  it('counts diverged and failed trials apart and gives no numbers for them', async () => {
    const studio = await openStudio()
    const id = await start(studio, twoModels(10, 10))
    expect(await studio.until(id, ended)).toMatchObject({ status: 'done', done: 32, diverged: 4, failed: 4 })
    const [cell] = await studio.handlers['runs.results']({ ids: [id] })
    expect([cell.statuses[3], cell.statuses[7]]).toEqual(['diverged', 'failed'])
    expect([cell.metrics.score[3], cell.metrics.score[7]]).toEqual([null, null])
    const { rows } = await studio.handlers['runs.trials']({ id, status: 'failed', offset: 0, limit: 10 })
    expect(rows.map((r) => r.error?.code)).toEqual(Array(4).fill('model-failed'))
  })

  it('tells every trial once, however small the messages of the engine are', async () => {
    const studio = await openStudio({ batch: 1, pace: 1 })
    const id = await start(studio, twoModels(30))
    await studio.until(id, ended)
    const live = studio.all('run.trials').flatMap((m) => m.trials)
    expect(new Set(live.map((t) => `${t.label} ${t.point.items} ${t.seed}`)).size).toBe(120)
    expect(live).toHaveLength(120)
  })

  it('tells the time left by the work left, not by the number of trials', async () => {
    const studio = await openStudio({ batch: 1, pace: 4 })
    // The fake's cost is its items: the second cell is a thousand times the work of the first, and comes after it.
    const sweep = [{ param: 'task.items', values: [1, 1000] }]
    studio.fake.manners.flops = 1e9
    const id = await start(studio, { ...twoModels(20), models: [{ kind: 'alpha' }], sweep })
    await studio.until(id, ['done'])
    const early = studio.all('run.progress').find((p) => p.done > 0 && p.done < 20)
    // Work done so far is less than a hundredth of all: by trials alone at most 39 times the elapsed time would be left.
    expect(early?.leftMs).toBeGreaterThan(39 * (early?.elapsedMs ?? 0))
  })

  it('is refused with the field that is wrong, and leaves nothing behind', async () => {
    const studio = await openStudio()
    expect(await refusal(() => start(studio, { ...twoModels(3), models: [{ kind: 'gamma' }] }))).toMatchObject({
      code: 'bad-input',
      field: 'models.0.kind'
    })
    expect(
      await refusal(() => start(studio, { ...twoModels(3), task: { kind: 'count', params: { items: 0 } }, sweep: [] }))
    ).toMatchObject({ code: 'bad-input', field: 'task.params.items' })
    expect((await studio.handlers['runs.list'](list)).total).toBe(0)
  })

  it('waits while another computes, then begins by itself', async () => {
    const studio = await openStudio({ pace: 5 })
    const first = await start(studio, twoModels(10))
    const second = await start(studio, twoModels(2))
    expect((await studio.handlers['runs.get']({ id: second })).status).toBe('queued')
    await studio.until(second, ['done'])
    const order = studio
      .all('run.progress')
      .filter((p) => p.status === 'done')
      .map((p) => p.runId)
    expect(order).toEqual([first, second])
  })

  it('can be paused, lets another run by, and goes on to the same result', async () => {
    const studio = await openStudio({ batch: 1, pace: 3 })
    const id = await start(studio, twoModels(10))
    await studio.until(id, ['running'], (p) => p.done > 3)
    await studio.handlers['runs.pause']({ id })
    const { done } = await studio.handlers['runs.get']({ id })
    expect(done).toBeLessThan(40)
    expect((await refusal(() => studio.handlers['runs.pause']({ id }))).code).toBe('conflict')
    const other = await start(studio, twoModels(1))
    await studio.until(other, ['done'])
    expect((await studio.handlers['runs.get']({ id })).status).toBe('paused')
    await studio.handlers['runs.resume']({ id })
    await studio.until(id, ['done'])
    await expectComplete(studio, id)
    // It was never sent anew: the engine held it.
    expect(studio.fake.heard.filter((m) => m.type === 'run')).toHaveLength(2)
  })

  it('is cancelled, keeps what it has, and resumes at the first missing trial', async () => {
    const studio = await openStudio({ batch: 1, pace: 3 })
    const id = await start(studio, twoModels(10))
    await studio.until(id, ['running'], (p) => p.done > 3)
    await studio.handlers['runs.cancel']({ id })
    const { done } = await studio.until(id, ['cancelled'])
    expect(done).toBeGreaterThan(3)
    expect(studio.fake.starts).toBe(1)
    await studio.handlers['runs.resume']({ id })
    await studio.until(id, ['done'])
    await expectComplete(studio, id)
    const [, again] = studio.fake.heard.flatMap((m) => (m.type === 'run' ? [m.job] : []))
    expect(again.cells.reduce((sum, cell) => sum + cell.seeds.length, 0)).toBe(40 - done)
    expect((await refusal(() => studio.handlers['runs.resume']({ id }))).message).toContain('done')
  })

  it('is cancelled before it began', async () => {
    const studio = await openStudio({ pace: 20, batch: 1 })
    await start(studio, twoModels(10))
    const waiting = await start(studio, twoModels(10))
    await studio.handlers['runs.cancel']({ id: waiting })
    expect(await studio.until(waiting, ended)).toMatchObject({ status: 'cancelled', done: 0 })
  })

  it('is cancelled even when the engine does not listen: its process is ended', async () => {
    const studio = await openStudio({ deaf: true, batch: 1, pace: 20 })
    const id = await start(studio, twoModels(100))
    await studio.until(id, ['running'], (p) => p.done > 0)
    await studio.handlers['runs.cancel']({ id })
    expect((await studio.until(id, ended)).status).toBe('cancelled')
    expect(studio.fake.starts).toBe(2)
    expect((await studio.handlers['catalog.get']({})).tasks).toHaveLength(1)
  })

  it('cannot be moved to the trash while it computes, nor resumed from there', async () => {
    const studio = await openStudio({ batch: 1, pace: 5 })
    const id = await start(studio, twoModels(10))
    expect((await refusal(() => studio.handlers['runs.trash']({ ids: [id] }))).code).toBe('conflict')
    await studio.handlers['runs.cancel']({ id })
    await studio.until(id, ['cancelled'])
    await studio.handlers['runs.trash']({ ids: [id] })
    expect((await refusal(() => studio.handlers['runs.resume']({ id }))).code).toBe('conflict')
    await studio.handlers['runs.restore']({ ids: [id] })
    await studio.handlers['runs.resume']({ id })
    await studio.until(id, ['done'])
    await expectComplete(studio, id)
  })
})

describe('a crash of the engine', () => {
  it('interrupts the run, loses nothing that was told, and the run resumes to the same result', async () => {
    const studio = await openStudio({ crashAfter: [13, 25], batch: 3 })
    const id = await start(studio, twoModels(10))
    for (const least of [13, 25]) {
      const { done, error } = await studio.until(id, ['interrupted'], (p) => p.done >= least)
      expect(error).toMatchObject({ code: 'engine-crashed' })
      expect(error?.cause).toContain('SIGSEGV')
      expect((await studio.handlers['runs.get']({ id })).done).toBe(done)
      await studio.handlers['runs.resume']({ id })
    }
    await studio.until(id, ['done'])
    await expectComplete(studio, id)
    expect(studio.fake.starts).toBe(3)
    expect(
      (await studio.handlers['runs.log']({ id })).filter((l) => l.text.includes('ended from outside'))
    ).toHaveLength(2)
  })

  it('leaves waiting runs to go on by themselves, and paused ones to be resumed', async () => {
    const studio = await openStudio({ crashAfter: [20], batch: 2, pace: 20 })
    const paused = await start(studio, twoModels(10))
    await studio.until(paused, ['running'], (p) => p.done > 1)
    await studio.handlers['runs.pause']({ id: paused })
    const crashing = await start(studio, twoModels(10))
    const waiting = await start(studio, twoModels(2))
    expect((await studio.until(crashing, ended)).status).toBe('interrupted')
    expect((await studio.until(waiting, ended)).status).toBe('done')
    expect((await studio.handlers['runs.get']({ id: paused })).status).toBe('paused')
    await studio.handlers['runs.resume']({ id: paused })
    await studio.until(paused, ['done'])
    await expectComplete(studio, paused)
  })

  it('at every start does not loop: the engine stays down, says why, and is tried again when asked', async () => {
    const studio = await openStudio({ stillborn: true })
    expect((await refusal(() => start(studio, twoModels(1)))).code).toBe('engine-crashed')
    await new Promise((resolve) => setTimeout(resolve, 100))
    const { engine } = await studio.handlers['studio.info']({})
    expect(engine.state).toBe('crashed')
    expect(engine.message).toContain('cannot load')
    const { starts } = studio.fake
    expect(starts).toBe(3)
    studio.fake.manners.stillborn = false
    const id = await start(studio, twoModels(1))
    await studio.until(id, ['done'])
    expect(studio.fake.starts).toBe(starts + 1)
  })
})

describe('a store that cannot be written', () => {
  it('interrupts what computes and what waits, with the reason; both resume without a restart, and nothing is lost', async () => {
    const studio = await openStudio({ batch: 1, pace: 5 })
    const first = await start(studio, twoModels(10))
    const second = await start(studio, twoModels(3))
    await studio.until(first, ['running'], (p) => p.done > 3)
    const away = join(studio.folder, 'away')
    renameSync(storeFile(studio.folder), away)
    for (const id of [first, second]) {
      expect(await studio.until(id, ended)).toMatchObject({ status: 'interrupted', error: { code: 'store-gone' } })
      expect(await studio.handlers['runs.get']({ id })).toMatchObject({
        status: 'interrupted',
        error: { code: 'store-gone' }
      })
    }
    const { rows } = await studio.handlers['runs.list'](list)
    expect(rows.map(({ status }) => status)).toEqual(['interrupted', 'interrupted'])
    expect((await refusal(() => studio.handlers['runs.resume']({ id: first }))).code).toBe('store-gone')
    expect((await refusal(() => start(studio, twoModels(1)))).code).toBe('store-gone')
    // All that has ended of the first is in a file that another studio takes in.
    const { unsaved = 0 } = await studio.handlers['runs.get']({ id: first })
    const { name, content } = await studio.handlers['runs.unsaved']({ id: first })
    expect(studio.unsaved().map(({ run, trials }) => [run, trials])).toEqual([[first, unsaved]])
    const other = await openStudio()
    const taken = await other.handlers['exchange.import']({
      ...{ upload: 'a', name, more: false },
      part: Buffer.from(content).toString('base64')
    })
    const told = studio.all('run.trials').flatMap((m) => (m.runId === first ? m.trials : [])).length
    expect(unsaved).toBeGreaterThan(0)
    expect(taken?.runs).toMatchObject([{ id: first, merged: false, trials: told + unsaved }])
    expect((await refusal(() => studio.handlers['runs.unsaved']({ id: second }))).code).toBe('not-found')
    await other.handlers['runs.resume']({ id: first })
    await other.until(first, ['done'])
    await expectComplete(other, first)
    renameSync(away, storeFile(studio.folder))
    for (const id of [first, second]) {
      await studio.handlers['runs.resume']({ id })
      await studio.until(id, ['done'])
      await expectComplete(studio, id)
    }
    // What could not be stored was kept, and was not computed again.
    const sent = studio.fake.heard.flatMap((m) => (m.type === 'run' && m.job.runId === first ? [m.job] : []))
    const computed = studio.all('run.trials').flatMap((m) => (m.runId === first ? m.trials : [])).length
    const again = sent.at(-1)!.cells.reduce((sum, { seeds }) => sum + seeds.length, 0)
    expect(again).toBeLessThan(40 - (computed - again))
    expect((await studio.handlers['runs.log']({ id: first })).map(({ text }) => text).join()).toContain('was moved')
  })
})

describe('damaged trials', () => {
  it('are shown, and resuming the run computes them again', async () => {
    const studio = await openStudio()
    const id = await start(studio, twoModels(5))
    await studio.until(id, ['done'])
    const database = realPort.connect(storeFile(studio.folder), { readonly: false, mustExist: true })
    database.exec('UPDATE metrics SET value = 77 WHERE trial = (SELECT id FROM trials WHERE cell = 2 AND seed = 101)')
    database.close()
    const [, , cell] = await studio.handlers['runs.results']({ ids: [id] })
    expect(cell.statuses).toEqual(['done', 'damaged', 'done', 'done', 'done'])
    await studio.handlers['runs.resume']({ id })
    await expect.poll(async () => (await studio.handlers['runs.get']({ id })).status).toBe('done')
    await expectComplete(studio, id)
    expect(studio.store.check()).toBe('ok')
    const [, again] = studio.fake.heard.flatMap((m) => (m.type === 'run' ? [m.job] : []))
    expect(again.cells.map(({ index, seeds }) => [index, seeds])).toEqual([[2, [101]]])
  })
})

describe('the end of the studio', () => {
  it('interrupts what computes; the next start resumes it to the same result', async () => {
    const folder = temporaryFolder('studio')
    const first = await openStudio({ batch: 1, pace: 3 }, { folder })
    const id = await start(first, twoModels(10))
    await first.until(id, ['running'], (p) => p.done > 3)
    await first.close()
    const second = await openStudio({}, { folder })
    const run = await second.handlers['runs.get']({ id })
    expect(run.status).toBe('interrupted')
    expect(run.done).toBeGreaterThan(3)
    await second.handlers['runs.resume']({ id })
    await second.until(id, ['done'])
    await expectComplete(second, id)
  })

  it('by a crash leaves runs that the next start marks as interrupted', async () => {
    const folder = temporaryFolder('studio')
    const first = await openStudio({ batch: 1 }, { folder })
    const id = await start(first, twoModels(3))
    await first.until(id, ['done'])
    await first.close()
    const store = openStore({ folder })
    store.write.changeRun(id, { status: 'running' })
    store.close()
    const second = await openStudio({}, { folder })
    expect(await second.handlers['runs.get']({ id })).toMatchObject({
      status: 'interrupted',
      error: { code: 'engine-crashed' }
    })
    await second.handlers['runs.resume']({ id })
    await second.until(id, ['done'])
    await expectComplete(second, id)
  })
})

const list = { trashed: false, sort: 'created', descending: true, offset: 0, limit: 10 } as const

import { describe, expect, it } from 'vitest'
import type { ImportReport } from '../../../src-shared/contract/files.ts'
import type { ResultsFile } from '../../../src-shared/exchange/results-file.ts'
import type { Store } from '../../../src-main/store/store.ts'
import { Events } from '../../../src-main/studio/events.ts'
import { Imports } from '../../../src-main/studio/imports.ts'
import { mlflowFile } from '../store/mlflow-file.ts'
import { exported } from '../../support/exported.ts'
import { asked, ended, openStudio, refusal, twoModels, type Opened } from './support.ts'

async function finished(studio: Opened, count = 3): Promise<string> {
  const { id } = await studio.handlers['runs.start']({ experiment: twoModels(count) as never })
  await studio.until(id, ended)
  return id
}
const results = async (studio: Opened, id: string): Promise<ResultsFile> =>
  JSON.parse((await exported(asked(studio), { ids: [id], format: 'json' })).content) as ResultsFile

const take = ({ handlers }: Opened, content: unknown, name = 'r.json'): Promise<ImportReport | null> => {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  return Promise.resolve(
    handlers['exchange.import']({ upload: 'u', name, part: bytes.toString('base64'), more: false })
  )
}

describe('a results file from another studio', () => {
  it('brings its runs under their own ids, and again brings nothing', async () => {
    const theirs = await openStudio()
    const id = await finished(theirs)
    const file = await results(theirs, id)
    const mine = await openStudio()
    expect(await take(mine, file)).toEqual({
      runs: [{ id, name: 'Two fakes', merged: false, trials: 12 }],
      left: [],
      identical: 0,
      within: 0
    })
    expect(await mine.handlers['runs.results']({ ids: [id] })).toEqual(
      await theirs.handlers['runs.results']({ ids: [id] })
    )
    expect((await mine.handlers['runs.get']({ id })).origin).toBe('r.json')
    expect(mine.all('runs.changed').flatMap(({ ids }) => ids)).toEqual([])
    expect(await take(mine, file)).toEqual({
      runs: [{ id, name: 'Two fakes', merged: true, trials: 0 }],
      left: [],
      identical: 12,
      within: 0
    })
  })
  it('comes in parts as well, and another upload gives the last one up', async () => {
    const theirs = await openStudio()
    const id = await finished(theirs, 1)
    const bytes = Buffer.from(JSON.stringify(await results(theirs, id)))
    const mine = await openStudio()
    const part = (upload: string, from: number, to: number): unknown =>
      mine.handlers['exchange.import']({
        upload,
        name: 'r.json',
        part: bytes.subarray(from, to).toString('base64'),
        more: to < bytes.length
      })
    expect(await part('lost', 0, 10)).toBeNull()
    expect(await part('u', 0, 100)).toBeNull()
    expect(await part('u', 100, bytes.length)).toMatchObject({ runs: [{ id }] })
  })
  it('tells how far it is; given up while it is sent or taken in, it stores nothing', async () => {
    const theirs = await openStudio()
    const file = await results(theirs, await finished(theirs))
    const mine = await openStudio()
    const cancel = (): unknown => mine.handlers['exchange.cancel']({ upload: 'u' })
    const part = Buffer.from('{"format":').toString('base64')
    expect(await mine.handlers['exchange.import']({ upload: 'u', name: 'r.json', part, more: true })).toBeNull()
    await cancel()
    const taken = refusal(() => take(mine, file))
    await cancel()
    expect(await taken).toMatchObject({ code: 'cancelled' })
    expect((await refusal(cancel)).code).toBe('not-found')
    expect((await mine.handlers['runs.facets']({})).tasks).toEqual([])
    expect((await take(mine, file))?.runs).toHaveLength(1)
    await expect.poll(() => mine.all('import.progress').at(-1)).toEqual({ upload: 'u', done: 12, total: 12 })
  })
  it('keeps nothing of an upload of which no further part comes', async () => {
    const imports = new Imports({ store: {} as Store, events: new Events(() => {}), patienceMs: 20 })
    const part = (text: string, more: boolean): Promise<unknown> =>
      imports.take({ upload: 'u', name: 'r.json', part: Buffer.from(text).toString('base64'), more })
    expect(await part('{"format":', true)).toBeNull()
    await new Promise((resolve) => setTimeout(resolve, 60))
    // The first part is gone: what comes now is the whole file, and is none.
    expect((await refusal(() => part('"x"}', false))).message).toContain('no results file')
  })
  it('is refused as a whole where a trial contradicts one that is here, with the list', async () => {
    const studio = await openStudio()
    const id = await finished(studio)
    const file = await results(studio, id)
    const [run] = file.runs
    run.id = 'OTHER'
    run.results[0].metrics.score += 1
    run.results[1].metrics.score *= 1 + 1e-6
    const error = await refusal(() => take(studio, file))
    expect(error).toMatchObject({ code: 'conflict', file: 'r.json' })
    expect(error.message).toMatch(
      /1 contradiction .*run OTHER, alpha, seed 100: score is 5.1 in run .* \(cpu\), 6.1 in the file \(cpu\)/
    )
    expect(
      (
        await studio.handlers['runs.list']({
          trashed: false,
          sort: 'created',
          descending: true,
          offset: 0,
          limit: 9
        } as never)
      ).total
    ).toBe(1)
    // Without the contradiction the rest comes in; rounding of another backend is counted, not mixed.
    run.results[0].metrics.score -= 1
    expect(await take(studio, file)).toMatchObject({ identical: 11, within: 1, runs: [{ id: 'OTHER', trials: 12 }] })
    expect((await studio.handlers['runs.results']({ ids: [id] }))[0].metrics.score[0]).toBe(5.1)
  })
  it('is refused where a run of that id is another experiment, or holds another trial at a place', async () => {
    const studio = await openStudio()
    const id = await finished(studio)
    const file = await results(studio, id)
    file.runs[0].experiment.name = 'Another'
    expect(await refusal(() => take(studio, file))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('another experiment')
    })
    const second = await results(studio, id)
    second.runs[0].results[0].hash = 'f'.repeat(64)
    expect(await refusal(() => take(studio, second))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('another trial')
    })
  })
  it.each([
    ['text', 'hello', 'bad-file'],
    ['broken JSON', '{"format":', 'bad-file'],
    ['bytes', Buffer.from([0xff, 0xfe, 0, 1]), 'bad-file']
  ])('that is %s is refused', async (_, content, code) => {
    const studio = await openStudio()
    expect(await refusal(() => take(studio, content, 'x.bin'))).toMatchObject({ code, file: 'x.bin' })
  })
})

describe('a reference run', () => {
  it('of MLflow stands in the history with its origin, and cannot be resumed, started or checked', async () => {
    const studio = await openStudio()
    const report = await take(studio, mlflowFile(), 'mlflow.db')
    expect(report?.runs.map(({ id }) => id).sort()).toEqual(['aa11', 'bb22'])
    const run = await studio.handlers['runs.get']({ id: 'aa11' })
    expect(run).toMatchObject({
      origin: 'mlflow.db',
      task: 'reference',
      backend: 'MLflow',
      status: 'done',
      diverged: 1
    })
    expect(await studio.handlers['runs.series']({ ids: ['aa11'], name: 'loss' })).toMatchObject([
      { y: [[2.5, 1.5, null]] }
    ])
    expect(await refusal(() => studio.handlers['runs.resume']({ id: 'bb22' }))).toMatchObject({ code: 'conflict' })
    expect(await refusal(() => studio.handlers['runs.start']({ experiment: run.experiment as never }))).toMatchObject({
      code: 'bad-input'
    })
    expect(await refusal(() => studio.handlers['runs.rerun']({ id: 'aa11', sample: 5, draw: 1 }))).toMatchObject({
      code: 'not-supported'
    })
    expect(await take(studio, mlflowFile(), 'mlflow.db')).toMatchObject({
      identical: 2,
      runs: [{ trials: 0 }, { trials: 0 }]
    })
    const html = (await exported(asked(studio), { ids: ['aa11'], format: 'html' })).content
    expect(html).toContain('Reference runs')
  })
  it('of CSV scalars too', async () => {
    const studio = await openStudio()
    expect(await take(studio, 'Wall time,Step,Value\n1,1,0.5\n2,2,0.25\n', 'loss.csv')).toMatchObject({
      runs: [{ name: 'loss', trials: 1 }]
    })
  })
})

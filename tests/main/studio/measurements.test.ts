import { expect, it } from 'vitest'
import type { Measurement, MeasureRequest } from '../../../src-shared/cost/measurement.ts'
import { costDefaults } from '../../../src-shared/cost/symbols.ts'
import { ended, openStudio, refusal, twoModels, type Opened } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const request: MeasureRequest = {
  memories: ['attention', 'episodic'],
  over: 'L',
  values: [16, 32, 64],
  input: { ...costDefaults, d: 64, C: 8, M: 16 },
  backend: 'auto',
  repeats: 2
}
const ending = async (studio: Opened, id: string): Promise<Measurement> => {
  const find = (): Measurement | undefined =>
    studio.all('measurement.changed').find((m) => m.id === id && m.status !== 'running')
  await expect.poll(find).toBeDefined()
  return find()!
}

it('measures every memory at every value, tells how far it is and keeps the whole', async () => {
  const folder = temporaryFolder('studio')
  const studio = await openStudio({}, { folder })
  const { id } = await studio.handlers['measurements.start'](request)
  const done = await ending(studio, id)
  expect(done).toMatchObject({ status: 'done', total: 6, backend: 'cpu', adapter: 'fake', error: null, request })
  expect(done.points.map(({ memory, x, timesMs }) => [memory, x, timesMs])).toEqual([
    ['attention', 16, [16, 17]],
    ['episodic', 16, [16, 17]],
    ['attention', 32, [32, 33]],
    ['episodic', 32, [32, 33]],
    ['attention', 64, [64, 65]],
    ['episodic', 64, [64, 65]]
  ])
  const steps = studio.all('measurement.changed').map(({ points }) => points.length)
  expect(steps).toEqual(steps.toSorted((a, b) => a - b))
  expect([steps[0], steps.at(-1)]).toEqual([0, 6])
  await studio.close()
  const later = await openStudio({}, { folder })
  expect(await later.handlers['measurements.list']({})).toEqual([done])
})

it('stops when it is told to, and keeps what it has', async () => {
  const studio = await openStudio()
  const { id } = await studio.handlers['measurements.start'](request)
  await studio.handlers['measurements.cancel']({ id })
  const { status, points } = await ending(studio, id)
  expect(status).toBe('cancelled')
  expect(points.length).toBeLessThan(6)
  expect((await refusal(() => studio.handlers['measurements.cancel']({ id }))).code).toBe('not-found')
})

it('refuses to measure beside a run or another measurement', async () => {
  const studio = await openStudio({ pace: 20, batch: 1 })
  const run = await studio.handlers['runs.start']({ experiment: twoModels(3) as never })
  expect((await refusal(() => studio.handlers['measurements.start'](request))).code).toBe('conflict')
  studio.handlers['runs.cancel'](run)
  await studio.until(run.id, ended)
  const { id } = await studio.handlers['measurements.start'](request)
  expect((await refusal(() => studio.handlers['measurements.start'](request))).code).toBe('conflict')
  await ending(studio, id)
})

it('refuses sizes that are out of bounds, or more than the machine should be asked for, by field', async () => {
  const studio = await openStudio()
  const refused = async (change: Partial<MeasureRequest>): Promise<string | undefined> =>
    (await refusal(() => studio.handlers['measurements.start']({ ...request, ...change }))).field
  expect(await refused({ input: { ...request.input, H: 7 } })).toBe('input.H')
  expect(await refused({ values: [16, 2 ** 20] })).toBe('values')
  expect(await refused({ values: [16, 16] })).toBe('values')
  expect(await refused({ over: 'M', values: [16, 2 ** 18] })).toBe('values')
})

it('moves to the trash and comes back', async () => {
  const studio = await openStudio()
  const { id } = await studio.handlers['measurements.start'](request)
  await ending(studio, id)
  const listed = async (): Promise<number> => (await studio.handlers['measurements.list']({})).length
  await studio.handlers['measurements.trash']({ id, trashed: true })
  expect(await listed()).toBe(0)
  await studio.handlers['measurements.trash']({ id, trashed: false })
  expect(await listed()).toBe(1)
  expect((await refusal(() => studio.handlers['measurements.trash']({ id: 'none', trashed: true }))).code).toBe(
    'not-found'
  )
})

it('calls what an earlier studio left unfinished interrupted', async () => {
  const folder = temporaryFolder('studio')
  const studio = await openStudio({}, { folder })
  await studio.handlers['measurements.start'](request)
  await studio.close()
  const later = await openStudio({}, { folder })
  expect((await later.handlers['measurements.list']({})).map(({ status }) => status)).toEqual(['interrupted'])
})

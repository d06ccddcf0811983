import { expect, it } from 'vitest'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import type { EngineProcess } from '../../../src-main/engine/protocol.ts'
import { cellInterval } from '../../../src-shared/findings/results.ts'
import { exported } from '../../support/exported.ts'
import { asked, openStudio } from './support.ts'

/** Capacity of the linear associator and fast weights: small enough for a test, long enough to be cut off. */
const experiment = {
  format: 'engram-experiment/1',
  name: 'Cut off',
  task: { kind: 'capacity', params: { dim: 32 } },
  models: [{ kind: 'linear-associator' }],
  sweep: [{ param: 'task.items', values: [5, 10, 20, 40, 80] }],
  seeds: { first: 0, count: 400 },
  backend: 'wasm'
}

it('a run whose engine is killed with -9 keeps every trial and resumes to the numbers of an uninterrupted run', async () => {
  const engines: EngineProcess[] = []
  const studio = await openStudio({}, { startEngine: (options) => engines[engines.push(startEngine(options)) - 1] })
  const { handlers } = studio
  const begin = async (): Promise<string> => (await handlers['runs.start']({ experiment })).id
  const numbers = async (id: string) =>
    (await handlers['runs.results']({ ids: [id] })).map(({ label, point, statuses, metrics }) => ({
      model: label,
      point,
      statuses,
      metrics
    }))

  const whole = await begin()
  expect(await studio.until(whole, ['done', 'failed', 'interrupted'])).toMatchObject({ status: 'done', done: 2000 })

  const cut = await begin()
  const starts = engines.length
  await studio.until(cut, ['running', 'done'], (p) => p.done > 0)
  // SIGKILL, unannounced: for the studio the process is suddenly gone.
  engines.at(-1)?.kill()
  const { status, done, error } = await studio.until(cut, ['interrupted', 'done'])
  expect(status).toBe('interrupted')
  expect(error?.code).toBe('engine-crashed')
  expect((await handlers['runs.get']({ id: cut })).done).toBe(done)
  expect(done).toBeLessThan(2000)

  await handlers['runs.resume']({ id: cut })
  expect(await studio.until(cut, ['done', 'failed'])).toMatchObject({ status: 'done', done: 2000 })
  expect(engines).toHaveLength(starts + 1)
  expect(await numbers(cut)).toEqual(await numbers(whole))
  expect(await handlers['runs.get']({ id: cut })).toMatchObject({
    backend: 'wasm',
    best: { metric: expect.any(String) }
  })
  expect(studio.store.check()).toBe('ok')
}, 120_000)

it('a report and the verdicts on predictions go by the intervals that the pages show', async () => {
  const studio = await openStudio({}, { startEngine })
  const { handlers } = studio
  const { id } = await handlers['runs.start']({
    experiment: {
      ...experiment,
      sweep: [],
      task: { kind: 'capacity', params: { dim: 32, items: 5 } },
      seeds: { first: 0, count: 3 },
      // Three lists of five recalled without a fault: the spread is nothing, and yet 15 items say no more than .8.
      predictions: [{ metric: 'accuracy', at: {}, intervals: { 'linear-associator': [0.95, 1.1] } }]
    }
  })
  await studio.until(id, ['done', 'failed'])
  const [cell] = await handlers['runs.results']({ ids: [id] })
  expect(cell.metrics.accuracy).toEqual([1, 1, 1])
  const shown = cellInterval(cell, 'accuracy')!
  expect(shown).toMatchObject({ mean: 1, high: 1 })
  expect(shown.low).toBeLessThan(0.85)
  const [{ judgement }] = await handlers['runs.predictions']({ id })
  expect(judgement!.verdict).toBe('undecided')
  const { content } = await exported(asked(studio), { ids: [id], format: 'html' })
  expect(content).toContain(`1.00 [${shown.low!.toFixed(2)}, 1.00]`)
  expect(content).toContain('95 % Wilson score interval over seeds, n = 3.')
}, 120_000)

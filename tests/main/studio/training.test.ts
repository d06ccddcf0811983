import { expect, it } from 'vitest'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import type { EngineProcess } from '../../../src-main/engine/protocol.ts'
import { openStudio } from './support.ts'

/** Long enough to be cut off between two checkpoints. */
const experiment = {
  format: 'engram-experiment/1',
  name: 'Cut off while it learns',
  task: {
    kind: 'associative-recall',
    params: {
      ...{ pairs: 2, length: 12, queries: 3, vocabulary: 9, dim: 8, batchSize: 4, testSequences: 8 },
      ...{ steps: 240, saveEvery: 5, stopAt: 1.1 }
    }
  },
  models: [{ kind: 'attention', params: { heads: 2 } }],
  seeds: { first: 3, count: 2 },
  backend: 'wasm'
}

it('a training that is killed with -9 goes on from its checkpoint to the same curve', async () => {
  const engines: EngineProcess[] = []
  const studio = await openStudio({}, { startEngine: (options) => engines[engines.push(startEngine(options)) - 1] })
  const { handlers } = studio
  const begin = async (): Promise<string> => (await handlers['runs.start']({ experiment })).id
  const numbers = async (id: string) => ({
    results: (await handlers['runs.results']({ ids: [id] })).map(({ metrics, statuses }) => ({ metrics, statuses })),
    curves: (await handlers['runs.series']({ ids: [id], name: 'loss' })).map(({ x, y }) => ({ x, y }))
  })
  const steps = (id: string): number =>
    Math.max(
      0,
      ...studio.all('run.points').flatMap(({ runId, curves }) => (runId === id ? curves.flatMap(({ x }) => x) : []))
    )

  const whole = await begin()
  expect(await studio.until(whole, ['done', 'failed', 'interrupted'])).toMatchObject({ status: 'done', done: 2 })
  const wanted = await numbers(whole)
  expect(wanted.curves[0].x).toHaveLength(120)

  const cut = await begin()
  // Somewhere in the middle: another place in every test run.
  const killAt = 10 + (process.pid % 120)
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (steps(cut) < killAt) return
      clearInterval(timer)
      resolve()
    }, 2)
  })
  engines.at(-1)?.kill()
  expect((await studio.until(cut, ['interrupted', 'done'])).status).toBe('interrupted')
  const reached = steps(cut)
  const before = studio.all('run.points').length

  await handlers['runs.resume']({ id: cut })
  expect(await studio.until(cut, ['done', 'failed'])).toMatchObject({ status: 'done', done: 2 })
  expect(await numbers(cut)).toEqual(wanted)
  // It went on: the first point after the crash lies near where it was cut off, not at the beginning.
  const again = studio
    .all('run.points')
    .slice(before)
    .find(({ runId }) => runId === cut)!
  expect(again.curves[0].x[0]).toBeGreaterThan(reached - 2 * 5)
  expect(studio.store.check()).toBe('ok')
}, 120_000)

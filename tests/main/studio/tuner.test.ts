import { expect, it } from 'vitest'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import type { EngineProcess } from '../../../src-main/engine/protocol.ts'
import type { TunerOf } from '../../../src-main/studio/tuner.ts'
import { StudioError } from '../../../src-shared/shapes/errors.ts'
import { exported } from '../../support/exported.ts'
import { asked, openStudio } from './support.ts'

const experiment = {
  format: 'engram-experiment/1',
  name: 'Tuned step by step',
  task: {
    kind: 'associative-recall',
    params: {
      ...{ pairs: 2, length: 12, queries: 3, vocabulary: 9, dim: 8, batchSize: 4, testSequences: 8 },
      ...{ steps: 8, saveEvery: 4, stopAt: 1.1 }
    }
  },
  models: [
    { kind: 'attention', params: { heads: 1 } },
    { kind: 'delta-net', params: { heads: 1 } }
  ],
  tuning: { params: [{ param: 'task.learningRate', values: [0.001] }], steps: 6 },
  seeds: { first: 3, count: 1 },
  backend: 'wasm'
}

/** Four times the best rate so far, after the one that the experiment names. */
const climbing =
  (calls: unknown[] = []): TunerOf =>
  () => ({
    points: 4,
    ask: ({ cell, index, tried, direction }) => {
      calls.push([index, cell.label, tried.length, direction])
      const mean = (scores: readonly (number | null)[]): number => scores.reduce<number>((sum, s) => sum + (s ?? 0), 0)
      const best = tried.reduce((a, b) => (mean(b.scores) >= mean(a.scores) ? b : a))
      const rate = Number(best.values.learningRate) * 4
      return Promise.resolve(rate < 1 ? [{ learningRate: rate }] : [])
    }
  })

it('what a tuner proposes is tried point by point, as often by every cell, and goes on after kill -9', async () => {
  const calls: unknown[] = []
  const whole = await openStudio({}, { startEngine, tuner: climbing(calls) })
  const { id } = await whole.handlers['runs.start']({ experiment })
  const end = await whole.until(id, ['done', 'failed', 'interrupted'])
  expect(end).toMatchObject({ status: 'done', done: 2, trials: 2, tuning: { trials: 16, done: 16 } })
  const table = (await whole.handlers['runs.tuning']({ id }))!
  expect(table.rows).toHaveLength(8)
  expect(table.rows.map(({ n, missing }) => [n, missing])).toEqual(table.rows.map(() => [2, 0]))
  expect(table.rows.filter(({ chosen }) => chosen)).toHaveLength(2)
  for (const tried of [1, 2, 3])
    expect(calls).toEqual(expect.arrayContaining([0, 1].map((i) => expect.arrayContaining([i, tried, 'higher']))))
  const winners = await whole.handlers['runs.results']({ ids: [id] })
  const record = JSON.parse((await exported(asked(whole), { ids: [id], format: 'json' })).content).runs[0]
  for (const { label, taskParams } of record.cells) {
    const chosen = table.rows.find((row) => row.chosen && row.label === label)!
    expect(taskParams).toMatchObject({ learningRate: chosen.values.learningRate, steps: 8 })
  }

  const engines: EngineProcess[] = []
  const cut = await openStudio(
    {},
    { startEngine: (options) => engines[engines.push(startEngine(options)) - 1], tuner: climbing() }
  )
  const again = (await cut.handlers['runs.start']({ experiment })).id
  await cut.until(again, ['running', 'done'], ({ tuning }) => tuning!.done > 5)
  engines.at(-1)?.kill()
  expect(await cut.until(again, ['interrupted', 'done'])).toMatchObject({ status: 'interrupted', done: 0 })
  await cut.handlers['runs.resume']({ id: again })
  expect(await cut.until(again, ['done', 'failed'])).toMatchObject({ status: 'done', tuning: { trials: 16, done: 16 } })
  expect(await cut.handlers['runs.tuning']({ id: again })).toEqual(table)
  const metrics = (cells: typeof winners): unknown => cells.map(({ metrics }) => metrics)
  expect(metrics(await cut.handlers['runs.results']({ ids: [again] }))).toEqual(metrics(winners))
}, 240_000)

it('a tuner that fails interrupts the run with its reason, and is asked again when the run is resumed', async () => {
  let fails = true
  const refuse = (): never => {
    throw new StudioError('engine-failed', 'Nobody proposes anything here.')
  }
  const studio = await openStudio(
    {},
    { startEngine, tuner: (one) => ({ points: 2, ask: (about) => (fails ? refuse() : climbing()(one)!.ask(about)) }) }
  )
  const { id } = await studio.handlers['runs.start']({ experiment })
  const end = await studio.until(id, ['done', 'failed', 'interrupted'])
  expect(end).toMatchObject({ status: 'interrupted', error: { message: 'Nobody proposes anything here.' } })
  fails = false
  await studio.handlers['runs.resume']({ id })
  expect(await studio.until(id, ['done', 'failed'])).toMatchObject({ status: 'done', tuning: { done: 8, trials: 8 } })
}, 240_000)

it('a proposal that the task refuses is no point: the run says which field it breaks', async () => {
  const studio = await openStudio(
    {},
    { startEngine, tuner: () => ({ points: 2, ask: () => Promise.resolve([{ learningRate: -1 }]) }) }
  )
  const { id } = await studio.handlers['runs.start']({ experiment })
  expect(await studio.until(id, ['done', 'failed', 'interrupted'])).toMatchObject({
    status: 'interrupted',
    error: { code: 'bad-input', field: 'tuning.params.0.values' }
  })
}, 120_000)

import { expect, it } from 'vitest'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import type { EngineProcess } from '../../../src-main/engine/protocol.ts'
import type { ExportFormat } from '../../../src-shared/shapes/exported-file.ts'
import { exported } from '../../support/exported.ts'
import { asked, openStudio, refusal, type Opened } from './support.ts'

/** Two models, two rates, two stages: the larger rate learns in so few steps, the smaller cannot. */
const experiment = {
  format: 'engram-experiment/1',
  name: 'Tuned first',
  task: {
    kind: 'associative-recall',
    params: {
      ...{ pairs: 2, length: 12, queries: 3, vocabulary: 9, dim: 8, batchSize: 4, testSequences: 8 },
      ...{ steps: 40, saveEvery: 5, stopAt: 1.1 }
    }
  },
  models: [
    { kind: 'attention', params: { heads: 2 } },
    { kind: 'linear-attention', params: { heads: 2 } }
  ],
  sweep: [{ param: 'task.layers', values: [1, 2] }],
  tuning: { params: [{ param: 'task.learningRate', values: [0.00001, 0.02] }], steps: 30 },
  seeds: { first: 3, count: 2 },
  backend: 'wasm'
}
const tuningSeeds = [1_000_000, 1_000_001]

interface Watched {
  studio: Opened
  engines: EngineProcess[]
  begin(): Promise<string>
}
async function watched(): Promise<Watched> {
  const engines: EngineProcess[] = []
  const studio = await openStudio({}, { startEngine: (options) => engines[engines.push(startEngine(options)) - 1] })
  return { studio, engines, begin: async () => (await studio.handlers['runs.start']({ experiment })).id }
}

const exportOf = async (studio: Opened, id: string, format: ExportFormat): Promise<string> =>
  (await exported(asked(studio), { ids: [id], format })).content

async function numbers(studio: Opened, id: string) {
  const { handlers } = studio
  return {
    results: (await handlers['runs.results']({ ids: [id] })).map(
      ({ label, point, params, seeds, statuses, metrics }) => ({
        ...{ label, point, params, seeds, statuses, metrics }
      })
    ),
    curves: (await handlers['runs.series']({ ids: [id], name: 'loss' })).map(({ x, y, seeds }) => ({ x, y, seeds })),
    tuning: await handlers['runs.tuning']({ id }),
    hashes: JSON.parse(await exportOf(studio, id, 'json')).runs[0].results.map(({ hash }: { hash: string }) => hash)
  }
}

it('a run that is killed with -9 while it tunes, and again afterwards, comes to the result of one that is not', async () => {
  const { studio, engines, begin } = await watched()
  const whole = await begin()
  const end = await studio.until(whole, ['done', 'failed', 'interrupted'])
  expect(end).toMatchObject({ status: 'done', done: 8, trials: 8, tuning: { trials: 16, done: 16 } })
  const wanted = await numbers(studio, whole)

  const cut = await begin()
  await studio.until(cut, ['running', 'done'], ({ tuning }) => tuning!.done > 2)
  engines.at(-1)?.kill()
  const first = await studio.until(cut, ['interrupted', 'done'])
  expect(first.status).toBe('interrupted')
  expect(first.tuning!.done).toBeLessThan(16)
  expect(first.done).toBe(0)

  await studio.handlers['runs.resume']({ id: cut })
  await studio.until(cut, ['running', 'done'], ({ done }) => done > 0)
  engines.at(-1)?.kill()
  const second = await studio.until(cut, ['interrupted', 'done'])
  expect(second).toMatchObject({ status: 'interrupted', tuning: { done: 16 } })

  await studio.handlers['runs.resume']({ id: cut })
  expect(await studio.until(cut, ['done', 'failed'])).toMatchObject({ status: 'done', done: 8 })
  expect(await numbers(studio, cut)).toEqual(wanted)
  expect(studio.store.check()).toBe('ok')
}, 240_000)

it('what is tuned on is in no result, curve, event, export or mean, and every model ran with its winner', async () => {
  const { studio, begin } = await watched()
  const { handlers } = studio
  const id = await begin()
  await studio.until(id, ['done', 'failed', 'interrupted'])

  const cells = await handlers['runs.results']({ ids: [id] })
  expect(cells.map(({ seeds }) => seeds)).toEqual(Array.from({ length: 4 }, () => [3, 4]))
  const heard = [
    ...studio.all('run.trials').flatMap(({ trials }) => trials),
    ...studio.all('run.points').flatMap(({ curves }) => curves)
  ]
  expect(heard.length).toBeGreaterThan(8)
  expect(heard.filter(({ seed }) => tuningSeeds.includes(seed))).toEqual([])
  const { rows, total } = await handlers['runs.trials']({ id, offset: 0, limit: 1000 })
  expect(total).toBe(8)
  expect(rows.filter(({ seed }) => tuningSeeds.includes(seed))).toEqual([])
  for (const format of ['csv-long', 'csv-wide', 'csv-pivot'] as const) {
    const content = await exportOf(studio, id, format)
    const lines = content
      .split('\n')
      .filter((line) => tuningSeeds.some((seed) => new RegExp(`(?<![\\d.])${seed}(?![\\d.])`).test(line)))
    expect(lines.filter((line) => !/tuning/i.test(line))).toEqual([])
  }

  const table = (await handlers['runs.tuning']({ id }))!
  expect(table).toMatchObject({ metric: 'accuracy', seeds: tuningSeeds, steps: 30 })
  expect(table.rows).toHaveLength(8)
  for (const [label, layers] of [
    ['attention', 1],
    ['attention', 2],
    ['linear-attention', 1],
    ['linear-attention', 2]
  ] as const) {
    const own = table.rows.filter((row) => row.label === label && row.point.layers === layers)
    expect(own.map(({ n }) => n)).toEqual([2, 2])
    const best = own[0].mean! >= own[1].mean! ? own[0] : own[1]
    expect(own.filter(({ chosen }) => chosen)).toEqual([best])
    expect(best.edges).toEqual(['learningRate'])
  }
  const record = JSON.parse(await exportOf(studio, id, 'json')).runs[0]
  for (const [i, cell] of record.cells.entries()) {
    const { values } = table.rows.find(
      ({ label, point, chosen }) => chosen && label === cell.label && point.layers === cell.point.layers
    )!
    expect(record.cells[i].taskParams).toMatchObject({ learningRate: values.learningRate, steps: 40 })
  }
  // The trials stand as they were computed: a sample of them gives the same numbers again.
  const check = await handlers['runs.rerun']({ id, sample: 1, draw: 1 })
  expect(check.trials.map(({ verdict }) => verdict)).toEqual(['identical', 'identical'])

  // And another studio takes all of it in.
  const other = await openStudio({})
  const content = await exportOf(studio, id, 'json')
  const part = Buffer.from(content).toString('base64')
  await other.handlers['exchange.import']({ upload: 'u', name: 'run.json', part, more: false })
  expect(await other.handlers['runs.tuning']({ id })).toEqual(table)
}, 240_000)

it('a run whose tuning and report share a seed is refused', async () => {
  const studio = await openStudio({})
  const shared = { ...experiment, tuning: { ...experiment.tuning, seeds: [9, 4] } }
  expect(await refusal(() => studio.handlers['runs.start']({ experiment: shared }))).toMatchObject({
    code: 'bad-input',
    field: 'tuning.seeds'
  })
})

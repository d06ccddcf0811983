import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startEngine } from '../../../src-main/engine/process/launch.ts'
import { writeSafetensors } from '../../../src-main/tensors/weights/files.ts'
import { WeightsFiles } from '../../../src-main/studio/weights-files.ts'
import type { Grid } from '../../../src-shared/grid/cell.ts'
import { openStudio, refusal } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** The files of weights in a data folder, without what is said about them. */
const kept = (folder: string): string[] =>
  readdirSync(join(folder, 'weights')).filter((name) => !name.endsWith('.about.json'))

const everyRun = { trashed: false, sort: 'created', descending: true, offset: 0, limit: 9 } as never

describe('a weights file brought by the user', () => {
  const folder = temporaryFolder('weights')
  const files = new WeightsFiles(folder)
  const good = writeSafetensors(new Map([['W', { shape: [2], data: Float32Array.of(1, 2) }]]))

  it('is kept by its content, whatever its name', () => {
    const first = files.add('../../etc/mine.safetensors', Buffer.from(good), '2026-01-01')
    expect(files.list()).toEqual([first])
    expect(first).toMatchObject({ name: '../../etc/mine.safetensors', tensors: 1 })
    // By content: files of a hub's cache end in nothing.
    const again = files.add('blob', Buffer.from(good), '2026-01-02')
    expect(again).toEqual({ ...first, name: 'blob', imported: '2026-01-02' })
    expect(files.list()).toEqual([again])
    expect(kept(folder)).toHaveLength(1)
  })
  it('is refused under the name the user gave it, and leaves nothing behind', async () => {
    expect(await refusal(() => files.add('mine.safetensors', Buffer.from('nonsense'), ''))).toMatchObject({
      file: 'mine.safetensors'
    })
    for (const name of ['mine.exe', 'mine.mjs', 'mine'])
      expect((await refusal(() => files.add(name, Buffer.from('nonsense'), ''))).code).toBe('not-supported')
    expect(kept(folder)).toHaveLength(1)
  })
  it('is under its own hash, however many come at once', async () => {
    const own = temporaryFolder('weights')
    const studio = await openStudio({}, { folder: own })
    const contents = Array.from({ length: 52 }, (_, i) =>
      Buffer.from(writeSafetensors(new Map([['W', { shape: [1], data: Float32Array.of(i) }]])))
    )
    const brought = await Promise.all(
      contents.map((bytes) =>
        studio.handlers['weights.import']({ name: 'w.safetensors', content: bytes.toString('base64') })
      )
    )
    expect(brought.map(({ file }) => basename(file))).toEqual(
      contents.map((bytes) => `${createHash('sha256').update(bytes).digest('hex')}.safetensors`)
    )
    brought.forEach(({ file }, i) => expect(readFileSync(file).equals(contents[i])).toBe(true))
    expect(kept(own)).toHaveLength(52)
  })
  it('that is not there is an error at its model', () => {
    const grid = { cells: [{ use: 1, weights: join(folder, 'gone.npz') }, { use: 0 }] } as Grid
    expect(files.problems(grid)).toMatchObject([{ code: 'not-found', field: 'models.1.weights' }])
  })
})

it('the weights saved from a trial, loaded for a run, give that trial again', async () => {
  const studio = await openStudio({}, { startEngine: startEngine })
  const { handlers } = studio
  const experiment = (weights?: string): object => ({
    format: 'engram-experiment/1',
    name: 'Weights',
    task: { kind: 'capacity', params: { dim: 8, items: 4 } },
    models: [{ kind: 'fast-weights', ...(weights && { weights }) }],
    sweep: [],
    seeds: [7],
    backend: 'cpu'
  })
  const run = async (weights?: string): Promise<string> => {
    const { id } = await handlers['runs.start']({ experiment: experiment(weights) as never })
    expect(await studio.until(id, ['done', 'failed', 'interrupted'])).toMatchObject({ status: 'done', done: 1 })
    return id
  }
  const metrics = async (id: string): Promise<unknown> =>
    (await handlers['runs.trials']({ id, offset: 0, limit: 1 })).rows[0].metrics
  const drawn = await run()
  const { rows } = await handlers['runs.trials']({ id: drawn, offset: 0, limit: 1 })
  for (const format of ['safetensors', 'npz'] as const) {
    const { name, content } = await handlers['runs.weights']({ id: drawn, trial: rows[0].id, format })
    const { file, tensors } = await handlers['weights.import']({ name, content })
    expect(tensors).toBe(3)
    expect(await metrics(await run(file))).toEqual(await metrics(drawn))
  }
  await expect(handlers['runs.weights']({ id: drawn, trial: 999, format: 'npz' })).rejects.toMatchObject({
    data: { code: 'not-found' }
  })
}, 60_000)

it('weights that do not fit are told before the run, with every name, and nothing is stored', async () => {
  const studio = await openStudio({}, { startEngine: startEngine })
  const wrong = new Map([
    ['W', { shape: [2], data: Float32Array.of(1, 2) }],
    ['W_K_fast', { shape: [3, 3], data: new Float32Array(9) }]
  ])
  const content = Buffer.from(writeSafetensors(wrong)).toString('base64')
  const { file } = await studio.handlers['weights.import']({ name: 'mine.safetensors', content })
  const experiment = {
    format: 'engram-experiment/1',
    name: 'Weights',
    task: { kind: 'capacity', params: { dim: 8, items: 4 } },
    models: [{ kind: 'hopfield' }, { kind: 'fast-weights', weights: file }],
    seeds: [7],
    backend: 'cpu'
  }
  const error = await refusal(() => studio.handlers['runs.start']({ experiment: experiment as never }))
  expect(error).toMatchObject({ code: 'bad-file', field: 'models.1.weights', file: 'mine.safetensors' })
  expect(error.message).toMatch(/"W_K_fast" has shape \[3, 3\]; the model needs \[8, 8\]/)
  expect(error.message).toMatch(/is missing.*The model has no weight "W"\./)
  expect(await studio.handlers['runs.list'](everyRun)).toMatchObject({ total: 0 })
  // Said while the experiment is written, too; and of a file that is mended there, no more.
  const planned = () => studio.handlers['experiment.plan']({ experiment: experiment as never })
  expect((await planned()).errors).toEqual([error])
  const mended = ['W_K_fast', 'W_V_fast', 'W_Q_fast'].map(
    (name) => [name, { shape: [8, 8], data: new Float32Array(64) }] as const
  )
  writeFileSync(file, writeSafetensors(new Map(mended)))
  expect((await planned()).errors).toEqual([])
}, 60_000)

import { describe, expect, it } from 'vitest'
import { storeFile } from '../../../src-main/store/file.ts'
import { realPort } from '../../../src-main/store/port.ts'
import { ended, openStudio, refusal, twoModels } from './support.ts'

describe('the rerun check', () => {
  it('computes a sample of each model again, compares and keeps what it found', async () => {
    const studio = await openStudio()
    const { id } = await studio.handlers['runs.start']({ experiment: twoModels(10) as never })
    await studio.until(id, ended)
    const check = await studio.handlers['runs.rerun']({ id, sample: 3, draw: 7 })
    expect(check).toMatchObject({ runId: id, sample: 3, draw: 7 })
    expect(check.trials.map(({ model }) => model).sort()).toEqual(['alpha', 'alpha', 'alpha', 'beta', 'beta', 'beta'])
    expect(
      check.trials.every(({ verdict, before, after }) => verdict === 'identical' && before === 'cpu' && after === 'cpu')
    ).toBe(true)
    expect(await studio.handlers['runs.reruns']({ id })).toEqual([check])
    // Nothing of the run itself has changed.
    expect(await studio.handlers['runs.get']({ id })).toMatchObject({ done: 40, status: 'done' })
    expect((await studio.handlers['runs.rerun']({ id, sample: 3, draw: 7 })).trials).toEqual(check.trials)
  })
  it('tells drift, rounding and changed models apart', async () => {
    const studio = await openStudio()
    const { id } = await studio.handlers['runs.start']({ experiment: twoModels(1) as never })
    await studio.until(id, ended)
    // Cells 0-3 at seed 100: one number changed, one rounded, one trial of an older model.
    const database = realPort.connect(storeFile(studio.folder), { readonly: false, mustExist: true })
    const trial = (cell: number): string => `(SELECT id FROM trials WHERE cell = ${cell})`
    database.exec(`UPDATE metrics SET value = value + 1 WHERE name = 'score' AND trial = ${trial(0)};
      UPDATE metrics SET value = value * (1 + 1e-6) WHERE name = 'score' AND trial = ${trial(1)};
      UPDATE trials SET hash = 'old' WHERE cell = 2;
      UPDATE trials SET sum = row_sum(run, cell, seed, hash, status, error, elapsed_ms, backend, curves, pictures,
        coalesce((SELECT pair_sum(name, value) FROM metrics WHERE trial = trials.id), 0))`)
    database.close()
    const { trials } = await studio.handlers['runs.rerun']({ id, sample: 5, draw: 1 })
    expect(trials.map(({ verdict }) => verdict)).toEqual(['drifted', 'within', 'changed', 'identical'])
    expect(trials[0].worst).toEqual({ metric: 'score', before: 6.1, after: 5.1 })
  })
  it('tells how far it is, and given up keeps nothing', async () => {
    const studio = await openStudio({ batch: 1, pace: 5 })
    const { id } = await studio.handlers['runs.start']({ experiment: twoModels(10) as never })
    await studio.until(id, ended)
    const check = refusal(() => studio.handlers['runs.rerun']({ id, sample: 20, draw: 1 }))
    await expect.poll(() => studio.all('rerun.progress').at(-1)?.done).toBeGreaterThan(0)
    await studio.handlers['runs.cancelRerun']({ id })
    expect(await check).toMatchObject({ code: 'cancelled' })
    const last = studio.all('rerun.progress').at(-1)!
    expect(last).toMatchObject({ id, total: 40 })
    expect(last.done).toBeLessThan(40)
    expect(await studio.handlers['runs.reruns']({ id })).toEqual([])
    // The engine was told, and is free for the next one.
    expect((await studio.handlers['runs.rerun']({ id, sample: 1, draw: 1 })).trials).toHaveLength(2)
  })
  it('is refused without a finished trial, and says when the engine is lost under it', async () => {
    const studio = await openStudio({ crashAfter: [6] })
    const { id } = await studio.handlers['runs.start']({ experiment: twoModels(1) as never })
    await studio.until(id, ended)
    expect(await refusal(() => studio.handlers['runs.rerun']({ id, sample: 5, draw: 1 }))).toMatchObject({
      code: 'engine-crashed'
    })
    expect(await studio.handlers['runs.reruns']({ id })).toEqual([])
    const { id: empty } = await studio.handlers['runs.start']({ experiment: { ...twoModels(1), seeds: [13] } as never })
    await studio.until(empty, ended)
    expect(await refusal(() => studio.handlers['runs.rerun']({ id: empty, sample: 5, draw: 1 }))).toMatchObject({
      code: 'conflict'
    })
  })
})

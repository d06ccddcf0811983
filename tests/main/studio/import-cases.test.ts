import Sqlite from 'better-sqlite3'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImportReport } from '../../../src-shared/contract/files.ts'
import { databaseBytes } from '../../../src-main/store/mlflow.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { mlflowFile } from '../store/mlflow-file.ts'
import { openStudio, refusal, type Opened } from './support.ts'

const take = ({ handlers }: Opened, file: string, bytes: Buffer = readFileSync(join('tests/cases', file))) =>
  Promise.resolve(
    handlers['exchange.import']({ upload: 'u', name: basename(file), part: bytes.toString('base64'), more: false })
  ) as Promise<ImportReport>

/** A file taken in by an empty studio: its first run with what stands on it. */
async function first(file: string) {
  const studio = await openStudio()
  const report = await take(studio, file)
  const [{ id }] = report.runs
  const run = await studio.handlers['runs.get']({ id })
  const [cell] = await studio.handlers['runs.results']({ ids: [id] })
  const metrics = Object.fromEntries(Object.entries(cell.metrics).map(([name, values]) => [name, values[0]]))
  const series = async (name: string) => {
    const [found] = await studio.handlers['runs.series']({ ids: [id], name })
    return found && { x: found.x, y: found.y[0] }
  }
  return { studio, report, run, cell, metrics, series }
}
const runOne = '00000000000000000000000000000001'

describe('a database of MLflow', () => {
  it('stores infinity as the largest number, which is no metric; such a run is diverged', async () => {
    const { cell, series } = await first('mlflow/inf-metric.db')
    expect(cell.statuses).toEqual(['diverged'])
    expect(await series('loss')).toEqual({ x: [0, 1, 2], y: [2, 3, null] })
    expect(await series('gain')).toEqual({ x: [0], y: [null] })
    expect(await series('acc')).toMatchObject({ x: [0, 1, 2] })
  })
  it('that was logged without steps gives curves in the order of time', async () => {
    const { metrics, series } = await first('mlflow/no-step.db')
    expect(await series('loss')).toEqual({ x: [0, 1, 2, 3, 4], y: [5, 4, 3, 2, 1] })
    expect(metrics).toEqual({ loss: 1 })
  })
  it('keeps names apart that are alike in their first hundred characters', async () => {
    const { metrics } = await first('mlflow/long-metric-names.db')
    expect(Object.values(metrics).sort()).toEqual([0.2, 0.8])
  })
  it('keeps the text of parameters that look like numbers', async () => {
    const { cell } = await first('mlflow/params-like-numbers.db')
    expect(cell.params).toMatchObject({
      commit: '12345678901234567890',
      short_sha: '1e10000',
      sha2: '5e10',
      zip: '00123',
      hex: '0x1F',
      version: '1.10',
      empty: '',
      bool: 'True'
    })
  })
  it('leaves deleted experiments and runs out, and reads an empty tag as one', async () => {
    expect((await first('mlflow/deleted-experiment.db')).report.runs).toMatchObject([{ name: 'exp / kept' }])
    expect((await first('mlflow/null-tag.db')).run.tags).toEqual(['note'])
  })
  it('brings a run that was running up to date, and what the user wrote to it stays', async () => {
    const { studio, run } = await first('mlflow/running.db')
    expect(run.status).toBe('running')
    await studio.handlers['runs.update']({ ids: [runOne], notes: 'mine', addTags: ['keep'] })
    expect((await take(studio, 'mlflow/running-later.db')).runs).toMatchObject([
      { id: runOne, merged: true, updated: true }
    ])
    expect(await studio.handlers['runs.get']({ id: runOne })).toMatchObject({
      status: 'done',
      notes: 'mine',
      tags: ['keep']
    })
    expect(await studio.handlers['runs.series']({ ids: [runOne], name: 'loss' })).toMatchObject([
      { x: [0, 1, 2], y: [[1, 0.9, 0.1]] }
    ])
    // The older state again tells nothing new.
    expect((await take(studio, 'mlflow/running.db')).runs).toMatchObject([{ merged: true, trials: 0 }])
    expect((await studio.handlers['runs.get']({ id: runOne })).status).toBe('done')
  })
  it('leaves out a run that contradicts the one here, and takes in the rest', async () => {
    const studio = await openStudio()
    await take(studio, 'mlflow.db', mlflowFile())
    const changed = mlflowFile((database) =>
      database.exec(`UPDATE metrics SET value = 9 WHERE key = 'loss' AND step = 0;
        INSERT INTO runs VALUES ('dd44', 'new', '', '', 'FINISHED', 5, 6, 'active', '', 1)`)
    )
    expect(await take(studio, 'mlflow.db', changed)).toMatchObject({
      runs: [
        { id: 'dd44', trials: 1 },
        { id: 'bb22', trials: 0 }
      ],
      left: [{ name: 'Recall / swift-owl', reason: 'It is here already, and loss at step 0 has two values.' }]
    })
  })
  it('is read with its write-ahead log', () => {
    const folder = temporaryFolder('wal')
    const database = new Sqlite(join(folder, 'a.db'))
    database.pragma('journal_mode = WAL')
    database.exec('CREATE TABLE kept (x); INSERT INTO kept VALUES (1)')
    cpSync(join(folder, 'a.db'), join(folder, 'b.db'))
    cpSync(join(folder, 'a.db-wal'), join(folder, 'b.db-wal'))
    database.close()
    const bytes = databaseBytes(join(folder, 'b.db'))
    bytes[18] = bytes[19] = 1
    expect(new Sqlite(bytes).prepare('SELECT x FROM kept').pluck().get()).toBe(1)
    expect(readdirSync(folder)).toContain('b.db-wal')
  })
})

describe('a log of scalars', () => {
  it('that ended in NaN has no final value', async () => {
    const { metrics, cell, series } = await first('scalars/nan-inf.csv')
    expect(metrics).toEqual({})
    expect(cell.statuses).toEqual(['diverged'])
    expect(await series('value')).toEqual({ x: [0, 1, 2], y: [1, null, null] })
  })
  it('keeps long names apart', async () => {
    expect(Object.values((await first('scalars/long-tags.csv')).metrics).sort()).toEqual([0.2, 0.9])
  })
  it('under the names of TensorBoard’s downloads is one run, whatever comes first', async () => {
    const { studio } = await first('scalars/run-a-tag-loss.csv')
    const [{ id }] = (await take(studio, 'scalars/run-a-tag-accuracy.csv')).runs
    expect((await studio.handlers['runs.get']({ id })).name).toBe('a')
    const [cell] = await studio.handlers['runs.results']({ ids: [id] })
    expect(cell.metrics).toEqual({ loss: [0.5], accuracy: [0.5] })
  })
  it('with a time that is none is refused with its line', async () => {
    const studio = await openStudio()
    expect(await refusal(() => take(studio, 'scalars/wall-time-nan.csv'))).toMatchObject({
      code: 'bad-input',
      field: 'line 2, wall time'
    })
  })
  it('of W&B, Keras and Lightning is read as one', async () => {
    const { run, metrics } = await first('scalars/wandb-export.csv')
    expect([run.name, metrics]).toEqual(['run-1', { loss: 0.5 }])
    const studio = await openStudio()
    const read = async (name: string, text: string) => {
      const [{ id }] = (await take(studio, name, Buffer.from(text))).runs
      return (await studio.handlers['runs.results']({ ids: [id] }))[0].metrics
    }
    expect(await read('keras.csv', 'epoch,accuracy,loss\n0,0.5,1.5\n1,0.75,0.5\n')).toEqual({
      accuracy: [0.75],
      loss: [0.5]
    })
    expect(
      await read('metrics.csv', 'epoch,step,train_loss,val_loss\n0,49,0.5,\n0,49,,0.7\n1,99,0.25,\n1,99,,0.6\n')
    ).toEqual({
      train_loss: [0.25],
      val_loss: [0.6]
    })
  })
})

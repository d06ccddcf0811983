import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMlflow } from '../../../src-main/store/mlflow.ts'
import { mlflowFile } from './mlflow-file.ts'
import { codeOf } from './support.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('an MLflow file', () => {
  it.each([false, true])('gives its runs as reference runs (write-ahead mode %s), those deleted left out', (wal) => {
    const [first, second, ...rest] = readMlflow(
      mlflowFile(() => {}, wal),
      'mlflow.db'
    ).runs.sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(rest).toEqual([])
    expect(first).toEqual({
      id: 'aa11',
      name: 'Recall / swift-owl',
      tool: 'MLflow',
      created: '2023-11-14T22:13:20.000Z',
      ended: '2023-11-14T22:14:20.000Z',
      params: { lr: '0.001', seed: '7', optimizer: '=adam' },
      seed: 7,
      // The last loss was not a number; acc has no steps, so the order of time is its axis.
      metrics: { acc: 0.8 },
      series: [
        { name: 'acc', x: [0, 1], y: [0.75, 0.8] },
        { name: 'loss', x: [0, 1, 2], y: [2.5, 1.5, NaN] }
      ],
      tags: ['team: <b>'],
      notes: 'Note',
      status: 'done',
      elapsedMs: 60_000
    })
    expect(second).toMatchObject({ id: 'bb22', name: 'Recall / second', status: 'running', metrics: {}, ended: null })
  })
  it('is not changed by being read', () => {
    const bytes = mlflowFile()
    const before = Buffer.from(bytes)
    readMlflow(bytes, 'mlflow.db')
    expect(bytes.equals(before)).toBe(true)
  })
  it.each([
    ['a table less', 'DROP TABLE params'],
    ['a column less', 'ALTER TABLE runs DROP COLUMN lifecycle_stage'],
    ['a view in place of a table', 'DROP TABLE params; CREATE VIEW params AS SELECT key, value, run_uuid FROM tags']
  ])('is refused with %s', (_, sql) => {
    const bytes = mlflowFile((database) => database.exec(sql))
    expect(codeOf(() => readMlflow(bytes, 'mlflow.db'))).toBe('bad-file')
  })
  it.each([
    ['an id that is none', "UPDATE runs SET run_uuid = '../x' WHERE run_uuid = 'aa11'"],
    ['text for a value', "UPDATE metrics SET value = 'much'"]
  ])('leaves out a run with %s, and names it', (_, sql) => {
    const { runs, left } = readMlflow(
      mlflowFile((database) => database.exec(sql)),
      'mlflow.db'
    )
    expect(runs.map(({ id }) => id)).toEqual(['bb22'])
    expect(left).toEqual([{ name: 'swift-owl', reason: expect.stringMatching(/does not fit/) }])
  })
  it('is refused when it is damaged, or nobody’s', () => {
    const path = join(temporaryFolder('store'), 'x')
    writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4000, 7)]))
    expect(codeOf(() => readMlflow(readFileSync(path), 'x'))).toBe('bad-file')
    expect(codeOf(() => readMlflow(mlflowFile().subarray(0, 5000), 'x'))).toBe('bad-file')
  })
})

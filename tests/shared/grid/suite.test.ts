import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CellResult, Run } from '../../../src-shared/shapes/run.ts'
import { suiteMatrix } from '../../../src-shared/findings/matrix.ts'
import { checkSuite, expandSuite, isSuite } from '../../../src-shared/grid/suite.ts'
import { builtInRegistry } from '../../../src-main/engine/worker/registry.ts'
import { cellResult } from '../../support/cell-result.ts'

const catalog = builtInRegistry().catalog()
const suite = (over: object) => ({
  format: 'engram-suite/1',
  name: 'Both',
  tasks: [{ kind: 'capacity', params: { items: 5 } }, { kind: 'multi-scale' }],
  models: [{ kind: 'linear-associator' }, { kind: 'hierarchical', label: 'Tree' }],
  seeds: { first: 0, count: 2 },
  ...over
})

describe('a suite', () => {
  it('is an experiment per task, with the models that fit, and says what it left out', () => {
    const { experiments, left, errors, trials } = expandSuite(checkSuite(suite({})), catalog)
    expect(errors).toEqual([])
    expect(experiments.map(({ name, models }) => [name, models.map(({ kind }) => kind)])).toEqual([
      ['Both: Capacity', ['linear-associator', 'hierarchical']],
      ['Both: Multi-scale time', ['hierarchical']]
    ])
    expect(experiments[0].task.params).toEqual({ items: 5 })
    expect(left).toEqual([expect.objectContaining({ task: 'Multi-scale time', label: 'Linear associator' })])
    expect(trials).toBe(6)
  })
  it('names what is wrong with it', () => {
    const errors = (over: object) => expandSuite(checkSuite(suite(over)), catalog).errors.map(({ field }) => field)
    expect(errors({ tasks: [{ kind: 'nothing' }] })).toContain('tasks.0.kind')
    expect(errors({ tasks: { family: 'Nothing' } })).toContain('tasks')
    expect(errors({ tasks: [{ kind: 'capacity', params: { items: 0 } }] })).toEqual(['task.params.items'])
    expect(errors({ tasks: [{ kind: 'multi-scale' }], models: [{ kind: 'linear-associator' }] })).toEqual(['tasks'])
    expect(() => checkSuite(suite({ seeds: { count: 0 } }))).toThrow()
    expect(() => checkSuite(suite({ more: 1 }))).toThrow()
    expect([isSuite(suite({})), isSuite({ format: 'engram-experiment/1' }), isSuite(null)]).toEqual([
      true,
      false,
      false
    ])
  })
  it('of all recall tasks and all key-value memories covers both families whole', () => {
    const file = new URL('../../../resources/suites/recall.json', import.meta.url)
    const { experiments, errors } = expandSuite(checkSuite(JSON.parse(readFileSync(file, 'utf8'))), catalog)
    expect(errors).toEqual([])
    const tested = new Set(experiments.flatMap(({ models }) => models.map(({ kind }) => kind)))
    const tasks = catalog.tasks.filter(({ family }) => family === 'Recall')
    expect(experiments.map(({ task }) => task.kind)).toEqual(tasks.map(({ id }) => id))
    for (const { id, interfaces } of catalog.models) expect(tested.has(id)).toBe(interfaces.includes('key-value'))
  })
})

describe('the matrix of a suite', () => {
  const run = (id: string, task: string) => ({ id, task }) as Run
  const cell = (runId: string, model: string, values: (number | null)[], metric: string): CellResult =>
    cellResult(model, values, { runId, metric })
  it('ranks within each task by its direction and averages the ranks', () => {
    const cells = [
      cell('1', 'a', [0.9, 0.9], 'accuracy'),
      cell('1', 'b', [0.5, 0.7], 'accuracy'),
      cell('1', 'c', [0.9, 0.9], 'accuracy'),
      cell('2', 'b', [1, null], 'finalMse'),
      cell('2', 'a', [4, 5], 'finalMse')
    ]
    const { rows, tasks } = suiteMatrix([run('1', 'capacity'), run('2', 'adaptation')], cells, catalog)
    expect(tasks.map(({ metric }) => metric.name)).toEqual(['accuracy', 'finalMse'])
    const ranks = Object.fromEntries(rows.map((row) => [row.label, row.cells.map((c) => c?.rank)]))
    expect(ranks).toMatchObject({ a: [1.5, 2], b: [3, 1], c: [1.5, undefined] })
    expect(rows.find(({ label }) => label === 'b')!.cells[0]).toMatchObject({ mean: 0.6, n: 2, lost: 0 })
  })
  it('takes a seed by its mean over points, and only where every point finished', () => {
    const at = (items: number, values: (number | null)[]) => ({
      ...cell('1', 'a', values, 'accuracy'),
      point: { items }
    })
    const { rows } = suiteMatrix([run('1', 'capacity')], [at(5, [1, 1]), at(10, [0.5, null])], catalog)
    expect(rows[0].cells[0]).toMatchObject({ mean: 0.75, n: 1, low: null, lost: 1 })
  })
})

import { describe, expect, it } from 'vitest'
import type { Catalog } from '../../../src-shared/shapes/catalog.ts'
import { checkExperiment, withSeeds } from '../../../src-shared/shapes/experiment.ts'
import { expandGrid } from '../../../src-shared/grid/expand.ts'
import { settledCell } from '../../../src-shared/grid/tuning.ts'
import { trialIdentity } from '../../../src-shared/grid/identity.ts'
import { integer, number } from '../../../src-shared/shapes/params.ts'

const model = (id: string, own: object = {}) => ({
  ...{ id, title: id, revision: 1, interfaces: ['key-value'], uses: { contexts: false, places: false } },
  params: { beta: number('Beta', 1, { help: '', min: 0, max: 100 }), ...own }
})
const task = {
  ...{ id: 't', title: 'T', revision: 1, mainMetric: 'score', needs: { interface: 'key-value' } },
  params: {
    items: integer('Items', 5, { help: '', min: 1, max: 100 }),
    steps: integer('Steps', 600, { help: '', min: 1, max: 1000 }),
    learningRate: number('Rate', 0.01, { help: '', min: 0, max: 1 })
  },
  metrics: [
    { name: 'score', label: 'Score', direction: 'higher' },
    { name: 'loss', label: 'Loss', direction: 'lower' },
    { name: 'gate', label: 'Gate', direction: 'none' }
  ]
}
const gamma = { gamma: number('Gamma', 1, { help: '', min: 0, max: 9 }) }
const catalog = { models: [model('a'), model('b', gamma)], tasks: [task] } as unknown as Catalog
const base = {
  ...{ format: 'engram-experiment/1', name: 'x', task: { kind: 't' }, seeds: { count: 3 } },
  models: [{ kind: 'a' }, { kind: 'b' }]
}
const expand = (over: object) => expandGrid(checkExperiment({ ...base, ...over }), catalog)
const refused = (over: object) => expand(over).errors.map(({ field, message }) => [field, message])

describe('what is tuned', () => {
  it('is by default four rates on two seeds far from those of the report, by the main metric', () => {
    const { grid } = expand({ tuning: {} })
    const { tuning } = grid!
    expect(tuning).toMatchObject({ metric: 'score', direction: 'higher', seeds: [1_000_000, 1_000_001], trials: 16 })
    expect(tuning!.cells.map((cell) => [cell.for, cell.label, cell.values.learningRate])).toEqual([
      ...[0.001, 0.003, 0.01, 0.03].flatMap((rate) => [
        [0, 'a', rate],
        [1, 'b', rate]
      ])
    ])
    expect(grid!.trials).toBe(6)
    expect(grid!.cells.map(({ point, tuned }) => [point, tuned])).toEqual([
      [{}, undefined],
      [{}, undefined]
    ])
  })
  it('is tried for every model at every place of the sweep, at that place', () => {
    const { grid } = expand({
      sweep: [{ param: 'task.items', values: [5, 9] }],
      tuning: { params: [{ param: 'model.beta', values: [1, 2, 3] }], metric: 'loss', seeds: [77] }
    })
    const { cells, direction, trials } = grid!.tuning!
    expect([direction, trials]).toEqual(['lower', 12])
    for (const cell of cells) {
      const report = grid!.cells[cell.for]
      expect([cell.label, cell.point, cell.taskParams]).toEqual([report.label, report.point, report.taskParams])
      expect(cell.params.beta).toBe(cell.values.beta)
    }
    expect(new Set(cells.map((cell) => `${cell.for} ${cell.values.beta as number}`)).size).toBe(12)
  })
  it('may take fewer steps, which the report does not', () => {
    const { grid } = expand({ tuning: { steps: 50 } })
    const [tried] = grid!.tuning!.cells
    expect(tried.taskParams).toMatchObject({ steps: 50, learningRate: 0.001 })
    expect(settledCell(grid!.cells[0], tried).taskParams).toEqual({ items: 5, steps: 600, learningRate: 0.001 })
  })
  it('leaves what a task draws as it is, so that models with other rates meet the same data', () => {
    const { grid } = expand({ tuning: {} })
    const id = (cell: Parameters<typeof trialIdentity>[1]) =>
      trialIdentity(task, cell, (kind) => catalog.models.find((known) => known.id === kind), 0, 'philox')
    const [slow, , , fast] = grid!.tuning!.cells.filter((cell) => cell.for === 0)
    const other = grid!.tuning!.cells.find((cell) => cell.for === 1)!
    expect(id(slow).dataKey).toBe(id(fast).dataKey)
    expect(id(slow).dataKey).toBe(id(other).dataKey)
    expect(new Set([slow, fast, other, grid!.cells[0]].map((cell) => id(cell).hash)).size).toBe(4)
    // Without tuning a rate is a parameter like any other, and a stored trial keeps its identity.
    expect(id({ ...slow, tuned: undefined }).dataKey).not.toBe(id({ ...fast, tuned: undefined }).dataKey)
  })
})

describe('tuning is refused', () => {
  it('where a seed is tuned on and reported, also when a run is continued that far', () => {
    expect(() => checkExperiment({ ...base, tuning: { seeds: [2] } })).toThrow(/Seed 2/)
    const far = checkExperiment({ ...base, seeds: { first: 999_998, count: 2 }, tuning: {} })
    expect(() => checkExperiment(withSeeds(far, 3))).toThrow(/Seed 1000000/)
  })
  it('where models would try different numbers of points', () => {
    const params = [{ param: 'model.gamma', values: [1, 2] }]
    expect(refused({ tuning: { params } })).toEqual([['tuning.params', expect.stringContaining('1 or 2')]])
    expect(refused({ tuning: { params }, models: [{ kind: 'b' }] })).toEqual([])
  })
  it('for a metric that is not there or has no best, with the field', () => {
    expect(refused({ tuning: { metric: 'speed' } })[0][0]).toBe('tuning.metric')
    expect(refused({ tuning: { metric: 'gate' } })[0][0]).toBe('tuning.metric')
  })
  it('for a parameter that is not there, out of range or swept too, in the words of the file', () => {
    const tune = (param: string, values: unknown[], sweep: object[] = []) =>
      refused({ sweep, tuning: { params: [{ param, values }] } })[0]
    const items = { param: 'task.items', values: [5, 9] }
    expect(tune('task.speed', [1], [items])[0]).toBe('tuning.params.0.param')
    expect(tune('task.learningRate', [5])[1]).toMatch(/Rate|learningRate|1/)
    expect(tune('task.items', [5, 6], [items])).toEqual(['tuning.params.0.param', expect.stringContaining('twice')])
  })
  it('for steps that are tuned themselves, and for points drawn at random', () => {
    const params = [{ param: 'task.steps', values: [5, 9] }]
    expect(refused({ tuning: { params, steps: 3 } })[0][0]).toBe('tuning.steps')
    const sweep = [{ param: 'task.items', from: 1, to: 50, steps: 5, integer: true }]
    expect(refused({ sweep, search: { method: 'random', count: 3 }, tuning: {} })[0][0]).toBe('search')
  })
})

import { describe, expect, it } from 'vitest'
import type { Catalog, ModelInfo, TaskInfo } from '../../../../src-shared/shapes/catalog.ts'
import type { Experiment } from '../../../../src-shared/shapes/experiment.ts'
import linearAssociator from '../../../../src-main/models/linear-associator.ts'
import capacity from '../../../../src-main/tasks/capacity.ts'
import { blank, withTask } from '../../../../src-renderer/pages/compose/edit.ts'
import { validate } from '../../../../src-renderer/pages/compose/validate.ts'

const model: ModelInfo = { ...linearAssociator, origin: 'built-in' }
const block: ModelInfo = { ...model, id: 'block', title: 'Block', interfaces: ['sequence'] }
const task: TaskInfo = capacity
const catalog: Catalog = { models: [model, block], tasks: [task] }
const good: Experiment = { ...withTask(blank, task), models: [{ kind: model.id, params: {} }] }

const fields = (experiment: unknown): (string | undefined)[] =>
  validate(experiment as Experiment, catalog).errors.map(({ field }) => field)

describe('the check of an experiment that is being written', () => {
  it('accepts a whole one and gives its grid', () => {
    const { errors, grid, experiment } = validate(good, catalog)
    expect(errors).toEqual([])
    expect(grid?.trials).toBe(5 * 20)
    expect(experiment?.task.kind).toBe('capacity')
  })

  it('asks a blank one for a task and for models, each once', () => {
    expect(validate(blank, catalog).errors).toEqual([
      { code: 'bad-input', field: 'task.kind', message: 'Choose a task.' },
      { code: 'bad-input', field: 'models', message: 'Add at least one model.' }
    ])
  })

  it('names every field that breaks the schema, in words', () => {
    const { errors, grid } = validate(
      { ...good, name: '', seeds: { first: 0, count: 'many' as never }, sweep: [{ param: 'task.items', values: [] }] },
      catalog
    )
    expect(grid).toBeUndefined()
    expect(errors.map(({ field }) => field)).toEqual(['name', 'sweep.0.values', 'seeds'])
    for (const { message } of errors) expect(message).toMatch(/^Give /)
  })

  it('names a condition without a value, and one on a parameter that is not there', () => {
    const under = (when: unknown): unknown => ({ ...good, sweep: [{ param: 'task.items', values: [5, 10], when }] })
    const { errors } = validate(under({ param: 'task.source', in: [] }) as Experiment, catalog)
    expect(errors).toHaveLength(1)
    expect(errors[0].field).toMatch(/^sweep\.0\.when/)
    expect(errors[0].message).toMatch(/at least one value/)
    expect(fields(under({ param: 'task.nothing', in: [1] }))).toEqual(['sweep.0.when'])
    expect(fields(under({ param: 'task.items', in: [5] }))).toEqual(['sweep.0.when'])
    expect(fields(under({ param: 'task.source', in: ['auto'] }))).toEqual([])
  })

  it('names a parameter that is out of bounds, no number, or unknown', () => {
    expect(fields({ ...good, task: { kind: 'capacity', params: { dim: 0 } } })).toEqual(['task.params.dim'])
    expect(fields({ ...good, task: { kind: 'capacity', params: { dim: 'abc' } } })).toEqual(['task.params.dim'])
    expect(fields({ ...good, models: [{ kind: model.id, params: { speed: 1 } }] })).toEqual(['models.0.params.speed'])
  })

  it('names wrong parameters even while the schema is broken around them', () => {
    const draft = { ...good, seeds: { first: 0, count: 0 }, task: { kind: 'capacity', params: { dim: 'abc' } } }
    expect(fields(draft)).toEqual(['seeds.count', 'task.params.dim'])
  })

  it('says why a model does not fit the task', () => {
    const { errors } = validate({ ...good, models: [{ kind: 'block', params: {} }] }, catalog)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ field: 'models.0.kind', message: expect.stringContaining('sequence') })
  })

  it('refuses a key that could reach a prototype', () => {
    const hostile = JSON.parse('{"__proto__": {"x": 1}}')
    expect(fields({ ...good, task: { kind: 'capacity', params: hostile } })).toEqual(['task.params.__proto__'])
  })
  it('stands at the sweep where a swept value is wrong, and takes a value that is given twice once', () => {
    const sweep = (values: (number | string)[]): unknown => ({ ...good, sweep: [{ param: 'task.items', values }] })
    expect(fields(sweep([5, 'abc']))).toEqual(['sweep.0.values'])
    expect(fields(sweep([5, 0]))).toEqual(['sweep.0.values'])
    expect(validate(sweep([5, 5, 10]) as Experiment, catalog).grid?.cells).toHaveLength(2)
  })
})

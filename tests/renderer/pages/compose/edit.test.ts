import { describe, expect, it } from 'vitest'
import type { Experiment } from '../../../../src-shared/shapes/experiment.ts'
import {
  addModel,
  blank,
  copyModel,
  labelModel,
  moveModel,
  removeModel,
  setAt,
  withCondition,
  withSweep,
  withTask
} from '../../../../src-renderer/pages/compose/edit.ts'
import capacity from '../../../../src-main/tasks/capacity.ts'

const two: Experiment = {
  ...blank,
  models: [
    { kind: 'fast-weights', params: { decay: 0.9 } },
    { kind: 'rag', label: 'R', params: {} }
  ],
  sweep: [
    { param: 'task.items', values: [5, 10] },
    { param: 'fast-weights.decay', values: [0.5, 1] },
    { param: 'R.topK', values: [1, 2] },
    { param: 'model.dim', values: [8] }
  ]
}
const axes = (experiment: Experiment): string[] => experiment.sweep.map(({ param }) => param)

describe('setting a value', () => {
  it('copies what is on the path, shares the rest, and leaves the old one as it was', () => {
    const next = setAt(two, ['models', 0, 'params', 'decay'], 0.5)
    expect(next.models[0].params).toEqual({ decay: 0.5 })
    expect(two.models[0].params).toEqual({ decay: 0.9 })
    expect(next.models[1]).toBe(two.models[1])
  })
  it('takes a value away where it is undefined, from an object and from a list', () => {
    expect(setAt(two, ['models', 0, 'params', 'decay'], undefined).models[0].params).toEqual({})
    expect(setAt({ list: [1, 2, 3] }, ['list', 1], undefined)).toEqual({ list: [1, 3] })
  })
})

describe('choosing a task', () => {
  it('brings its usual sweeps, drops those of the old task and keeps those of models', () => {
    const next = withTask(
      { ...two, sweep: [{ param: 'task.old', values: [1] }, two.sweep[1]] },
      {
        ...capacity,
        params: capacity.params
      }
    )
    expect(next.task).toEqual({ kind: 'capacity', params: {} })
    expect(next.sweep).toEqual([{ param: 'task.items', values: [5, 10, 20, 40, 80] }, two.sweep[1]])
  })
})

describe('changing the models', () => {
  it('takes the sweeps of a removed model with it', () => {
    const next = removeModel(two, 0)
    expect(next.models).toEqual([two.models[1]])
    expect(axes(next)).toEqual(['task.items', 'R.topK', 'model.dim'])
  })
  it('renames sweeps with a label, and back to the kind when it is emptied', () => {
    const named = labelModel(two, 0, 'Mine')
    expect(axes(named)).toContain('Mine.decay')
    const plain = labelModel(named, 0, ' ')
    expect(plain.models[0]).toEqual(two.models[0])
    expect(axes(plain)).toEqual(axes(two))
  })
  it('keeps the sweep with its model when a copy stands beside it and the order changes', () => {
    const copied = copyModel(two, 0)
    expect(copied.models.map(({ kind }) => kind)).toEqual(['fast-weights', 'fast-weights', 'rag'])
    expect(copied.models[1]).not.toBe(copied.models[0])
    expect(axes(copied)).toEqual(axes(two))
    // The swept original is now the second of its kind.
    expect(axes(moveModel(copied, 0, 1))).toEqual(['task.items', 'fast-weights #2.decay', 'R.topK', 'model.dim'])
  })
  it('adds a model with its defaults, under its title', () => {
    const model = { id: 'rag', title: 'Retrieval-augmented memory' }
    expect(addModel(blank, model).models).toEqual([{ kind: 'rag', label: model.title, params: {} }])
  })
})

describe('a condition of an axis', () => {
  const label = 'fast-weights'
  const decay = two.sweep.findIndex(({ param }) => param === `${label}.decay`)
  const when = { param: `${label}.read`, in: ['linear'] }
  const conditional = withCondition(two, decay, when)
  it('stays when the values of the axis change, and goes when it is taken away', () => {
    const changed = withSweep(conditional, `${label}.decay`, { values: [0.1] })
    expect(changed.sweep[decay]).toEqual({ param: `${label}.decay`, when, values: [0.1] })
    expect(withCondition(changed, decay, undefined).sweep[decay]).toEqual({ param: `${label}.decay`, values: [0.1] })
  })
  it('follows its model to a new label, and goes with the model that it is about', () => {
    expect(labelModel(conditional, 0, 'Mine').sweep[decay].when?.param).toBe('Mine.read')
    const items = two.sweep.findIndex(({ param }) => param === 'model.dim')
    const left = removeModel(withCondition(two, items, when), 0).sweep
    expect(left.find(({ param }) => param === 'model.dim')?.when).toBeUndefined()
  })
  it('on the task goes with a task that has no such parameter', () => {
    const on = (param: string): unknown =>
      withTask(withCondition(two, 2, { param, in: [5] }), capacity).sweep.find(({ param }) => param === 'R.topK')?.when
    expect(on('task.items')).toEqual({ param: 'task.items', in: [5] })
    expect(on('task.separation of lists')).toBeUndefined()
  })
})

describe('sweeping', () => {
  it('adds, changes in place and takes away', () => {
    const added = withSweep(two, 'task.dim', { values: [8] })
    expect(axes(added)).toEqual([...axes(two), 'task.dim'])
    expect(withSweep(two, 'task.items', { values: [7] }).sweep[0]).toEqual({ param: 'task.items', values: [7] })
    expect(axes(withSweep(two, 'task.items', undefined))).toEqual(axes(two).slice(1))
  })
})
